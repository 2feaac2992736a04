"""What files say of themselves at their beginning: BAM headers, contigs of a FASTA, compression."""

from dataclasses import dataclass
from pathlib import Path

import pysam

from workflow_lib.errors import InputError
from workflow_lib.io.text import is_bgzipped, line_chunks

_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_CLOCK_SLACK = 1.0  # seconds; files copied together may swap order by less


@dataclass(frozen=True)
class BamHeader:
    """Header of a BAM.

    Attributes
    ----------
    contigs : dict of str to int
        Name to length, in the header's order.
    sort_order : str or None
        SO of the @HD line: coordinate, queryname, unsorted, unknown.
    """

    contigs: dict[str, int]
    sort_order: str | None


def read_bam_header(path: str | Path) -> BamHeader:
    """Read the header of a BAM, and make sure that the file is a whole one.

    Raises
    ------
    InputError
        For SAM, CRAM, anything else that is no BAM, or a BAM that is cut short; with the command that helps.
    """
    path = Path(path)
    with open(path, "rb") as stream:
        begin = stream.read(4)
        stream.seek(max(0, path.stat().st_size - len(_BGZF_END)))
        whole = stream.read() == _BGZF_END
    if begin == b"CRAM":
        raise InputError(
            f"{path}: is CRAM, which is not supported: convert it with "
            f"samtools view -b -T genome.fa -o {path.stem}.bam {path} && samtools index {path.stem}.bam"
        )
    if begin[:1] == b"@":
        raise InputError(f"{path}: is SAM: convert it with samtools sort -o {path.stem}.bam {path}")
    if not is_bgzipped(path):
        raise InputError(f"{path}: is not a BAM: give the sorted BAM of the aligner")
    if not whole:
        raise InputError(
            f"{path}: is cut short (it lacks the last block of a whole BAM): copy or make it again"
        )
    try:
        with pysam.AlignmentFile(str(path), "rb", check_sq=False) as bam:
            header = bam.header.to_dict()
            contigs = dict(zip(bam.references, bam.lengths, strict=True))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: is not a readable BAM ({error}): copy or make it again") from error
    return BamHeader(contigs, header.get("HD", {}).get("SO"))


def bam_index(path: str | Path) -> Path | None:
    """The index of a BAM, under any of the names that samtools gives it; None if there is none."""
    path = Path(path)
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
    if not index.is_file() or is_older(index, path):
        return None
    try:
        rows = [line.split("\t") for line in index.read_text().splitlines()]
        return {row[0]: int(row[1]) for row in rows}
    except (ValueError, IndexError):
        raise InputError(f"{index}: is not an index of a FASTA: delete it, it is made again") from None


def scan_fasta(path: str | Path) -> dict[str, int]:
    """Contigs and lengths of a FASTA, read from its first to its last line, in order.

    Raises
    ------
    InputError
        Something else than FASTA, a contig without name or sequence, or one name twice.
    """
    contigs: dict[str, int] = {}
    name = None
    for first, lines in line_chunks(path):
        if name is None and not lines[0].startswith(b">"):
            raise InputError(f"{path}, line 1: does not begin with '>': give a FASTA")
        # Lengths are sums over runs of sequence lines: headers are few, lines are many.
        heads = [i for i, line in enumerate(lines) if line[:1] == b">"]
        for start, end in zip([-1, *heads], [*heads, len(lines)], strict=True):
            if start >= 0:
                words = lines[start][1:].split()
                name = words[0].decode("utf-8", "replace") if words else ""
                if not name or name in contigs:
                    fault = "is there twice" if name else "has no name"
                    raise InputError(
                        f"{path}, line {first + start}: contig {name} {fault}: rename or remove it"
                    )
                contigs[name] = 0
            if name is not None:
                run = lines[start + 1 : end]
                contigs[name] += sum(map(len, run)) - sum(line.endswith(b"\r") for line in run)
    empty = next((name for name, length in contigs.items() if not length), None)
    if empty is not None:
        raise InputError(f"{path}: contig {empty} has no sequence: the file may be cut short; copy it again")
    return contigs
