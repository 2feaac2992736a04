"""Smooth differences between samples that go with a peak's mean or GC content, as offsets of the fit."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib import beside
from workflow_lib.differential import size_factors as factors
from workflow_lib.errors import InputError
from workflow_lib.io import tables

log = logging.getLogger("atacdiff")

METHODS = ("trended", "gc")
COVARIATES = {"trended": "log2_mean_count", "gc": "gc_content"}
FEWEST_PEAKS = 500
"""Peaks below which no curve is fitted."""
LEAST_COUNTS = 10
"""Counts in all samples together below which a peak says nothing of a curve."""
BINS = 60
IN_BIN = 40
"""Most bins, and fewest peaks in each."""
KEPT = 0.6
"""Share of a bin's peaks that make its level: those that differ least between samples."""
SPAN = 0.4
"""Share of the bins that take part in the curve at each."""
ROUNDS = 4


def curves(counts: pd.DataFrame, size_factors: pd.Series, covariate: pd.Series) -> pd.DataFrame:
    """Log ratio of each sample to all, as a smooth function of a property of the peaks.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
    size_factors : Series indexed by sample
    covariate : (n_peaks,) Series
        Such as log mean count or GC content; NaN where it is not known.

    Returns
    -------
    (n_bins, 1 + n_samples) DataFrame
        covariate (the median of each bin's peaks, rising), then for each sample the natural logarithm of
        its normalised level over the mean of all samples; rows have mean 0.

    Raises
    ------
    InputError
        With fewer than `FEWEST_PEAKS` peaks of `LEAST_COUNTS` counts and a covariate.

    Notes
    -----
    Peaks are binned by the covariate. The level of a sample in a bin is its sum of normalised counts over
    that of the peaks' means, a peak weighing by the inverse of its variance; only the `KEPT` share of the
    bin's peaks takes part that differ least between samples given the levels, so that peaks that truly change
    do not bend the curve. Leaving them out is symmetric in the samples, so without a difference the curve is
    flat in expectation at any count. Levels are joined by local quadratic regression.

    Assumes that most peaks of like mean (or GC) do not change: a change of all weak peaks at once is taken
    for technical.

    References
    ----------
    Lun & Smyth 2016, Nucleic Acids Research 44:e45 (csaw); Hansen, Irizarry & Wu 2012, Biostatistics 13:204
    (cqn); Van den Berge et al. 2022, Nucleic Acids Research 50:e51.
    """
    values = counts.to_numpy(float) / size_factors.reindex(counts.columns).to_numpy()
    x = beside.aligned(covariate, counts.index, "covariate of the offsets").to_numpy(float)
    use = np.flatnonzero((counts.sum(axis=1).to_numpy() >= LEAST_COUNTS) & np.isfinite(x))
    if len(use) < FEWEST_PEAKS:
        raise InputError(
            f"differential.offsets: needs {FEWEST_PEAKS} peaks with {LEAST_COUNTS} counts, and there are "
            f"{len(use)}; write none"
        )
    use = use[np.argsort(x[use], kind="stable")]
    bins = np.array_split(use, max(2, min(BINS, len(use) // IN_BIN)))
    mean = values.mean(axis=1)
    excess = _dispersion(values[use], mean[use])
    levels = np.array([_level(values[rows], mean[rows], excess) for rows in bins])
    places = np.array([np.median(x[rows]) for rows in bins])
    smooth = _smooth(places, levels)
    smooth -= smooth.mean(axis=1, keepdims=True)
    return pd.DataFrame(smooth, columns=counts.columns).assign(covariate=places)[
        ["covariate", *counts.columns]
    ]


def log_mean(counts: pd.DataFrame, size_factors: pd.Series) -> pd.Series:
    """log2 of each peak's mean normalised count, 1 added."""
    chosen = size_factors.reindex(counts.columns).to_numpy()
    return np.log2((counts / chosen).mean(axis=1) + 1)


def from_curves(
    found: pd.DataFrame, counts: pd.DataFrame, size_factors: pd.Series, covariate: pd.Series, refit: bool
) -> pd.DataFrame:
    """Offsets of every peak from the curves at its covariate.

    Parameters
    ----------
    found : DataFrame
        Of :func:`curves`.
    counts, size_factors, covariate
        As there. A peak without a covariate has offsets of the samples' mean levels.
    refit : bool
        Whether the level of a sample is taken anew as the median of ratios on the counts over the offsets, as
        R does with a matrix of factors; else a sample's median offset over the peaks is 0, so that the size
        factors keep the level that they were made for (`library`, `spike_in`).

    Returns
    -------
    (n_peaks, n_samples) DataFrame of float
        Natural logarithms; rows have mean 0.
    """
    x = beside.aligned(covariate, counts.index, "covariate of the offsets").to_numpy(float)
    known = np.isfinite(x)
    table = np.zeros(counts.shape)
    for j, sample in enumerate(counts.columns):
        table[known, j] = np.interp(x[known], found["covariate"], found[sample])
    if known.any():
        table -= np.median(table[known], axis=0)
        table[~known] = 0.0
    if refit:
        chosen = size_factors.reindex(counts.columns)
        again = factors.ratio(counts / np.exp(table)) / chosen
        table += np.log(again / np.exp(np.log(again).mean())).to_numpy()
    table -= table.mean(axis=1, keepdims=True)
    return pd.DataFrame(table, index=counts.index, columns=counts.columns)


def covariates(
    counts: pd.DataFrame, size_factors: pd.Series, gc: pd.Series | None = None
) -> dict[str, pd.Series]:
    """What each method follows: log mean count, and GC content where it is known."""
    found = {"trended": log_mean(counts, size_factors)}
    return found if gc is None else found | {"gc": beside.rows(gc, counts.index, "GC content")}


def estimate(
    counts: pd.DataFrame, size_factors: pd.Series, gc: pd.Series | None = None, *, refit: bool = True
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Offsets by each method that the inputs permit, and the curves that they come from.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
    size_factors : Series indexed by sample
    gc : Series indexed by peak, optional
        Share of G and C in each peak's sequence.
    refit : bool
        As :func:`from_curves`; True for size factors by `ratio`.

    Returns
    -------
    offsets : dict of method to (n_peaks, n_samples) DataFrame
        Without a method that is not possible; the log says why.
    curves : DataFrame
        method, covariate, sample, log2_ratio.
    """
    offsets, tables = {}, []
    for method, covariate in covariates(counts, size_factors, gc).items():
        try:
            found = curves(counts, size_factors, covariate)
        except InputError as error:
            log.warning("no offsets: %s", error)
            continue
        offsets[method] = from_curves(found, counts, size_factors, covariate, refit)
        long = found.melt("covariate", var_name="sample", value_name="log2_ratio")
        tables.append(long.assign(method=method, log2_ratio=long["log2_ratio"] / np.log(2)))
    columns = ["method", "covariate", "sample", "log2_ratio"]
    return offsets, pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)


def quiet_curves(
    counts: pd.DataFrame, size_factors: pd.Series, along: Mapping[str, pd.Series], called: pd.Series
) -> pd.DataFrame:
    """Curves of the peaks that a test does not call; with too few of them none.

    Peaks that open gather among the strong ones and those that close among the weak, where they can be too
    many to be left out as the most variable: for the question whether groups differ they must not count.
    Peaks that a difference of background alone gets called are few beside those that it moves.

    Parameters
    ----------
    counts, size_factors
        As :func:`estimate`.
    along : mapping of method to Series
        Of :func:`covariates`.
    called : Series of bool, indexed by peak
    """
    quiet = ~beside.aligned(called, counts.index, "calls")
    return estimate(counts[quiet], size_factors, along.get("gc"))[1]


def joined(offsets: Mapping[str, pd.DataFrame], along: Mapping[str, pd.Series]) -> pd.DataFrame:
    """One table, indexed by peak: the `COVARIATES`, then offsets in columns `{method}.{sample}`."""
    front = pd.DataFrame({COVARIATES[method]: values for method, values in along.items()})
    parts = [table.add_prefix(f"{method}.") for method, table in offsets.items()]
    return pd.concat([front, *parts], axis=1).round(5).rename_axis("peak")


def split(table: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], dict[str, pd.Series]]:
    """The methods' offsets and covariates that :func:`joined` put into one table."""
    found = {}
    for method in METHODS:
        own = table.filter(regex=rf"^{method}\.")
        if own.shape[1]:
            found[method] = own.set_axis(own.columns.str.removeprefix(f"{method}."), axis=1)
    return found, {method: table[name] for method, name in COVARIATES.items() if name in table}


def of(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """The offsets of one method in a table of :func:`joined`."""
    return split(table)[0][method]


def read(path: str | Path, method: str) -> pd.DataFrame | None:
    """The offsets of one method in a file of :func:`joined`; None where a run uses none and names no file."""
    return of(tables.read_table(path, index="peak"), method) if path else None


def without(counts: pd.DataFrame, offsets: pd.DataFrame | None) -> pd.DataFrame:
    """Counts over the offsets' part, for pictures: what is left differs by size factors and by the peaks.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame
    offsets : DataFrame
        Natural logarithms; with a row for each of these peaks, in any order. None: counts stay as they are.
    """
    if offsets is None:
        return counts
    return counts / np.exp(beside.rows(offsets, counts.index, "offsets")[counts.columns])


def chosen(offsets: Mapping[str, pd.DataFrame], method: str) -> pd.DataFrame | None:
    """The offsets of the method of the configuration; None for `none`."""
    if method == "none":
        return None
    if method not in offsets:
        why = "sequences (genome.fasta) and " if method == "gc" else ""
        raise InputError(
            f"differential.offsets: {method} needs {why}{FEWEST_PEAKS} peaks with {LEAST_COUNTS} counts in "
            "all samples together, and this run has fewer; set it to none"
        )
    return offsets[method]


def _dispersion(values: np.ndarray, mean: np.ndarray) -> float:
    """A typical squared coefficient of variation beyond sampling, for weights only."""
    squared = (values.var(axis=1, ddof=1) - mean) / mean**2
    strong = mean >= np.quantile(mean, 0.5)
    return float(np.clip(np.median(squared[strong]), 0.01, 1.0))


def _level(values: np.ndarray, mean: np.ndarray, excess: float) -> np.ndarray:
    """Log level of each sample over the mean of all, from the peaks that differ least given the levels."""
    weight = 1 / (1 + excess * mean)
    level = np.log(np.median((values + 0.5) / (mean[:, None] + 0.5), axis=0))
    for _ in range(ROUNDS):
        expected = mean[:, None] * np.exp(level)
        off = ((values - expected) ** 2 / (expected + excess * expected**2)).sum(axis=1)
        kept = off <= np.quantile(off, KEPT)
        part = weight[kept]
        level = np.log(np.maximum(part @ values[kept], 1e-3) / (part @ mean[kept]))
    return level


def _smooth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Local quadratic regression of the columns of y at each x, over the nearest `SPAN` of the points."""
    n_near = min(len(x), max(7, int(np.ceil(SPAN * len(x)))))
    degree = min(2, n_near - 2)
    result = y.copy()
    if degree < 1:
        return result
    rank = np.arange(len(x), dtype=float)  # bins hold equally many peaks: by rank no stretch is empty
    for i in range(len(x)):
        distance = np.abs(rank - rank[i])
        reach = np.sort(distance)[n_near - 1] * 1.001 + 1e-12
        weight = np.sqrt(np.clip(1 - (distance / reach) ** 3, 0, None) ** 3)
        powers = (rank - rank[i])[:, None] ** np.arange(degree + 1)
        fit = np.linalg.lstsq(powers * weight[:, None], y * weight[:, None], rcond=None)[0]
        result[i] = fit[0]
    return result
