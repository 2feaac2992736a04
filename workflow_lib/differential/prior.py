"""Spread of the true dispersions about the trend: the variance of DESeq2's prior."""

from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import polygamma

from workflow_lib.io import tables

SMALLEST = 0.25
EDGES = np.arange(-20, 21) / 2
FINE = np.linspace(0, 8, 1000)
SPAN = 0.2
MAD = 1.4826
"""R's constant, rounded as it is there: from median absolute deviation to standard deviation."""


def variance(residuals: np.ndarray, df: int) -> tuple[float, float]:
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
    log(chi2_df / df) + N(0, v) is nearest to the observed histogram in Kullback-Leibler divergence, smoothed
    over v by loess. DESeq2 draws 10,000 values for each of 200 v from a fixed seed; the histograms of these
    very draws are in prior_draws.tsv.gz, since any other draw moves the answer by a few per cent.

    References
    ----------
    Love et al. 2014, Genome Biology 15:550, Methods, "Dispersion prior"; R DESeq2 1.38.3.
    """
    if not len(residuals):
        return np.nan, SMALLEST
    centre = np.median(residuals)
    observed = float((MAD * np.median(np.abs(residuals - centre))) ** 2)
    if df > 3:
        return observed, max(observed - float(polygamma(1, df / 2)), SMALLEST)
    inside = residuals[(residuals > EDGES[0]) & (residuals < EDGES[-1])]
    if not len(inside):
        return observed, SMALLEST
    seen = np.histogram(inside, EDGES, density=True)[0]
    variances, drawn = _draws()[df]
    both = np.concatenate([drawn, np.broadcast_to(seen, drawn.shape)], axis=1)
    small = np.where(both > 0, both, np.inf).min(axis=1, keepdims=True)
    divergence = (seen * (np.log(seen + small) - np.log(drawn + small))).sum(axis=1)
    smooth = loess(variances, divergence, SPAN, FINE)
    return observed, max(float(FINE[smooth.argmin()]), SMALLEST)


@cache
def _draws() -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Candidate variances and the densities of R's draws for each, by degrees of freedom (1, 2, 3)."""
    table = tables.read_table(Path(__file__).with_name("prior_draws.tsv.gz"))
    found = {}
    for df, part in table.groupby("df"):
        counts = part.drop(columns=["df", "variance"]).to_numpy(dtype=float)
        density = counts / counts.sum(axis=1, keepdims=True) / np.diff(EDGES)
        found[int(df)] = part["variance"].to_numpy(), density
    return found


def loess(x: np.ndarray, y: np.ndarray, span: float, at: np.ndarray) -> np.ndarray:
    """Local quadratic regression as R's `loess` evaluates it: at the vertices of a tree, joined by cubics.

    Parameters
    ----------
    x, y : (n,) arrays
        x increasing.
    span : float
        Share of the points that take part at each vertex, with tricube weights.
    at : (m,) array
        Within the range of x.

    Returns
    -------
    (m,) array

    Notes
    -----
    The range of x, half a per cent wider on either side, is cut at the middle point until a cell holds at
    most `n * span / 5` points; between two cuts runs the cubic with the heights and slopes of the local fits
    there.

    References
    ----------
    Cleveland & Grosse 1991, Statistics and Computing 1:47.
    """
    margin = 0.005 * (x[-1] - x[0])
    limit = int(len(x) * span * 0.2)
    knots = np.array(sorted({x[0] - margin, x[-1] + margin, *_cuts(x, 0, len(x) - 1, limit)}))
    n_near = int(len(x) * span + 1e-5)
    fits = np.array([_vertex(knot, x, y, n_near) for knot in knots])
    return hermite(knots, fits[:, 0], fits[:, 1], at)


def _cuts(x: np.ndarray, first: int, last: int, limit: int) -> list[float]:
    """Where the cell of points first to last is cut, and its parts in turn."""
    if last - first + 1 <= limit:
        return []
    middle = (first + last) // 2
    return [float(x[middle]), *_cuts(x, first, middle, limit), *_cuts(x, middle + 1, last, limit)]


def _vertex(point: float, x: np.ndarray, y: np.ndarray, n_near: int) -> np.ndarray:
    """Height and slope of the local quadratic at one point."""
    distance = np.abs(x - point)
    reach = np.sort(distance)[n_near - 1]
    near = distance < reach
    root = np.sqrt((1 - (distance[near] / reach) ** 3) ** 3)
    design = np.vander(x[near] - point, 3, increasing=True)
    return np.linalg.lstsq(design * root[:, None], y[near] * root, rcond=None)[0][:2]


def hermite(knots: np.ndarray, heights: np.ndarray, slopes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Cubic pieces through heights and slopes at knots; straight on beyond the ends, as their slopes are."""
    cell = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    width = knots[cell + 1] - knots[cell]
    t = (at - knots[cell]) / width
    left, right = heights[cell], heights[cell + 1]
    rise = right - left
    bend_left, bend_right = slopes[cell] * width - rise, slopes[cell + 1] * width - rise
    inside = left + t * rise + t * (1 - t) * ((1 - t) * bend_left - t * bend_right)
    before = left + slopes[cell] * (at - knots[cell])
    beyond = right + slopes[cell + 1] * (at - knots[cell + 1])
    return np.where(t < 0, before, np.where(t > 1, beyond, inside))
