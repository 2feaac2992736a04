"""Fragments and cut sites of one sample: read once from its BAM or fragment file, kept sorted on disk.

A cut is one base: a transposition event copies 9 bp [s, s + 9), its plus read starts at s, the 5' base of its
minus read is s + 8, and both are moved to the centre s + 4.
"""

import bisect
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.fragments import accounting, shifts
from workflow_lib.fragments.accounting import Caution
from workflow_lib.fragments.pairing import Locations, Pairs, Singles, Waiting
from workflow_lib.io import arrays, bam, cram, fragment_files, headers

log = logging.getLogger("atacdiff")

FORMAT = 3
Ends = tuple[np.ndarray, np.ndarray]
ENDS = ("plus", "minus", "single_plus", "single_minus")
EVENT = 9
"""Bases that a transposition event copies: both ends of a fragment reach half of it beyond their cuts."""
REACH = 10_000
"""How far before a window fragments that end in it are looked for: no pair is mapped as proper beyond."""


@dataclass(frozen=True)
class FragmentStore:
    """Cut sites of one sample, sorted by position within each contig.

    Attributes
    ----------
    contigs : dict of str to int
        Name to length, in the BAM's order.
    paired : bool
    tn5_shift : (int, int)
        What was added to plus and minus 5' bases.
    tn5_evidence : str
        How that was found.
    n_reads, n_mapped, n_duplicates : int
        Primary reads; those mapped; and of these the marked duplicates: all before any filter. Of a fragment
        file, two reads a fragment, and no number of duplicates (None) where it does not tell.
    mapped_per_contig : dict of str to int
        Mapped primary reads before any filter.
    sources : dict of str to str
        Digest of each file that it was made from, by what the table of inputs calls it.
    locations : dict of str to Locations
        By contig; empty where the input does not tell.
    plus, minus : dict of str to int32 array
        Cut sites of plus and minus reads, by contig, sorted; of pairs, `minus` is parallel to `plus` instead:
        the two cuts of one fragment.
    single_plus, single_minus : dict of str to int32 array
        Of paired data that also have single-end reads, the cut sites of these.
    accounting : dict of str to int
        What became of every record: see :mod:`workflow_lib.fragments.accounting`.
    read_length : int
        The most frequent number of bases of the reads kept; 0 where unknown.
    cautions : tuple of Caution
        What is to be said where many reads have no usable mate, or are single-end.
    """

    contigs: dict[str, int]
    paired: bool
    tn5_shift: tuple[int, int]
    tn5_evidence: str
    n_reads: int
    n_mapped: int
    n_duplicates: int | None
    mapped_per_contig: dict[str, int]
    plus: dict[str, np.ndarray] = field(repr=False)
    minus: dict[str, np.ndarray] = field(repr=False)
    locations: dict[str, Locations] = field(default_factory=dict, repr=False)
    single_plus: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    single_minus: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    accounting: dict[str, int] = field(default_factory=dict, repr=False)
    sources: dict[str, str] = field(default_factory=dict, repr=False)
    read_length: int = 0
    cautions: tuple[Caution, ...] = ()

    def cuts(self, contig: str) -> np.ndarray:
        """All insertions on a contig: sorted int32 positions, 0-based, with repeats; empty if it has none."""
        return np.sort(np.concatenate(self.ends(contig)), kind="stable")  # in runs already

    def ends(self, contig: str, window: tuple[int, int] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Cuts of all plus and of all minus reads on a contig, in no order; empty if it has none.

        With a `window` (start, end) all of these, and some beside it, as :meth:`read` takes them.
        """
        group = {end: getattr(self, end)[contig] for end in ENDS if contig in getattr(self, end)}
        found = {end: _part(group, end, window, self.paired) for end in group}
        plus, minus = (
            [found[end] for end in both if end in found]
            for both in (("plus", "single_plus"), ("minus", "single_minus"))
        )
        none = [np.empty(0, np.int32)]
        return np.concatenate(plus or none), np.concatenate(minus or none)

    def keeping_cuts(self) -> "FragmentStore":
        """The same store, which sorts the cuts of each contig once: for several passes over all of them."""
        return _KeepingCuts(**{each.name: getattr(self, each.name) for each in fields(self)})

    def single_cuts(self, contig: str) -> np.ndarray:
        """Cuts of single-end reads beside pairs, sorted."""
        none = np.empty(0, np.int32)
        both = self.single_plus.get(contig, none), self.single_minus.get(contig, none)
        return np.sort(np.concatenate(both), kind="stable")

    def n_cuts(self, contigs) -> int:
        """Insertions on some contigs."""
        parts = (self.plus, self.minus, self.single_plus, self.single_minus)
        return sum(len(part[name]) for part in parts for name in contigs if name in part)

    def fragments(self, contig: str) -> tuple[np.ndarray, np.ndarray]:
        """First and last cut of each fragment on a contig, sorted by the first; paired data only."""
        if not self.paired:
            raise ValueError("single-end reads have no fragments, only cuts")
        none = np.empty(0, np.int32)
        return self.plus.get(contig, none), self.minus.get(contig, none)

    def lengths(self, contig: str) -> np.ndarray:
        """Length in bp of each fragment as it was sequenced, in the order of :meth:`fragments`."""
        first, last = self.fragments(contig)
        beyond = EVENT + (self.tn5_shift == (4, -5))  # which cuts one base too soon on the minus strand
        return last - first + beyond

    def n_fragments(self, contigs=None) -> int:
        """Fragments kept (reads, if single-end), on all contigs or on those named."""
        chosen = [name for name in self.contigs if contigs is None or name in contigs]
        n_plus = sum(len(self.plus.get(name, ())) for name in chosen)
        return n_plus if self.paired else n_plus + sum(len(self.minus.get(name, ())) for name in chosen)

    def write(self, path: str | Path) -> None:
        """Write the store, whole or not at all."""
        header = {
            "format": FORMAT,
            "sources": json.dumps(self.sources),
            "contigs": json.dumps(self.contigs),
            "paired": self.paired,
            "tn5_shift": list(self.tn5_shift),
            "tn5_evidence": self.tn5_evidence,
            "n_reads": self.n_reads,
            "n_mapped": self.n_mapped,
            "n_duplicates": -1 if self.n_duplicates is None else self.n_duplicates,
            "mapped_per_contig": json.dumps(self.mapped_per_contig),
            "locations": json.dumps(self.locations),
            "accounting": json.dumps(self.accounting),
            "read_length": self.read_length,
            "cautions": json.dumps(self.cautions),
        }
        content = {}
        for i, name in enumerate(self.contigs):
            for end in ENDS:
                if name in getattr(self, end):
                    content[f"{i}/{end}"] = getattr(self, end)[name]
        arrays.write_arrays(path, content, header)

    @staticmethod
    def read(path: str | Path, contigs=None, *, window: tuple[int, int] | None = None) -> "FragmentStore":
        """Read a store; with `contigs`, the cuts of those alone; with `window` (start, end), part of these.

        The part holds every cut of the window, and some beside it; no more of the file is read.

        Raises
        ------
        InputError
            If the file is damaged or of another format.
        """
        with arrays.opened(path) as store:
            if store.attrs.get("format") != FORMAT:
                raise InputError(f"{path}: not a cut-site store of this version; delete it and run again")
            names = json.loads(store.attrs["contigs"])
            wanted = {
                name: store[str(i)]
                for i, name in enumerate(names)
                if str(i) in store and (contigs is None or name in contigs)
            }
            paired = bool(store.attrs["paired"])
            return FragmentStore(
                contigs=names,
                sources=json.loads(store.attrs["sources"]),
                paired=paired,
                tn5_shift=(int(store.attrs["tn5_shift"][0]), int(store.attrs["tn5_shift"][1])),
                tn5_evidence=str(store.attrs["tn5_evidence"]),
                n_reads=int(store.attrs["n_reads"]),
                n_mapped=int(store.attrs["n_mapped"]),
                n_duplicates=None if store.attrs["n_duplicates"] < 0 else int(store.attrs["n_duplicates"]),
                mapped_per_contig=json.loads(store.attrs["mapped_per_contig"]),
                **{end: _parts(wanted, end, window, paired) for end in ENDS},
                accounting=json.loads(store.attrs["accounting"]),
                read_length=int(store.attrs["read_length"]),
                cautions=tuple(Caution(*found) for found in json.loads(store.attrs["cautions"])),
                locations={
                    name: Locations(*found) for name, found in json.loads(store.attrs["locations"]).items()
                },
            )


class _KeepingCuts(FragmentStore):
    def cuts(self, contig: str) -> np.ndarray:
        kept = self.__dict__.setdefault("_kept", {})
        if contig not in kept:
            kept[contig] = super().cuts(contig)
        return kept[contig]


def from_file(
    path: str | Path,
    *,
    min_mapq: int = 30,
    tn5_shift="auto",
    contigs: Mapping[str, int] | None = None,
    threads: int = 1,
    count: str = "insertions",
    reference: cram.Reference | str | Path | None = None,
) -> FragmentStore:
    """Read the cut sites of one sample from a BAM or, going by its name, a fragment file.

    Parameters as in :func:`from_bam` and :func:`from_fragment_file`.
    """
    if fragment_files.is_fragment_file(path):
        return from_fragment_file(path, tn5_shift=tn5_shift, contigs=contigs)
    return from_bam(
        path, min_mapq=min_mapq, tn5_shift=tn5_shift, threads=threads, count=count, reference=reference
    )


def from_bam(
    path: str | Path,
    *,
    min_mapq: int = 30,
    tn5_shift="auto",
    threads: int = 1,
    count: str = "insertions",
    reference: cram.Reference | str | Path | None = None,
) -> FragmentStore:
    """Read the cut sites of one sample in one pass of its BAM.

    Kept are pairs (`-f 2 -F 1804`) of which both reads reach `min_mapq`, on any contig, including the
    mitochondrial ones; single-end reads likewise, without the pair flags. Mates are matched by name, see
    :class:`workflow_lib.fragments.pairing.Pairs`. Where bases at a 5' end were clipped, the cut is where the
    first of
    them would lie. What became of each record is in the store's `accounting`.

    Parameters
    ----------
    path : str or Path
        Coordinate-sorted BAM or CRAM with duplicates marked or removed.
    min_mapq : int
    tn5_shift : "auto" or (int, int)
        Added to the 5' base of plus and minus reads; `auto` finds out whether the BAM is shifted already.
    threads : int
        See :func:`workflow_lib.io.bam.read_alignments`; the store is the same.
    count : "insertions" or "fragments"
        What will be counted. Single-end reads beside pairs have insertions and no fragments.
    reference : Reference or path, optional
        FASTA that a CRAM was made with.

    Raises
    ------
    InputError
        If the file is no whole BAM, if nothing passes the filters, or if more than half of the reads that do
        have no mate that does.
    """
    contigs = headers.read_bam_header(path).contigs
    names, lengths = list(contigs), np.array(list(contigs.values()))
    tally, mapped = accounting.Tally(), np.zeros(len(contigs), dtype=np.int64)
    pairs, singles = Pairs(), Singles()
    before = 0
    for reads in bam.read_alignments(path, threads, reference):
        good, improper = tally.add(reads, min_mapq)
        if not len(good):
            continue
        if reads.contig[0] < before or (reads.contig[1:] < reads.contig[:-1]).any():
            raise InputError(f"{path}: is not sorted by coordinate: {headers.sorting(path, contigs)}")
        before = int(reads.contig[-1])
        mapped += np.bincount(reads.contig, minlength=len(contigs))
        cut = _first_base(reads, lengths)
        paired = (reads.flag & bam.PAIRED) != 0
        pairs.add(Waiting.of(reads, cut, good, improper, paired))
        if (alone := good & ~paired).any():
            reverse, duplicate = ((reads.flag[alone] & bit) != 0 for bit in (bam.REVERSE, bam.DUPLICATE))
            singles.add(reads.contig[alone], cut[alone], reverse, duplicate)
    pairs.finish()
    is_paired = tally.settle(pairs)
    accounting.refuse(path, tally, min_mapq, count)
    found, beside = pairs.found(), singles.found()
    if not is_paired:
        found, beside = beside, {}
    return _store(
        {names[i]: (plus, minus) for i, (plus, minus, _) in found.items()},
        contigs,
        tn5_shift,
        beside={names[i]: (plus, minus) for i, (plus, minus, _) in beside.items()},
        paired=is_paired,
        n_reads=tally.n_reads,
        n_mapped=int(mapped.sum()),
        n_duplicates=tally.numbers["duplicate"],
        mapped_per_contig={name: int(n) for name, n in zip(names, mapped, strict=True)},
        locations={names[i]: locations for i, (_, _, locations) in found.items()},
        accounting=tally.numbers,
        read_length=tally.read_length,
        cautions=accounting.cautions(path, tally, count),
    )


def _first_base(reads: bam.Alignments, lengths: np.ndarray) -> np.ndarray:
    """Where the first base of each read lies, clipped ones included, as if nothing were inserted there."""
    rows = np.flatnonzero(reads.clipped)
    if not len(rows):
        return reads.five_prime
    ahead = np.where((reads.flag[rows] & bam.REVERSE) != 0, reads.clipped[rows], -reads.clipped[rows])
    cut = reads.five_prime.copy()
    cut[rows] = np.clip(cut[rows].astype(np.int64) + ahead, 0, lengths[reads.contig[rows]] - 1)
    return cut


def from_fragment_file(
    path: str | Path, *, tn5_shift="auto", contigs: Mapping[str, int] | None = None
) -> FragmentStore:
    """Take the fragments of one sample from a fragments.tsv or BEDPE, as they are: nothing is filtered.

    Fragments of 10x Genomics or sinto are shifted by +4/-5 already, a BEDPE usually is not: `auto` finds out.
    Where a fifth column counts the read pairs of each fragment, it gives the share of duplicates and the
    complexity; otherwise both are unknown.

    Parameters
    ----------
    path : str or Path
        See :func:`workflow_lib.io.fragment_files.read`.
    tn5_shift : "auto" or (int, int)
    contigs : mapping of str to int, optional
        Lengths, in genome order. Without it contigs are those of the file, as long as they have fragments.

    Raises
    ------
    InputError
        If the file is not of that form, holds no fragment, or has one beyond the genome.
    """
    given = fragment_files.read(path)
    table = given.fragments
    if not len(table):
        raise InputError(f"{path}: holds no fragment; check how it was made")
    lengths = (
        dict(contigs) if contigs else table.groupby("chrom", sort=False, observed=True)["end"].max().to_dict()
    )
    ends, mapped, locations = {}, dict.fromkeys(lengths, 0), {}
    for name, rows in table.groupby("chrom", sort=False, observed=True):
        name = str(name)
        if name not in lengths:
            raise InputError(f"{path}: contig {name} is not in the genome; give fragments of one assembly")
        if rows["end"].max() > lengths[name]:
            raise InputError(
                f"{path}: a fragment ends at {rows['end'].max():,}, past the end of {name} "
                f"({lengths[name]:,} bp); give fragments of this genome assembly"
            )
        start, end = rows["start"].to_numpy(np.int32), rows["end"].to_numpy(np.int32)
        order = np.lexsort([end, start])
        ends[name] = start[order], end[order] - 1
        mapped[name] = 2 * int(rows["count"].sum())
        if given.has_counts:
            count = rows["count"].to_numpy()
            numbers = (count.sum(), len(count), (count == 1).sum(), (count == 2).sum())
            locations[name] = Locations(*map(int, numbers))
    n_mapped = sum(mapped.values())
    kept = 2 * len(table)
    return _store(
        ends,
        lengths,
        tn5_shift,
        paired=True,
        accounting=accounting.of_fragments(kept, n_mapped),
        n_reads=n_mapped,
        n_mapped=n_mapped,
        n_duplicates=n_mapped - kept if given.has_counts else None,
        mapped_per_contig=mapped,
        locations=locations,
    )


def _store(
    ends: Mapping[str, Ends],
    contigs: Mapping[str, int],
    tn5_shift,
    *,
    beside: Mapping[str, Ends] = MappingProxyType({}),
    **numbers,
) -> FragmentStore:
    """The store of 5' bases (plus, minus) by contig, moved to the centres of their events.

    Those in `beside` are of single-end reads in a file of pairs.
    """
    if isinstance(tn5_shift, str):
        every = [*ends.values(), *beside.values()]
        shift, evidence = shifts.detect([plus for plus, _ in every], [minus for _, minus in every])
    else:
        shift, evidence = (int(tn5_shift[0]), int(tn5_shift[1])), "set in the config"
    moved: dict[str, Any] = {
        end: {name: _shifted(both[i % 2], shift[i % 2], contigs[name]) for name, both in group.items()}
        for i, (end, group) in enumerate(zip(ENDS, (ends, ends, beside, beside), strict=True))
    }
    return FragmentStore(contigs=dict(contigs), tn5_shift=shift, tn5_evidence=evidence, **moved, **numbers)


def _parts(groups: Mapping, end: str, window: tuple[int, int] | None, paired: bool) -> dict:
    """What :func:`_part` takes of each contig that has such cuts."""
    return {name: _part(group, end, window, paired) for name, group in groups.items() if end in group}


def _part(group, end: str, window: tuple[int, int] | None, paired: bool) -> np.ndarray:
    """Cuts of plus or minus reads that a window needs, or all; of pairs both are found by the plus ones."""
    if window is None:
        return group[end][:]
    of_pair = paired and end in ("plus", "minus")
    by = group["plus" if of_pair else end]
    first = bisect.bisect_left(by, window[0] - (REACH if of_pair else 0))
    return group[end][first : bisect.bisect_left(by, window[1], first)]


def _shifted(positions: np.ndarray, shift: int, length: int) -> np.ndarray:
    """Cut sites of 5' bases; those that a shift would push off the contig stay on its last base."""
    return np.clip(positions + shift, 0, length - 1).astype(np.int32)
