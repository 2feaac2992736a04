"""Counts of insertions or fragments in peaks, from sorted cut sites."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from workflow_lib.fragments.store import FragmentStore


def insertions(store: FragmentStore, peaks: pd.DataFrame) -> np.ndarray:
    """Number of cuts inside each peak.

    Parameters
    ----------
    store : FragmentStore
    peaks : (n_peaks, ...) DataFrame
        Columns chrom, start, end (0-based, half-open), in any order.

    Returns
    -------
    (n_peaks,) int64 array
        A peak on a contig without reads counts 0.
    """

    def within(contig: str, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        cuts = store.cuts(contig)
        return np.searchsorted(cuts, end, "left") - np.searchsorted(cuts, start, "left")

    return _by_contig(peaks, within)


def fragments(store: FragmentStore, peaks: pd.DataFrame) -> np.ndarray:
    """Number of fragments, first cut to last, that overlap each peak by at least one base; paired data only.

    Parameters and result as in :func:`insertions`.
    """

    def overlapping(contig: str, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        first, last = store.fragments(contig)
        # those that begin before the peak's end, less those that end before its start
        return np.searchsorted(first, end, "left") - np.searchsorted(
            np.sort(last, kind="stable"), start, "left"
        )

    return _by_contig(peaks, overlapping)


COUNTERS: dict[str, Callable[[FragmentStore, pd.DataFrame], np.ndarray]] = {
    "insertions": insertions,
    "fragments": fragments,
}


def _by_contig(peaks: pd.DataFrame, count) -> np.ndarray:
    result = np.zeros(len(peaks), dtype=np.int64)
    chrom = peaks["chrom"].to_numpy()
    start, end = peaks["start"].to_numpy(), peaks["end"].to_numpy()
    for contig in pd.unique(chrom):
        here = np.flatnonzero(chrom == contig)
        result[here] = count(contig, start[here], end[here])
    return result
