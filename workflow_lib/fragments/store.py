"""Fragments and cut sites of one sample: read once from its BAM or fragment file, kept sorted on disk.

A cut is one base: a transposition event copies 9 bp [s, s + 9), its plus read starts at s, the 5' base of its
minus read is s + 8, and both are moved to the centre s + 4.
"""

import bisect
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.fragments import shifts
from workflow_lib.fragments.pairing import Locations, Places
from workflow_lib.io import arrays, bam, fragment_files, headers

log = logging.getLogger("atacdiff")

# -F 1804: read or mate unmapped, secondary, failed quality, duplicate; duplicates are set apart later
REJECTED = 1804 & ~bam.DUPLICATE
FORMAT = 2
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
    locations : dict of str to Locations
        By contig; empty where the input does not tell.
    plus, minus : dict of str to int32 array
        Cut sites of plus and minus reads, by contig, sorted; of pairs, `minus` is parallel to `plus` instead:
        the two cuts of one fragment.
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

    def cuts(self, contig: str) -> np.ndarray:
        """All insertions on a contig: sorted int32 positions, 0-based, with repeats; empty if it has none."""
        ends = [self.plus.get(contig), self.minus.get(contig)]
        cuts = np.concatenate([end for end in ends if end is not None] or [np.empty(0, np.int32)])
        return np.sort(cuts, kind="stable")  # in runs already: four times as fast as the default

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
            "contigs": json.dumps(self.contigs),
            "paired": self.paired,
            "tn5_shift": list(self.tn5_shift),
            "tn5_evidence": self.tn5_evidence,
            "n_reads": self.n_reads,
            "n_mapped": self.n_mapped,
            "n_duplicates": -1 if self.n_duplicates is None else self.n_duplicates,
            "mapped_per_contig": json.dumps(self.mapped_per_contig),
            "locations": json.dumps(self.locations),
        }
        content = {}
        for i, name in enumerate(self.contigs):
            if name in self.plus:
                content[f"{i}/plus"], content[f"{i}/minus"] = self.plus[name], self.minus[name]
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
                paired=paired,
                tn5_shift=(int(store.attrs["tn5_shift"][0]), int(store.attrs["tn5_shift"][1])),
                tn5_evidence=str(store.attrs["tn5_evidence"]),
                n_reads=int(store.attrs["n_reads"]),
                n_mapped=int(store.attrs["n_mapped"]),
                n_duplicates=None if store.attrs["n_duplicates"] < 0 else int(store.attrs["n_duplicates"]),
                mapped_per_contig=json.loads(store.attrs["mapped_per_contig"]),
                plus={name: _part(group, "plus", window, paired) for name, group in wanted.items()},
                minus={name: _part(group, "minus", window, paired) for name, group in wanted.items()},
                locations={
                    name: Locations(*found) for name, found in json.loads(store.attrs["locations"]).items()
                },
            )


def from_file(
    path: str | Path,
    *,
    min_mapq: int = 30,
    tn5_shift="auto",
    contigs: Mapping[str, int] | None = None,
    threads: int = 1,
) -> FragmentStore:
    """Read the cut sites of one sample from a BAM or, going by its name, a fragment file.

    Parameters as in :func:`from_bam` and :func:`from_fragment_file`.
    """
    if fragment_files.is_fragment_file(path):
        return from_fragment_file(path, tn5_shift=tn5_shift, contigs=contigs)
    return from_bam(path, min_mapq=min_mapq, tn5_shift=tn5_shift, threads=threads)


