"""Whether a motif goes with being in the foreground when peaks' composition and depth are held fixed."""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import expit, log_ndtr

from workflow_lib.motifs.matches import presence

LEAST_PEAKS = 10  # of either set, for a model with covariates to mean anything
PRIOR_SD = 1.0  # of a covariate's coefficient, per standard deviation of the covariate
MOST_STEPS = 50
TOLERANCE = 1e-9
GROUPS = 500  # of peaks with about one linear predictor
LARGEST = 40.0  # natural log odds


def test(matches, foreground, background, covariates: pd.DataFrame) -> pd.DataFrame:
    """Test each motif in a logistic model of membership with covariates.

    log odds(peak is foreground) = a + covariates' b + c [peak has the motif]; of c = 0 against c > 0.

    Parameters
    ----------
    matches : (n_peaks, n_motifs) sparse matrix
        Number of hits; a peak counts once.
    foreground, background : (n_peaks,) arrays of bool
        A peak in both counts as foreground; those in neither are left out.
    covariates : (n_peaks, n_covariates) DataFrame
        Missing values take the mean.

    Returns
    -------
    DataFrame
        logistic_log2_odds, logistic_pvalue (one-sided, of enrichment); a row a motif, NA where either set has
        fewer than ten peaks and for a motif that no peak, or every peak, has.

    Notes
    -----
    One null model (c = 0, b with a normal prior of sd 1 per standard deviation, which also settles k-mer
    shares that add up to one) serves all motifs: the p-value is that of Rao's score test, less half a hit for
    continuity. c is the maximum-likelihood estimate with b held at the null's values, half a peak off where
    all or none of the peaks with the motif are foreground. The normal law of the score fails for motifs with
    few expected hits: read p-values below 1e-3 beside Fisher's, not in its place.

    References
    ----------
    Rao 1948, Proc Camb Phil Soc 44:50 (score test). Firth 1993, Biometrika 80:27 (on finite estimates).
    """
    present = presence(matches)
    foreground = np.asarray(foreground, dtype=bool)
    used = foreground | np.asarray(background, dtype=bool)
    y = foreground[used].astype(float)
    n_motifs = present.shape[1]
    result = pd.DataFrame({"logistic_log2_odds": np.nan, "logistic_pvalue": np.nan}, index=range(n_motifs))
    if y.sum() < LEAST_PEAKS or (1 - y).sum() < LEAST_PEAKS:
        return result
    chosen = sparse.csc_array(present[used])
    design = _design(covariates.to_numpy(dtype=float)[used])
    linear = design @ _fit(design, y)
    mean = expit(linear)

    # The score of c and its variance, less what the covariates explain of it.
    spread = mean * (1 - mean)
    score = (y - mean) @ chosen
    across = chosen.T @ (design * spread[:, None])
    information = _information(design, spread)
    explained = np.einsum("ij,ij->i", across, np.linalg.solve(information, across.T).T)
    variance = spread @ chosen - explained
    count = np.diff(chosen.indptr)
    fit = (count > 0) & (count < len(y)) & (variance > 1e-8)
    z = (score[fit] - 0.5 * np.sign(score[fit])) / np.sqrt(variance[fit])
    result.loc[fit, "logistic_pvalue"] = np.maximum(np.exp(log_ndtr(-z)), np.finfo(float).tiny)
    result.loc[fit, "logistic_log2_odds"] = _log_odds(chosen, y, linear)[fit] / np.log(2)
    return result


def _design(values: np.ndarray) -> np.ndarray:
    """Intercept and standardised covariates; missing is the mean, what does not vary is left out."""
    known = np.isfinite(values)
    mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values - mean, 0.0)
    scale = np.sqrt((centred**2).mean(axis=0))
    varying = scale > 1e-12 * np.maximum(np.abs(mean), 1e-300)
    return np.hstack([np.ones((len(values), 1)), centred[:, varying] / scale[varying]])


def _information(design: np.ndarray, spread: np.ndarray) -> np.ndarray:
    prior = np.full(design.shape[1], PRIOR_SD**-2)
    prior[0] = 0.0
    return design.T @ (design * spread[:, None]) + np.diag(prior)


def _fit(design: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Coefficients of the null model, by Newton's method (IRLS) with step halving."""
    slopes = np.zeros(design.shape[1])
    slopes[0] = np.log(y.mean() / (1 - y.mean()))
    prior = np.full(len(slopes), PRIOR_SD**-2)
    prior[0] = 0.0

    def height(b):
        linear = design @ b
        return np.logaddexp(0, linear).sum() - y @ linear + prior @ b**2 / 2

    best = height(slopes)
    for _ in range(MOST_STEPS):
        mean = expit(design @ slopes)
        gradient = design.T @ (mean - y) + prior * slopes
        step = np.linalg.solve(_information(design, mean * (1 - mean)), gradient)
        if gradient @ step < TOLERANCE:
            break
        length = 1.0
        while height(slopes - length * step) > best and length > 1e-6:
            length /= 2
        slopes = slopes - length * step
        best = height(slopes)
    return slopes


def _log_odds(chosen: sparse.csc_array, y: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """Natural log odds ratio of each motif, given every peak's linear predictor of the null model.

    With intercepts of their own, peaks with and without the motif each have one equation: as many are
    expected in the foreground as there are. The log odds ratio is the difference of the two intercepts. Peaks
    count at the mean predictor of their group (500 groups of neighbouring predictors; with fewer peaks,
    exactly).
    """
    n = len(y)
    n_groups = min(GROUPS, n)
    group = np.empty(n, dtype=np.int64)
    group[np.argsort(linear, kind="stable")] = np.arange(n) * n_groups // n
    member = sparse.csr_array((np.ones(n), (group, np.arange(n))), shape=(n_groups, n))
    size = member.sum(axis=1)
    centre = (member @ linear) / size
    inside = (member @ chosen).toarray()
    hits, count = y @ chosen, inside.sum(axis=0)
    with_motif = _intercepts(inside, centre, hits, count)
    without = _intercepts(size[:, None] - inside, centre, y.sum() - hits, n - count)
    return with_motif - without


def _intercepts(peaks: np.ndarray, centre: np.ndarray, observed: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Shifts of predictors at which as many peaks (groups x motifs) are expected in foreground as seen."""
    target = np.clip(observed, 0.5, np.maximum(count - 0.5, 0.5))
    low, high = np.full(len(target), -LARGEST), np.full(len(target), LARGEST)
    at = np.zeros(len(target))
    for _ in range(MOST_STEPS):
        mean = expit(centre[:, None] + at)
        value = (peaks * mean).sum(axis=0)
        slope = (peaks * mean * (1 - mean)).sum(axis=0)
        low, high = np.where(value < target, at, low), np.where(value < target, high, at)
        step = at - (value - target) / np.maximum(slope, 1e-12)
        nearer = np.where((step > low) & (step < high), step, (low + high) / 2)
        moved = np.abs(nearer - at).max(initial=0.0)
        at = nearer
        if moved < 1e-10:
            break
    return at
