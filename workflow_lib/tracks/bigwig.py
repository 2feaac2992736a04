"""Tracks for genome browsers: normalised insertions as bigWig.

A track's value is the number of insertions per base over the sample's size factor, the mean of each bin of
10 bp; a group's is the mean of its samples. Every base of every nuclear contig has a value, 0 included: means
over windows are means over all their bases, and the sum over bases is the number of insertions over the size
factor.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference
from workflow_lib.io import bigwig

BIN = 10
WINDOW = 256_000_000
"""Bases of a contig in memory at a time, as bins: more than the longest human chromosome."""
PIECE = 16_000_000
"""Bases of a sample whose density is in memory beside these."""


def density(
    cuts: np.ndarray, start: int, end: int, length: int, size_factor: float, width: int = BIN
) -> np.ndarray:
    """Normalised insertions per base in the bins of a window.

    Parameters
    ----------
    cuts : array of int
        0-based positions within the window, in any order, with repeats.
    start, end : int
        The window; `start` is a multiple of `width`.
    length : int
        Bases of the contig; its last bin may be narrower than the others.
    size_factor : float
        What counts are divided by.
    width : int
        Bases a bin.

    Returns
    -------
    array of float64, one entry each bin of the window

    Examples
    --------
    >>> density(np.array([3, 4, 12]), 0, 15, 15, size_factor=2.0).tolist()
    [0.1, 0.1]
    """
    n_bins = -(-(end - start) // width)
    found = np.bincount((cuts - start) // width, minlength=n_bins) / (width * size_factor)
    if start + n_bins * width > length:
        found[-1] *= width / (length % width)
    return found


def cover(values: np.ndarray, start: int, length: int, width: int = BIN) -> tuple:
    """Intervals that cover bins, equal neighbours together.

    Parameters
    ----------
    values : array of float32
        By bin, the first of which begins at `start`.
    start, length, width : int

    Returns
    -------
    starts, ends : (n,) arrays of int64
    values : (n,) array of float32
        No two neighbours are equal.
    """
    first = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else np.empty(0, np.int64)
    edges = np.minimum(start + np.r_[first, len(values)] * width, length)
    return edges[:-1], edges[1:], values[first]


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
        Stores of cut sites. In memory at a time are one contig of one store and one contig's bins, of at most
        `WINDOW` bases, whatever the number of samples.
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
            for first in range(0, int(contigs[batch].max()), WINDOW):
                sums: dict[str, np.ndarray] = {}
                for sample, store_path in stores.items():
                    _add(sums, sample, store_path, float(size_factors[sample]), contigs[batch], first)
                for name in batch:
                    if name in sums:
                        sums[name] /= len(stores)
                        mean = sums.pop(name).astype(np.float32)
                        starts, ends, values = cover(mean, first, int(contigs[name]))
                        total += float(np.dot(values, ends - starts))
                        del mean
                        yield name, starts, ends, values
                        del starts, ends, values  # not beside the sums of the next contig

    bigwig.write_bigwig(path, contigs, intervals())
    return total


def _add(
    sums: dict[str, np.ndarray], sample: str, path: str | Path, factor: float, contigs: pd.Series, first: int
) -> None:
    """Add a sample's density, on the window of each contig that begins at `first`, to the sums by contig."""
    store = FragmentStore.read(path, contigs=set(contigs.index))
    for name, length in contigs.items():
        if first >= length:
            continue
        cuts, last = store.cuts(str(name)), min(first + WINDOW, int(length))
        if len(cuts) and cuts[-1] >= length:
            raise InputError(
                f"sample {sample}: has a cut at {cuts[-1]} of {name}, which ends at {length}; "
                "give the FASTA that the reads were mapped to"
            )
        total = sums.setdefault(str(name), np.zeros(-(-(last - first) // BIN)))
        for start in range(first, last, PIECE):
            end = min(start + PIECE, last)
            inside = cuts[np.searchsorted(cuts, start) : np.searchsorted(cuts, end)]
            here = density(inside, start, end, int(length), factor)
            total[(start - first) // BIN : (start - first) // BIN + len(here)] += here


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
