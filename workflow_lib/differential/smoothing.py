"""R's smoothers, whose very curves its numbers depend on: lowess, loess, cubics between vertices."""

import numpy as np


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
