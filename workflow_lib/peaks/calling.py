"""Peaks called from cut sites by MACS."""

import logging
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.errors import InputError
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.io import bed, macs

log = logging.getLogger("atacdiff")


def write_reads(store: FragmentStore, path: str | Path, *, mode: str, leave_out: Collection[str] = ()) -> int:
    """Write what MACS piles up: a sample's cuts, or its fragments.

    Parameters
    ----------
    store : FragmentStore
    path : str or Path
    mode : {"cuts", "fragments"}
    leave_out : collection of str
        Contigs without peaks, such as the mitochondrial one.

    Returns
    -------
    int
        Intervals written.

    Raises
    ------
    InputError
        If fragments are asked of single-end reads.
    """
    contigs = [name for name in store.contigs if name not in leave_out]
    if mode == "cuts":
        return bed.write_cuts(((name, store.cuts(name)) for name in contigs), path)
    if not store.paired:
        raise InputError(f"{path}: single-end reads have no fragments; set peaks.mode to cuts")
    return bed.write_fragments(((name, store.fragments(name)) for name in contigs), path)


def call(
    paths: Sequence[str | Path],
    contigs: pd.Series,
    *,
    mode: str,
    cutoff: tuple[str, float],
    mappable: float,
    leave_out: Collection[str] = (),
) -> pd.DataFrame:
    """Call peaks with MACS on the reads of one sample, or of several together.

    Parameters
    ----------
    paths : sequence of path
        What :func:`write_reads` wrote.
    contigs : Series
        Lengths by name, in genome order; peaks on others are left out.
    mode : {"cuts", "fragments"}
    cutoff : ("q" or "p", float)
        Greatest q-value (or p-value) of a peak.
    mappable : float
        Share of the contigs' bases on which reads can lie; their product is MACS's genome size.
    leave_out : collection of str
        Contigs that hold no reads of these, such as the mitochondrial one.

    Returns
    -------
    DataFrame
        narrowPeak in genome order, inside the contigs; maybe empty.

    References
    ----------
    Zhang et al. 2008, Genome Biology 9:R137. Null: reads fall by a Poisson law whose rate is the greater of
    the genome's and that of the 10 kb around.
    """
    genome_size = mappable * float(contigs[~contigs.index.isin(list(leave_out))].sum())
    table = macs.call(paths, fragments=mode == "fragments", genome_size=genome_size, cutoff=cutoff)
    known = table["chrom"].isin(contigs.index)
    if not known.all():
        log.warning("%d peaks on contigs that the genome lacks are left out", (~known).sum())
    table = intervals.sort_by_genome(table[known], contigs.index)
    # A pile-up reaches 75 bp beyond the last cut, and MACS does not know where contigs end.
    summit = table["start"] + table["summit"]
    length = table["chrom"].map(contigs).astype(np.int64)
    start, end = table["start"].clip(lower=0), np.minimum(table["end"], length)
    offset = np.clip(summit, start, end - 1) - start
    return table.assign(
        start=start, end=end, summit=offset, name=[f"peak_{i}" for i in range(1, len(table) + 1)]
    )


def write(peaks: pd.DataFrame, path: str | Path) -> None:
    """Write what :func:`call` found as narrowPeak."""
    bed.write_narrowpeak(peaks, path)
