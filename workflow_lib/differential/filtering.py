"""Adjusted p-values, with peaks of low count left out where that finds more (independent filtering)."""

import numpy as np

from workflow_lib.differential.smoothing import lowess
from workflow_lib.stats.multiple_testing import bh

N_CUTOFFS = 50
SMOOTH = 0.2


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
    return bh(np.where(means >= cutoffs[_choice(theta, found)], pvalues, np.nan))


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
