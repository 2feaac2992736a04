"""Mates of a BAM are brought together by name as it is read, and places of fragments are counted."""

from collections import defaultdict
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from workflow_lib.io import bam

POOL = 1 << 20
"""Reads whose mates were not beside them, before the first search among them."""

FIRST, SECOND, REVERSE, DUPLICATE, GOOD, IMPROPER = 4, 8, 16, 32, 64, 128
"""Bits of `Waiting.kind`; GOOD passes every filter but that of duplicates, IMPROPER would, were it marked as
properly paired."""
LONGEST = 2000
"""Bases of a fragment: longer ones no aligner marks as proper pairs, as it is run for ATAC-seq."""
_FLAGS = ((REVERSE, bam.REVERSE), (DUPLICATE, bam.DUPLICATE), (FIRST, bam.FIRST), (SECOND, bam.SECOND))


class Locations(NamedTuple):
    """How often places of fragments (start and end; of single reads 5' base and strand) were sequenced.

    Counted before duplicates are removed, among what passes all other filters.
    """

    total: int
    distinct: int
    once: int
    twice: int


@dataclass
class Waiting:
    """Paired reads whose mates were not met yet; one entry of each array a read.

    Attributes
    ----------
    key, check : uint64 arrays
        Hashes of the name.
    contig, position, mate_position : int32 arrays
        `mate_position` is -1 where the record says that the mate is on another contig, or does not say.
    cut : int32 array
        Where the read's transposition event was, before any shift; not below 0.
    kind : uint8 array
        Bits.
    """

    key: np.ndarray
    check: np.ndarray
    contig: np.ndarray
    position: np.ndarray
    mate_position: np.ndarray
    cut: np.ndarray
    kind: np.ndarray

    @staticmethod
    def of(
        reads: bam.Alignments, cut: np.ndarray, good: np.ndarray, improper: np.ndarray, paired: np.ndarray
    ) -> "Waiting":
        """Those of some reads that are paired; `good` and `improper` as the bits."""
        told = np.where(reads.mate_contig == reads.contig, reads.mate_position, np.int32(-1))
        kind = np.zeros(len(reads.flag), np.uint8)
        for bit, flag in _FLAGS:
            kind |= ((reads.flag & flag) != 0).view(np.uint8) * np.uint8(bit)
        for bit, has in ((GOOD, good), (IMPROPER, improper)):
            kind |= has.view(np.uint8) * np.uint8(bit)
        every = Waiting(*reads.name, reads.contig, reads.position, told, cut, kind)
        return every if paired.all() else every.take(paired)

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: np.ndarray) -> "Waiting":
        """Some of the reads: rows, or a mask."""
        return Waiting(*(getattr(self, column.name)[rows] for column in fields(self)))

    @staticmethod
    def joined(parts: "list[Waiting]") -> "Waiting":
        """The reads of several, in order."""
        return Waiting(
            *(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Waiting))
        )


class Places:
    """Places by contig, each as one integer: position, length, whether a duplicate."""

    def __init__(self) -> None:
        self.parts: dict[int, list[np.ndarray]] = defaultdict(list)

    def add(
        self, contig: np.ndarray, position: np.ndarray, length: np.ndarray, duplicate: np.ndarray
    ) -> None:
        """Add places; most parts of a sorted BAM lie on one contig."""
        place = (position.astype(np.int64) << 32) | (length.astype(np.int64) << 1) | duplicate
        if not len(contig):
            return
        if (contig == contig[0]).all():
            self.parts[int(contig[0])].append(place)
            return
        order = np.argsort(contig, kind="stable")
        contig, place = contig[order], place[order]
        starts = np.flatnonzero(np.r_[True, contig[1:] != contig[:-1]])
        for here, part in zip(contig[starts], np.split(place, starts[1:]), strict=True):
            self.parts[int(here)].append(part)

    def take(self, contig: int) -> np.ndarray:
        """Places on a contig, sorted; gives them away."""
        parts = self.parts.pop(contig, [])
        place = np.concatenate(parts) if parts else np.empty(0, np.int64)
        place.sort()
        return place


