"""Reading alignments: the one place that walks through a BAM file."""

from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pysam

from workflow_lib.errors import InputError

PAIRED, PROPER, UNMAPPED, REVERSE, DUPLICATE = 0x1, 0x2, 0x4, 0x10, 0x400
SECONDARY_OR_SUPPLEMENTARY = 0x900


@dataclass(frozen=True)
class Alignments:
    """The columns of one BAM that fragments and quality need; one entry a primary, mapped read.

    Attributes
    ----------
    contigs : dict of str to int
        Name to length, in the header's order.
    contig, flag, mapq : integer arrays
        Index into `contigs`, SAM flag, mapping quality.
    five_prime : int32 array
        0-based position of the read's first sequenced base that aligned.
    fragment_start, fragment_length : int32 arrays
        Leftmost base of the template and its absolute length, 0 where unpaired.
    n_reads : int
        Primary reads, mapped or not.
    """

    contigs: dict[str, int]
    contig: np.ndarray
    flag: np.ndarray
    mapq: np.ndarray
    five_prime: np.ndarray
    fragment_start: np.ndarray
    fragment_length: np.ndarray
    n_reads: int


def read_alignments(path: str | Path) -> Alignments:
    """Read every alignment of a BAM once, in file order.

    Raises
    ------
    InputError
        If the file cannot be opened, is no BAM, is cut short or is corrupt.
    """
    contig, flag, five_prime, start, length = (array("i") for _ in range(5))
    mapq = array("B")
    n_reads = 0
    try:
        with pysam.AlignmentFile(str(path), "rb") as bam:
            contigs = dict(zip(bam.references, bam.lengths, strict=True))
            for read in bam.fetch(until_eof=True):
                bits = read.flag
                if bits & SECONDARY_OR_SUPPLEMENTARY:
                    continue
                n_reads += 1
                if bits & UNMAPPED:
                    continue
                contig.append(read.reference_id)
                flag.append(bits)
                mapq.append(read.mapping_quality)
                position = read.reference_start
                if bits & REVERSE:
                    five_prime.append(position + (read.reference_length or 1) - 1)
                    start.append(min(position, read.next_reference_start))
                else:
                    five_prime.append(position)
                    start.append(position)
                length.append(abs(read.template_length))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: not a readable BAM ({error}); check it with `samtools quickcheck -v` and copy it again"
        ) from error
    return Alignments(
        contigs=contigs,
        contig=np.frombuffer(contig, dtype=np.int32),
        flag=np.frombuffer(flag, dtype=np.int32),
        mapq=np.frombuffer(mapq, dtype=np.uint8),
        five_prime=np.frombuffer(five_prime, dtype=np.int32),
        fragment_start=np.frombuffer(start, dtype=np.int32),
        fragment_length=np.frombuffer(length, dtype=np.int32),
        n_reads=n_reads,
    )
