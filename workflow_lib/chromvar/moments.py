"""Background deviations without draws: their mean and covariance from moments of the background's cells."""

import numpy as np
from scipy import sparse

from workflow_lib.chromvar.background import ROUNDING, Cells, background_cells
from workflow_lib.chromvar.counts import dense
from workflow_lib.chromvar.deviation import MIN_EXPECTED, Background, Scores, relative
from workflow_lib.motifs.matches import presence

BLOCK = 256
"""Cells whose second moments are mixed at once: bounds memory."""


def moments(counts, matches, gc, *, bins: int = 50, width: float = 0.1) -> Scores:
    """Deviations and z-scores against the background that infinitely many draws would give.

    Parameters
    ----------
    counts : (n_peaks, n_samples) array, DataFrame or sparse matrix of non-negative numbers
    matches : (n_peaks, n_motifs) sparse matrix, array or DataFrame
    gc : (n_peaks,) array of shares, NaN where unknown
    bins, width
        As :func:`workflow_lib.chromvar.background_peaks`.

    Returns
    -------
    Scores
        Its background has infinite `iterations`.

    Notes
    -----
    A background peak of a peak in cell c of the grid of (log10 count, GC) comes from cell k with a known
    probability, and is any of its peaks alike. So the counts that it brings have a known mean and covariance
    over samples, and those of a motif's peaks, drawn independently, add up. The deviation is the ratio of a
    sample's sum to its expected part of the sum over samples; mean and covariance of that ratio are taken to
    second and first order in the relative error of the sum (the delta method). That error is small where
    deviations mean anything: 4,000 draws differ from it as they do from one another. Nothing depends on
    chance, and motifs x samples x samples numbers are all that is kept.

    References
    ----------
    Schep et al. 2017, Nature Methods 14:975, for the draws whose limit this is.
    """
    values = dense(counts)
    carried = sparse.csr_array(presence(matches).T.astype(float))
    if len(values) != carried.shape[1]:
        raise ValueError(f"peaks disagree: {len(values)} in counts, {carried.shape[1]} in matches")
    n_peaks = np.diff(carried.indptr)
    n_motifs, n_samples = len(n_peaks), values.shape[1]
    total = values.sum()
    share = values.sum(axis=0) / total if total > 0 else np.zeros(n_samples)
    observed = carried @ values
    expected = observed.sum(axis=1, keepdims=True) * share
    raw = relative(observed, expected)
    raw[expected < MIN_EXPECTED] = np.nan

    cells = background_cells(values, gc, bins=bins, width=width)
    mean, second = _of_cells(values, cells)
    # a peak without any count stands for itself: it brings 0 to every sum
    member = sparse.csr_array(
        (np.ones(len(cells.member)), (cells.peaks, cells.member)), shape=(len(values), len(cells.size))
    )
    number = (carried @ member).toarray()
    centre = number @ mean
    apart = (second - mean[:, :, None] * mean[:, None, :]).reshape(len(mean), n_samples**2)
    covariance = (number @ apart).reshape(n_motifs, n_samples, n_samples)
    bias, spread = _ratio(centre, covariance, share)
    deviation = raw - bias
    sd = np.sqrt(np.maximum(np.diagonal(spread, axis1=1, axis2=2), 0.0))
    zscore = np.full(raw.shape, np.nan)
    np.divide(deviation, sd, out=zscore, where=sd > ROUNDING * (1 + np.abs(bias)))
    return Scores(deviation, zscore, Background(n_peaks, spread, np.inf))


def _of_cells(values: np.ndarray, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Mean and second moments of the counts that a background peak brings, by the cell it is drawn for."""
    n_cells, n_samples = len(cells.size), values.shape[1]
    own = values[cells.peaks]
    order = np.argsort(cells.member, kind="stable")
    starts = np.cumsum(cells.size) - cells.size
    first, second = np.zeros((n_cells, n_samples)), np.zeros((n_cells, n_samples * n_samples))
    if n_cells:
        sorted_values = own[order]
        first = np.add.reduceat(sorted_values, starts, axis=0) / cells.size[:, None]
        for s in range(n_samples):
            products = np.add.reduceat(sorted_values * sorted_values[:, [s]], starts, axis=0)
            second[:, s * n_samples : (s + 1) * n_samples] = products / cells.size[:, None]
    mean, mixed = np.empty_like(first), np.empty_like(second)
    for start in range(0, n_cells, BLOCK):
        chances = np.stack([cells.chances(k) for k in range(start, min(start + BLOCK, n_cells))])
        mean[start : start + BLOCK] = chances @ first
        mixed[start : start + BLOCK] = chances @ second
    return mean, mixed.reshape(n_cells, n_samples, n_samples)


def _ratio(centre: np.ndarray, covariance: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of (sum of a sample) / (share x sum of all samples) - 1."""
    whole = centre.sum(axis=1)
    with_whole = covariance.sum(axis=2)
    of_whole = with_whole.sum(axis=1)
    blank = np.full(centre.shape, np.nan)
    safe = np.where(whole > 0, whole, 1.0)[:, None]
    part = centre / safe
    second_order = (part * of_whole[:, None] / safe - with_whole / safe) / safe
    inverse = np.divide(1.0, share, out=np.full(share.shape, np.nan), where=share > 0)
    bias = np.where(whole[:, None] > 0, (part + second_order) * inverse - 1.0, blank)
    left = covariance - part[:, :, None] * with_whole[:, None, :] - with_whole[:, :, None] * part[:, None, :]
    left = left + part[:, :, None] * part[:, None, :] * of_whole[:, None, None]
    spread = left / safe[:, :, None] ** 2 * inverse[:, None] * inverse
    spread[whole <= 0] = np.nan
    return bias, spread
