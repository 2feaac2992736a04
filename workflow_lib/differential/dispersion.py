"""The dispersion of each peak by R's line search, over all peaks of a block at once.

R's DESeq2 does not carry its search to the optimum: it stops when a step gains less than 1e-6 in log
posterior. Where the posterior is flat that is far from the optimum (10 % and more in dispersion, nothing in
posterior), so who wants R's numbers has to take R's steps. Arrays are samples x peaks; `products` stands for
the products of every two columns of the design (p * p, samples).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

ARMIJO = 1e-4
FIRST_STEP = 1.0
TOLERANCE = 1e-6
MAX_STEPS = 100
LOWEST, HIGHEST = -30.0, 10.0
"""Bounds of log dispersion within the search."""
N_GRID = 20
STIRLING = 4934720.0
HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


@dataclass
class Search:
    """Where the searches ended, one value a peak."""

    log_alpha: np.ndarray
    first: np.ndarray  # log posterior at the start
    last: np.ndarray  # log posterior at the end
    n_steps: np.ndarray


def column_products(design: np.ndarray) -> np.ndarray:
    """Products of every two columns: (samples, p) -> (p * p, samples)."""
    return (design[:, :, None] * design[:, None, :]).reshape(len(design), -1).T


def cholesky(matrices: np.ndarray) -> list[list[np.ndarray]]:
    """Lower triangles of many small positive definite matrices.

    Parameters
    ----------
    matrices : (p, p, n) array

    Returns
    -------
    list of rows, each a list of (n,) arrays
        A loop over p, not over the n matrices: many times faster than LAPACK for p of two to six.
    """
    lower: list[list[np.ndarray]] = []
    for i in range(len(matrices)):
        row: list[np.ndarray] = []
        for j in range(i + 1):
            value = matrices[i, j] - sum(row[k] * (row if i == j else lower[j])[k] for k in range(j))
            row.append(np.sqrt(value) if i == j else value / lower[j][j])
        lower.append(row)
    return lower


def inverse_triangle(lower: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """Inverses of lower triangles, in the form of :func:`cholesky`."""
    inverse: list[list[np.ndarray]] = []
    for i, row in enumerate(lower):
        new = [-sum(row[k] * inverse[k][j] for k in range(j, i)) / row[i] for j in range(i)]
        inverse.append([*new, 1 / row[i]])
    return inverse


def posterior(log_alpha, counts, mu, products, prior_mean=None, prior_variance=None) -> np.ndarray:
    """Cox-Reid adjusted log likelihood, plus the normal prior on log dispersion if one is given.

    Up to terms in the counts alone. Written term by term as R has it, since near the smallest dispersions the
    rounding of these terms is what the search sees.

    References
    ----------
    Love et al. 2014, Genome Biology 15:550, Methods, equations 5 to 8.
    """
    alpha = np.exp(log_alpha)
    size = 1 / alpha
    value = _log_gamma(counts + size)
    value -= _log_gamma(size)
    value -= counts * np.log(mu + size)
    value -= size * np.log(1 + mu * alpha)
    total = value.sum(axis=0)
    lower = _triangle(1 / (1 / mu + alpha), products)
    total -= np.log(np.prod([row[-1] for row in lower], axis=0))
    if prior_mean is not None:
        total -= 0.5 * (log_alpha - prior_mean) ** 2 / prior_variance
    return total


def _log_gamma(x: np.ndarray) -> np.ndarray:
    """log Gamma(x); for large x Stirling's formula, added up in R's order."""
    value = gammaln(x)
    large = x > STIRLING
    if large.any():
        x = x[large]
        value[large] = HALF_LOG_2PI + (x - 0.5) * np.log(x) - x
    return value


def slope(log_alpha, counts, mu, products, prior_mean=None, prior_variance=None) -> np.ndarray:
    """Derivative of :func:`posterior` in log dispersion."""
    alpha = np.exp(log_alpha)
    size = 1 / alpha
    spread = 1 + mu * alpha
    value = np.log(spread)
    value -= mu * alpha / spread
    value -= digamma(counts + size)
    value += counts / (mu + size)
    total = (value.sum(axis=0) + len(counts) * digamma(size)) * size
    weights = mu / spread
    inverse = inverse_triangle(_triangle(weights, products))
    p = len(inverse)
    change = (products @ (-(weights**2))).reshape(p, p, -1)
    # trace of B^-1 dB = sum over rows k of L^-1 of l_k' dB l_k
    trace = sum(
        row[i] * row[j] * change[i, j] for row in inverse for i in range(len(row)) for j in range(len(row))
    )
    total -= 0.5 * trace * alpha
    if prior_mean is not None:
        total -= (log_alpha - prior_mean) / prior_variance
    return total


def _triangle(weights: np.ndarray, products: np.ndarray) -> list[list[np.ndarray]]:
    p = int(np.sqrt(len(products)))
    return cholesky((products @ weights).reshape(p, p, -1))


def search(counts, mu, products, start, lowest, prior_mean=None, prior_variance=None) -> Search:
    """Climb the log posterior of every peak from `start` by steps along its derivative.

    Parameters
    ----------
    counts, mu : (n_samples, n_peaks) arrays
        Counts, and their means as fitted.
    products : (p * p, n_samples) array
        Of :func:`column_products`.
    start : (n_peaks,) array
        Log dispersions.
    lowest : float
        Log dispersion under which a search is given up as running to zero.
    prior_mean : (n_peaks,) array, optional
    prior_variance : float, optional

    Notes
    -----
    A step of kappa times the derivative is accepted if it gains at least kappa * 1e-4 * derivative^2
    (Armijo); then kappa grows by a tenth (to at most 1), and is halved after every fifth accepted step; a
    refused step halves it. The search ends with a gain under 1e-6 or after 100 steps.
    """
    n = counts.shape[1]
    prior: tuple = () if prior_mean is None else (prior_mean, prior_variance)
    state = Search(start.copy(), np.empty(n), np.empty(n), np.zeros(n, dtype=int))
    at, a = np.arange(n), start.copy()
    value, gradient = (f(a, counts, mu, products, *prior) for f in (posterior, slope))
    state.first[:] = state.last[:] = value
    kappa, accepted = np.full(n, FIRST_STEP), np.zeros(n, dtype=int)
    for step in range(1, MAX_STEPS + 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            proposal = a + kappa * gradient
            kappa = np.where(proposal < LOWEST, (LOWEST - a) / gradient, kappa)
            kappa = np.where(proposal > HIGHEST, (HIGHEST - a) / gradient, kappa)
        proposal = a + kappa * gradient
        new = posterior(proposal, counts, mu, products, *prior)
        good = -new <= -value - kappa * ARMIJO * gradient**2
        gain = new - value
        a, value = np.where(good, proposal, a), np.where(good, new, value)
        accepted += good
        settled = good & ((gain < TOLERANCE) | (a < lowest))
        kappa = np.where(good, np.minimum(kappa * 1.1, FIRST_STEP), kappa / 2)
        kappa[good & (accepted % 5 == 0)] /= 2
        state.n_steps[at] = step
        state.log_alpha[at], state.last[at] = a, value
        if settled.any():
            left = ~settled
            at, a, value, gradient, kappa, accepted, good = (
                x[left] for x in (at, a, value, gradient, kappa, accepted, good)
            )
            counts, mu = counts[:, left], mu[:, left]
            prior = () if prior_mean is None else (prior_mean[at], prior_variance)
        if not len(at):
            break
        moved = np.flatnonzero(good)
        if len(moved):
            there = () if prior_mean is None else (prior[0][moved], prior_variance)
            gradient[moved] = slope(a[moved], counts[:, moved], mu[:, moved], products, *there)
    return state


def grid(counts, mu, products, low, high, prior_mean=None, prior_variance=None) -> np.ndarray:
    """Log dispersion of the highest log posterior among 20 values, and among 20 about that one."""
    prior = () if prior_mean is None else (prior_mean, prior_variance)
    coarse = np.linspace(low, high, N_GRID)
    width = coarse[1] - coarse[0]
    n = counts.shape[1]
    values = np.stack([posterior(np.full(n, x), counts, mu, products, *prior) for x in coarse])
    best = coarse[values.argmax(axis=0)]
    fine = best + np.linspace(-width, width, N_GRID)[:, None]
    values = np.stack([posterior(x, counts, mu, products, *prior) for x in fine])
    return fine[values.argmax(axis=0), np.arange(n)]


def genewise(counts, design, mu, start, min_disp, max_disp) -> np.ndarray:
    """Dispersions without a prior, as R's `estimateDispersionsGeneEst` gives them.

    Parameters
    ----------
    counts, mu : (n_samples, n_peaks) arrays
    design : (n_samples, p) array
    start : (n_peaks,) array
        Rough estimates, within the bounds.
    min_disp, max_disp : float

    Notes
    -----
    A search that gains less than a millionth of the log posterior is undone. One that ends at its first step
    or not at all is replaced by a grid, where the estimate is clear of the lower bound.
    """
    products = column_products(design)
    found = search(counts, mu, products, np.log(start), np.log(min_disp / 10))
    alpha = np.minimum(np.exp(found.log_alpha), max_disp)
    alpha = np.where(found.last < found.first + np.abs(found.first) / 1e6, start, alpha)
    again = ((found.n_steps == 1) | (found.n_steps == MAX_STEPS)) & (alpha > 10 * min_disp)
    if again.any():
        bounds = np.log(min_disp), np.log(max_disp)
        alpha[again] = np.exp(grid(counts[:, again], mu[:, again], products, *bounds))
    return np.clip(alpha, min_disp, max_disp)


def maximum_a_posteriori(counts, design, mu, start, trend, variance, min_disp, max_disp) -> np.ndarray:
    """Dispersions shrunken towards the trend, as R's `estimateDispersionsMAP` gives them.

    Parameters
    ----------
    counts, mu : (n_samples, n_peaks) arrays
    design : (n_samples, p) array
    start, trend : (n_peaks,) arrays
        Gene-wise dispersions, where the search begins if they exceed a tenth of the trend; and the trend.
    variance : float
        Of the prior on log dispersion.
    min_disp, max_disp : float
    """
    products = column_products(design)
    start = np.where(start > 0.1 * trend, start, trend)
    prior = np.log(trend), variance
    found = search(counts, mu, products, np.log(start), np.log(min_disp / 10), *prior)
    log_alpha = found.log_alpha
    lost = found.n_steps == MAX_STEPS
    if lost.any():
        bounds = np.log(min_disp), np.log(max_disp)
        log_alpha[lost] = grid(
            counts[:, lost], mu[:, lost], products, *bounds, prior[0][lost], variance
        )  # fmt: skip
    return np.clip(np.exp(log_alpha), min_disp, max_disp)
