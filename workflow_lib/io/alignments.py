"""Writing reads as a coordinate-sorted, indexed BAM, byte for byte a function of the reads."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pysam

from workflow_lib.io.atomic import replacing
from workflow_lib.io.bam import RECORD

PAIRED, PROPER, UNMAPPED, MATE_UNMAPPED, REVERSE, MATE_REVERSE = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20
FIRST, SECOND, SECONDARY, QC_FAIL, DUPLICATE = 0x40, 0x80, 0x100, 0x200, 0x400

_NIBBLES = np.array([1, 2, 4, 8, 15], dtype=np.uint8)  # A, C, G, T, N in BAM's four bits
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Reads:
    """Reads of one length without gaps or clips; one entry of each array a read.

    Attributes
    ----------
    name : (n,) array of bytes, all of one length
    flag, mapq : (n,) integer arrays
    contig, position : (n,) integer arrays
        Index of the contig and leftmost base (0-based); -1 where a read has no place.
    mate_contig, mate_position, template_length : (n,) integer arrays
    bases : (n, length) uint8 array
        Codes 0..4 for A, C, G, T, N, in the direction of the reference.
    """

    name: np.ndarray
    flag: np.ndarray
    mapq: np.ndarray
    contig: np.ndarray
    position: np.ndarray
    mate_contig: np.ndarray
    mate_position: np.ndarray
    template_length: np.ndarray
    bases: np.ndarray

    def take(self, rows: np.ndarray) -> "Reads":
        """Some of the reads, in the order of `rows`."""
        return Reads(*(getattr(self, column.name)[rows] for column in fields(self)))


def write_bam(
    reads: Reads, contigs: Mapping[str, int], path: str | Path, *, quality: int | np.ndarray = 37
) -> None:
    """Write reads as BAM with its .bai, sorted by contig and position, those without a place last.

    Records are laid out as arrays rather than read by read, for speed. The header has no program lines.

    Parameters
    ----------
    reads : Reads
        In any order; reads at one place keep theirs.
    contigs : mapping of str to int
        Name to length, in the order that `reads.contig` counts.
    path : str or Path
        The index goes to `path` + .bai.
    quality : int or (n, length) uint8 array
        Phred score of every base, or of each.

    Raises
    ------
    ValueError
        If a mapped read reaches beyond its contig, or names differ in length: shorter ones would be filled
        with zero bytes, which other programs stumble over.
    """
    if (np.char.str_len(reads.name) != reads.name.dtype.itemsize).any():
        raise ValueError("names of reads are not all of one length")
    mapped = (np.asarray(reads.flag) & UNMAPPED) == 0
    length = np.array([*contigs.values(), 0])[reads.contig]
    beyond = mapped & ((reads.position < 0) | (reads.position + reads.bases.shape[1] > length))
    if beyond.any():
        raise ValueError(f"{np.count_nonzero(beyond)} mapped reads reach beyond their contig")
    place = np.where(reads.contig < 0, len(contigs), reads.contig)
    order = np.lexsort([reads.position, place])
    with replacing(path) as partial, pysam.BGZFile(str(partial), "wb", None) as out:
        out.write(_header(contigs))
        for first in range(0, len(order), _CHUNK):
            rows = order[first : first + _CHUNK]
            out.write(_records(reads.take(rows), quality if isinstance(quality, int) else quality[rows]))
    with replacing(f"{path}.bai") as partial:
        pysam.index("-o", str(partial), str(path))


def _header(contigs: Mapping[str, int]) -> bytes:
    lines = ["@HD\tVN:1.6\tSO:coordinate\n"] + [f"@SQ\tSN:{name}\tLN:{n}\n" for name, n in contigs.items()]
    text = "".join(lines).encode()
    parts = [b"BAM\1", _int(len(text)), text, _int(len(contigs))]
    for name, length in contigs.items():
        parts += [_int(len(name) + 1), name.encode() + b"\0", _int(length)]
    return b"".join(parts)


def _records(reads: Reads, quality: int | np.ndarray) -> bytes:
    """Records in the layout of the SAM specification, section 4.2."""
    n, length = reads.bases.shape
    name_length = reads.name.dtype.itemsize + 1
    layout = np.dtype(
        [
            *RECORD.descr,
            ("name", f"S{name_length}"),
            ("cigar", "<u4"),
            ("bases", "u1", ((length + 1) // 2,)),
            ("quality", "u1", (length,)),
        ]
    )
    mapped = (reads.flag & UNMAPPED) == 0
    records = np.zeros(n, dtype=layout)
    for column in (
        "contig",
        "position",
        "mapq",
        "flag",
        "mate_contig",
        "mate_position",
        "template_length",
        "name",
    ):
        records[column] = getattr(reads, column)
    records["block_size"] = layout.itemsize - 4 - np.where(mapped, 0, 4)
    records["name_length"] = name_length
    records["bin"] = _bins(reads.position, np.where(mapped, length, 1))
    records["n_cigar"] = mapped
    records["length"] = length
    records["cigar"] = length << 4  # one operation, M
    nibbles = np.zeros((n, length + length % 2), dtype=np.uint8)
    nibbles[:, :length] = _NIBBLES[reads.bases]
    records["bases"] = nibbles[:, ::2] << 4 | nibbles[:, 1::2]
    records["quality"] = quality
    if mapped.all():
        return records.tobytes()
    present = np.ones((n, layout.itemsize), dtype=bool)
    quarter = np.zeros(1, dtype=layout)
    quarter["cigar"] = 0xFFFFFFFF
    present[~mapped] = quarter.view(np.uint8) == 0  # an unmapped read has no CIGAR
    return records.view(np.uint8).reshape(n, -1)[present].tobytes()


def _bins(start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Smallest bin of the UCSC scheme that holds each interval (SAM specification, section 5.3)."""
    start = np.asarray(start, dtype=np.int64)
    last = start + length - 1
    levels = [(start >> shift == last >> shift) for shift in (14, 17, 20, 23, 26)]
    bins = [
        ((1 << base) - 1) // 7 + (start >> shift)
        for base, shift in ((15, 14), (12, 17), (9, 20), (6, 23), (3, 26))
    ]
    return np.select(levels, bins, 0).astype(np.uint16)


def _int(value: int) -> bytes:
    return int(value).to_bytes(4, "little", signed=True)
