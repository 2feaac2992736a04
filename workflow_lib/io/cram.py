"""CRAM: its header, the genome it was made with, and its records as a stream of BAM."""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import BinaryIO, NamedTuple, cast

import pysam

from workflow_lib.errors import InputError
from workflow_lib.io.text import blocks

MAGIC = b"CRAM"
CRAM_END = bytes.fromhex("0f000000ffffffff0fe0454f46000000000100" + "05bdd94f0001000606010001000100ee63014b")
"""Last bytes of a whole CRAM of version 3 (its specification, section 9)."""
FIELDS = 0x3FF
"""What is decoded: all but qualities and tags."""
_VIEW = """
import sys, pysam
pysam.view("-u", "--no-PG", "-T", sys.argv[2], "--input-fmt-option", f"required_fields={sys.argv[3]}",
           "-o", "-", sys.argv[1], catch_stdout=False)
"""


class Reference(NamedTuple):
    """The genome of a CRAM, with its indices where they do not lie beside it."""

    fasta: str
    fai: str | None = None
    gzi: str | None = None


class CramHeader(NamedTuple):
    """Contigs, sort order, and MD5 of each contig's sequence as far as the header has them."""

    contigs: dict[str, int]
    sort_order: str | None
    md5: dict[str, str]


def is_cram(path: str | Path) -> bool:
    """Whether a file is CRAM, by its name."""
    return str(path).endswith(".cram")


def read_header(path: str | Path) -> CramHeader:
    """Read the header of a CRAM, and make sure that the file is a whole one.

    Raises
    ------
    InputError
        If it is not readable or cut short.
    """
    try:
        with open(path, "rb") as stream:
            begin = stream.read(26)
            stream.seek(max(0, Path(path).stat().st_size - len(CRAM_END)))
            whole = begin[4:5] != b"\3" or stream.read() == CRAM_END
        verbosity = pysam.set_verbosity(0)  # htslib prints beside raising
        try:
            with pysam.AlignmentFile(str(path), "rc") as file:
                header = file.header.to_dict()
        finally:
            pysam.set_verbosity(verbosity)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: is not a readable CRAM ({error}): copy or make it again") from error
    if not whole:
        raise InputError(f"{path}: is cut short (it lacks the end of a whole CRAM): copy or make it again")
    lines = header.get("SQ", [])
    return CramHeader(
        {line["SN"]: int(line["LN"]) for line in lines},
        header.get("HD", {}).get("SO"),
        {line["SN"]: line["M5"].lower() for line in lines if "M5" in line},
    )


def fasta_md5(path: str | Path) -> dict[str, str]:
    """MD5 of each contig of a FASTA as CRAM and SAM headers have it: upper case, without line ends.

    References
    ----------
    SAM specification, section 1.3.2.
    """
    digests: dict[str, hashlib._Hash] = {}
    digest, rest = None, b"\n"
    for block in blocks(path):
        data = rest + block
        rest = b""
        pieces = data.split(b"\n>")
        for i, piece in enumerate(pieces):
            if i:
                head, newline, piece = piece.partition(b"\n")
                if not newline and i == len(pieces) - 1:  # a name that the end of the block may cut
                    rest = b"\n>" + head
                    break
                name = (head.split() or [b""])[0].decode("utf-8", "replace")
                digest = digests[name] = hashlib.md5(usedforsecurity=False)
            if digest is not None:
                digest.update(piece.translate(None, b"\n\r \t").upper())
        else:
            rest = b"\n" if data.endswith(b"\n") else b""
    return {name: digest.hexdigest() for name, digest in digests.items()}


def check_genome(path: str | Path, header: CramHeader, fasta: str, md5: Mapping[str, str]) -> None:
    """Refuse a CRAM that was made with other sequences than those of a genome.

    Raises
    ------
    InputError
        Naming the first contig at fault, and what helps.
    """
    wrong = [name for name, found in header.md5.items() if name in md5 and md5[name] != found]
    if wrong:
        made = quote(str(Path(path).with_suffix(".bam")))
        view = f"samtools view -b -T FASTA_IT_WAS_MADE_WITH -o {made} {quote(str(path))}"
        view += f" && samtools index {made}"
        raise InputError(
            f"{path}: was made with another sequence of {wrong[0]} than {fasta} has (by MD5; "
            f"{len(wrong):,} of {len(header.md5):,} contigs differ): set genome.fasta to the FASTA it was "
            f"made with, or, if the two are one assembly, convert it: {view}, and name that"
        )


@contextmanager
def as_bam(path: str | Path, reference: Reference) -> Iterator[BinaryIO]:
    """A stream of the records of a CRAM as BAM, made by htslib in a process of its own.

    Raises
    ------
    InputError
        If htslib cannot read the file to its end with this genome.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        fasta = reference.fasta
        if reference.fai is not None:
            fasta = os.path.join(folder, "genome.fa" + (".gz" if reference.fasta.endswith("gz") else ""))
            os.symlink(os.path.abspath(reference.fasta), fasta)
            for index, ending in ((reference.fai, "fai"), (reference.gzi, "gzi")):
                if index is not None and os.path.getsize(index):
                    os.symlink(os.path.abspath(index), f"{fasta}.{ending}")
        command = [sys.executable, "-c", _VIEW, str(path), fasta, str(FIELDS)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said)
        try:
            yield cast(BinaryIO, child.stdout)
        finally:
            cast(BinaryIO, child.stdout).close()
            failed = child.wait()
        if failed:
            said.seek(0)
            words = said.read().decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
            reason = next((line for line in words if line.startswith("[E::")), words[-1])
            raise InputError(
                f"{path}: cannot be read as CRAM with {reference.fasta} ({reason}): check that genome.fasta "
                "is the genome it was made with, and copy the file again"
            )
