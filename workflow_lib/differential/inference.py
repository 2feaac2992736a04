"""The numerical kernels of DESeq2's model, over all peaks at once, behind pydeseq2's `Inference`.

pydeseq2 fits peak by peak, one optimiser call each. The kernels here solve the same equations for whole
blocks of peaks and hand the few peaks on which the iteration fails back to pydeseq2's own solvers.
"""

from collections.abc import Iterator

import numpy as np
from pydeseq2 import utils
from pydeseq2.default_inference import DefaultInference
from scipy.optimize.elementwise import find_root
from scipy.special import digamma, gammaln
from scipy.stats import norm

BLOCK = 20_000
N_GRID = 28
FLAT = 1e-3
"""Slope of the log likelihood in log dispersion under which R's search does not leave its start."""


class BlockInference(DefaultInference):
    """pydeseq2's inference with kernels that run over blocks of peaks.

    Arrays are samples x peaks, as pydeseq2 hands them over.

    References
    ----------
    Love, Huber & Anders 2014, Genome Biology 15:550; Zhu, Ibrahim & Love 2019, Bioinformatics 35:2084.
    """

    def __init__(self, min_mu: float = 0.5):
        super().__init__(n_cpus=1)
        self.min_mu = min_mu

    def lin_reg_mu(self, counts, size_factors, design_matrix, min_mu):
        """Means of a linear model on normalised counts, at least `min_mu`."""
        normed = counts / size_factors[:, None]
        hat = design_matrix @ np.linalg.pinv(design_matrix)
        return np.maximum(size_factors[:, None] * (hat @ normed), min_mu)

    def irls(
        self,
        counts,
        size_factors,
        design_matrix,
        disp,
        min_mu,
        beta_tol,
        min_beta=-30,
        max_beta=30,
        optimizer="L-BFGS-B",
        maxiter=250,
    ):
        """Coefficients, unfloored means, hat diagonals, convergence, by iterated weighted least squares."""
        parts = [
            _irls_block(
                counts[:, block].T,
                size_factors,
                design_matrix,
                disp[block],
                min_mu,
                beta_tol,
                max_beta,
                maxiter,
            )
            for block in _blocks(counts.shape[1])
        ]
        beta, mu, hat, converged = (np.concatenate(part) for part in zip(*parts, strict=True))
        for i in np.flatnonzero(~converged):
            beta[i], mu[i], hat[i], converged[i] = utils.irls_solver(
                counts[:, i], size_factors, design_matrix, disp[i], min_mu, beta_tol, min_beta, max_beta,
                optimizer, maxiter,
            )  # fmt: skip
        return beta, mu.T, hat.T, converged

    def alpha_mle(
        self,
        counts,
        design_matrix,
        mu,
        alpha_hat,
        min_disp,
        max_disp,
        prior_disp_var=None,
        cr_reg=True,
        prior_reg=False,
        optimizer="L-BFGS-B",
    ):
        """Dispersions that maximise the (Cox-Reid adjusted, penalised) likelihood, within the given bounds.

        A grid over log dispersion brackets the maximum and the root of the derivative refines it; where the
        likelihood still rises at a bound, the bound is the answer. Without a prior the likelihood can have
        two maxima, one of them at the lower bound: as in R, the one uphill of `alpha_hat` is taken, and
        where it is flat there (alpha_hat at the bound, mostly) the start itself.
        """
        variance = prior_disp_var if prior_reg else None
        parts = [
            _alpha_block(
                counts[:, block].T, design_matrix, mu[:, block].T, np.log(alpha_hat[block]),
                np.log(min_disp), np.log(max_disp), variance, cr_reg,
            )
            for block in _blocks(counts.shape[1])
        ]  # fmt: skip
        return np.concatenate(parts), np.ones(counts.shape[1], dtype=bool)

    def wald_test(self, design_matrix, disp, lfc, mu, ridge_factor, contrast, lfc_null, alt_hypothesis=None):
        """p-values, statistics and standard errors; means are floored at `min_mu`, as in R's own fit.

        Two-sided tests only: of no change, or of a change beyond `lfc_null` (`greaterAbs`).
        """
        if alt_hypothesis not in (None, "greaterAbs"):
            raise ValueError(f"alternative hypothesis {alt_hypothesis!r} is not offered")
        mu = np.maximum(mu.T, self.min_mu)
        information = _information(mu / (1 + mu * disp[:, None]), design_matrix)
        direction = np.full((len(mu), len(contrast)), np.nan)
        usable = np.isfinite(information).all(axis=(1, 2))
        direction[usable] = np.linalg.solve(information[usable] + ridge_factor, contrast)
        se = np.sqrt(np.einsum("gp,gpq,gq->g", direction, information, direction))
        change = lfc @ contrast
        beyond = np.maximum(np.abs(change) - (lfc_null if alt_hypothesis else 0.0), 0)
        stat = np.sign(change) * beyond / se
        return 2 * norm.sf(np.abs(stat)), stat, se

    def lfc_shrink_nbinom_glm(
        self,
        design_matrix,
        counts,
        size,
        offset,
        prior_no_shrink_scale,
        prior_scale,
        optimizer,
        shrink_index,
    ):
        """Posterior modes under a Cauchy prior on one coefficient, with the inverse Hessians there."""
        parts = [
            _shrink_block(
                counts[:, block].T,
                design_matrix,
                size[block],
                offset,
                prior_no_shrink_scale,
                prior_scale,
                shrink_index,
            )
            for block in _blocks(counts.shape[1])
        ]
        beta, covariance, converged = (np.concatenate(part) for part in zip(*parts, strict=True))
        return beta, covariance, converged


