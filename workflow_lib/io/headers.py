"""What files say of themselves at their beginning: BAM headers, contigs of a FASTA, compression."""

import gzip
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.io import cram
from workflow_lib.io.text import (
    BGZF_END,
    BYTE_ORDER_MARK,
    CHUNK_BYTES,
    blocks,
    is_bgzipped,
    is_utf_16,
    read_small,
)

LONGEST_HEADER = 1 << 28
LONGEST_CONTIG = 2**31 - 1
BAI_REACH = 1 << 29
SEQUENCE_LETTERS = b"ACGTUNRYSWKMBDHVXacgtunryswkmbdhvx-*."  # IUPAC's, and marks of gaps
_CLOCK_SLACK = 1.0  # seconds; files copied together may swap order by less


@dataclass(frozen=True)
class BamHeader:
    """Header of a BAM or CRAM.

    Attributes
    ----------
    contigs : dict of str to int
        Name to length, in the header's order.
    sort_order : str or None
        SO of the @HD line: coordinate, queryname, unsorted, unknown.
    md5 : dict of str to str
        Of a CRAM, MD5 of the contigs' sequences.
    """

    contigs: dict[str, int]
    sort_order: str | None
    md5: dict[str, str] = field(default_factory=dict)


def read_bam_header(path: str | Path) -> BamHeader:
    """Read the header of a BAM or CRAM, and make sure that the file is a whole one.

    Raises
    ------
    InputError
        For SAM, anything else that is no BAM, or a BAM that is cut short; with the command that helps.
    """
    path = Path(path)
    try:
        with open(path, "rb") as stream:
            begin = stream.read(4)
            stream.seek(max(0, path.stat().st_size - len(BGZF_END)))
            whole = stream.read() == BGZF_END
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}): correct the path or its rights"
        ) from error
    made = quote(path.stem + (".sorted.bam" if path.suffix == ".bam" else ".bam"))  # not onto itself
    if begin == cram.MAGIC:
        if cram.is_cram(path):
            header = cram.read_header(path)
            return BamHeader(header.contigs, header.sort_order, header.md5)
        made = quote(f"{path.with_suffix('')}.cram")
        raise InputError(
            f"{path}: is CRAM, and the name says BAM: mv {quote(str(path))} {made} && samtools index {made}"
        )
    if begin[:1] == b"@":
        raise InputError(
            f"{path}: is SAM: samtools sort -o {made} {quote(str(path))} && samtools index {made}"
        )
    if not is_bgzipped(path):
        raise InputError(f"{path}: is not a BAM: give the sorted BAM of the aligner")
    if not whole:
        raise InputError(
            f"{path}: is cut short (it lacks the last block of a whole BAM): copy or make it again"
        )
    try:
        return _parse_bam_header(path)
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise InputError(f"{path}: is not a readable BAM ({error}): copy or make it again") from error


def _parse_bam_header(path: Path) -> BamHeader:
    """The beginning of a BAM: SAM specification, section 4.2. htslib prints to stderr beside raising."""
    with gzip.open(path, "rb") as stream:

        def read(size: int) -> bytes:
            if not 0 <= size <= LONGEST_HEADER:
                raise ValueError(f"a part of its header is said to have {size} bytes")
            data = stream.read(size)
            if len(data) < size:
                raise EOFError("its header is cut short")
            return data

        if read(4) != b"BAM\1":
            raise ValueError("it is compressed as one, and begins otherwise")
        text = read(*struct.unpack("<i", read(4))).decode("utf-8", "replace")
        (n_contigs,) = struct.unpack("<i", read(4))
        contigs: dict[str, int] = {}
        for _ in range(n_contigs):
            name = read(*struct.unpack("<i", read(4))).rstrip(b"\0").decode("utf-8", "replace")
            (length,) = struct.unpack("<i", read(4))
            if not name or name in contigs or length < 0:
                raise ValueError(
                    f"contig {name!r} in its header is named twice, or not at all, or has no length"
                )
            contigs[name] = length
    order = re.match(r"@HD\t(?:[^\n]*\t)?SO:([^\t\n]*)", text)
    return BamHeader(contigs, order[1].strip() if order else None)


def indexing(path: str | Path, contigs: Mapping[str, int]) -> str:
    """The command that indexes a BAM or CRAM; a .bai reaches no further than 512 Mb into a contig."""
    long = max(contigs.values(), default=0) > BAI_REACH and not cram.is_cram(path)
    return f"samtools index {'-c ' if long else ''}{quote(str(path))}"


def sorting(path: str | Path, contigs: Mapping[str, int]) -> str:
    """The command that sorts a BAM or CRAM by coordinate, and indexes what it makes."""
    ending = Path(path).suffix
    made = f"{str(path).removesuffix(ending)}.sorted{ending}"
    return f"samtools sort -o {quote(made)} {quote(str(path))} && {indexing(made, contigs)}"


