"""Reading alignments: the one place that walks through a BAM file, many records at a time."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from isal import igzip, igzip_lib, igzip_threaded

from workflow_lib import logs
from workflow_lib.errors import InputError
from workflow_lib.io import headers

PAIRED, PROPER, UNMAPPED, REVERSE, DUPLICATE = 0x1, 0x2, 0x4, 0x10, 0x400
SECONDARY_OR_SUPPLEMENTARY = 0x900

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
_ON_REFERENCE = np.isin(np.arange(16), [0, 2, 3, 7, 8])  # CIGAR operations M, D, N, =, X


@dataclass(frozen=True)
class Alignments:
    """The columns that fragments and quality need, of some reads; one entry a primary, mapped read.

    Attributes
    ----------
    n_reads : int
        Primary reads among them, mapped or not.
    contig, flag, mapq : integer arrays
        Index of the contig in the header, SAM flag, mapping quality.
    five_prime : int32 array
        0-based position of the read's first sequenced base that aligned.
    fragment_start, fragment_length : int32 arrays
        First base of the template as this read's 5' end and the template's length give it; that length, 0
        where unpaired.
    """

    n_reads: int
    contig: np.ndarray
    flag: np.ndarray
    mapq: np.ndarray
    five_prime: np.ndarray
    fragment_start: np.ndarray
    fragment_length: np.ndarray


def read_alignments(path: str | Path, threads: int = 1) -> Iterator[Alignments]:
    """Read every alignment of a BAM once, in file order, in parts of a few thousand.

    Sequences, qualities, names and tags are stepped over, never decoded.

    Parameters
    ----------
    path : str or Path
    threads : int
        From two on, the file is decompressed beside the work on what it holds.

    Yields
    ------
    Alignments

    Raises
    ------
    InputError
        If the file is no BAM, is cut short or is corrupt.
    """
    n_contigs = len(headers.read_bam_header(path).contigs)  # refuses what is no whole BAM
    try:
        with open(path, "rb") as file, _decompressed(file, threads) as stream:
            progress = logs.Progress(None, Path(path).stat().st_size, f"{Path(path).name}, bytes read")
            _skip_header(stream)
            chunk, rest = bytearray(CHUNK_BYTES), 0
            while (filled := _fill(chunk, rest, stream)) > rest:
                buffer = memoryview(chunk)[:filled]
                starts, end = record_starts(buffer, n_contigs)
                yield _columns(buffer, starts, n_contigs)
                rest = filled - end
                chunk[:rest] = chunk[end:filled]
                if rest == len(chunk):
                    chunk = chunk + bytes(rest)
                progress.advance(file.tell() - progress.done)
            if rest:
                raise ValueError("the last record is not whole")
    except (OSError, EOFError, ValueError, struct.error, igzip_lib.IsalError) as error:  # type: ignore[misc]
        raise InputError(
            f"{path}: not a readable BAM ({error}); check it with `samtools quickcheck -v` and copy it again"
        ) from error


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
    while piece := stream.read(min(PIECE_BYTES, len(chunk) - filled)):
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
    here = _guesses(buffer, n_contigs)
    if len(here) == 1:
        return _walk(buffer)
    limit = np.append(here[1:], last + 1)
    steps = []
    for _ in range(int((limit - here).max()) // FIXED + 1):  # more are not whole records
        if (ahead := here < limit).all():
            steps.append(here)
            here = here + 4 + size[here]
        elif ahead.any():
            steps.append(np.where(ahead, here, -1))
            here = np.where(ahead, here + 4 + size[np.minimum(here, last)], here)
        else:
            break
    starts = np.stack(steps, axis=1).ravel()
    starts = starts[starts >= 0]
    length = size[starts]
    reached = np.array_equal(here[:-1], limit[:-1])
    if not reached or length.min() < FIXED - 4 or length.max() > LONGEST_RECORD:
        return _walk(buffer)  # a guess may be to blame
    if here[-1] > len(buffer):
        return starts[:-1], int(starts[-1])
    return starts, int(here[-1])


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


def _columns(buffer: bytes | memoryview, starts: np.ndarray, n_contigs: int) -> Alignments:
    records = _records(buffer, starts)
    flag = records["flag"]
    primary = (flag & SECONDARY_OR_SUPPLEMENTARY) == 0
    mapped = primary & ((flag & UNMAPPED) == 0)
    if not mapped.all():
        starts = starts[mapped]
        records = _records(buffer, starts)
    contig, position, flag, mapq, template_length = (
        np.ascontiguousarray(records[name])
        for name in ("contig", "position", "flag", "mapq", "template_length")
    )
    if len(records) and not (contig.min() >= 0 and contig.max() < n_contigs and position.min() >= 0):
        raise ValueError("a mapped read lies on no contig of the header")
    template_length = np.abs(template_length)
    five_prime, start = position, position.copy()
    backward = np.flatnonzero(flag & REVERSE)
    span = _aligned_length(buffer, starts, records, backward)
    five_prime[backward] += np.maximum(span, 1) - 1
    paired = backward[(flag[backward] & PAIRED) != 0]
    # from its own 5' end and not its mate's place, which short fragments and shifted reads put elsewhere
    start[paired] = five_prime[paired] - template_length[paired] + 1
    return Alignments(
        n_reads=int(np.count_nonzero(primary)),
        contig=contig,
        flag=flag,
        mapq=mapq,
        five_prime=five_prime,
        fragment_start=start,
        fragment_length=template_length,
    )


def _aligned_length(
    buffer: bytes | memoryview, starts: np.ndarray, records: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Bases of the reference that the CIGARs of some of the records span."""
    span = np.zeros(len(rows), dtype=np.int32)
    n_operations = records["n_cigar"][rows]
    if not n_operations.any():
        return span
    at = starts[rows] + FIXED + records["name_length"][rows]
    ends = starts[rows] + 4 + records["block_size"][rows]
    if (at + 4 * n_operations.astype(np.int64) > ends).any():
        raise ValueError("a record is shorter than its CIGAR")
    word = np.ndarray((len(buffer) - 3,), "<u4", buffer, 0, (1,))
    i, left = 0, np.flatnonzero(n_operations)
    while len(left):
        operation = word[at[left] + 4 * i]
        span[left] += np.where(_ON_REFERENCE[operation & 15], operation >> 4, 0).astype(np.int32)
        i += 1
        left = left[n_operations[left] > i]
    return span