class Singles:
    """Single-end reads of one BAM."""

    def __init__(self) -> None:
        self.strands = Places(), Places()

    def add(self, contig: np.ndarray, cut: np.ndarray, reverse: np.ndarray, duplicate: np.ndarray) -> None:
        """Add reads that pass every filter but that of duplicates."""
        for strand, places in enumerate(self.strands):
            rows = reverse == strand
            places.add(contig[rows], cut[rows], np.zeros(int(rows.sum()), np.int64), duplicate[rows])

    def found(self) -> dict[int, tuple[np.ndarray, np.ndarray, Locations]]:
        """Sorted 5' bases of plus and of minus reads, and locations, by contig index."""
        result = {}
        for contig in sorted({contig for places in self.strands for contig in places.parts}):
            strands = [places.take(contig) for places in self.strands]
            ends = [(place[(place & 1) == 0] >> 32).astype(np.int32) for place in strands]
            both = zip(*map(_locations, strands), strict=True)
            result[contig] = ends[0], ends[1], Locations(*map(sum, both))
        return result


class Pairs:
    """Mates of one BAM, matched by name.

    Mates are two primary, mapped reads of one name on one contig of which not both are the first, or both the
    last, of their template. Where more than two have one name, those are mates that give each other's
    position; only what is left is matched without that.

    Names are compared by 128 bits of hash. Reads are matched within each part of the file, where most mates
    meet, and the rest in a pool. What is left of a contig behind the reader can be no fragment any more: only
    64 bits of it are kept, which tell mates that failed a filter from mates that are not in the file.

    Attributes
    ----------
    kept, not_facing, mate_missing, mate_failed : int
        What became of reads that pass every filter themselves: both of a pair kept; not facing each other, or
        on two contigs; no mate in the file; a mate there that fails a filter.
    failed_as_duplicate : int
        Of the last, those whose mate fails as a duplicate alone.
    facing : int
        Reads that face their mates as a fragment of at most `LONGEST` bases, and would be kept with them if
        both were marked as proper.
    """

    def __init__(self) -> None:
        self.places = Places()
        self.facing = 0
        self.kept = self.not_facing = self.mate_missing = self.mate_failed = self.failed_as_duplicate = 0
        self._pool: list[Waiting] = []
        self._n_pool, self._search_at = 0, POOL
        self._left: list[np.ndarray] = []

    def add(self, part: Waiting) -> None:
        """Add paired reads, in file order."""
        if not len(part):
            return
        rest = part.take(~self._match_told(part))
        self._pool.append(rest)
        self._n_pool += len(rest)
        if self._n_pool >= self._search_at:
            self._search(int(part.contig[-1]))

    def finish(self) -> None:
        """Match what is left at the end of the file, and count what became of all reads."""
        self._search(np.iinfo(np.int32).max)
        self._count_left()

    def found(self) -> dict[int, tuple[np.ndarray, np.ndarray, Locations]]:
        """5' bases of both reads of each pair, sorted by the plus read, and locations, by contig index."""
        result = {}
        for contig in sorted(self.places.parts):
            place = self.places.take(contig)
            locations = _locations(place)
            place = place[(place & 1) == 0]
            start = (place >> 32).astype(np.int32)
            result[contig] = start, start + ((place & 0xFFFFFFFF) >> 1).astype(np.int32), locations
        return result

    def _match_told(self, part: Waiting) -> np.ndarray:
        """Pair reads of one name that give each other's position; which rows had a mate."""
        low = np.minimum(part.position, part.mate_position).astype(np.uint64)  # -1 is seen to below
        high = np.maximum(part.position, part.mate_position).astype(np.uint64)
        place = ((low << np.uint64(32)) | high) * _ODD
        i, j = _twos(part.key ^ place, part.check + (place ^ part.contig.astype(np.uint64) * _ODD))
        told = part.mate_position[i] >= 0
        return self._pair(part, i[told], j[told])

    def _search(self, contig: int) -> None:
        """Match what waits, and give up what lies on contigs before the one that is being read."""
        if self._pool:
            pool = Waiting.joined(self._pool)
            pool = pool.take(~self._match_told(pool))
            behind = pool.contig < contig
            gone, waits = pool.take(behind), pool.take(~behind)
            for pairs_of in (_only_two, _by_position, _by_name):
                gone = gone.take(~self._pair(gone, *pairs_of(gone)))
            state = np.where(gone.kind & GOOD, np.where(gone.kind & DUPLICATE, _DUPLICATE, _PASSES), _FAILS)
            code = ((gone.kind & (FIRST | SECOND)) | state).astype(np.uint64)
            self._left.append(gone.key >> _BITS_LEFT << _BITS_LEFT | code)
            self._pool = [waits]
        self._n_pool = sum(map(len, self._pool))
        self._search_at = self._n_pool + max(POOL, self._n_pool // 2)

    def _pair(self, reads: Waiting, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Take reads i and j for mates where they may be; which rows had a mate."""
        right = _are_two(reads.kind[i], reads.kind[j])
        i, j = i[right], j[right]
        self._judge(reads, i, j)
        matched = np.zeros(len(reads), dtype=bool)
        matched[i] = matched[j] = True
        return matched

    def _judge(self, reads: Waiting, i: np.ndarray, j: np.ndarray) -> None:
        """Keep the fragments of mates that both pass, and count reads that pass alone."""
        kind_i, kind_j = reads.kind[i], reads.kind[j]
        cut_i, cut_j = reads.cut[i], reads.cut[j]
        backward = (kind_i & REVERSE) != 0
        plus, minus = np.where(backward, cut_j, cut_i), np.where(backward, cut_i, cut_j)
        facing = (((kind_i ^ kind_j) & REVERSE) != 0) & (plus <= minus)
        good = ((kind_i & kind_j) & GOOD) != 0
        duplicate = ((kind_i | kind_j) & DUPLICATE) != 0
        whole = good & facing
        self.places.add(reads.contig[i][whole], plus[whole], (minus - plus)[whole], duplicate[whole])
        passes = [(kind & (GOOD | DUPLICATE)) == GOOD for kind in (kind_i, kind_j)]
        both, one = passes[0] & passes[1], passes[0] ^ passes[1]
        n_both, n_kept = int(np.count_nonzero(both)), int(np.count_nonzero(both & facing))
        self.kept += 2 * n_kept
        self.not_facing += 2 * (n_both - n_kept)
        self.mate_failed += int(np.count_nonzero(one))
        self.failed_as_duplicate += int(np.count_nonzero(one & good))
        if ((kind_i | kind_j) & IMPROPER).any():
            fine = ((kind_i & (GOOD | IMPROPER)) != 0) & ((kind_j & (GOOD | IMPROPER)) != 0)
            near = facing & (minus - plus < LONGEST) & ~duplicate
            self.facing += 2 * int(np.count_nonzero(fine & near & ~good))

    def _count_left(self) -> None:
        """Tell reads whose mates failed, or lie on another contig, from those whose mates are not there."""
        if not self._left:
            return
        left = np.sort(np.concatenate(self._left))
        self._left = []
        if not len(left):
            return
        first, size = _groups(left >> _BITS_LEFT)
        state, segment = left & np.uint64(3), left & np.uint64(FIRST | SECOND)
        n_passing = np.add.reduceat((state == _PASSES).astype(np.int64), first)
        some_fails = np.logical_or.reduceat(state != _PASSES, first)
        only_duplicates = ~np.logical_or.reduceat(state == _FAILS, first)
        same = np.logical_and.reduceat(segment == np.repeat(segment[first], size), first)
        alone = (size == 1) | (same & (segment[first] != 0))
        self.mate_missing += int(n_passing[alone].sum())
        self.mate_failed += int(n_passing[~alone & some_fails].sum())
        self.failed_as_duplicate += int(n_passing[~alone & some_fails & only_duplicates].sum())
        self.not_facing += int(n_passing[~alone & ~some_fails].sum())


_ODD = np.uint64(0x9E3779B97F4A7C15)
_PASSES, _DUPLICATE, _FAILS = 1, 2, 3
_BITS_LEFT = np.uint64(4)


def _are_two(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whether two reads may be the two of one template: not both first, nor both last."""
    a, b = a & (FIRST | SECOND), b & (FIRST | SECOND)
    return (a != b) | (a == 0) | (a == (FIRST | SECOND))


def _groups(*keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of rows that have all keys in common begin in sorted columns, and how long they are."""
    n = len(keys[0])
    if not n:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    first = np.flatnonzero(np.r_[True, np.any([key[1:] != key[:-1] for key in keys], axis=0)])
    return first, np.diff(np.r_[first, n])


def _twos(key: np.ndarray, check: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows of each two that have key and check in common, if no third has nearly that key."""
    bits = np.uint64(len(key).bit_length())
    packed = (key >> bits << bits) | np.arange(len(key), dtype=np.uint64)
    packed.sort()  # several times as fast as finding an order
    same = (packed[1:] ^ packed[:-1]) >> bits == 0
    alone = same.copy()
    alone[1:] &= ~same[:-1]
    alone[:-1] &= ~same[1:]
    at = np.flatnonzero(alone)
    row = np.uint64((1 << int(bits)) - 1)
    i, j = (packed[at] & row).astype(np.int64), (packed[at + 1] & row).astype(np.int64)
    equal = (key[i] == key[j]) & (check[i] == check[j])
    return i[equal], j[equal]


def _only_two(reads: Waiting) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of reads that have a name on a contig to themselves, as far as a quick look tells."""
    contig = reads.contig.astype(np.uint64) * _ODD
    return _twos(reads.key + contig, reads.check ^ contig)


def _by_position(reads: Waiting) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of reads that give each other's position, also where several have one name and place."""
    rows = np.flatnonzero(reads.mate_position >= 0)
    here, there = reads.position[rows], reads.mate_position[rows]
    low, high = np.minimum(here, there), np.maximum(here, there)
    last = np.where(low == high, reads.kind[rows] & SECOND != 0, here == high)
    columns = (high, low, reads.contig[rows], reads.check[rows], reads.key[rows])
    order = np.lexsort([last, *columns])
    first, size = _groups(*(column[order] for column in columns))
    if not len(first):
        return first, first
    n_last = np.add.reduceat(last[order].astype(np.int64), first)
    n_pairs = np.minimum(n_last, size - n_last)
    i = np.repeat(first, n_pairs) + _counting(n_pairs)
    j = i + np.repeat(size - n_last, n_pairs)
    return rows[order[i]], rows[order[j]]


def _by_name(reads: Waiting) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of reads that have a name on a contig to themselves."""
    columns = (reads.contig, reads.check, reads.key)
    order = np.lexsort(columns)
    first, size = _groups(*(column[order] for column in columns))
    pairs = first[size == 2]
    return order[pairs], order[pairs + 1]


def _counting(sizes: np.ndarray) -> np.ndarray:
    """0, 1, ... of each size, one after another."""
    return np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _locations(place: np.ndarray) -> Locations:
    """Numbers of locations from sorted places, of which the last bit tells duplicates apart."""
    if not len(place):
        return Locations(0, 0, 0, 0)
    location = place >> 1
    first = np.flatnonzero(np.r_[True, location[1:] != location[:-1]])
    times = np.diff(np.append(first, len(location)))
    return Locations(*map(int, (len(location), len(times), (times == 1).sum(), (times == 2).sum())))
