"""Fragments and cut sites of one sample: read once from its BAM, kept sorted on disk.

A cut is one base: a transposition event copies 9 bp [s, s + 9), its plus read starts at s, the 5' base of its
minus read is s + 8, and both are moved to the centre s + 4.
"""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workflow_lib import tn5_shift as shifts
from workflow_lib.errors import InputError
from workflow_lib.io import arrays, bam

log = logging.getLogger("atacdiff")

# -F 1804: read or mate unmapped, secondary, failed quality, duplicate
REJECTED = 1804
FORMAT = 1


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
        Primary reads; those mapped; and of these the marked duplicates: all before any filter.
    mapped_per_contig : dict of str to int
        Mapped primary reads before any filter.
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
    n_duplicates: int
    mapped_per_contig: dict[str, int]
    plus: dict[str, np.ndarray] = field(repr=False)
    minus: dict[str, np.ndarray] = field(repr=False)

    def cuts(self, contig: str) -> np.ndarray:
        """All insertions on a contig: sorted int32 positions, 0-based, with repeats; empty if it has none."""
        ends = [self.plus.get(contig), self.minus.get(contig)]
        return np.sort(np.concatenate([end for end in ends if end is not None] or [np.empty(0, np.int32)]))

    def fragments(self, contig: str) -> tuple[np.ndarray, np.ndarray]:
        """First and last cut of each fragment on a contig, sorted by the first; paired data only."""
        if not self.paired:
            raise ValueError("single-end reads have no fragments, only cuts")
        none = np.empty(0, np.int32)
        return self.plus.get(contig, none), self.minus.get(contig, none)

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
            "n_duplicates": self.n_duplicates,
            "mapped_per_contig": json.dumps(self.mapped_per_contig),
        }
        content = {}
        for i, name in enumerate(self.contigs):
            if name in self.plus:
                content[f"{i}/plus"], content[f"{i}/minus"] = self.plus[name], self.minus[name]
        arrays.write_arrays(path, content, header)

    @staticmethod
    def read(path: str | Path, contigs=None) -> "FragmentStore":
        """Read a store; with `contigs`, the cuts of those alone.

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
            return FragmentStore(
                contigs=names,
                paired=bool(store.attrs["paired"]),
                tn5_shift=(int(store.attrs["tn5_shift"][0]), int(store.attrs["tn5_shift"][1])),
                tn5_evidence=str(store.attrs["tn5_evidence"]),
                n_reads=int(store.attrs["n_reads"]),
                n_mapped=int(store.attrs["n_mapped"]),
                n_duplicates=int(store.attrs["n_duplicates"]),
                mapped_per_contig=json.loads(store.attrs["mapped_per_contig"]),
                plus={name: group["plus"][:] for name, group in wanted.items()},
                minus={name: group["minus"][:] for name, group in wanted.items()},
            )


def from_bam(path: str | Path, *, min_mapq: int = 30, tn5_shift="auto") -> FragmentStore:
    """Read the cut sites of one sample in one pass of its BAM.

    Kept are pairs (`-f 2 -F 1804`) of which both reads reach `min_mapq`, on any contig, including the
    mitochondrial ones; single-end reads likewise, without the pair flags. Reads and duplicates are counted
    before any filter.

    Parameters
    ----------
    path : str or Path
        Coordinate-sorted BAM with duplicates marked or removed.
    min_mapq : int
    tn5_shift : "auto" or (int, int)
        Added to the 5' base of plus and minus reads; `auto` finds out whether the BAM is shifted already.

    Raises
    ------
    InputError
        If the file is no whole BAM, or nothing passes the filters.
    """
    reads = bam.read_alignments(path)
    paired = bool(np.any(reads.flag & bam.PAIRED))
    keep = (reads.mapq >= min_mapq) & ((reads.flag & REJECTED) == 0)
    if paired:
        keep &= (reads.flag & bam.PROPER) != 0
    ends = _pairs(reads, keep) if paired else _singles(reads, keep)
    if not any(len(plus) or len(minus) for plus, minus in ends.values()):
        kind = "properly paired reads" if paired else "reads"
        raise InputError(
            f"{path}: of {reads.n_reads} reads, no {kind} pass the filters "
            f"(MAPQ >= {min_mapq}, no duplicate); "
            "check the mapping, or lower reads.min_mapq"
        )
    if isinstance(tn5_shift, str):
        shift, evidence = shifts.detect([e[0] for e in ends.values()], [e[1] for e in ends.values()])
    else:
        shift, evidence = (int(tn5_shift[0]), int(tn5_shift[1])), "set in the config"
    names = list(reads.contigs)
    mapped = np.bincount(reads.contig, minlength=len(names))
    return FragmentStore(
        contigs=reads.contigs,
        paired=paired,
        tn5_shift=shift,
        tn5_evidence=evidence,
        n_reads=reads.n_reads,
        n_mapped=len(reads.contig),
        n_duplicates=int(np.count_nonzero(reads.flag & bam.DUPLICATE)),
        mapped_per_contig={name: int(n) for name, n in zip(names, mapped, strict=True)},
        plus={names[i]: _shifted(plus, shift[0], reads.contigs[names[i]]) for i, (plus, _) in ends.items()},
        minus={
            names[i]: _shifted(minus, shift[1], reads.contigs[names[i]]) for i, (_, minus) in ends.items()
        },
    )


def _shifted(positions: np.ndarray, shift: int, length: int) -> np.ndarray:
    """Cut sites of 5' bases; those that a shift would push off the contig stay on its last base."""
    return np.clip(positions + shift, 0, length - 1).astype(np.int32)


def _singles(reads: bam.Alignments, keep: np.ndarray) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Sorted 5' bases of plus and minus reads for each contig index."""
    reverse = (reads.flag & bam.REVERSE) != 0
    ends = {}
    for i in np.unique(reads.contig[keep]):
        here = keep & (reads.contig == i)
        ends[int(i)] = (np.sort(reads.five_prime[here & ~reverse]), np.sort(reads.five_prime[here & reverse]))
    return ends


def _pairs(reads: bam.Alignments, keep: np.ndarray) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """5' bases of the two reads of each pair, sorted by the plus read, for each contig index.

    Mates are matched by (contig, start, length) of their template, not by name: which of two identical
    fragments a read belongs to changes nothing. Templates of which one read failed a filter fall away.
    """
    reverse = (reads.flag & bam.REVERSE) != 0
    inward = keep & (reads.fragment_length > 0)
    # A template's start and length as one integer sorts by start, then length.
    template = (reads.fragment_start.astype(np.int64) << 32) | reads.fragment_length
    ends = {}
    for i in np.unique(reads.contig[inward]):
        here = inward & (reads.contig == i)
        forward = np.unique(template[here & ~reverse], return_counts=True)
        backward = np.unique(template[here & reverse], return_counts=True)
        both, at_forward, at_backward = np.intersect1d(
            forward[0], backward[0], assume_unique=True, return_indices=True
        )
        kept = np.repeat(both, np.minimum(forward[1][at_forward], backward[1][at_backward]))
        start, length = kept >> 32, kept & 0xFFFFFFFF
        ends[int(i)] = (start.astype(np.int32), (start + length - 1).astype(np.int32))
    return ends
