"""Accessibility of motifs in each sample, corrected for GC and depth by background peaks (chromVAR)."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import sparse, stats

from workflow_lib import moderated
from workflow_lib.multiple_testing import bh

MIN_EXPECTED = 1.0
"""Deviations are missing where a motif's peaks are expected to hold fewer reads than this."""

BLOCK = 2**21
"""Numbers of one block of resampled counts: 16 MB, whatever the size of the data."""

ROUNDING = 1e-12


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
        If counts and gc disagree in length, or a count is negative or missing.

    References
    ----------
    Schep et al. 2017, Nature Methods 14:975, Supplementary Methods, "Background peaks".
    """
    total = _counts(counts).sum(axis=1)
    gc = np.array(gc, dtype=float)
    if gc.shape != total.shape:
        raise ValueError(f"{total.size} peaks in counts but {gc.size} GC values")
    if iterations < 1:
        raise ValueError(f"iterations must be 1 or more, not {iterations}")
    drawn = np.repeat(np.arange(total.size, dtype=np.int32)[:, None], iterations, axis=1)
    open_peaks = np.flatnonzero(total > 0)
    if not open_peaks.size:
        return drawn
    gc = gc[open_peaks]
    known = np.isfinite(gc)
    gc[~known] = np.median(gc[known]) if known.any() else 0.5
    coordinates, cells = background_bins(np.log10(total[open_peaks]), gc, bins)
    step = _grid_step(coordinates, bins)
    occupied, member = np.unique(cells, axis=0, return_inverse=True)
    member = member.ravel()
    size = np.bincount(member)
    # Peaks of cell k are sorted[start[k] : start[k] + size[k]]
    by_cell = open_peaks[np.argsort(member, kind="stable")]
    start = np.cumsum(size) - size
    rng = np.random.default_rng(seed)
    for k, source in enumerate(occupied):
        cumulative = np.cumsum(cell_probabilities(occupied, source, step, width))
        shape = (size[k], iterations)
        cell = np.searchsorted(cumulative, rng.random(shape) * cumulative[-1], side="right")
        within = (rng.random(shape) * size[cell]).astype(np.int64)
        drawn[by_cell[start[k] : start[k] + size[k]]] = by_cell[start[cell] + within]
    return drawn


def deviations(counts, matches, background: np.ndarray):
    """Bias-corrected deviations of motif accessibility and their z-scores.

    With X the counts, N their column sums and e the peaks' shares of all counts: a motif's observed count
    in a sample is the sum of X over its peaks, the expected one is the sum of e over them times N, and the
    raw deviation is (observed - expected) / expected. Each column of `background` replaces every peak by
    another, with multiplicity, and gives a background deviation. The deviation is the raw one minus the
    mean of the background's; z divides that by their standard deviation (ddof 1).

    Parameters
    ----------
    counts : (n_peaks, n_samples) array, DataFrame or sparse matrix
    matches : (n_peaks, n_motifs) sparse matrix, array or DataFrame
        Above 0 where the motif has a hit in the peak; the number of hits does not matter. Never made dense
        if it comes sparse.
    background : (n_peaks, iterations) array of int
        As :func:`background_peaks` draws.

    Returns
    -------
    deviations, zscores : (n_motifs, n_samples) arrays, or DataFrames if counts or matches is one
        NaN where fewer than one read is expected (motifs without a peak and empty samples among them), and
        z also where the background does not vary.

    Raises
    ------
    ValueError
        If the peaks of the arguments disagree, or a count is negative or missing.

    References
    ----------
    Schep et al. 2017, Nature Methods 14:975, Online Methods.
    """
    both_named = isinstance(counts, pd.DataFrame) and isinstance(matches, pd.DataFrame)
    if both_named and not counts.index.equals(matches.index):
        raise ValueError("counts and matches must have the same peaks in the same order")
    values = _counts(counts)
    carried = _presence(matches)
    background = np.asarray(background)
    if not len(values) == carried.shape[1] == len(background) or background.ndim != 2:
        raise ValueError(
            f"peaks disagree: {len(values)} in counts, {carried.shape[1]} in matches, "
            f"{len(background)} in background"
        )
    share = np.zeros(values.shape[1])
    if values.sum() > 0:
        share = values.sum(axis=0) / values.sum()

    observed = carried @ values
    expected = observed.sum(axis=1, keepdims=True) * share
    raw = _relative(observed, expected)
    resampled = np.empty((background.shape[1], *raw.shape))
    for i, block in _blocks(carried, values, background):
        resampled[i] = _relative(block, block.sum(axis=2, keepdims=True) * share)
    raw[expected < MIN_EXPECTED] = np.nan
    mean = resampled.mean(axis=0)
    deviation = raw - mean
    zscore = np.full(raw.shape, np.nan)
    if len(resampled) > 1:
        resampled -= mean
        sd = np.sqrt(np.einsum("ims,ims->ms", resampled, resampled) / (len(resampled) - 1))
        # A background that is one and the same number leaves only rounding.
        np.divide(deviation, sd, out=zscore, where=sd > ROUNDING * (1 + np.abs(mean)))
    if isinstance(counts, pd.DataFrame) or isinstance(matches, pd.DataFrame):
        samples = counts.columns if isinstance(counts, pd.DataFrame) else None
        motifs = matches.columns if isinstance(matches, pd.DataFrame) else None
        return pd.DataFrame(deviation, motifs, samples), pd.DataFrame(zscore, motifs, samples)
    return deviation, zscore


def variability(zscores, seed: int = 0, *, resamples: int = 1000) -> pd.DataFrame:
    """How much each motif's accessibility varies over samples beyond chance.

    Null: the motif's z-scores are independent standard normal, so that (n - 1) sd^2 follows chi-square with
    n - 1 degrees of freedom; one-sided. With few deep samples the background's spread is far below the
    biological one, so a small p-value says "varies", not "varies between conditions".

    Parameters
    ----------
    zscores : (n_motifs, n_samples) array or DataFrame
        NaN are left out; n is the motif's own number of z-scores.
    seed : int
    resamples : int
        Bootstrap samples of the samples.

    Returns
    -------
    (n_motifs, 5) DataFrame
        variability (standard deviation, ddof 1), ci_low, ci_high (2.5 and 97.5 % points of the bootstrap),
        pvalue, padj (BH). NaN with fewer than two z-scores.

    References
    ----------
    Schep et al. 2017, Nature Methods 14:975, Online Methods, "Variability".
    """
    index = zscores.index if isinstance(zscores, pd.DataFrame) else None
    z = np.asarray(zscores, dtype=float)
    seen = np.isfinite(z)
    n = seen.sum(axis=1)
    n_safe = np.maximum(n, 1)
    # Centred first: the bootstrap needs only sums of z and z^2, and small ones keep their digits.
    centred = np.where(seen, z, 0.0)
    centred -= (centred.sum(axis=1) / n_safe)[:, None]
    centred[~seen] = 0.0
    variance = np.full(len(z), np.nan)
    np.divide((centred**2).sum(axis=1), n - 1, out=variance, where=n > 1)
    table = pd.DataFrame({"variability": np.sqrt(variance)}, index=index)
    table[["ci_low", "ci_high"]] = _bootstrap_interval(centred, seen, seed, resamples)
    table["pvalue"] = stats.chi2.sf((n - 1) * variance, np.where(n > 1, n - 1, np.nan))
    table["padj"] = bh(table["pvalue"])
    return table


def differential(
    deviations: pd.DataFrame, samples: pd.DataFrame, design: str, contrast: Mapping[str, str]
) -> pd.DataFrame:
    """Moderated t-test of bias-corrected deviations between two levels of the design.

    Parameters
    ----------
    deviations : (n_motifs, n_samples) DataFrame
        Of all samples of the sheet, those of other groups among them: they take part in the fit.
    samples : DataFrame indexed by sample
    design : str
    contrast : mapping
        Keys `variable`, `experiment`, `control`.

    Returns
    -------
    (n_motifs, 4) DataFrame indexed as `deviations`
        delta (difference of deviations, experiment - control, other covariates held equal), stat
        (moderated t), pvalue, padj (BH). stat and p-values are NaN without replicates.

    See Also
    --------
    workflow_lib.moderated.test : model, null and assumptions.

    References
    ----------
    Gerbaldo et al. 2024, PLoS Comput Biol 20:e1011971: chromVAR with limma is among the best of many
    methods. They test z-scores that are scaled in each sample; deviations keep their unit, a relative change.
    """
    result = moderated.test(deviations, samples, design, contrast)
    return result[["coef", "t", "pvalue", "padj"]].rename(columns={"coef": "delta", "t": "stat"})


def _counts(counts) -> np.ndarray:
    """Peaks x samples as a dense float array: samples of a bulk experiment are few."""
    values = counts.toarray() if sparse.issparse(counts) else np.asarray(counts)
    values = np.ascontiguousarray(values, dtype=float)
    if values.ndim != 2:
        raise ValueError(f"counts must be peaks x samples, not of shape {values.shape}")
    if not (values >= 0).all():  # NaN fails too
        raise ValueError("counts must be 0 or more, and none may be missing")
    return values


def _presence(matches) -> sparse.csc_array:
    """Motifs x peaks matrix of 0 and 1, the sparse view whose product walks peak by peak."""
    if isinstance(matches, pd.DataFrame):
        sparse_columns = all(isinstance(kind, pd.SparseDtype) for kind in matches.dtypes)
        matches = matches.sparse.to_coo() if len(matches.columns) and sparse_columns else matches.to_numpy()
    present = sparse.csr_array(matches)
    if present.shape[0] and not present.has_canonical_format:
        present = present.copy()
        present.sum_duplicates()
    present = sparse.csr_array(
        ((present.data > 0).astype(float), present.indices, present.indptr), shape=present.shape
    )
    return sparse.csc_array(present.T)


def _blocks(carried: sparse.csc_array, values: np.ndarray, background: np.ndarray):
    """Motif counts of resampled peaks, some iterations at a time: (slice, (iterations, motifs, samples))."""
    n_peaks, n_samples = values.shape
    n_motifs, iterations = carried.shape[0], background.shape[1]
    at_once = int(np.clip(BLOCK // max(1, max(n_peaks, n_motifs) * n_samples), 1, max(1, iterations)))
    for first in range(0, iterations, at_once):
        i = slice(first, min(first + at_once, iterations))
        n = i.stop - i.start
        gathered = values[background[:, i]].reshape(n_peaks, n * n_samples)
        yield i, (carried @ gathered).reshape(n_motifs, n, n_samples).transpose(1, 0, 2)


def _relative(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.divide(observed - expected, expected, out=np.full(observed.shape, np.nan), where=expected > 0)


def _grid_step(coordinates: np.ndarray, bins: int) -> np.ndarray:
    if not len(coordinates):
        return np.zeros(2)
    return np.ptp(coordinates, axis=0) / max(1, bins - 1)


def _bootstrap_interval(centred: np.ndarray, seen: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """(n_motifs, 2) bounds of the standard deviation over resampled samples."""
    n_motifs, n_samples = centred.shape
    bounds = np.full((n_motifs, 2), np.nan)
    enough = seen.sum(axis=1) > 1
    if not enough.any():
        return bounds
    rng = np.random.default_rng(seed)
    draws = rng.integers(n_samples, size=(resamples, n_samples))
    times = np.stack([np.bincount(draw, minlength=n_samples) for draw in draws], axis=1).astype(float)
    centred, seen = centred[enough], seen[enough].astype(float)
    n = seen @ times
    first, second = centred @ times, centred**2 @ times
    spread = np.maximum(second - np.divide(first**2, n, out=np.zeros_like(n), where=n > 0), 0.0)
    sd = np.sqrt(np.divide(spread, n - 1, out=np.full_like(n, np.nan), where=n > 1))
    whole = ~np.isnan(sd).any(axis=1)
    found = np.empty((len(sd), 2))
    found[whole] = np.quantile(sd[whole], [0.025, 0.975], axis=1).T
    if not whole.all():
        found[~whole] = np.nanquantile(sd[~whole], [0.025, 0.975], axis=1).T
    bounds[enough] = found
    return bounds
