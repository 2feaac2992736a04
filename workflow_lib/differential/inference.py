"""The numerical kernels of DESeq2's model, over all peaks at once, behind pydeseq2's `Inference`.

pydeseq2 fits peak by peak, one optimiser call each. The kernels here take R's steps for whole blocks of
peaks.
"""

from collections.abc import Iterator

import numpy as np
from pydeseq2.default_inference import DefaultInference
from scipy.optimize import minimize
from scipy.special import gammaln, ndtr

from workflow_lib.differential import dispersion

BLOCK = 60_000
"""Numbers (samples x peaks) that a kernel takes at once."""
RIDGE = 1e-6 / np.log(2) ** 2
"""R's penalty on coefficients: 1e-6 on the log2 scale (pydeseq2 puts it on the natural one)."""


class BlockInference(DefaultInference):
    """pydeseq2's inference with kernels that run over blocks of peaks.

    Arrays are samples x peaks, as pydeseq2 hands them over.

    Parameters
    ----------
    factors : (n_samples, n_peaks) array, optional
        Normalisation factors of each count, which then stand in for the size factors that are handed over.
    min_mu : float
        Least mean.

    References
    ----------
    Love, Huber & Anders 2014, Genome Biology 15:550; Zhu, Ibrahim & Love 2019, Bioinformatics 35:2084.
    """

    def __init__(self, factors: np.ndarray | None = None, min_mu: float = 0.5):
        super().__init__(n_cpus=1)
        self.factors = factors
        self.min_mu = min_mu

    def _of(self, size_factors) -> np.ndarray:
        """Normalisation factors: (n_samples, n_peaks), or (n_samples, 1) where they are alike."""
        return np.asarray(size_factors)[:, None] if self.factors is None else self.factors

    def fit_moments_dispersions(self, normed_counts, size_factors):
        """Dispersions by moments, with each sample's mean factor where peaks have their own, as in R."""
        return super().fit_moments_dispersions(normed_counts, self._of(size_factors).mean(axis=1))

    def lin_reg_mu(self, counts, size_factors, design_matrix, min_mu):
        """Means of a linear model on normalised counts, at least `min_mu`."""
        factors = self._of(size_factors)
        hat = design_matrix @ np.linalg.pinv(design_matrix)
        return np.maximum(factors * (hat @ (counts / factors)), min_mu)

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
        maxiter=100,
    ):
        """Coefficients, unfloored means, hat diagonals, convergence, by iterated weighted least squares.

        Peaks on which the iteration fails are maximised one by one within bounds, as R does.
        """
        n_samples, n_peaks = counts.shape
        factors = self._of(size_factors)
        beta = np.empty((n_peaks, design_matrix.shape[1]))
        hat = np.empty((n_samples, n_peaks))
        converged = np.empty(n_peaks, dtype=bool)
        for block in _blocks(*counts.shape):
            beta[block], hat[:, block], converged[block] = _irls_block(
                counts[:, block],
                _part(factors, block),
                design_matrix,
                disp[block],
                min_mu,
                beta_tol,
                max_beta,
                maxiter,
            )
        failed = np.flatnonzero(~converged)
        for i in failed:
            own = _part(factors, slice(i, i + 1))[:, 0]
            beta[i], converged[i] = _maximise(counts[:, i], own, design_matrix, disp[i], beta[i])
        mu = factors * np.exp(np.minimum(design_matrix @ beta.T, 700))
        if len(failed):
            hat[:, failed] = _hat(np.maximum(mu[:, failed], min_mu), design_matrix, disp[failed])
        return beta, mu, hat, converged

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
        start=None,
    ):
        """Dispersions where R's search ends; with a prior, `alpha_hat` is its mean and `start` the start.

        Means under `min_mu` are raised to it, as in R (pydeseq2 leaves them where they come from a GLM).
        """
        result = np.empty(counts.shape[1])
        start = alpha_hat if start is None else start
        for block in _blocks(*counts.shape):
            y, m = counts[:, block].astype(float), np.maximum(mu[:, block], self.min_mu)
            if prior_reg:
                result[block] = dispersion.maximum_a_posteriori(
                    y, design_matrix, m, start[block], alpha_hat[block], prior_disp_var, min_disp, max_disp
                )
            else:
                result[block] = dispersion.genewise(y, design_matrix, m, start[block], min_disp, max_disp)
        return result, np.ones(len(result), dtype=bool)

    def wald_test(self, design_matrix, disp, lfc, mu, ridge_factor, contrast, lfc_null, alt_hypothesis=None):
        """p-values, statistics and standard errors; means are floored at `min_mu`, as in R's own fit.

        Two-sided tests only: of no change, or of a change beyond `lfc_null` (`greaterAbs`). The ridge is R's,
        whatever `ridge_factor` says.
        """
        if alt_hypothesis not in (None, "greaterAbs"):
            raise ValueError(f"alternative hypothesis {alt_hypothesis!r} is not offered")
        products = dispersion.column_products(design_matrix)
        se = np.empty(len(disp))
        for block in _blocks(*mu.shape):
            floored = np.maximum(mu[:, block], self.min_mu)
            weights = floored / (1 + floored * disp[block])
            inverse = _penalised(weights, products)
            sides = np.broadcast_to(contrast[:, None], (len(contrast), weights.shape[1]))
            towards = _solve(inverse, sides)
            information = _information(weights, products)
            se[block] = np.sqrt(np.einsum("pn,pqn,qn->n", towards, information, towards))
        change = lfc @ contrast
        beyond = np.maximum(np.abs(change) - (lfc_null if alt_hypothesis else 0.0), 0)
        stat = np.sign(change) * beyond / se
        return 2 * ndtr(-np.abs(stat)), stat, se

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
        """Posterior modes under a Cauchy prior on one coefficient, with the inverse Hessians there.

        `offset`: log factors, (n_samples,) or (n_samples, n_peaks).
        """
        offset = np.atleast_2d(np.asarray(offset).T).T
        parts = [
            _shrink_block(
                counts[:, block].T,
                design_matrix,
                size[block],
                _part(offset, block).T,
                prior_no_shrink_scale,
                prior_scale,
                shrink_index,
            )
            for block in _blocks(*counts.shape)
        ]
        beta, covariance, converged = (np.concatenate(part) for part in zip(*parts, strict=True))
        return beta, covariance, converged


