"""Where reads lie, duplicates included: mates are brought together here, and locations counted."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from workflow_lib.io import bam

Ends = tuple[np.ndarray, np.ndarray]


class Locations(NamedTuple):
    """How often places of fragments (start and end; of single reads 5' base and strand) were sequenced.

    Counted before duplicates are removed, among what passes all other filters.
    """

    total: int
    distinct: int
    once: int
    twice: int


class Places:
    """Places of reads by contig and strand, each as one integer: position, length, whether a duplicate."""

    def __init__(self) -> None:
        self.parts: dict[tuple[int, bool], list[np.ndarray]] = defaultdict(list)

    def add(self, reads: bam.Alignments, keep: np.ndarray, position: np.ndarray, length: np.ndarray) -> None:
        """Add the reads marked; most parts of a sorted BAM lie on one contig."""
        rows = np.flatnonzero(keep)
        if not len(rows):
            return
        flag = reads.flag[rows]
        duplicate = (flag & bam.DUPLICATE) != 0
        place = (position[rows].astype(np.int64) << 32) | (length[rows].astype(np.int64) << 1) | duplicate
        contig, reverse = reads.contig[rows], (flag & bam.REVERSE) != 0
        ends = np.append(np.flatnonzero(contig[1:] != contig[:-1]) + 1, len(rows))
        for begin, end in zip(np.append(0, ends[:-1]), ends, strict=True):
            here, backward = place[begin:end], reverse[begin:end]
            self.parts[int(contig[begin]), True].append(here[backward])
            self.parts[int(contig[begin]), False].append(here[~backward])

    def take(self, contig: int, reverse: bool) -> Ends:
        """Distinct places on a contig and strand, sorted, and their numbers of reads; gives them away."""
        parts = self.parts.pop((contig, reverse), [])
        if not parts:
            return np.empty(0, np.int64), np.empty(0, int)
        # nearly in order, as the BAM is: what merges runs is several times as fast as the default
        return _counted(np.sort(np.concatenate(parts), kind="stable"))

    def contigs(self) -> list[int]:
        return sorted({contig for contig, _ in self.parts})

    def of_pairs(self) -> dict[int, tuple[np.ndarray, np.ndarray, Locations]]:
        """5' bases of the two reads of each pair, sorted by the plus read, and locations, by contig index.

        Mates are matched by (contig, start, length) of their template, not by name: which of two identical
        fragments a read belongs to changes nothing. Templates of which one read failed a filter fall away.
        """
        found = {}
        for contig in self.contigs():
            (forward, n_forward), (backward, n_backward) = self.take(contig, False), self.take(contig, True)
            both, at_forward, at_backward = _shared(forward, backward)
            n = np.minimum(n_forward[at_forward], n_backward[at_backward])
            original = (both & 1) == 0
            kept = np.repeat(both[original], n[original])
            start, length = kept >> 32, (kept & 0xFFFFFFFF) >> 1
            found[contig] = start.astype(np.int32), (start + length - 1).astype(np.int32), _locations(both, n)
        return found

    def of_singles(self) -> dict[int, tuple[np.ndarray, np.ndarray, Locations]]:
        """Sorted 5' bases of plus and minus reads, and locations, by contig index."""
        found = {}
        for contig in self.contigs():
            ends, locations = [], []
            for reverse in (False, True):
                place, n = self.take(contig, reverse)
                original = (place & 1) == 0
                ends.append(np.repeat(place[original] >> 32, n[original]).astype(np.int32))
                locations.append(_locations(place, n))
            found[contig] = ends[0], ends[1], Locations(*(sum(both) for both in zip(*locations, strict=True)))
        return found


def _counted(values: np.ndarray) -> Ends:
    """Distinct values of a sorted array, and how often each is there."""
    first = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    return values[first], np.diff(np.append(first, len(values)))


def _shared(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values that two sorted arrays of distinct values share, and where they stand in each."""
    if not len(a) or not len(b):
        none = np.empty(0, dtype=np.int64)
        return none, none, none
    at = np.minimum(np.searchsorted(b, a), len(b) - 1)
    in_a = np.flatnonzero(b[at] == a)
    return a[in_a], in_a, at[in_a]


def _locations(place: np.ndarray, n: np.ndarray) -> Locations:
    """Numbers of locations from sorted distinct places, of which the last bit tells duplicates apart."""
    if not len(place):
        return Locations(0, 0, 0, 0)
    location = place >> 1
    first = np.flatnonzero(np.r_[True, location[1:] != location[:-1]])
    times = np.add.reduceat(n, first)
    return Locations(*map(int, (times.sum(), len(times), (times == 1).sum(), (times == 2).sum())))
