"""Size factors: what a sample's counts are divided by before samples are compared."""

import logging
from collections.abc import Callable, Collection, Mapping

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError

log = logging.getLogger("atacdiff")

METHODS = ("ratio", "library", "tmm_bins", "spike_in", "column")
BIN_WIDTH = 10_000
LEAST_BINS = 20
ENOUGH_PEAKS = 50
"""Peaks with a count in every sample from which on their median is taken; see :func:`ratio`."""


def ratio(counts: pd.DataFrame) -> pd.Series:
    """Median of ratios to the geometric mean, over peaks that have a count in every sample.

    Parameters
    ----------
    counts : (peaks, samples) DataFrame of non-negative integers

    Returns
    -------
    Series of positive floats, indexed by sample
        Where fewer than `ENOUGH_PEAKS` peaks, and less than half, have a count in every sample, geometric
        means are taken as DESeq2's `poscounts` does: the n-th root of the product of the positive counts, and
        factors are scaled to a geometric mean of 1.

    Raises
    ------
    InputError
        If a sample has no count at all; it is named.

    Notes
    -----
    Assumes that most peaks do not change, or change equally up and down. The median of a handful of peaks is
    that of chance, or of a change: R takes them all the same. The log says on how many peaks factors rest.

    References
    ----------
    Anders & Huber 2010, Genome Biology 11:R106; Love et al. 2014, Genome Biology 15:550.

    Examples
    --------
    >>> import pandas as pd
    >>> from workflow_lib.differential import size_factors
    >>> counts = pd.DataFrame({"s1": [10, 20, 30], "s2": [40, 80, 120]})
    >>> size_factors.ratio(counts).round(6).to_dict()
    {'s1': 0.5, 's2': 2.0}
    """
    _refuse_empty(counts)
    values = counts.to_numpy(dtype=float)
    logs = np.log(values, out=np.zeros_like(values), where=values > 0)
    complete = (values > 0).all(axis=1)
    n_complete = int(complete.sum())
    if not _with_zeros(values):
        logs = logs[complete]
        factors = np.exp(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0))
    else:
        means = logs.mean(axis=1)
        factors = np.array(
            [np.exp(np.median((logs[:, j] - means)[values[:, j] > 0])) for j in range(values.shape[1])]
        )
        factors /= np.exp(np.log(factors).mean())
    if n_complete < ENOUGH_PEAKS:
        log.warning("size factors: %s", caution(counts))
    return pd.Series(factors, index=counts.columns)


def caution(counts: pd.DataFrame) -> str:
    """What is to be said where size factors by `ratio` rest on few peaks; empty where they do not."""
    values = counts.to_numpy()
    n = int((values > 0).all(axis=1).sum())
    if n >= ENOUGH_PEAKS:
        return ""
    least = int((values > 0).sum(axis=0).min())
    if not _with_zeros(values):
        return (
            f"size factors rest on {n:,} peak{'' if n == 1 else 's'} only, so they are rough: give more "
            "peaks, or factors of your own (differential.size_factors: column)"
        )
    return (
        f"only {n:,} peak{' has' if n == 1 else 's have'} a count in every sample, too few for size factors, "
        f"so these are taken from the positive counts of each sample ({least:,} peaks in the sparsest one): "
        "check them against differential.size_factors: library or tmm_bins"
    )


def _with_zeros(values: np.ndarray) -> bool:
    """Whether too few peaks have a count in every sample for the plain median of ratios."""
    n = int((values > 0).all(axis=1).sum())
    return n == 0 or (n < ENOUGH_PEAKS and 2 * n < int((values > 0).any(axis=1).sum()))


def library(depths: pd.Series) -> pd.Series:
    """Depths over their geometric mean: assumes that nothing but depth differs between samples.

    Raises
    ------
    InputError
        If a sample's depth is not above 0, or missing; it is named.
    """
    without = ~(depths > 0)
    if without.any():
        raise InputError(f"sample {depths.index[without][0]}: no reads; leave it out of the sample sheet")
    return depths / np.exp(np.log(depths).mean())