def _blocks(n_samples: int, n_peaks: int) -> Iterator[slice]:
    """Slices of peaks whose temporary arrays stay in the processor's cache; at least one."""
    step = max(BLOCK // n_samples, 1000)
    return (slice(i, i + step) for i in range(0, max(n_peaks, 1), step))


def _part(factors: np.ndarray, block) -> np.ndarray:
    """A block's columns of the factors; the one column where all peaks share it."""
    return factors if factors.shape[1] == 1 else factors[:, block]


def _information(weights: np.ndarray, products: np.ndarray) -> np.ndarray:
    """X' W X of each peak: weights (samples x peaks), products (p * p x samples) -> (p x p x peaks)."""
    p = round(np.sqrt(len(products)))
    return (products @ weights).reshape(p, p, -1)


def _penalised(weights: np.ndarray, products: np.ndarray) -> list[list[np.ndarray]]:
    """Inverse Cholesky triangles of X' W X + ridge."""
    information = _information(weights, products)
    diagonal = np.arange(len(information))
    information[diagonal, diagonal] += RIDGE
    return dispersion.inverse_triangle(dispersion.cholesky(information))


def _solve(inverse: list[list[np.ndarray]], right: np.ndarray) -> np.ndarray:
    """Solutions (p x peaks) from inverse triangles and right-hand sides (p x peaks)."""
    p = len(inverse)
    half = [sum(row[k] * right[k] for k in range(i + 1)) for i, row in enumerate(inverse)]
    return np.array([sum(inverse[i][j] * half[i] for i in range(j, p)) for j in range(p)])


def _hat(mu: np.ndarray, design: np.ndarray, disp: np.ndarray) -> np.ndarray:
    """Diagonals of the weighted hat matrices (samples x peaks)."""
    weights = mu / (1 + mu * disp)
    inverse = _penalised(weights, dispersion.column_products(design))
    leverage = np.zeros_like(mu)
    for row in inverse:
        leverage += sum(design[:, k, None] * value for k, value in enumerate(row)) ** 2
    return weights * leverage


def _irls_block(counts, all_factors, design, disp, min_mu, beta_tol, max_beta, maxiter):
    """IRLS for one block (samples x peaks), dropping peaks from the iteration as they converge."""
    y, factors = counts.astype(float), all_factors
    products = dispersion.column_products(design)
    start = (np.linalg.pinv(design) @ np.log(y / factors + 0.1)).T
    beta = start.copy()
    converged = np.zeros(len(beta), dtype=bool)
    at, a, old = np.arange(len(beta)), disp, np.zeros(len(beta))
    constant = _count_terms(y, a)
    mu = np.maximum(factors * np.exp(design @ beta.T), min_mu)
    for step in range(maxiter):
        weights = mu / (1 + mu * a)
        working = np.log(mu / factors) + (y - mu) / mu
        new = _solve(_penalised(weights, products), design.T @ (weights * working)).T
        beta[at] = new
        with np.errstate(over="ignore", invalid="ignore"):
            mu = np.maximum(factors * np.exp(design @ new.T), min_mu)
            deviance = -2 * (constant + (y * np.log(mu / (mu + 1 / a)) - np.log1p(mu * a) / a).sum(axis=0))
            change = np.abs(deviance - old) / (np.abs(deviance) + 0.1)
        lost = ~(np.abs(new).max(axis=1) <= max_beta) | np.isnan(change)
        done = ~lost & (change < beta_tol) & (step > 0)
        converged[at[done]] = True
        beta[at[lost]] = start[at[lost]]
        old = deviance
        left = ~(done | lost)
        if not left.all():
            at, a, old, constant = at[left], a[left], old[left], constant[left]
            y, mu, factors = y[:, left], mu[:, left], _part(factors, left)
        if not len(at):
            break
    mu = np.maximum(all_factors * np.exp(design @ beta.T), min_mu)
    return beta, _hat(mu, design, disp), converged


def _count_terms(counts: np.ndarray, disp: np.ndarray) -> np.ndarray:
    """Terms of the log likelihood without the mean, summed over samples."""
    size = 1 / disp
    return (gammaln(counts + size) - gammaln(counts + 1)).sum(axis=0) - len(counts) * gammaln(size)


def log_likelihood(counts: np.ndarray, mu: np.ndarray, disp: np.ndarray) -> np.ndarray:
    """Negative binomial log likelihood of each peak (samples x peaks), in full."""
    with np.errstate(divide="ignore", invalid="ignore"):
        in_mean = np.where(counts > 0, counts * np.log(mu / (mu + 1 / disp)), 0) - np.log1p(mu * disp) / disp
    return _count_terms(counts, disp) + in_mean.sum(axis=0)


def _maximise(counts, size_factors, design, disp, start) -> tuple[np.ndarray, bool]:
    """Coefficients of one peak by bounded quasi-Newton steps, with R's wide normal prior."""
    bound = 30 * np.log(2)

    def loss(beta):
        mu = size_factors * np.exp(design @ beta)
        value = (counts + 1 / disp) * np.log1p(mu * disp) - counts * (design @ beta)
        slope = (mu - counts) / (1 + mu * disp)
        return value.sum() + 0.5 * RIDGE * (beta**2).sum(), slope @ design + RIDGE * beta

    start = np.clip(start, -bound, bound)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-bound, bound)] * len(start))
    return found.x, bool(found.success)