def _blocks(n: int) -> Iterator[slice]:
    """Slices that bound the memory of temporary arrays; at least one, so that results keep their shape."""
    return (slice(i, i + BLOCK) for i in range(0, max(n, 1), BLOCK))


def _information(weights: np.ndarray, design: np.ndarray) -> np.ndarray:
    """X' W X of each peak: weights (peaks x samples), design (samples x p) -> (peaks x p x p)."""
    p = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), p * p)
    return (weights @ products).reshape(-1, p, p)


def _log_likelihood(counts: np.ndarray, mu: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Negative binomial log likelihood summed over samples, up to terms in the counts alone."""
    return (
        gammaln(counts + size)
        - gammaln(size)
        - size * np.log1p(mu / size)
        + counts * np.log(mu / (mu + size))
    ).sum(axis=1)


def _irls_block(counts, size_factors, design, disp, min_mu, beta_tol, max_beta, maxiter):
    """IRLS for one block (peaks x samples), dropping peaks from the iteration as they converge."""
    n_peaks, p = len(counts), design.shape[1]
    ridge = np.eye(p) * 1e-6
    size = 1 / disp[:, None]
    beta = np.log(counts / size_factors + 0.1) @ np.linalg.pinv(design).T
    constant = 2 * gammaln(counts + 1).sum(axis=1)
    deviance = np.full(n_peaks, 1000.0)
    converged = np.zeros(n_peaks, dtype=bool)
    active = np.arange(n_peaks)
    for _ in range(maxiter):
        if not len(active):
            break
        y, a = counts[active], disp[active, None]
        mu = np.maximum(size_factors * np.exp(beta[active] @ design.T), min_mu)
        weights = mu / (1 + mu * a)
        working = np.log(mu / size_factors) + (y - mu) / mu
        step = np.linalg.solve(
            _information(weights, design) + ridge, ((weights * working) @ design)[:, :, None]
        )[:, :, 0]
        sound = np.abs(step).max(axis=1) <= max_beta
        active, step, y = active[sound], step[sound], y[sound]
        beta[active] = step
        mu = np.maximum(size_factors * np.exp(step @ design.T), min_mu)
        new = constant[active] - 2 * _log_likelihood(y, mu, size[active])
        done = np.abs(new - deviance[active]) / (np.abs(new) + 0.1) <= beta_tol
        deviance[active] = new
        converged[active[done]] = True
        active = active[~done]
    unfloored = size_factors * np.exp(np.minimum(beta @ design.T, 700))
    mu = np.maximum(unfloored, min_mu)
    weights = mu / (1 + mu * disp[:, None])
    inverse = np.linalg.inv(_information(weights, design) + ridge)
    hat = weights * np.einsum("np,gpq,nq->gn", design, inverse, design)
    return beta, unfloored, hat, converged


def _alpha_block(counts, design, mu, log_alpha_hat, low, high, prior_variance, cox_reid):
    """Log-dispersion search for one block (peaks x samples)."""

    def objective(log_alpha, at):
        alpha = np.exp(log_alpha)[:, None]
        value = _log_likelihood(counts[at], mu[at], 1 / alpha)
        if cox_reid:
            value -= 0.5 * np.linalg.slogdet(_information(mu[at] / (1 + mu[at] * alpha), design))[1]
        if prior_variance is not None:
            value -= (log_alpha - log_alpha_hat[at]) ** 2 / (2 * prior_variance)
        return value

    def slope(log_alpha, at):
        alpha = np.exp(log_alpha)[:, None]
        y, m, size = counts[at], mu[at], 1 / alpha
        # d log L / d log alpha = -size * d log L / d size
        value = -(
            size * (digamma(y + size) - digamma(size) - np.log1p(m * alpha) - (y - m) / (m + size))
        ).sum(axis=1)
        if cox_reid:
            weights = m / (1 + m * alpha)
            change = _information(-alpha * weights**2, design)
            value -= 0.5 * np.einsum("gpq,gqp->g", np.linalg.inv(_information(weights, design)), change)
        if prior_variance is not None:
            value -= (log_alpha - log_alpha_hat[at]) / prior_variance
        return value

    if not len(counts):
        return np.empty(0)
    everyone = np.arange(len(counts))
    grid = np.linspace(low, high, N_GRID)
    values = np.stack([objective(np.full(len(counts), g), everyone) for g in grid], axis=1)
    if prior_variance is None:
        start = np.clip(log_alpha_hat, low, high)
        uphill = slope(start, everyone)
        best = _climb(values, np.searchsorted(grid, start), uphill > 0)
    else:
        best = values.argmax(axis=1)
    left, right = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, N_GRID - 1)]
    answer = grid[best]
    inside = np.flatnonzero((slope(left, everyone) > 0) & (slope(right, everyone) < 0))
    if len(inside):
        found = find_root(
            slope, (left[inside], right[inside]), args=(inside,), tolerances={"xatol": 1e-8, "xrtol": 0}
        )
        answer[inside] = found.x
    if prior_variance is None:
        answer = np.where(np.abs(uphill) < FLAT, start, answer)
    return np.exp(answer)


def _climb(values: np.ndarray, start: np.ndarray, rising: np.ndarray) -> np.ndarray:
    """Column of the first local maximum uphill of `start` (the grid column at or right of the start)."""
    n_rows, n_columns = values.shape
    columns = np.arange(n_columns)
    falls_right = np.column_stack([values[:, 1:] < values[:, :-1], np.ones(n_rows, dtype=bool)])
    falls_left = np.column_stack([np.ones(n_rows, dtype=bool), values[:, :-1] < values[:, 1:]])
    to_right = (falls_right & (columns >= start[:, None] - 1)).argmax(axis=1)
    to_left = n_columns - 1 - (falls_left & (columns <= start[:, None]))[:, ::-1].argmax(axis=1)
    return np.where(rising, to_right, to_left)


def _shrink_block(counts, design, size, offset, wide, scale, index, maxiter=100):
    """Damped Newton steps on the penalised likelihood for one block, from no change and keeping the mode."""
    n_peaks, p = len(counts), design.shape[1]
    others = np.arange(p) != index
    size = size[:, None]

    def loss(beta, at):
        eta = beta @ design.T
        likelihood = (
            counts[at] * eta - (counts[at] + size[at]) * np.logaddexp(eta + offset, np.log(size[at]))
        ).sum(axis=1)
        penalty = (beta[:, others] ** 2).sum(axis=1) / (2 * wide**2) + np.log1p((beta[:, index] / scale) ** 2)
        return penalty - likelihood

    def derivatives(beta, at):
        mean = np.exp(np.clip(beta @ design.T + offset, -500, 500))
        total = counts[at] + size[at]
        b = beta[:, index]
        gradient = (total * mean / (size[at] + mean) - counts[at]) @ design
        gradient[:, others] += beta[:, others] / wide**2
        gradient[:, index] += 2 * b / (scale**2 + b**2)
        hessian = _information(total * size[at] * mean / (size[at] + mean) ** 2, design)
        hessian[:, np.flatnonzero(others), np.flatnonzero(others)] += 1 / wide**2
        hessian[:, index, index] += 2 * (scale**2 - b**2) / (scale**2 + b**2) ** 2
        return gradient, hessian

    beta = np.zeros((n_peaks, p))
    beta[:, 0] = np.log(np.maximum((counts / np.exp(offset)).mean(axis=1), 0.01))
    value = loss(beta, np.arange(n_peaks))
    damping = np.full(n_peaks, 1e-3)
    active = np.arange(n_peaks)
    for _ in range(maxiter):
        if not len(active):
            break
        gradient, hessian = derivatives(beta[active], active)
        diagonal = np.abs(np.einsum("gpp->gp", hessian)) + 1e-8
        # the Cauchy prior bends the wrong way far out: damp until the step is downhill
        lifted = hessian + np.einsum("g,gp,pq->gpq", damping[active], diagonal, np.eye(p))
        step = np.linalg.solve(lifted, gradient[:, :, None])[:, :, 0]
        tried = beta[active] - np.clip(step, -5, 5)
        new = loss(tried, active)
        better = new <= value[active]
        beta[active[better]], value[active[better]] = tried[better], new[better]
        damping[active] = np.clip(np.where(better, damping[active] / 10, damping[active] * 10), 1e-12, 1e12)
        done = better & (np.abs(step).max(axis=1) < 1e-9)
        active = active[~done & (damping[active] < 1e11)]
    _, hessian = derivatives(beta, np.arange(n_peaks))
    converged = np.ones(n_peaks, dtype=bool)
    converged[active] = False
    return beta, np.linalg.inv(hessian), converged
