"""How likely each peak is to be in the foreground, by what else is known of it."""

import numpy as np
import pandas as pd
from scipy.special import expit

PRIOR_SD = 1.0  # of a coefficient, for each standard deviation of its covariate
LEAST_PEAKS = 10  # of either set, for covariates to be used at all
STEPS, TOLERANCE = 50, 1e-9


def of(covariates: pd.DataFrame, foreground, background) -> np.ndarray:
    """Probability of each peak of two sets to be in the foreground, by logistic regression on covariates.

    Parameters
    ----------
    covariates : (n_peaks, n_covariates) DataFrame
        Missing values take the mean.
    foreground, background : (n_peaks,) arrays of bool
        A peak in both counts as foreground.

    Returns
    -------
    (n_peaks,) array of float
        NaN for peaks in neither set. They add up to the number of foreground peaks.

    Notes
    -----
    log odds = a + x'b, with a normal prior of sd 1 on each b (x in standard deviations), which also settles
    covariates that are collinear. With fewer than ten peaks in either set all have the same probability.

    References
    ----------
    Rosenbaum and Rubin 1983, Biometrika 70:41.
    """
    foreground = np.asarray(foreground, dtype=bool)
    used = foreground | np.asarray(background, dtype=bool)
    y = foreground[used].astype(float)
    found = np.full(len(foreground), np.nan)
    if not len(y):
        return found
    if min(y.sum(), len(y) - y.sum()) < LEAST_PEAKS:
        found[used] = y.mean()
        return found
    x = standardised(covariates.to_numpy(dtype=float)[used])
    found[used] = expit(x @ _fit(x, y))
    return found


def standardised(values: np.ndarray) -> np.ndarray:
    """A column of ones, then columns of mean 0 and sd 1; missing is the mean, constant ones are left out."""
    known = np.isfinite(values)
    mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values - mean, 0.0)
    scale = np.sqrt((centred**2).mean(axis=0))
    varying = scale > 1e-12 * np.maximum(np.abs(mean), 1e-300)
    return np.hstack([np.ones((len(values), 1)), centred[:, varying] / scale[varying]])


def _fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Coefficients by Newton's method, steps halved while they do not help."""
    prior = np.full(x.shape[1], PRIOR_SD**-2)
    prior[0] = 0.0
    slopes = np.zeros(x.shape[1])
    slopes[0] = np.log(y.mean() / (1 - y.mean()))

    def height(b: np.ndarray) -> float:
        linear = x @ b
        return float(np.logaddexp(0, linear).sum() - y @ linear + prior @ b**2 / 2)

    for _ in range(STEPS):
        mean = expit(x @ slopes)
        gradient = x.T @ (mean - y) + prior * slopes
        step = np.linalg.solve((x * (mean * (1 - mean))[:, None]).T @ x + np.diag(prior), gradient)
        if gradient @ step < TOLERANCE:
            break
        length = 1.0
        while height(slopes - length * step) > height(slopes) and length > 1e-6:
            length /= 2
        slopes = slopes - length * step
    return slopes
