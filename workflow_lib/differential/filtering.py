"""Adjusted p-values, with peaks of low count left out where that finds more (independent filtering)."""

import numpy as np

N_CUTOFFS = 50
SMOOTH = 0.2


def benjamini_hochberg(pvalues: np.ndarray) -> np.ndarray:
    """Adjusted p-values; NaN stays NaN and does not count.

    References
    ----------
    Benjamini & Hochberg 1995, JRSS B 57:289.
    """
    result = np.full(len(pvalues), np.nan)
    known = np.flatnonzero(~np.isnan(pvalues))
    order = known[np.argsort(pvalues[known], kind="stable")]
    scaled = pvalues[order] * (len(order) / np.arange(1, len(order) + 1))
    result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return result


def adjust(pvalues: np.ndarray, means: np.ndarray, alpha: float) -> np.ndarray:
    """Benjamini-Hochberg among the peaks whose mean reaches a cutoff that finds nearly the most at `alpha`.

    Parameters
    ----------
    pvalues : (n_peaks,) array
        NaN where a peak is not tested.
    means : (n_peaks,) array
        Mean normalised counts, of peaks without a count too.
    alpha : float

    Returns
    -------
    (n_peaks,) array
        NaN under the cutoff.

    Notes
    -----
    Cutoffs are 50 quantiles of the means, from the share of empty peaks to 95 %. The numbers found are
    smoothed by lowess; the first cutoff whose number exceeds the highest point of the curve less its root
    mean squared residual is taken, or none if no cutoff finds more than ten.

    References
    ----------
    Bourgon et al. 2010, PNAS 107:9546; Love et al. 2014, Genome Biology 15:550, as in R DESeq2 1.38.3.
    """
    empty = np.mean(means == 0)
    theta = np.linspace(empty, 0.95 if empty < 0.95 else 1.0, N_CUTOFFS)
    cutoffs = np.quantile(means, theta)
    known = np.flatnonzero(~np.isnan(pvalues))
    order = known[np.argsort(pvalues[known], kind="stable")]
    sorted_p, sorted_means = pvalues[order], means[order]
    found = np.array([_n_found(sorted_p[sorted_means >= cutoff], alpha) for cutoff in cutoffs])
    return benjamini_hochberg(np.where(means >= cutoffs[_choice(theta, found)], pvalues, np.nan))


def _n_found(sorted_pvalues: np.ndarray, alpha: float) -> int:
    """Number of adjusted p-values under alpha."""
    n = len(sorted_pvalues)
    under = np.flatnonzero(sorted_pvalues * (n / np.arange(1, n + 1)) < alpha)
    return int(under[-1]) + 1 if len(under) else 0


def _choice(theta: np.ndarray, found: np.ndarray) -> int:
    if found.max() <= 10:
        return 0
    curve = lowess(theta, found.astype(float), SMOOTH)
    some = found > 0
    limit = curve.max() - np.sqrt(np.mean((found[some] - curve[some]) ** 2))
    above = np.flatnonzero(found > limit)
    return int(above[0]) if len(above) else 0


def lowess(x: np.ndarray, y: np.ndarray, span: float, n_robust: int = 3) -> np.ndarray:
    """Robust locally linear regression at every x, as R's `lowess` for points that are not crowded.

    Parameters
    ----------
    x, y : (n,) arrays
        x increasing.
    span : float
        Share of the points that take part at each.
    n_robust : int
        Rounds in which points far off the curve lose weight.

    References
    ----------
    Cleveland 1979, JASA 74:829.
    """
    n = len(x)
    n_near = min(max(int(span * n + 1e-7), 2), n)
    distance = np.abs(x[:, None] - x)
    reach = np.sort(distance, axis=1)[:, n_near - 1 : n_near]
    with np.errstate(divide="ignore", invalid="ignore"):
        kernel = (1 - (distance / reach) ** 3) ** 3
    kernel = np.where(distance <= 0.001 * reach, 1.0, np.where(distance <= 0.999 * reach, kernel, 0.0))
    trust = np.ones(n)
    for left in range(n_robust, -1, -1):
        weights = kernel * trust
        total = weights.sum(axis=1, keepdims=True)
        weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        centre = weights @ x
        spread = (weights * (x - centre[:, None]) ** 2).sum(axis=1)
        level = weights @ y
        slope = (weights * (x - centre[:, None])) @ y
        sloped = np.sqrt(spread) > 0.001 * (x[-1] - x[0])
        slope = np.divide(slope, spread, out=np.zeros(n), where=sloped)
        curve = np.where(total[:, 0] > 0, level + slope * (x - centre), y)
        if not left:
            break
        off = np.abs(y - curve)
        limit = 6 * np.median(off)
        if limit < 1e-7 * off.mean():
            break
        trust = np.where(off <= 0.001 * limit, 1.0, (1 - np.minimum(off / limit, 1) ** 2) ** 2)
        trust[off > 0.999 * limit] = 0.0
    return curve