def bam_index(path: str | Path) -> Path | None:
    """The index of a BAM or CRAM, under any of the names that samtools gives it; None if there is none."""
    path = Path(path)
    if cram.is_cram(path):
        index = Path(f"{path}.crai")
        return index if index.is_file() and index.stat().st_size else None
    for index in (
        Path(f"{path}.bai"),
        Path(f"{path}.csi"),
        path.with_suffix(".bai"),
        path.with_suffix(".csi"),
    ):
        if index.is_file() and index.stat().st_size:
            return index
    return None


def is_older(path: str | Path, than: str | Path) -> bool:
    """Whether a file was last written before another one, by more than files copied together may be."""
    return Path(path).stat().st_mtime < Path(than).stat().st_mtime - _CLOCK_SLACK


def read_fasta_index(path: str | Path) -> dict[str, int] | None:
    """Contigs and lengths by the `.fai` beside a FASTA; None if there is none or it is older than the FASTA.

    Raises
    ------
    InputError
        If the index cannot be read.
    """
    index = Path(f"{path}.fai")
    if not index.is_file() or is_older(index, path) or not index.stat().st_size:
        return None
    rows = [line.split("\t") for line in read_small(index, "index of a FASTA").splitlines()]
    if not all(len(row) >= 2 and row[0] and row[1].isdecimal() and len(row[1]) < 19 for row in rows):
        raise InputError(f"{index}: is not an index of a FASTA: delete it, it is made again")
    return {row[0]: int(row[1]) for row in rows}


@dataclass(frozen=True)
class Lines:
    """Where the sequence of a contig stands in a FASTA, as an index has it.

    Attributes
    ----------
    offset : int
        Of its first base in the file, unpacked.
    bases, width : int
        Of a line, without and with what ends it.
    """

    offset: int
    bases: int
    width: int


def index_fasta(path: str | Path, most: int | None = None) -> tuple[dict[str, int], dict[str, Lines]] | None:
    """Contigs and lengths of a FASTA, read from its first to its last line, and where their sequences stand.

    Memory stays at a few megabytes, however long its lines are.

    Parameters
    ----------
    path : str or Path
    most : int, optional
        Give up, and return None, after about so many bytes (unpacked).

    Raises
    ------
    InputError
        Something else than FASTA, a contig without name or sequence, one name twice, lines of one contig that
        differ in length, letters that stand for no base, a contig longer than a BAM could hold.
    """
    scan = _FastaScan(path)
    n = 0
    for block in blocks(path):
        scan.add(block)
        n += len(block)
        if most is not None and n > most:
            return None
    return scan.finished(), scan.places