def tmm(counts: pd.DataFrame, *, trim_ratio: float = 0.3, trim_abundance: float = 0.05) -> pd.Series:
    """Trimmed mean of M values: what depths have to be multiplied by before samples are compared.

    Parameters
    ----------
    counts : (rows, samples) DataFrame of non-negative integers
        Rows may be peaks or bins; rows without a count are left out.
    trim_ratio, trim_abundance : float
        Shares of rows left out at each end of the log ratios (M) and of the mean log abundances (A).

    Returns
    -------
    Series of positive floats with geometric mean 1, indexed by sample
        A sample that shares no row with the reference has NaN, and so have then all.

    Raises
    ------
    InputError
        If a sample has no count at all; it is named.

    Notes
    -----
    The reference is the sample whose upper quartile of counts, over its depth, is nearest to the mean of all.
    Each log2 ratio of a row that is left after trimming weighs by the inverse of its approximate variance.
    Assumes that most rows do not change; a few that do, even much and all in one direction, are trimmed away.

    References
    ----------
    Robinson & Oshlack 2010, Genome Biology 11:R25.
    """
    _refuse_empty(counts)
    values = counts.to_numpy(dtype=float)
    values = values[values.any(axis=1)]
    depths = values.sum(axis=0)
    quartiles = np.quantile(values, 0.75, axis=0) / depths
    if np.median(quartiles) > 0:
        reference = int(np.argmin(np.abs(quartiles - quartiles.mean())))
    else:  # sparse: three quarters of the rows are empty
        reference = int(np.argmax(np.sqrt(values).sum(axis=0)))
    logs = np.array(
        [
            _trimmed_mean(
                values[:, j], values[:, reference], depths[j], depths[reference], trim_ratio, trim_abundance
            )
            for j in range(values.shape[1])
        ]
    )
    return pd.Series(2.0 ** (logs - logs.mean()), index=counts.columns)


def _trimmed_mean(
    counts: np.ndarray,
    reference: np.ndarray,
    depth: float,
    depth_reference: float,
    trim_ratio: float,
    trim_abundance: float,
) -> float:
    """Weighted mean of log2 ratios to the reference, without the extreme rows; NaN if no row is in both."""
    both = (counts > 0) & (reference > 0)
    if not both.any():
        return np.nan
    y, r = counts[both], reference[both]
    # Equal ratios tie only if rounded alike, and ties at the trimmed ends count: divide in edgeR's order.
    ratio = np.log2((y / depth) / (r / depth_reference))
    if np.abs(ratio).max() < 1e-6:
        return 0.0
    abundance = (np.log2(y / depth) + np.log2(r / depth_reference)) / 2
    variance = (1 / y - 1 / depth) + (1 / r - 1 / depth_reference)
    kept = _within(ratio, trim_ratio) & _within(abundance, trim_abundance)
    if not kept.any():
        return 0.0
    return float(np.sum(ratio[kept] / variance[kept]) / np.sum(1 / variance[kept]))


def _within(values: np.ndarray, trim: float) -> np.ndarray:
    """Whether each value's rank, ties sharing theirs, lies inside after trimming this share at each end."""
    lowest = np.floor(len(values) * trim) + 1
    ranks = pd.Series(values).rank().to_numpy()
    return (ranks >= lowest) & (ranks <= len(values) + 1 - lowest)


def tmm_bins(bins: pd.DataFrame) -> pd.Series:
    """Size factors from background bins: depth in the bins times the TMM factor, geometric mean 1.

    Wide bins hold mostly background, which is taken to be alike in all samples: a change of all peaks at once
    then stays a change, where `ratio` would take it for depth.

    Parameters
    ----------
    bins : (n_bins, n_samples) DataFrame of non-negative integers
        Of :func:`background_bins`.

    Raises
    ------
    InputError
        If fewer than `LEAST_BINS` bins have a count in every sample.

    References
    ----------
    Lun & Smyth 2016, Nucleic Acids Research 44:e45 (csaw), for bins of 10 kb.
    """
    shared = int((bins > 0).all(axis=1).sum())
    if shared < LEAST_BINS:
        raise InputError(
            f"differential.size_factors: tmm_bins needs {LEAST_BINS} background bins with a cut in every "
            f"sample, and there are {shared}; use ratio or library"
        )
    return library(bins.sum() * tmm(bins))


