"""A prior of variances without a form: what many features say of how one that varies by itself would look."""

import numpy as np
from scipy.special import chdtrc, log_ndtr, logsumexp

GRID, STEPS = 60, 300


def posterior(variance: np.ndarray, df: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each feature's true variance may be, given its own estimate and those of all.

    Parameters
    ----------
    variance, df : (n_features,) arrays
        Residual variances and their degrees of freedom, above 0.

    Returns
    -------
    grid : (60,) array
        Variances.
    weights : (n_features, 60) array, rows adding up to 1

    Notes
    -----
    Estimates are scaled chi-square around true variances that follow any distribution on the grid; its
    weights are those of largest likelihood, by 300 steps of the EM algorithm. Where most features are quiet
    and some vary, the few keep a variance of their own, and the many are not judged by them: a conjugate
    prior (Smyth 2004) does neither, and a robust one (Phipson et al. 2016) only the second.

    References
    ----------
    Kiefer & Wolfowitz 1956, Ann Math Stat 27:887. Ignatiadis & Sen 2025, Ann Stat 53:1 (empirical partially
    Bayes multiple testing).
    """
    s2 = np.asarray(variance, dtype=float)
    df = np.broadcast_to(np.asarray(df, dtype=float), s2.shape)
    low, high = 0.3 * np.quantile(s2, 0.01), 1.5 * s2.max()
    grid = np.geomspace(max(low, 1e-8 * high), high, GRID)
    ratio = s2[:, None] / grid
    logs = df[:, None] / 2 * (np.log(ratio) - ratio)
    likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares = np.full(GRID, 1 / GRID)
    for _ in range(STEPS):
        shares = shares * (likelihood.T @ (1 / (likelihood @ shares))) / len(s2)
    weights = likelihood * shares
    return grid, weights / weights.sum(axis=1, keepdims=True)


def log10_tail(square: np.ndarray, rows: int, grid: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """log10 of P(at least so large a mean square) if the null holds, over what the variance may be.

    Parameters
    ----------
    square : (n_features,) array
        Mean square of a contrast's `rows`, in units of their error for variance 1: t^2 times the variance.
    rows : int
    grid, weights
        Of :func:`posterior`.

    Notes
    -----
    With one row the two-sided tail of the normal distribution, else chi-square's, averaged by weights.
    """
    found = np.full(len(square), np.nan)
    known = np.isfinite(square)
    scaled = square[known, None] * rows / grid
    with np.errstate(divide="ignore"):
        tail = np.log(2) + log_ndtr(-np.sqrt(scaled)) if rows == 1 else np.log(chdtrc(rows, scaled))
        found[known] = logsumexp(tail + np.log(weights[known]), axis=1) / np.log(10)
    return np.minimum(found, 0.0)
