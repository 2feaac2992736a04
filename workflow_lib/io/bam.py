"""Reading alignments: the one place that walks through a BAM file, many records at a time."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from isal import igzip, igzip_lib, igzip_threaded

from workflow_lib import logs
from workflow_lib.errors import InputError
from workflow_lib.io import cram, headers

PAIRED, PROPER, UNMAPPED, MATE_UNMAPPED, REVERSE = 0x1, 0x2, 0x4, 0x8, 0x10
SECONDARY, QC_FAILED, DUPLICATE, SUPPLEMENTARY = 0x100, 0x200, 0x400, 0x800
FIRST, SECOND = 0x40, 0x80
SEGMENT = FIRST | SECOND

# The fixed part of a record: SAM specification, section 4.2.
RECORD = np.dtype(
    [
        ("block_size", "<i4"),
        ("contig", "<i4"),
        ("position", "<i4"),
        ("name_length", "u1"),
        ("mapq", "u1"),
        ("bin", "<u2"),
        ("n_cigar", "<u2"),
        ("flag", "<u2"),
        ("length", "<i4"),
        ("mate_contig", "<i4"),
        ("mate_position", "<i4"),
        ("template_length", "<i4"),
    ]
)
FIXED = RECORD.itemsize
CHUNK_BYTES = 1 << 25
PIECE_BYTES = 1 << 19  # what stays in the processor's cache; larger ones may cost as much as inflating
LONGEST_RECORD = 1 << 26  # bytes; what says it is longer is damaged, and would be waited for in memory
LANE_BYTES = 1 << 15
LONGEST_NAME = 256
BLOCK = 1 << 14  # records of which columns are taken at once, so that they stay in the processor's cache
_SLACK = FIXED + LONGEST_NAME  # bytes behind a chunk, so that a name may be read in whole words
_ON_REFERENCE = np.isin(np.arange(16), [0, 2, 3, 7, 8])  # CIGAR operations M, D, N, =, X
_CLIP = np.isin(np.arange(16), [4, 5])  # S, H


@dataclass(frozen=True)
class Alignments:
    """The columns that fragments and quality need, of some reads; one entry a primary, mapped read.

    Attributes
    ----------
    n_records, n_secondary, n_supplementary, n_unmapped : int
        Records among them; those left out of the arrays: secondary, else supplementary, else unmapped.
    contig, flag, mapq : integer arrays
        Index of the contig in the header, SAM flag, mapping quality.
    position, mate_contig, mate_position : int32 arrays
        0-based leftmost base, and where the record says that the mate lies.
    five_prime : int32 array
        0-based position of the read's first sequenced base that aligned.
    clipped : int32 array
        Bases in front of that one which did not align (CIGAR S and H).
    length : int32 array
        Bases of the read.
    name : two uint64 arrays
        Two hashes of the name, without a final /1 or /2 where the first names of the file have it. Mates have
        both in common.
    """

    n_records: int
    n_secondary: int
    n_supplementary: int
    n_unmapped: int
    contig: np.ndarray
    flag: np.ndarray
    mapq: np.ndarray
    position: np.ndarray
    mate_contig: np.ndarray
    mate_position: np.ndarray
    five_prime: np.ndarray
    clipped: np.ndarray
    length: np.ndarray
    name: tuple[np.ndarray, np.ndarray]

    @staticmethod
    def joined(parts: "list[Alignments]") -> "Alignments":
        """The reads of several parts, in order."""
        if len(parts) == 1:
            return parts[0]
        columns: dict[str, Any] = {}
        for column in fields(Alignments):
            values = [getattr(part, column.name) for part in parts]
            if column.name.startswith("n_"):
                columns[column.name] = sum(values)
            elif column.name == "name":
                columns["name"] = tuple(np.concatenate(hashes) for hashes in zip(*values, strict=True))
            else:
                columns[column.name] = np.concatenate(values)
        return Alignments(**columns)

    @property
    def n_reads(self) -> int:
        """Primary reads among the records, mapped or not."""
        return len(self.flag) + self.n_unmapped


def read_alignments(
    path: str | Path, threads: int = 1, reference: cram.Reference | str | Path | None = None
) -> Iterator[Alignments]:
    """Read every alignment of a BAM or CRAM once, in file order, in parts of a few thousand.

    Sequences, qualities and tags are stepped over, never decoded.

    Parameters
    ----------
    path : str or Path
    threads : int
        From two on, the file is decompressed beside the work on what it holds.
    reference : Reference or path, optional
        FASTA that a CRAM was made with.

    Yields
    ------
    Alignments

    Raises
    ------
    InputError
        If the file is no BAM, is cut short or is corrupt; if a CRAM does not go with its FASTA.
    """
    n_contigs = len(headers.read_bam_header(path).contigs)  # refuses what is no whole BAM
    try:
        with _opened(path, reference) as file, _decompressed(file, threads) as stream:
            progress = logs.Progress(None, Path(path).stat().st_size, f"{Path(path).name}, bytes read")
            _skip_header(stream)
            chunk, rest = bytearray(CHUNK_BYTES + _SLACK), 0
            numbered: bool | None = None
            while (filled := _fill(chunk, rest, stream)) > rest:
                starts, end = record_starts(memoryview(chunk)[:filled], n_contigs)
                buffer, parts = memoryview(chunk)[: filled + _SLACK], []
                for first in range(0, max(len(starts), 1), BLOCK):
                    part = _Part.of(buffer, starts[first : first + BLOCK], n_contigs)
                    if numbered is None:
                        numbered = part.is_numbered()
                    parts.append(part.columns(bool(numbered)))
                yield Alignments.joined(parts)
                rest = filled - end
                chunk[:rest] = chunk[end:filled]
                if rest == len(chunk) - _SLACK:
                    chunk = chunk + bytes(rest)
                if file.seekable():
                    progress.advance(file.tell() - progress.done)
            if rest:
                raise ValueError("the last record is not whole")
    except (OSError, EOFError, ValueError, struct.error, igzip_lib.IsalError) as error:  # type: ignore[misc]
        raise InputError(
            f"{path}: not a readable BAM ({error}); check it with `samtools quickcheck -v` and copy it again"
        ) from error


def _opened(path: str | Path, reference: cram.Reference | str | Path | None):
    """The bytes of a BAM, or those that a CRAM has as BAM."""
    if not cram.is_cram(path):
        return open(path, "rb")
    if reference is None:
        raise InputError(f"{path}: is CRAM, which is read with its genome: set genome.fasta")
    given = reference if isinstance(reference, cram.Reference) else cram.Reference(str(reference))
    return cram.as_bam(path, given)


def _decompressed(file, threads: int):
    """A stream of what a BAM, which is gzip in many members, holds."""
    if threads > 1:  # what lies ready for the next chunk must last while this one is worked on
        return igzip_threaded.open(file, "rb", threads=1, block_size=CHUNK_BYTES // 2)
    return igzip.open(file, "rb")


def _skip_header(stream) -> None:
    """Move from the start of the file to the first record."""
    _, size = struct.unpack("<4si", stream.read(8))
    stream.read(size)
    (n_contigs,) = struct.unpack("<i", stream.read(4))
    for _ in range(n_contigs):
        (size,) = struct.unpack("<i", stream.read(4))
        stream.read(size + 4)


def _fill(chunk: bytearray, filled: int, stream) -> int:
    """Read on behind the first bytes of a chunk, until it is full or nothing is left; bytes it then holds."""
    while piece := stream.read(min(PIECE_BYTES, len(chunk) - _SLACK - filled)):
        chunk[filled : filled + len(piece)] = piece
        filled += len(piece)
    return filled


def record_starts(buffer: bytes | memoryview, n_contigs: int) -> tuple[np.ndarray, int]:
    """Where the whole records of a buffer begin.

    Each record says how long it is, so that they form a chain which has to be walked. It is walked from many
    places at once: in every `LANE_BYTES` a first record is guessed, and a guess stands only if the chain that
    comes from before arrives at that very byte. The first record is known, so what is returned is certain.

    Parameters
    ----------
    buffer : bytes
        Decompressed records; the first begins at byte 0, the last may be cut off.
    n_contigs : int
        Contigs of the header, by which guesses are made.

    Returns
    -------
    starts : (n,) int64 array
    end : int
        Where the first record that is not whole begins, or the buffer's length.

    Raises
    ------
    ValueError
        If a record is shorter than a record can be.
    """
    if len(buffer) < 4:
        return np.empty(0, dtype=np.int64), 0
    last = len(buffer) - 4
    size = np.ndarray((last + 1,), "<u4", buffer, 0, (1,))
    begin = _guesses(buffer, n_contigs)
    if len(begin) == 1:
        return _walk(buffer)
    here, limit, steps = begin, np.append(begin[1:], last + 1), []
    for _ in range(int((limit - here).max()) // FIXED + 1):  # more are not whole records
        if (ahead := here < limit).all():
            steps.append(here)
            here = here + 4 + size[here]
        elif ahead.any():
            steps.append(np.where(ahead, here, -1))
            here = np.where(ahead, here + 4 + size[np.minimum(here, last)], here)
        else:
            break
    starts, end = _joined(np.stack(steps, axis=1), begin, here, size)
    length = size[starts]
    if length.min() < FIXED - 4 or length.max() > LONGEST_RECORD:
        return _walk(buffer)
    if end > len(buffer):
        return starts[:-1], int(starts[-1])
    return starts, end


def _joined(
    lanes: np.ndarray, begin: np.ndarray, arrived: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, int]:
    """Records of lanes one after another, and where the last one ends.

    Where a lane does not arrive at the guess of the next, that guess is wrong: from there records are walked
    one by one, until a guess is met.

    Parameters
    ----------
    lanes : (n_lanes, n) int64 array
        Starts of records, -1 where a lane has no more.
    begin, arrived : (n_lanes,) int64 arrays
        Where each lane begins and ends.
    size : uint32 array
        What a record that began at each byte would say of its length.
    """
    wrong = np.append(np.flatnonzero(arrived[:-1] != begin[1:]), len(begin) - 1)
    guessed = {int(place): lane for lane, place in enumerate(begin)} if len(wrong) > 1 else {}
    parts, lane = [], 0
    while True:
        stop = int(wrong[np.searchsorted(wrong, lane)])
        run = lanes[lane : stop + 1].ravel()
        parts.append(run[run >= 0])
        here, walked = int(arrived[stop]), []
        while stop < len(begin) - 1 and here < len(size) and guessed.get(here, -1) <= stop:
            walked.append(here)
            length = int(size[here])
            if not FIXED - 4 <= length <= LONGEST_RECORD:
                raise ValueError("a record has an impossible length")
            here += 4 + length
        parts.append(np.array(walked, dtype=np.int64))
        if stop == len(begin) - 1 or here >= len(size):
            return np.concatenate(parts), here
        lane = guessed[here]


def _walk(buffer: bytes | memoryview) -> tuple[np.ndarray, int]:
    """As :func:`record_starts`, one record after another."""
    starts, here = [], 0
    unpack = struct.Struct("<i").unpack_from
    while here + 4 <= len(buffer):
        (length,) = unpack(buffer, here)
        if not FIXED - 4 <= length <= LONGEST_RECORD:
            raise ValueError("a record has an impossible length")
        if here + 4 + length > len(buffer):
            break
        starts.append(here)
        here += 4 + length
    return np.array(starts, dtype=np.int64), here


def _guesses(buffer: bytes | memoryview, n_contigs: int) -> np.ndarray:
    """The first byte of each lane at which a record seems to begin; byte 0 for the first lane."""
    last = len(buffer) - FIXED - 256  # a record's name ends before
    window = 2 * (4 + int.from_bytes(buffer[:4], "little"))  # of records as long as the first, one or two
    if not FIXED <= window < LANE_BYTES:
        return np.zeros(1, dtype=np.int64)
    lanes = np.arange(LANE_BYTES, last - window, LANE_BYTES)
    at = (lanes[:, None] + np.arange(window)).ravel()
    contig = np.ndarray((max(last, 0),), "<i4", buffer, 4, (1,))
    mate = np.ndarray((max(last, 0),), "<i4", buffer, 24, (1,))
    for field in (contig, mate):
        value = field[at]
        at = at[(value >= -1) & (value < n_contigs)]
    record = _records(buffer, at)
    name_end = np.frombuffer(buffer, np.uint8)[at + FIXED + np.maximum(record["name_length"], 1) - 1]
    least = FIXED - 4 + record["name_length"] + 4 * record["n_cigar"].astype(np.int64)
    least += (3 * record["length"].astype(np.int64) + 1) // 2
    following = at + 4 + record["block_size"]
    kept = (record["name_length"] > 1) & (name_end == 0) & (record["length"] >= 0)
    kept &= (record["position"] >= -1) & (record["block_size"] >= least) & (following < last)
    at, following = at[kept], following[kept]
    at = at[(contig[following] >= -1) & (contig[following] < n_contigs)]
    _, first = np.unique(at // LANE_BYTES, return_index=True)
    return np.concatenate([[0], at[first]]).astype(np.int64)


def _records(buffer: bytes | memoryview, starts: np.ndarray) -> np.ndarray:
    """The fixed parts of the records that begin at these bytes."""
    n = max(len(buffer) - FIXED + 1, 0)
    # copying opaque bytes is six times as fast as copying twelve fields
    return np.ndarray((n,), f"V{FIXED}", buffer, 0, (1,))[starts].view(RECORD)


@dataclass(frozen=True)
class _Part:
    """Mapped primary records of a part of the file; behind the last record there are `_SLACK` bytes more."""

    buffer: memoryview
    starts: np.ndarray
    records: np.ndarray
    names: np.ndarray
    numbers: tuple[int, int, int, int]

    @staticmethod
    def of(buffer: memoryview, starts: np.ndarray, n_contigs: int) -> "_Part":
        """Those of the records that begin at these bytes."""
        records, names = _records_and_names(buffer, starts)
        flag = np.ascontiguousarray(records["flag"])
        n_secondary = int(np.count_nonzero(flag & SECONDARY))
        n_supplementary = int(np.count_nonzero((flag & (SECONDARY | SUPPLEMENTARY)) == SUPPLEMENTARY))
        mapped = (flag & (SECONDARY | SUPPLEMENTARY | UNMAPPED)) == 0
        n_records = len(starts)
        if not mapped.all():
            starts, records, names = starts[mapped], records[mapped], names[mapped]
        n_unmapped = n_records - len(starts) - n_secondary - n_supplementary
        contig = records["contig"]
        if len(records) and not (
            contig.min() >= 0 and contig.max() < n_contigs and records["position"].min() >= 0
        ):
            raise ValueError("a mapped read lies on no contig of the header")
        return _Part(buffer, starts, records, names, (n_records, n_secondary, n_supplementary, n_unmapped))

    def is_numbered(self) -> bool | None:
        """Whether the names of first reads end in /1 and those of second ones in /2; None without pairs."""
        flag = self.records["flag"]
        paired = (flag & PAIRED) != 0
        if not paired.any():
            return None
        rows = np.flatnonzero(paired)
        size = self.records["name_length"][rows].astype(np.int64) - 1
        letters = self.names[rows].view(np.uint8)
        last, before = (letters[np.arange(len(rows)), np.maximum(size - i, 0)] for i in (1, 2))
        own = np.where(flag[rows] & FIRST, ord("1"), ord("2"))
        return bool(((before == ord("/")) & (last == own) & (size > 2)).all())

    def columns(self, numbered: bool) -> Alignments:
        """What is asked of them; `numbered` leaves out the last two letters of names."""
        names = ("contig", "position", "flag", "mapq", "mate_contig", "mate_position", "length")
        found: dict[str, Any] = {name: np.ascontiguousarray(self.records[name]) for name in names}
        five_prime, clipped = _five_prime(self.buffer, self.starts, self.records)
        size = np.ascontiguousarray(self.records["name_length"]).astype(np.int64) - 1 - 2 * numbered
        none = np.zeros(len(size), np.uint64)
        return Alignments(
            *self.numbers,
            **found,
            five_prime=five_prime,
            clipped=clipped,
            name=name_hashes(self.names, size) if (found["flag"] & PAIRED).any() else (none, none),
        )


def _records_and_names(buffer: memoryview, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fixed parts of records, and the bytes behind them in words of eight, as far as any name reaches."""
    if not len(starts):
        return np.empty(0, RECORD), np.empty((0, 0), np.uint64)
    longest = int(_records(buffer, starts[:1])["name_length"][0])
    while True:  # nearly all names of a file are as long as the first, to a word
        width = -(-longest // 8) * 8
        size = FIXED + width
        # copying opaque bytes is six times as fast as copying fields
        raw = np.ndarray((len(buffer) - size + 1,), f"V{size}", buffer, 0, (1,))[starts]
        records = np.ndarray((len(starts),), RECORD, raw, 0, (size,))
        longest = int(records["name_length"].max())
        if longest <= width:
            return records, np.ndarray((len(starts), width // 8), "<u8", raw, FIXED, (size, 8))


def name_hashes(names: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two 64-bit hashes of each name.

    That two of a hundred million different names have both in common has a probability below 1e-22.

    Parameters
    ----------
    names : (n, n_words) uint64 array
        Bytes of the names, eight to a word, little-endian; what follows a name is ignored.
    size : (n,) int64 array
        Bytes of each.
    """
    n, n_words = names.shape
    shortest = int(size.min()) if n else 0
    key, check = np.zeros(n, np.uint64), np.zeros(n, np.uint64)
    for k in range(n_words):
        word = names[:, k].copy()
        if shortest < 8 * (k + 1):
            word &= _FIRST_BYTES[np.clip(size - 8 * k, 0, 8)]
        word *= _MULTIPLIERS[k]
        word ^= word >> _HALF
        check += word * _MULTIPLIERS[k + LONGEST_NAME // 8]
        word *= _MULTIPLIERS[-1]
        word ^= word >> _HALF
        key += word
    return key, check


def _five_prime(buffer: memoryview, starts: np.ndarray, records: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the first aligned base of each read lies, and how many bases in front of it were clipped."""
    five_prime = records["position"].copy()
    clipped = np.zeros(len(starts), np.int32)
    n_operations = records["n_cigar"].astype(np.int32)
    begin = FIXED + records["name_length"].astype(np.int32)
    if (begin + 4 * n_operations > 4 + records["block_size"]).any():
        raise ValueError("a record is shorter than its CIGAR")
    at = starts + begin
    word = np.ndarray((len(buffer) - 3,), "<u4", buffer, 0, (1,))
    reverse = (records["flag"] & REVERSE) != 0
    backward = np.flatnonzero(reverse)
    span = _aligned_length(word, at[backward], n_operations[backward])
    five_prime[backward] += np.maximum(span, 1) - 1
    left = np.flatnonzero(n_operations > 1)
    for i in (0, 1):  # H, then S, from the 5' end on
        step = np.where(reverse[left], n_operations[left] - 1 - i, i)
        operation = word[at[left] + 4 * step]
        is_clip = _CLIP[operation & 15]
        left, operation = left[is_clip], operation[is_clip]
        clipped[left] += (operation >> 4).astype(np.int32)
        more = n_operations[left] > 2
        left = left[more]
    return five_prime, clipped


def _aligned_length(word: np.ndarray, at: np.ndarray, n_operations: np.ndarray) -> np.ndarray:
    """Bases of the reference that CIGARs span, given where each begins and how many operations it has."""
    span = np.zeros(len(at), dtype=np.int32)
    i, left = 0, np.flatnonzero(n_operations)
    while len(left):
        operation = word[at[left] + 4 * i]
        span[left] += np.where(_ON_REFERENCE[operation & 15], operation >> 4, 0).astype(np.int32)
        i += 1
        left = left[n_operations[left] > i]
    return span


_HALF = np.uint64(32)
_FIRST_BYTES = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
_MULTIPLIERS = np.random.Generator(np.random.PCG64(1)).integers(
    1 << 63, 1 << 64, LONGEST_NAME // 4 + 1, np.uint64
) | np.uint64(1)