def background_bins(
    cuts: Callable[[str], np.ndarray], contigs: Mapping[str, int], excluded: Collection[str] = ()
) -> np.ndarray:
    """Cuts of one sample in bins of `BIN_WIDTH` that cover the contigs.

    Parameters
    ----------
    cuts : callable
        Gives the 0-based positions of a contig's cuts, as `FragmentStore.cuts` does.
    contigs : mapping of name to length
        In the order of the result, the same for all samples; a contig's last bin may be shorter.
    excluded : collection of str
        Contigs left out, such as the mitochondrial ones.

    Returns
    -------
    (n_bins,) int64 array
    """
    parts = [
        np.bincount(cuts(name) // BIN_WIDTH, minlength=n_bins(length))
        for name, length in contigs.items()
        if name not in excluded
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def n_bins(length: int) -> int:
    """Of a contig."""
    return -(-length // BIN_WIDTH)


def _refuse_empty(counts: pd.DataFrame) -> None:
    empty = counts.columns[(counts == 0).all(axis=0)]
    if len(empty):
        raise InputError(
            f"sample {', '.join(map(str, empty))}: no count in any peak; leave it out of the sample sheet"
        )


def table(
    counts: pd.DataFrame,
    depths: pd.Series,
    method: str,
    *,
    bins: pd.DataFrame | None = None,
    spike_in: Mapping[str, float] | None = None,
    given: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Size factors by every method that the inputs permit, and those that the test uses.

    Parameters
    ----------
    counts : (peaks, samples) DataFrame of non-negative integers
    depths : Series
        Reads or fragments of each sample.
    method : str
        One of `METHODS`.
    bins : (n_bins, samples) DataFrame of non-negative integers, optional
        Cuts in background bins.
    spike_in : mapping of sample to number, optional
        Reads on the spike-in genome. The same amount of it per cell is assumed.
    given : mapping of sample to number, optional
        The sheet's own factors, used as they are.

    Returns
    -------
    DataFrame indexed by sample
        A column for each method in the order of `METHODS`, then `used`. A method other than the chosen one is
        left out where its input is missing or insufficient; the log says why.

    Raises
    ------
    InputError
        If the chosen method needs something that is not there.
    """
    samples = counts.columns
    result = pd.DataFrame({"ratio": ratio(counts), "library": library(depths.reindex(samples))})
    if bins is not None:
        try:
            result["tmm_bins"] = tmm_bins(bins[samples])
        except InputError as error:
            if method == "tmm_bins":
                raise
            log.warning("%s", error)
    for name, column, numbers in (("spike_in", "spike_in", spike_in), ("column", "size_factor", given)):
        values = pd.Series(numbers, dtype=float).reindex(samples) if numbers is not None else None
        if values is None or values.isna().all():
            continue
        lacking = values.index[~(values > 0)]
        if len(lacking) and method == name:
            raise InputError(
                f"sample sheet: sample {lacking[0]} has no positive {column}, which "
                f"differential.size_factors: {name} needs; fill it in"
            )
        if len(lacking):
            log.warning("no size factors by %s: sample %s has no %s", name, lacking[0], column)
        else:
            result[name] = values if name == "column" else library(values)
    if method not in result:
        needs = {
            "tmm_bins": "BAM files (the run starts from a count matrix)",
            "spike_in": "a column spike_in in the sample sheet",
            "column": "a column size_factor in the sample sheet",
        }
        raise InputError(f"differential.size_factors: {method} needs {needs.get(method, 'another name')}")
    return result.assign(used=result[method]).rename_axis("sample")
