"""What the start has read of genome and annotation: the same bytes as reading them again, or nothing."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pysam
import pytest

from workflow_lib.errors import InputError
from workflow_lib.genome import genes, reference
from workflow_lib.io import fasta, gtf, headers, kept

GTF = """\
chr1\tx\tgene\t101\t900\t.\t+\t.\tgene_id "G1"; gene_name "One"; db_xref "GeneID:7";
chr1\tx\ttranscript\t101\t900\t.\t+\t.\tgene_id "G1"; transcript_id "T1";
chr1\tx\texon\t101\t300\t.\t+\t.\tgene_id "G1"; transcript_id "T1";
chr1\tx\tCDS\t151\t300\t.\t+\t0\tgene_id "G1"; transcript_id "T1";
chr1\tx\texon\t601\t900\t.\t+\t.\tgene_id "G1"; transcript_id "T1";
chr2\tx\texon\t11\t90\t.\t-\t.\tgene_id "G2"; transcript_id "T2";
"""


def random_fasta(rng: random.Random) -> bytes:
    """Contigs of one to many lines, with either end of lines, blank lines between, or no end at all."""
    width, end = rng.choice([1, 5, 60, 70]), rng.choice(["\n", "\r\n"])
    parts = []
    for i in range(rng.randint(1, 4)):
        length = rng.choice([1, width, width + 1, 3 * width, rng.randint(1, 40 * width)])
        bases = "".join(rng.choices("ACGTNacgt", k=length))
        lines = (bases[at : at + width] + end for at in range(0, length, width))
        parts += [f">c{i}{rng.choice(['', ' text', chr(9)])}{end}", *lines, rng.choice(["", "", end])]
    text = "".join(parts)
    return (text if rng.random() < 0.8 else text.rstrip("\r\n")).encode()


def indices(path: Path, folder: Path, kept_in: Path | None) -> list[bytes]:
    reference.write_index(path, folder / "fai", folder / "gzi", kept_in)
    return [(folder / name).read_bytes() for name in ("fai", "gzi")]


@pytest.mark.parametrize("packed", [False, True])
def test_indices_are_samtools_own_to_the_byte(tmp_path, packed, monkeypatch):
    rng = random.Random(1)
    texts = [random_fasta(rng) for _ in range(40)]
    long = "".join(rng.choices("ACGT", k=300_000)).encode()  # many blocks of bgzip, one line longer than one
    texts += [
        b">a\n" + b"\n".join(long[at : at + 60] for at in range(0, len(long), 60)) + b"\n",
        b">a\n" + long,
    ]
    for i, text in enumerate(texts):
        path = tmp_path / f"{i}.fa"
        path.write_bytes(text)
        if packed:
            pysam.tabix_compress(str(path), f"{path}.gz")
            path = Path(f"{path}.gz")
        kept.keep_index(str(path), *headers.index_fasta(path), tmp_path)
        expected = indices(path, tmp_path, None)
        with monkeypatch.context() as patch:
            patch.setattr(fasta, "write_index", None)  # is not called
            assert indices(path, tmp_path, tmp_path) == expected, text[:300]


def test_indices_of_a_fasta_that_has_changed_are_made_anew(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_bytes(b">a\nACGT\n")
    kept.keep_index(str(path), *headers.index_fasta(path), tmp_path)
    path.write_bytes(b">a\nACGTA\n")
    assert indices(path, tmp_path, tmp_path)[0] == b"a\t5\t3\t5\t6\n"
    os.utime(path, (1, 1))
    assert not kept.take_index(path, tmp_path, tmp_path / "fai", tmp_path / "gzi")
    assert not kept.take_index(path, tmp_path / "nowhere", tmp_path / "fai", tmp_path / "gzi")


def test_the_same_genes_without_reading_the_annotation_again(tmp_path, monkeypatch):
    path = tmp_path / "genes.gtf"
    path.write_text(GTF)
    found = gtf.read(path)
    kept.keep_features(path, found, tmp_path)
    again = kept.features(path, tmp_path)
    for name in ("lines", "genes", "transcripts"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name))
    assert (again.contigs, again.notes) == (found.contigs, found.notes)
    genes.write(genes.from_gtf(path), tmp_path / "expected")
    monkeypatch.setattr(gtf, "read", None)
    genes.write(genes.from_gtf(path, tmp_path), tmp_path / "made")
    assert (tmp_path / "made").read_bytes() == (tmp_path / "expected").read_bytes()


def test_lines_of_another_annotation_are_not_taken(tmp_path):
    path = tmp_path / "genes.gtf"
    path.write_text(GTF)
    kept.keep_features(path, gtf.read(path), tmp_path)
    path.write_text(GTF.replace("G2", "G22"))
    assert kept.features(path, tmp_path) is None
    assert list(genes.from_gtf(path, tmp_path).genes["gene_id"]) == ["G1", "G22"]
    kept.drop_features(tmp_path)
    kept.drop_features(tmp_path)
    assert kept.features(path, tmp_path) is None


def test_the_genome_is_opened_without_pyarrow():
    code = "import sys, workflow_lib.io.kept; print('pyarrow' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


def outcome(path: Path):
    """Contigs and places of a FASTA, or why it is refused."""
    try:
        return headers.index_fasta(path)
    except InputError as error:
        return str(error)


def test_lines_that_are_counted_at_once_are_judged_as_one_by_one(tmp_path, monkeypatch):
    """Random genomes, with a random byte put at a random place, in blocks of 50 bytes."""
    rng = random.Random(2)
    monkeypatch.setattr(headers, "blocks", lambda path: small_blocks(path.read_bytes()))
    refused = 0
    for _ in range(300):
        text = bytearray(random_fasta(rng))
        if rng.random() < 0.7:
            text.insert(rng.randrange(len(text)), rng.choice(b"!>A\n\r \t\xff"))
        path = tmp_path / "genome.fa"
        path.write_bytes(bytes(text))
        found = outcome(path)
        with monkeypatch.context() as patch:
            patch.setattr(headers._FastaScan, "_alike", lambda self, text: 0)
            assert outcome(path) == found, bytes(text)
        refused += isinstance(found, str)
    assert 50 < refused < 250


def small_blocks(data: bytes, size: int = 50):
    return (data[at : at + size] for at in range(0, len(data), size))