class _FastaScan:
    """Contigs, from blocks of bytes that end anywhere."""

    def __init__(self, path: str | Path):
        self.path = path
        self.contigs: dict[str, int] = {}
        self.places: dict[str, Lines] = {}
        self.line = 1  # number of the first line that is not finished
        self.at = 0  # bytes before it
        self.rest = b""  # what is there of that line, less `spilled` bytes that are counted already
        self.spilled = 0
        self.width = 0  # of the contig's lines
        self.ended = False  # after a shorter line, which must be the contig's last
        self.name: str | None = None

    def add(self, block: bytes) -> None:
        """Count what a block brings."""
        text = self.rest + block
        text = text[self._alike(text) :]
        lines = text.split(b"\n")
        self.rest = lines.pop()
        self._count(lines)
        if len(self.rest) > CHUNK_BYTES:  # a contig on one line, say
            if self.rest.startswith(b">") and not self.spilled:
                raise self._fault(self.line, "has a header of megabytes", "give a FASTA")
            more, self.rest = self.rest[:-1], self.rest[-1:]  # the last byte may be a carriage return
            self._sequence([more], whole=False)
            self.spilled += len(more)

    def finished(self) -> dict[str, int]:
        """Contigs and lengths once all blocks are there."""
        if self.rest or self.spilled:
            self._count([self.rest])
        empty = next((name for name, length in self.contigs.items() if not length), None)
        if empty is not None:
            raise InputError(
                f"{self.path}: contig {empty} has no sequence: the file may be cut short; copy it again"
            )
        return self.contigs

    def _alike(self, text: bytes) -> int:
        """Count the full lines of the contig with which a text begins, if they all are alike; their bytes.

        Most of a genome is such lines. Others, and what is wrong, are left to :meth:`_count`.
        """
        if not self.width or self.ended or self.spilled:
            return 0
        head = text.find(b">")
        n = (len(text) if head < 0 else head) // (self.width + 1)
        size = n * (self.width + 1)
        part = text[:size]
        usual = part[self.width :: self.width + 1] == b"\n" * n and part.count(b"\n") == n
        if not usual or part.translate(None, SEQUENCE_LETTERS + b"\n"):
            return 0
        length = self.contigs[str(self.name)] + n * self.width
        if length > LONGEST_CONTIG:
            return 0
        self.contigs[str(self.name)] = length
        self.line += n
        self.at += size
        return size

    def _count(self, lines: list[bytes]) -> None:
        """Whole lines, the first perhaps the end of a long one."""
        # Runs of sequence lines are counted at once: headers are few, lines are many.
        heads = [i for i, line in enumerate(lines) if line[:1] == b">" and not (self.spilled and i == 0)]
        for start, end in zip([-1, *heads], [*heads, len(lines)], strict=True):
            if start >= 0:
                self._header(lines[start])
            if end > start + 1:
                self._sequence(lines[start + 1 : end])

    def _header(self, line: bytes) -> None:
        words = line[1:].split()
        name = words[0].decode("utf-8", "replace") if words else ""
        if "\ufffd" in name:
            raise self._fault(self.line, f"the name of contig {name} is not UTF-8 text", "rename it")
        if not name.isprintable():
            fault = f"the name of contig {name!r} holds what cannot be printed"
            raise self._fault(self.line, fault, "rename it")
        if not name or name in self.contigs:
            what = f"contig {name} is there twice" if name else "a contig has no name"
            raise self._fault(self.line, what, "rename or remove it")
        self.contigs[name] = 0
        self.name, self.width, self.ended = name, 0, False
        self.line += 1
        self.at += len(line) + 1

    def _sequence(self, lines: list[bytes], whole: bool = True) -> None:
        if self.name is None:
            mark = lines[0][:3] if self.line == 1 else b""
            fix = _plain_text(self.path, mark) or "give a FASTA"
            raise self._fault(self.line, "does not begin with '>'", fix)
        size = np.fromiter(map(len, lines), np.int64, len(lines))
        text = b"".join(lines)
        returns = sum(line.endswith(b"\r") for line in lines) if b"\r" in text else 0
        foreign = text.translate(None, SEQUENCE_LETTERS)
        if len(foreign) > returns or foreign.strip(b"\r"):
            at = next(
                i
                for i, line in enumerate(lines)
                if line.removesuffix(b"\r").translate(None, SEQUENCE_LETTERS)
            )
            sign = lines[at].removesuffix(b"\r").translate(None, SEQUENCE_LETTERS)[:1].decode("latin-1")
            what = f"{sign!r} in contig {self.name} stands for no base"
            raise self._fault(self.line + at, what, "give the DNA sequence of the genome")
        self.contigs[self.name] += len(text) - returns
        if self.contigs[self.name] > LONGEST_CONTIG:
            what = f"contig {self.name} is longer than {LONGEST_CONTIG:,} bp, which no BAM can hold"
            raise self._fault(self.line, what, "give the genome in contigs")
        if not whole:
            return
        size[0] += self.spilled
        self.spilled = 0
        if not self.width:
            self.width = int(size[0])
            bases = self.width - lines[0].endswith(b"\r")
            self.places[self.name] = Lines(self.at, bases, self.width + 1)
        self.at += int(size.sum()) + len(lines)
        shorter = size < self.width
        after = np.logical_or.accumulate(np.concatenate([[self.ended], shorter[:-1]]))
        bad = (size > self.width) | (after & (size > (returns > 0)))
        if bad.any():
            what = f"the lines of contig {self.name} differ in length, so that it cannot be indexed"
            fix = _one_line_a_contig(self.path)
            raise self._fault(self.line + int(np.argmax(bad)), what, fix)
        self.ended = bool(self.ended or shorter.any())
        self.line += len(lines)

    def _fault(self, line: int, what: str, fix: str) -> InputError:
        return InputError(f"{self.path}, line {line}: {what}: {fix}")


def _one_line_a_contig(path: str | Path) -> str:
    """The command that writes each contig on one line, which can be indexed."""
    # without "; ", at which messages are parted
    script = '/^>/ {if (NR > 1) print "";print;next} {gsub(/[ \\t\\r]/, "");printf "%s", $0} END {print ""}'
    return f"awk {quote(script)} {quote(str(path))} > folded.fa"


def _plain_text(path: str | Path, begin: bytes) -> str:
    """The command that takes away a byte-order mark, or makes UTF-8 of UTF-16; empty if it is neither."""
    if begin == BYTE_ORDER_MARK:
        return f"tail -c +4 {quote(str(path))} > plain.fa"
    return f"iconv -f UTF-16 -t UTF-8 {quote(str(path))} > plain.fa" if is_utf_16(begin) else ""
