"""What became of every record of a BAM: numbers that add up, and what is wrong where many reads are lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import NamedTuple

import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.fragments.pairing import Pairs
from workflow_lib.io import bam

COLUMNS = (
    *("unmapped", "secondary", "supplementary", "duplicate", "qc_failed", "low_mapq", "not_proper"),
    *("mate_missing", "mate_failed", "single_end", "kept"),
)
"""Each record counts in the first that holds. `duplicate` to `not_proper` are what a read fails by itself,
`not_proper` also where two reads that pass do not face each other on one contig. The rest passes every
filter: `mate_missing` without a primary, mapped mate in the file, `mate_failed` with a mate that fails,
`single_end` beside pairs (cuts, no fragments), `kept` in a fragment, or as a read of single-end data."""


class Caution(NamedTuple):
    """What a reader must know of the reads of one sample: `share` of them, the likely cause, and a cure."""

    caution: str
    share: float
    cause: str
    fix: str


CAUTION, REFUSAL = 0.05, 0.5
"""Share of the reads that pass every filter and have no usable mate, above which it is said, or refused."""
PAIR_FLAGS = 235
"""Bits that only paired reads have."""


@dataclass
class Tally:
    """Numbers of records, as they are read.

    Attributes
    ----------
    numbers : dict of str to int
        By `COLUMNS`.
    n_paired, n_first, n_second : int
        Mapped primary reads that are paired, of these the first and the second reads of templates.
    failed_as_duplicate : int
        Of `mate_failed`, those whose mate fails as a duplicate alone.
    facing : int
        Of `not_proper`, those that face a mate near by as the reads of a fragment do.
    lengths : int array
        Number of reads of each length that pass.
    """

    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    n_paired: int = 0
    n_first: int = 0
    n_second: int = 0
    failed_as_duplicate: int = 0
    facing: int = 0
    lengths: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))

    def add(self, reads: bam.Alignments, min_mapq: int) -> tuple[np.ndarray, np.ndarray]:
        """Count some records.

        Returns
        -------
        good, improper : bool arrays
            Which of the mapped primary reads pass every filter but that of duplicates, and which fail only
            since they are not marked as properly paired.
        """
        numbers, flag = self.numbers, reads.flag
        numbers["secondary"] += reads.n_secondary
        numbers["supplementary"] += reads.n_supplementary
        numbers["unmapped"] += reads.n_unmapped
        left = (flag & bam.DUPLICATE) == 0
        numbers["duplicate"] += len(flag) - int(np.count_nonzero(left))
        good = np.ones(len(flag), dtype=bool)
        alone = (flag & bam.PAIRED) == 0
        proper = (flag & (bam.PROPER | bam.MATE_UNMAPPED)) == bam.PROPER
        for name, passes in (
            ("qc_failed", (flag & bam.QC_FAILED) == 0),
            ("low_mapq", reads.mapq >= min_mapq),
            ("not_proper", proper | alone),
        ):
            before = int(np.count_nonzero(left))
            fine = good
            good = good & passes
            left &= passes
            numbers[name] += before - int(np.count_nonzero(left))
        numbers["single_end"] += int(np.count_nonzero(left & alone))
        self.n_paired += len(flag) - int(np.count_nonzero(alone))
        segment = flag & (bam.PAIRED | bam.SEGMENT)
        self.n_first += int(np.count_nonzero(segment == bam.PAIRED | bam.FIRST))
        self.n_second += int(np.count_nonzero(segment == bam.PAIRED | bam.SECOND))
        if len(flag):
            self._count_lengths(reads.length[left])
        return good, fine & ~good & ((flag & bam.MATE_UNMAPPED) == 0)

    def settle(self, pairs: Pairs) -> bool:
        """Take in what became of paired reads once all were read; whether the file holds any."""
        numbers = self.numbers
        self.failed_as_duplicate, self.facing = pairs.failed_as_duplicate, pairs.facing
        numbers["not_proper"] += pairs.not_facing
        numbers["mate_missing"], numbers["mate_failed"] = pairs.mate_missing, pairs.mate_failed
        numbers["kept"] = pairs.kept
        if self.n_paired:
            return True
        numbers["kept"], numbers["single_end"] = numbers["single_end"], 0
        return False

    @property
    def n_reads(self) -> int:
        """Primary reads, mapped or not."""
        return sum(self.numbers.values()) - self.numbers["secondary"] - self.numbers["supplementary"]

    def _count_lengths(self, length: np.ndarray) -> None:
        here = np.bincount(np.clip(length, 0, 1 << 16))
        if len(here) > len(self.lengths):
            here, self.lengths = self.lengths, here
        self.lengths[: len(here)] += here

    @property
    def read_length(self) -> int:
        """The most frequent length; 0 if sequences are not in the file."""
        return int(np.argmax(self.lengths))


def without_mate(numbers: Mapping[str, int]) -> float:
    """Share of the paired reads that pass every filter and have no mate that does; NaN of none."""
    lost = numbers["mate_missing"] + numbers["mate_failed"]
    return lost / (lost + numbers["kept"]) if lost + numbers["kept"] else float("nan")


def single_share(numbers: Mapping[str, int]) -> float:
    """Share of single-end reads among reads that pass and are no mere halves of pairs; NaN of none."""
    used = numbers["single_end"] + numbers["kept"]
    return numbers["single_end"] / used if used else float("nan")


def of_fragments(n_kept: int, n_reads: int) -> dict[str, int]:
    """The numbers of a file of fragments, which holds of other reads at most how many are duplicates."""
    return dict.fromkeys(COLUMNS, 0) | {"duplicate": n_reads - n_kept, "kept": n_kept}


def refuse(path: str | Path, tally: Tally, min_mapq: int, count: str) -> None:
    """Refuse a BAM of which nothing or little can be used.

    That is: more than half of the paired reads that pass the filters have no usable mate; more than half are
    single-end where fragments are counted; nothing passes.

    Raises
    ------
    InputError
        With the cause, and the commands that help.
    """
    numbers = tally.numbers
    if without_mate(numbers) > REFUSAL:
        lost = numbers["mate_missing"] + numbers["mate_failed"]
        what, fix = _cause(path, tally)
        raise InputError(
            f"{path}: of {lost + numbers['kept']:,} paired reads that pass the filters, {lost:,} have no "
            f"usable mate: {what}: {fix}"
        )
    if count == "fragments" and single_share(numbers) > REFUSAL:
        raise InputError(
            f"{path}: mixes paired and single-end lanes: {numbers['single_end']:,} of "
            f"{numbers['single_end'] + numbers['kept']:,} reads that pass the filters are single-end, and "
            f"have no fragments to count: set reads.count: insertions, or keep the pairs by "
            f"{_pairs_only(path)}, and name that"
        )
    if not numbers["kept"] + (numbers["single_end"] if count == "insertions" else 0):
        kind = "properly paired reads" if tally.n_paired else "reads"
        raise InputError(
            f"{path}: of {tally.n_reads} reads, no {kind} pass the filters "
            f"(MAPQ >= {min_mapq}, no duplicate); check the mapping, or lower reads.min_mapq"
        )


def cautions(path: str | Path, tally: Tally, count: str) -> tuple[Caution, ...]:
    """What a reader of the results must know of a BAM that was not refused."""
    found = []
    numbers = tally.numbers
    if (share := without_mate(numbers)) > CAUTION:
        found.append(Caution("reads without a usable mate", share, *_cause(path, tally)))
    if (share := tally.facing / max(tally.facing + numbers["kept"], 1)) > CAUTION:
        what = (
            "the aligner does not call mates proper that reach past each other (bowtie2 without --dovetail), "
            "or that lie further apart than it was told to expect"
        )
        fix = "trim adapters, and map again (bowtie2 with --dovetail -X 2000)"
        found.append(
            Caution("reads that face their mates and are not marked as properly paired", share, what, fix)
        )
    if (share := single_share(numbers)) > CAUTION:
        used = "their cuts are counted, fragment lengths rest on the pairs"
        left = "fragments are counted, so they are left out"
        what = f"single-end lanes beside paired ones: {left if count == 'fragments' else used}"
        fix = f"to leave them out everywhere: {_pairs_only(path)}, and name that"
        found.append(Caution("single-end reads beside pairs", share, what, fix))
    return tuple(found)


def _cause(path: str | Path, tally: Tally) -> tuple[str, str]:
    """What is wrong where reads have no usable mate, and what helps."""
    numbers = tally.numbers
    single = f"count all reads as single-end ones: {_as_single(path)}, and name that"
    if numbers["mate_missing"] >= numbers["mate_failed"]:
        if not tally.n_first or not tally.n_second:
            which = "second" if tally.n_second else "first"
            what, better = f"the file holds only the {which} read of each pair", "name a BAM with both reads"
        else:
            what = "their mates are not in the file, as after a filter that judged reads one by one"
            better = "name the BAM from before that step (MAPQ and duplicates are filtered here)"
        return what, f"{better}, or {single}"
    if 2 * tally.failed_as_duplicate > numbers["mate_failed"]:
        return "their mates alone are marked as duplicates", f"mark again: {_marked(path)}, and name that"
    return (
        "their mates fail a filter, most often that of mapping quality",
        f"look at the quality of the second reads and trim them, lower reads.min_mapq, or {single}",
    )


def _made(path: str | Path, step: str) -> str:
    return quote(str(Path(path).with_suffix(f".{step}.bam")))


def _as_single(path: str | Path) -> str:
    made = _made(path, "single")
    return (
        f"samtools view -b --remove-flags {PAIR_FLAGS} -o {made} {quote(str(path))} && samtools index {made}"
    )


def _pairs_only(path: str | Path) -> str:
    made = _made(path, "paired")
    return f"samtools view -b -f 1 -o {made} {quote(str(path))} && samtools index {made}"


def _marked(path: str | Path) -> str:
    names, fixed, again, made = (_made(path, step) for step in ("names", "mates", "sorted", "marked"))
    return (
        f"samtools collate -o {names} {quote(str(path))} && samtools fixmate -m {names} {fixed} && "
        f"samtools sort -o {again} {fixed} && samtools markdup -c {again} {made} && samtools index {made}"
    )