def _shrink_block(counts, design, size, offsets, wide, scale, index, maxiter=100):
    """Damped Newton steps on the penalised likelihood for one block, from no change and keeping the mode."""
    n_peaks, p = len(counts), design.shape[1]
    others = np.arange(p) != index
    products = dispersion.column_products(design)
    size = size[:, None]
    shared = len(offsets) == 1

    def loss(beta, at):
        eta = beta @ design.T
        offset = offsets if shared else offsets[at]
        likelihood = (
            counts[at] * eta - (counts[at] + size[at]) * np.logaddexp(eta + offset, np.log(size[at]))
        ).sum(axis=1)
        penalty = (beta[:, others] ** 2).sum(axis=1) / (2 * wide**2) + np.log1p((beta[:, index] / scale) ** 2)
        return penalty - likelihood

    def derivatives(beta, at):
        offset = offsets if shared else offsets[at]
        mean = np.exp(np.clip(beta @ design.T + offset, -500, 500))
        total = counts[at] + size[at]
        b = beta[:, index]
        gradient = (total * mean / (size[at] + mean) - counts[at]) @ design
        gradient[:, others] += beta[:, others] / wide**2
        gradient[:, index] += 2 * b / (scale**2 + b**2)
        weights = total * size[at] * mean / (size[at] + mean) ** 2
        hessian = np.moveaxis(_information(weights.T, products), 2, 0).copy()
        hessian[:, np.flatnonzero(others), np.flatnonzero(others)] += 1 / wide**2
        hessian[:, index, index] += 2 * (scale**2 - b**2) / (scale**2 + b**2) ** 2
        return gradient, hessian

    beta = np.zeros((n_peaks, p))
    beta[:, 0] = np.log(np.maximum((counts / np.exp(offsets)).mean(axis=1), 0.01))
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
