"""Background peaks: for every peak, others of about the same total count and GC content."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from workflow_lib import logs
from workflow_lib.chromvar.counts import dense

ROUNDING = 1e-12
CHUNK = 50
"""Iterations drawn at once, each chunk from a generator of its own: memory does not grow with iterations."""


def gc_content(sequences: Iterable[str]) -> np.ndarray:
    """Share of G and C among the A, C, G and T of each sequence, in either case; NaN where there is none.

    Parameters
    ----------
    sequences : iterable of str

    Returns
    -------
    (n,) array of float
    """
    shares = []
    for sequence in sequences:
        upper = sequence.upper()
        strong = upper.count("G") + upper.count("C")
        known = strong + upper.count("A") + upper.count("T")
        shares.append(strong / known if known else np.nan)
    return np.array(shares, dtype=float)


def background_bins(intensity: np.ndarray, gc: np.ndarray, bins: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """Whitened coordinates of peaks and the cell of a regular grid that each falls in.

    Parameters
    ----------
    intensity : (n_peaks,) array
        log10 of each peak's total count.
    gc : (n_peaks,) array
    bins : int
        Grid points along each axis, from the smallest coordinate to the largest.

    Returns
    -------
    coordinates : (n_peaks, 2) array
        (intensity, gc) times the inverse of the Cholesky factor of their covariance (ddof 1), not centred.
        An axis without spread, or that the other determines, is 0.
    cells : (n_peaks, 2) array of int
        Nearest grid point along each axis.

    References
    ----------
    Schep et al. 2017, Nature Methods 14:975, Supplementary Methods, "Background peaks".
    """
    coordinates = np.zeros((len(intensity), 2))
    if len(intensity) > 1:
        covariance = np.cov(intensity, gc)
        slope = 0.0
        if covariance[0, 0] > ROUNDING:
            coordinates[:, 0] = intensity / np.sqrt(covariance[0, 0])
            slope = covariance[0, 1] / covariance[0, 0]
        left = covariance[1, 1] - slope * covariance[0, 1]  # variance of GC given intensity
        if left > ROUNDING:
            coordinates[:, 1] = (gc - slope * intensity) / np.sqrt(left)
    step = _grid_step(coordinates, bins)
    low = coordinates.min(axis=0) if len(coordinates) else np.zeros(2)
    scaled = np.divide(coordinates - low, step, out=np.zeros_like(coordinates), where=step > 0)
    return coordinates, np.rint(scaled).astype(np.int64)


def cell_probabilities(cells: np.ndarray, source: np.ndarray, step: np.ndarray, width: float) -> np.ndarray:
    """Probability that a background peak of a peak in cell `source` comes from each of the occupied cells.

    Parameters
    ----------
    cells : (n_cells, 2) array of int
        The occupied cells.
    source : (2,) array of int
    step : (2,) array
        Distance of neighbouring grid points along each axis.
    width : float
        Standard deviation of the normal kernel, in whitened units.

    Returns
    -------
    (n_cells,) array summing to 1
        The normal density of the distance. (The density of single peaks is this over the number of peaks
        in their cell, so that crowded regions are not favoured.)
    """
    squared = (((cells - source) * step) ** 2).sum(axis=1)
    weights = np.exp(-0.5 * squared / width**2)
    return weights / weights.sum()


def background_peaks(
    counts, gc, iterations: int = 50, seed: int = 0, *, bins: int = 50, width: float = 0.1
) -> np.ndarray:
    """Draw background peaks of about the same total count and GC, with replacement.

    A peak may draw itself, or another one more than once. A peak without any count has no place on the
    log scale: it is never drawn for another peak, and its own row names itself, where it adds 0 to
    observed and expected counts alike. So such peaks change neither the draws nor the deviations of the rest
    (the original tool refuses them). A peak of unknown GC (all N) is placed at the median GC.

    Parameters
    ----------
    counts : (n_peaks, n_samples) array, DataFrame or sparse matrix of non-negative numbers
    gc : (n_peaks,) array of shares, NaN where unknown
    iterations : int
        Background peaks a peak.
    seed : int
        More iterations of the same seed begin with the same draws.
    bins : int
        Grid points along each whitened axis.
    width : float
        Standard deviation of the kernel between grid points, in whitened units.

    Returns
    -------
    (n_peaks, iterations) array of int32
        Row numbers of peaks, 0-based.

    Raises
    ------
    ValueError
        If counts and gc disagree in length, a count is negative or missing, or iterations is below 1.

    See Also
    --------
    background_chunks : the same draws, some iterations at a time.

    References
    ----------
    Schep et al. 2017, Nature Methods 14:975, Supplementary Methods, "Background peaks".

    Examples
    --------
    >>> import numpy as np
    >>> from workflow_lib import chromvar
    >>> rng = np.random.default_rng(1)
    >>> counts, gc = rng.poisson(50, (100, 4)), rng.uniform(0.3, 0.7, 100)
    >>> chromvar.background_peaks(counts, gc, iterations=20, seed=1).shape
    (100, 20)
    """
    return np.hstack(list(background_chunks(counts, gc, iterations, seed, bins=bins, width=width)))


def background_chunks(
    counts, gc, iterations: int = 50, seed: int = 0, *, bins: int = 50, width: float = 0.1
) -> Iterator[np.ndarray]:
    """The columns of :func:`background_peaks`, at most `CHUNK` at a time, for thousands of iterations.

    Yields
    ------
    (n_peaks, at most CHUNK) array of int32
    """
    if iterations < 1:
        raise ValueError(f"iterations must be 1 or more, not {iterations}")
    cells = background_cells(counts, gc, bins=bins, width=width)
    # Peaks of cell k are by_cell[start[k] : start[k] + size[k]]
    size = cells.size
    by_cell = cells.peaks[np.argsort(cells.member, kind="stable")]
    start = np.cumsum(size) - size
    cumulative = [np.cumsum(cells.chances(k)) for k in range(len(size))]
    for first in logs.counted(range(0, iterations, CHUNK), "sets of background peaks"):
        rng = np.random.default_rng([seed, first // CHUNK])
        drawn = np.repeat(np.arange(len(np.asarray(gc)), dtype=np.int32)[:, None], CHUNK, axis=1)
        for k, upto in enumerate(cumulative):
            shape = (size[k], CHUNK)
            cell = np.searchsorted(upto, rng.random(shape) * upto[-1], side="right")
            within = (rng.random(shape) * size[cell]).astype(np.int64)
            drawn[by_cell[start[k] : start[k] + size[k]]] = by_cell[start[cell] + within]
        yield drawn[:, : iterations - first]


class Cells(NamedTuple):
    """Peaks with counts on the grid of (log10 count, GC).

    `peaks` (row numbers) and their cell `member`; of the occupied cells their `places` on the grid and `size`
    (number of peaks); `step` of the grid and `width` of the kernel.
    """

    peaks: np.ndarray
    member: np.ndarray
    places: np.ndarray
    size: np.ndarray
    step: np.ndarray
    width: float

    def chances(self, cell: int) -> np.ndarray:
        """Probability of each occupied cell to give the background of a peak in this one."""
        return cell_probabilities(self.places, self.places[cell], self.step, self.width)


def background_cells(counts, gc, *, bins: int = 50, width: float = 0.1) -> Cells:
    """Where peaks stand on the grid that background peaks are drawn from."""
    total = dense(counts).sum(axis=1)
    gc = np.array(gc, dtype=float)
    if gc.shape != total.shape:
        raise ValueError(f"{total.size} peaks in counts but {gc.size} GC values")
    open_peaks = np.flatnonzero(total > 0)
    gc = gc[open_peaks]
    known = np.isfinite(gc)
    gc[~known] = np.median(gc[known]) if known.any() else 0.5
    coordinates, cells = background_bins(np.log10(total[open_peaks]), gc, bins)
    occupied, member = np.unique(cells, axis=0, return_inverse=True)
    member = member.ravel()
    size = np.bincount(member, minlength=len(occupied))
    return Cells(open_peaks, member, occupied, size, _grid_step(coordinates, bins), width)


def _grid_step(coordinates: np.ndarray, bins: int) -> np.ndarray:
    if not len(coordinates):
        return np.zeros(2)
    return np.ptp(coordinates, axis=0) / max(1, bins - 1)
