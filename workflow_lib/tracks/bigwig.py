"""Tracks for genome browsers: normalised insertions as bigWig.

A track's value is the number of insertions per base over the sample's size factor, the mean of each bin of
10 bp; a group's is the mean of its samples. Every base of every nuclear contig has a value, 0 included: means
over windows are means over all their bases, and the sum over bases is the number of insertions over the size
factor.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference
from workflow_lib.io import tracks as track_files

BIN = 10


def bin_cuts(cuts: np.ndarray, length: int, size_factor: float, width: int = BIN) -> tuple:
    """Normalised insertions per base in the bins of one contig that have any.

    Parameters
    ----------
    cuts : array of int
        Sorted 0-based positions, with repeats.
    length : int
        Bases of the contig; its last bin may be narrower than the others.
    size_factor : float
        What counts are divided by.
    width : int
        Bases a bin.

    Returns
    -------
    bins : (n,) array of int64, ascending
    values : (n,) array of float64
    """
    bins = cuts.astype(np.int64) // width
    first = np.flatnonzero(np.r_[True, bins[1:] != bins[:-1]]) if len(bins) else np.empty(0, np.int64)
    n_cuts = np.diff(np.r_[first, len(bins)])
    bins = bins[first]
    n_bases = np.minimum(width, length - bins * width)
    return bins, n_cuts / n_bases / size_factor


def mean_of(binned: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Mean of several samples' bins, as :func:`bin_cuts` gives them; a bin that a sample lacks is 0 there."""
    if len(binned) == 1:
        return binned[0]
    bins = np.concatenate([bins for bins, _ in binned])
    order = np.argsort(bins, kind="stable")
    bins, values = bins[order], np.concatenate([values for _, values in binned])[order]
    if not len(bins):
        return bins, values
    first = np.flatnonzero(np.r_[True, bins[1:] != bins[:-1]])
    return bins[first], np.add.reduceat(values, first) / len(binned)


def cover(bins: np.ndarray, values: np.ndarray, length: int, width: int = BIN) -> tuple:
    """Intervals that cover a whole contig: bins with their values, 0 between them; equal neighbours are one.

    Parameters
    ----------
    bins, values : arrays
        As :func:`bin_cuts` gives them.
    length, width : int

    Returns
    -------
    starts, ends : (n,) arrays of int64
    values : (n,) array of float32
        No two neighbours are equal.
    """
    starts = bins * width
    ends = np.minimum(starts + width, length)
    # A stretch of zeros begins where a bin ends and no other begins, and at 0.
    gaps = ends[:-1][starts[1:] > ends[:-1]] if len(starts) else np.empty(0, np.int64)
    if not len(starts) or starts[0] > 0:
        gaps = np.r_[0, gaps]
    if len(starts) and ends[-1] < length:
        gaps = np.r_[gaps, ends[-1]]
    starts = np.r_[starts, gaps]
    values = np.r_[values, np.zeros(len(gaps))].astype(np.float32)
    order = np.argsort(starts, kind="stable")
    starts, values = starts[order], values[order]
    kept = np.r_[True, values[1:] != values[:-1]]
    starts, values = starts[kept], values[kept]
    return starts, np.r_[starts[1:], length], values


def write(
    path: str | Path,
    stores: Mapping[str, str | Path],
    size_factors: pd.Series,
    contigs: pd.Series | None = None,
    *,
    leave_out: Collection[str] = (),
) -> float:
    """Write the bigWig of one sample, or the mean of several.

    Parameters
    ----------
    path : str or Path
    stores : mapping of sample to path
        Stores of cut sites. One contig of one store is in memory at a time, besides the bins of the others.
    size_factors : Series
        By sample; counts are divided by them.
    contigs : Series, optional
        Lengths by name, in genome order; without it, those of the stores.
    leave_out : collection of str
        Contigs without a track, such as the mitochondrial one.

    Returns
    -------
    float
        Sum of all values over all bases: the mean of insertions over size factor.

    Raises
    ------
    InputError
        If a size factor is missing or not above zero, or a cut lies past its contig's end.
    """
    bad = [name for name in stores if not size_factors.get(name, np.nan) > 0]
    if bad:
        raise InputError(
            f"sample {bad[0]}: has no size factor above zero, so its track cannot be scaled; "
            "look at results/differential/size_factors.tsv, or leave the sample out of the sheet"
        )
    if contigs is None:
        contigs = reference.contigs_of_all(
            [FragmentStore.read(p, contigs=()).contigs for p in stores.values()]
        )
    contigs = contigs[~contigs.index.isin(list(leave_out))]
    total = 0.0

    def intervals() -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
        nonlocal total
        for batch in batches(contigs):
            binned: dict[str, list] = {name: [] for name in batch}
            for sample, store_path in stores.items():
                store = FragmentStore.read(store_path, contigs=set(batch))
                for name in batch:
                    cuts, length = store.cuts(name), int(contigs[name])
                    if len(cuts) and cuts[-1] >= length:
                        raise InputError(
                            f"sample {sample}: has a cut at {cuts[-1]} of {name}, which ends at {length}; "
                            "give the FASTA that the reads were mapped to"
                        )
                    binned[name].append(bin_cuts(cuts, length, float(size_factors[sample])))
            for name in batch:
                starts, ends, values = cover(*mean_of(binned.pop(name)), int(contigs[name]))
                total += float(np.dot(values, ends - starts))
                yield name, starts, ends, values

    track_files.write_bigwig(path, contigs, intervals())
    return total


def batches(contigs: pd.Series) -> list[list[str]]:
    """Contigs in their order, together as far as they are no longer than the longest alone.

    A store is opened once a batch: thousands of scaffolds cost little, and memory stays that of one contig.
    """
    limit = contigs.max() if len(contigs) else 0
    found: list[list[str]] = []
    filled = 0
    for name, length in contigs.items():
        if not found or filled + length > limit:
            found.append([])
            filled = 0
        found[-1].append(str(name))
        filled += length
    return found