def from_bam(path: str | Path, *, min_mapq: int = 30, tn5_shift="auto", threads: int = 1) -> FragmentStore:
    """Read the cut sites of one sample in one pass of its BAM.

    Kept are pairs (`-f 2 -F 1804`) of which both reads reach `min_mapq`, on any contig, including the
    mitochondrial ones; single-end reads likewise, without the pair flags. Reads and duplicates are counted
    before any filter. Single-end reads of a BAM that also has pairs are left out.

    Parameters
    ----------
    path : str or Path
        Coordinate-sorted BAM with duplicates marked or removed.
    min_mapq : int
    tn5_shift : "auto" or (int, int)
        Added to the 5' base of plus and minus reads; `auto` finds out whether the BAM is shifted already.
    threads : int
        See :func:`workflow_lib.io.bam.read_alignments`; the store is the same.

    Raises
    ------
    InputError
        If the file is no whole BAM, or nothing passes the filters.
    """
    contigs = headers.read_bam_header(path).contigs
    n_reads = n_duplicates = 0
    mapped = np.zeros(len(contigs), dtype=np.int64)
    pairs, singles = Places(), Places()
    paired = False
    for reads in bam.read_alignments(path, threads):
        n_reads += reads.n_reads
        n_duplicates += int(np.count_nonzero(reads.flag & bam.DUPLICATE))
        mapped += np.bincount(reads.contig, minlength=len(contigs))
        of_pair = (reads.flag & bam.PAIRED) != 0
        paired = paired or bool(of_pair.any())
        passed = (reads.mapq >= min_mapq) & ((reads.flag & REJECTED) == 0)
        proper = passed & ((reads.flag & bam.PROPER) != 0) & (reads.fragment_length > 0)
        pairs.add(reads, proper & of_pair, reads.fragment_start, reads.fragment_length)
        if not paired:
            singles.add(reads, passed, reads.five_prime, np.zeros_like(reads.five_prime))
    found = pairs.of_pairs() if paired else singles.of_singles()
    if not any(len(plus) or len(minus) for plus, minus, _ in found.values()):
        kind = "properly paired reads" if paired else "reads"
        raise InputError(
            f"{path}: of {n_reads} reads, no {kind} pass the filters "
            f"(MAPQ >= {min_mapq}, no duplicate); "
            "check the mapping, or lower reads.min_mapq"
        )
    names = list(contigs)
    ends = {names[i]: (plus, minus) for i, (plus, minus, _) in found.items()}
    return _store(
        ends,
        contigs,
        tn5_shift,
        paired=paired,
        n_reads=n_reads,
        n_mapped=int(mapped.sum()),
        n_duplicates=n_duplicates,
        mapped_per_contig={name: int(n) for name, n in zip(names, mapped, strict=True)},
        locations={names[i]: locations for i, (_, _, locations) in found.items()},
    )


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
    return _store(
        ends,
        lengths,
        tn5_shift,
        paired=True,
        n_reads=n_mapped,
        n_mapped=n_mapped,
        n_duplicates=n_mapped - 2 * len(table) if given.has_counts else None,
        mapped_per_contig=mapped,
        locations=locations,
    )


def _store(
    ends: Mapping[str, tuple[np.ndarray, np.ndarray]], contigs: Mapping[str, int], tn5_shift, **numbers
) -> FragmentStore:
    """The store of 5' bases (plus, minus) by contig, moved to the centres of their events."""
    if isinstance(tn5_shift, str):
        shift, evidence = shifts.detect(
            [plus for plus, _ in ends.values()], [minus for _, minus in ends.values()]
        )
    else:
        shift, evidence = (int(tn5_shift[0]), int(tn5_shift[1])), "set in the config"
    return FragmentStore(
        contigs=dict(contigs),
        tn5_shift=shift,
        tn5_evidence=evidence,
        plus={name: _shifted(plus, shift[0], contigs[name]) for name, (plus, _) in ends.items()},
        minus={name: _shifted(minus, shift[1], contigs[name]) for name, (_, minus) in ends.items()},
        **numbers,
    )


def _part(group, end: str, window: tuple[int, int] | None, paired: bool) -> np.ndarray:
    """Cuts of plus or minus reads that a window needs, or all; of pairs both are found by the plus ones."""
    if window is None:
        return group[end][:]
    by = group["plus" if paired else end]
    first = bisect.bisect_left(by, window[0] - (REACH if paired else 0))
    return group[end][first : bisect.bisect_left(by, window[1], first)]


def _shifted(positions: np.ndarray, shift: int, length: int) -> np.ndarray:
    """Cut sites of 5' bases; those that a shift would push off the contig stay on its last base."""
    return np.clip(positions + shift, 0, length - 1).astype(np.int32)
