"""The reference genome: its contigs, its sequence, and where intervals on it meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyranges import PyRanges

from workflow_lib.errors import InputError
from workflow_lib.io import fasta as fasta_io
from workflow_lib.io import kept, tables

CONTIG_SHIFT = 40
"""A contig's number above this many bits of position gives one coordinate for a whole genome."""


@dataclass(frozen=True)
class Genome:
    """An indexed FASTA, plain or bgzip.

    Attributes
    ----------
    fasta, fai, gzi : str
        The file and its two indices, which :func:`write_index` makes.
    contigs : Series
        Length in bases by name, in the order of the FASTA.
    """

    fasta: str
    fai: str
    gzi: str
    contigs: pd.Series

    def fetch(self, windows: pd.DataFrame) -> list[str]:
        """Sequences of windows (chrom, start, end), upper case, ACGTN only; fastest when sorted."""
        return fasta_io.fetch(self.fasta, self.fai, self.gzi, windows)

    def sequence(self, contig: str) -> str:
        """One whole contig, upper case, ACGTN only."""
        if contig not in self.contigs.index:
            raise InputError(f"{self.fasta}: has no contig {contig}")
        whole = pd.DataFrame({"chrom": [contig], "start": [0], "end": [int(self.contigs[contig])]})
        return self.fetch(whole)[0]


def write_index(
    fasta: str | Path, fai: str | Path, gzi: str | Path, kept_in: str | Path | None = None
) -> Genome:
    """Index a FASTA into the two files named, and open it; see :func:`workflow_lib.io.fasta.write_index`.

    Indices that are in the folder `kept_in` already (:mod:`workflow_lib.io.kept`) are copied.
    """
    if kept_in is None or not kept.take_index(fasta, Path(kept_in), fai, gzi):
        fasta_io.write_index(fasta, fai, gzi)
    return read(fasta, fai, gzi)


def read(fasta: str | Path, fai: str | Path, gzi: str | Path) -> Genome:
    """Open a FASTA with its indices."""
    return Genome(str(fasta), str(fai), str(gzi), fasta_io.read_index(fai))


def write_contigs(contigs: pd.Series, path: str | Path) -> None:
    """Write contig lengths as a table (contig, length)."""
    tables.write_table(contigs.rename_axis("contig").rename("length").reset_index(), path)


def read_contigs(path: str | Path) -> pd.Series:
    """Contig lengths by name, in genome order, from what :func:`write_contigs` wrote."""
    return tables.read_table(path, index="contig")["length"]


def contigs_of_all(samples: Sequence[Mapping[str, int]]) -> pd.Series:
    """Contigs of all samples, for what has to be laid out alike in each.

    Parameters
    ----------
    samples : sequence of mappings of contig to length
        One a sample. Orders may differ, and some may have scaffolds that others lack. Of fragment files
        without a genome a contig is as long as its last fragment says: the longest counts.

    Returns
    -------
    Series of lengths by name, in the order of the first sample that has each
    """
    names = dict.fromkeys(name for lengths in samples for name in lengths)
    return pd.Series(
        {name: max(lengths.get(name, 0) for lengths in samples) for name in names}, dtype=np.int64
    )


def count_overlaps(queries: pd.DataFrame, intervals: pd.DataFrame) -> np.ndarray:
    """For each query, the number of intervals that share at least one base with it.

    Parameters
    ----------
    queries, intervals : DataFrame
        chrom, start, end; 0-based, half-open, not empty. Intervals may overlap each other.

    Returns
    -------
    (n_queries,) array of int

    Notes
    -----
    By pyranges, with all contigs on one axis: it takes some milliseconds for each contig of its own.
    """
    names = pd.Index(pd.unique(np.asarray(intervals["chrom"], dtype=object)))
    known = np.flatnonzero(names.get_indexer(np.asarray(queries["chrom"], dtype=object)) >= 0)
    counts = np.zeros(len(queries), dtype=np.int64)
    asked, others = (
        on_one_axis(
            linear(table["chrom"], table["start"], names), linear(table["chrom"], table["end"], names)
        )
        for table in (queries.iloc[known], intervals)
    )
    asked.row = np.arange(len(known))
    counted = asked.count_overlaps(others, overlap_col="n").df
    if len(counted):
        counts[known[counted["row"]]] = counted["n"]
    return counts


def nearest_before(places: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """Number of the last of some sites that lies at or before each place, -1 where there is none.

    Parameters
    ----------
    places, sites : arrays of int
        As of :func:`linear`; sites without repetition. The site found may be on another contig.
    """
    return _nearest(places, sites, "upstream")


def nearest_after(places: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """Number of the first of some sites that lies at or after each place, -1 where there is none."""
    return _nearest(places, sites, "downstream")


def _nearest(places: np.ndarray, sites: np.ndarray, side: str) -> np.ndarray:
    found = np.full(len(places), -1)
    # pyranges knows before and after by strand only
    asked = on_one_axis(places, places + 1, Strand="+", row=np.arange(len(places)))
    others = on_one_axis(sites, sites + 1, Strand="+", site=np.arange(len(sites)))
    nearest = asked.nearest(others, strandedness="same", how=side).df
    if len(nearest):
        found[nearest["row"]] = nearest["site"]
    return found


def on_one_axis(starts: np.ndarray, ends: np.ndarray, **columns) -> PyRanges:
    """Intervals between positions as of :func:`linear`, as one contig of pyranges."""
    return PyRanges(pd.DataFrame({"Chromosome": "genome", "Start": starts, "End": ends, **columns}))


def pairs_within(chrom, position, intervals: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of a base and an interval that holds it.

    Parameters
    ----------
    chrom, position : (n,) arrays
        Bases, 0-based.
    intervals : DataFrame
        chrom, start, end; 0-based, half-open.

    Returns
    -------
    base, interval : (n_pairs,) arrays of int
        Rows of either, by interval, then by place.
    """
    names = pd.Index(pd.unique(np.asarray(intervals["chrom"], dtype=object)))
    known = np.flatnonzero(names.get_indexer(np.asarray(chrom, dtype=object)) >= 0)
    at = linear(np.asarray(chrom, dtype=object)[known], np.asarray(position)[known], names)
    order = np.argsort(at, kind="stable")
    low, high = (
        np.searchsorted(at[order], linear(intervals["chrom"], intervals[side], names))
        for side in ("start", "end")
    )
    n = np.maximum(high - low, 0)
    within = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n) + np.repeat(low, n)
    return known[order][within], np.repeat(np.arange(len(n)), n)


def linear(chrom, position, names: pd.Index) -> np.ndarray:
    """One integer a position, ordered by contig (as in `names`, which must hold all) and then by position."""
    contig = names.get_indexer(np.asarray(chrom, dtype=object)).astype(np.int64)
    return (contig << CONTIG_SHIFT) + np.asarray(position, dtype=np.int64)
