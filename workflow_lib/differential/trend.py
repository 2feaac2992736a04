"""Dispersion against mean: DESeq2's parametric curve, and the local regression where that fails."""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import gammainc, polygamma
from scipy.stats import norm

MIN_GENEWISE = 1e-8
"""The floor of gene-wise dispersions."""


def parametric(means: np.ndarray, dispersions: np.ndarray) -> tuple[float, float] | None:
    """Coefficients (a0, a1) of a0 + a1 / mean, or None where the fit fails.

    Parameters
    ----------
    means, dispersions : (n_peaks,) arrays
        Mean normalised count and gene-wise dispersion.

    Notes
    -----
    Gamma regression with identity link, refitted without peaks whose ratio to the curve lies outside 1e-4 to
    15, until the coefficients settle; peaks near the dispersion floor take no part. It fails when a
    coefficient or a fitted value is not positive or ten rounds do not settle; R's DESeq2 then turns to the
    local trend, and so do we.

    References
    ----------
    Love et al. 2014, Genome Biology 15:550, Methods, "Dispersion trend".
    """
    use = dispersions > 100 * MIN_GENEWISE
    means, dispersions = means[use], dispersions[use]
    if len(means) < 2:
        return None
    coefficients = np.array([0.1, 1.0])
    for _ in range(11):
        ratio = dispersions / (coefficients[0] + coefficients[1] / means)
        good = (ratio > 1e-4) & (ratio < 15)
        fitted = _gamma_identity(1 / means[good], dispersions[good], coefficients)
        if fitted is None or not (fitted > 0).all():
            return None
        change = (np.log(fitted / coefficients) ** 2).sum()
        coefficients = fitted
        if change < 1e-6:
            return float(coefficients[0]), float(coefficients[1])
    return None


def _gamma_identity(x: np.ndarray, y: np.ndarray, start: np.ndarray) -> np.ndarray | None:
    """Intercept and slope of a Gamma regression with identity link; None if it leaves positive means."""
    design = np.column_stack([np.ones_like(x), x])
    coefficients, deviance = start, np.inf
    for _ in range(25):
        mu = design @ coefficients
        if (mu <= 0).any():
            return None
        new = 2 * (-np.log(y / mu) + (y - mu) / mu).sum()
        if abs(new - deviance) / (abs(new) + 0.1) < 1e-8:
            return coefficients
        deviance = new
        weighted = design / mu[:, None]
        coefficients = np.linalg.lstsq(weighted, y / mu, rcond=None)[0]
    return None


class Local:
    """Local quadratic regression of log dispersion on log mean.

    Parameters
    ----------
    means, dispersions : (n_peaks,) arrays
        Mean normalised count and gene-wise dispersion; peaks under ten times the floor take no part.

    Notes
    -----
    Tricube weights over the nearest 70 % of peaks, times the mean itself; evaluated on a grid of 400 points
    in log mean and joined by cubic splines. R's locfit evaluates on a tree of vertices: small differences.

    References
    ----------
    Loader 1999, Local Regression and Likelihood; Love et al. 2014, Genome Biology 15:550.
    """

    span = 0.7
    n_grid = 400

    def __init__(self, means: np.ndarray, dispersions: np.ndarray):
        use = (dispersions >= 10 * MIN_GENEWISE) & (means > 0)
        if not use.any():
            self._curve = None
            return
        order = np.argsort(means[use], kind="stable")
        x, y, w = np.log(means[use])[order], np.log(dispersions[use])[order], means[use][order]
        grid = np.unique(np.linspace(x[0], x[-1], self.n_grid))
        values = np.array([self._at(point, x, y, w) for point in grid])
        self._low, self._high = grid[0], grid[-1]
        self._curve = CubicSpline(grid, values) if len(grid) > 1 else (lambda at: np.full_like(at, values[0]))

    def _at(self, point: float, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """Height at one point: weighted quadratic in the distance from it."""
        k = max(int(np.floor(self.span * len(x))), 1)
        # x is sorted, so the k nearest are a window: it moves right while the next point is the nearer end
        left = np.count_nonzero(x[k:] - point < point - x[: len(x) - k])
        window = slice(left, left + k)
        distance = x[window] - point
        reach = np.abs(distance).max()
        kernel = (1 - np.minimum(np.abs(distance) / reach, 1) ** 3) ** 3 if reach > 0 else np.ones(k)
        weights = np.sqrt(kernel * w[window])
        design = np.column_stack([np.ones(k), distance, distance**2])
        return float(np.linalg.lstsq(design * weights[:, None], y[window] * weights, rcond=None)[0][0])

    def __call__(self, means: np.ndarray) -> np.ndarray:
        """Dispersion at these means; beyond the range of the data, that at its end."""
        if self._curve is None:
            return np.full(len(means), MIN_GENEWISE)
        with np.errstate(divide="ignore"):
            at = np.clip(np.log(means), self._low, self._high)
        return np.exp(self._curve(at))


def prior_variance(residuals: np.ndarray, df: int) -> tuple[float, float]:
    """Spread of log dispersions about the trend: of the estimates, and of the true values.

    Parameters
    ----------
    residuals : (n_peaks,) array
        log gene-wise dispersion minus log trend, of peaks at least 100 times above the floor.
    df : int
        Residual degrees of freedom of the design, at least 1.

    Returns
    -------
    observed, prior : float
        Robust variance of the residuals, and the variance of the prior, at least 0.25.

    Notes
    -----
    With more than three degrees of freedom the sampling variance trigamma(df / 2) is subtracted from the
    observed one. With fewer, log dispersions are too skewed for that: the prior is the variance v for which
    log(chi2_df / df) + N(0, v) is nearest to the observed histogram in Kullback-Leibler divergence. R draws
    10,000 values for each v and smooths over v; here the bin probabilities are integrated, and the floor
    under empty bins is R's, one draw in 10,000.

    References
    ----------
    Love et al. 2014, Genome Biology 15:550, Methods, "Dispersion prior".
    """
    if not len(residuals):
        return np.nan, 0.25
    centre = np.median(residuals)
    observed = float((np.median(np.abs(residuals - centre)) / norm.ppf(0.75)) ** 2)
    if df > 3:
        return observed, max(observed - float(polygamma(1, df / 2)), 0.25)
    edges = np.arange(-20, 21) / 2
    inside = residuals[(residuals > edges[0]) & (residuals < edges[-1])]
    density = np.histogram(inside, edges, density=True)[0]
    floor = 1e-4 / (edges[1] - edges[0])
    divergence = [
        (density * (np.log(density + floor) - np.log(_bins(edges, df, v) + floor))).sum() for v in PRIOR_GRID
    ]
    return observed, max(float(PRIOR_GRID[int(np.argmin(divergence))]), 0.25)


PRIOR_GRID = np.linspace(0, 8, 1000)


def _bins(edges: np.ndarray, df: int, variance: float) -> np.ndarray:
    """Density of log(chi2_df / df) + N(0, variance) in each bin, by the midpoint rule over the normal."""
    z = norm.ppf((np.arange(64) + 0.5) / 64) * np.sqrt(variance)
    cumulative = gammainc(df / 2, df * np.exp(edges[:, None] - z) / 2).mean(axis=1)
    mass = np.diff(cumulative)
    return mass / (cumulative[-1] - cumulative[0]) / np.diff(edges)
