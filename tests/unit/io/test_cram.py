"""CRAM is read as the BAM it was made of, with its genome and no other; indices that reach beyond 512 Mb."""

import hashlib
import random
import sys
from pathlib import Path

import numpy as np
import pysam
import pytest

from workflow_lib import fragments
from workflow_lib.errors import InputError
from workflow_lib.io import bam as bam_files
from workflow_lib.io import cram, headers

sys.path.insert(0, str(Path(__file__).parents[2] / "fuzz"))
import bams

CONTIGS = {"chr1": 30_000, "chr2": 4000}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """genome.fa, a.bam with all kinds of records, and a.cram made of both, with indices."""
    folder = tmp_path_factory.mktemp("cram")
    rng = random.Random(3)
    sequence = {name: "".join(rng.choices("ACGTN", k=n)) for name, n in CONTIGS.items()}
    write_fasta(folder / "genome.fa", sequence)
    records = []
    for i in range(1500):
        habits = dict.fromkeys(bams._HABITS, 0.1 if i % 3 == 0 else 0.0)
        records += bams._template(rng, CONTIGS, f"r{i}", habits | {"numbered": 0.0})
    bams.write_bam(folder / "a.bam", CONTIGS, records)
    pysam.view(
        *("-C", "-T", str(folder / "genome.fa"), "-o", str(folder / "a.cram"), str(folder / "a.bam")),
        catch_stdout=False,
    )
    pysam.index(str(folder / "a.cram"))
    return folder


def write_fasta(path, sequence, width=60):
    lines = (f">{name} -> words > more\n" + folded(letters, width) for name, letters in sequence.items())
    path.write_text("".join(lines))


def folded(letters, width):
    return "".join(letters[i : i + width] + "\n" for i in range(0, len(letters), width))


@pytest.mark.parametrize("threads", [1, 2])
def test_a_cram_gives_the_fragments_of_its_bam(files, threads):
    expected = fragments.from_bam(files / "a.bam", tn5_shift=(4, -4))
    found = fragments.from_bam(
        files / "a.cram", tn5_shift=(4, -4), threads=threads, reference=files / "genome.fa"
    )
    assert (found.accounting, found.read_length, found.contigs) == (
        expected.accounting,
        expected.read_length,
        expected.contigs,
    )
    assert found.n_fragments() > 1000
    for contig in CONTIGS:
        for ours, theirs in zip(found.fragments(contig), expected.fragments(contig), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_indices_may_lie_elsewhere_and_the_genome_where_nothing_can_be_written(files, tmp_path):
    (tmp_path / "genome.fa").write_bytes((files / "genome.fa").read_bytes())
    (tmp_path / "other").mkdir()
    pysam.faidx(str(tmp_path / "genome.fa"))
    (tmp_path / "genome.fa.fai").rename(tmp_path / "other/index.fai")
    (tmp_path / "other/index.gzi").write_bytes(b"")
    reference = cram.Reference(*map(str, (tmp_path / "genome.fa", *sorted((tmp_path / "other").iterdir()))))
    store = fragments.from_bam(files / "a.cram", reference=reference)
    assert store.n_fragments() > 1000
    assert not (tmp_path / "genome.fa.fai").exists()


def test_another_genome_is_refused(files, tmp_path):
    sequence = {name: "A" * n for name, n in CONTIGS.items()}
    write_fasta(tmp_path / "other.fa", sequence)
    header = cram.read_header(files / "a.cram")
    with pytest.raises(InputError, match=r"another sequence of chr1 .*2 of 2 contigs differ"):
        cram.check_genome(
            files / "a.cram", header, str(tmp_path / "other.fa"), cram.fasta_md5(tmp_path / "other.fa")
        )
    cram.check_genome(files / "a.cram", header, "genome.fa", cram.fasta_md5(files / "genome.fa"))
    with pytest.raises(InputError, match=r"a.cram: cannot be read as CRAM with .*other.fa"):
        fragments.from_bam(files / "a.cram", reference=tmp_path / "other.fa")
    with pytest.raises(InputError, match=r"set genome.fasta"):
        fragments.from_bam(files / "a.cram")


def test_a_cram_that_is_cut_short_is_refused(files, tmp_path):
    whole = (files / "a.cram").read_bytes()
    (tmp_path / "a.cram").write_bytes(whole[:-38])
    with pytest.raises(InputError, match=r"a.cram: is cut short"):
        headers.read_bam_header(tmp_path / "a.cram")
    (tmp_path / "a.cram").write_bytes(whole[:2000] + bytes(3000) + whole[5000:])
    with pytest.raises(InputError, match=r"a.cram: "):
        fragments.from_bam(tmp_path / "a.cram", reference=files / "genome.fa")


@pytest.mark.parametrize("size", [7, 61, 1 << 20])
def test_md5_of_contigs_is_that_of_the_specification(files, tmp_path, monkeypatch, size):
    monkeypatch.setattr(cram, "blocks", lambda path: bits(path, size))
    text = ">a ->b\nacgtNN\nAC\r\n\n>b\n>c>d\nGGT"
    (tmp_path / "odd.fa").write_text(text)
    assert cram.fasta_md5(tmp_path / "odd.fa") == {
        name: hashlib.md5(letters).hexdigest()
        for name, letters in (("a", b"ACGTNNAC"), ("b", b""), ("c>d", b"GGT"))
    }
    assert cram.fasta_md5(files / "genome.fa") == cram.read_header(files / "a.cram").md5


def bits(path, size):
    data = Path(path).read_bytes()
    return (data[i : i + size] for i in range(0, len(data), size))


def test_reading_may_stop_before_the_end(files):
    reads = bam_files.read_alignments(files / "a.cram", reference=files / "genome.fa")
    assert len(next(reads).flag)
    reads.close()


def test_long_contigs_are_indexed_by_csi(tmp_path):
    path = tmp_path / "a.bam"
    header = {"HD": {"SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": 600_000_000}]}
    with pysam.AlignmentFile(path, "wb", header=header) as out:
        read = pysam.AlignedSegment(out.header)
        read.query_name, read.flag, read.reference_id, read.reference_start = "r", 0, 0, 590_000_000
        read.cigartuples, read.query_sequence, read.mapping_quality = [(0, 20)], "A" * 20, 42
        out.write(read)
    assert headers.indexing(path, {"chr1": 600_000_000}) == f"samtools index -c {path}"
    assert headers.indexing(path, {"chr1": 500_000_000}) == f"samtools index {path}"
    pysam.index("-c", str(path))
    assert headers.bam_index(path) == Path(f"{path}.csi")
    assert fragments.from_bam(path, tn5_shift=(0, 0)).cuts("chr1").tolist() == [590_000_000]
