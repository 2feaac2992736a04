"""Reference index, sequence windows, and the FASTA of peak sequences."""

import gzip

import pandas as pd
import pysam
import pytest

from workflow_lib.errors import InputError
from workflow_lib.genome import reference as genome
from workflow_lib.genome import sequences
from workflow_lib.io import fasta

CHR1 = "ACGTacgtNNNNRYKMacgt" * 5  # 100 bp
CHR2 = "GGGGGCCCCCTTTTTAAAAA" * 2
FASTA = ">chr1 first\n" + "\n".join(CHR1[i : i + 30] for i in range(0, 100, 30)) + f"\n>2\n{CHR2}\n"


@pytest.fixture(params=["plain", "bgzip"])
def reference(tmp_path, request):
    path = tmp_path / "input" / "genome.fa"
    path.parent.mkdir()
    path.write_text(FASTA)
    if request.param == "bgzip":
        pysam.tabix_compress(str(path), f"{path}.gz")
        path.unlink()
        path = path.with_name("genome.fa.gz")
    return genome.write_index(path, tmp_path / "x.fai", tmp_path / "x.gzi")


def peak_table(*rows):
    table = pd.DataFrame(rows, columns=["chrom", "summit"])
    table.insert(0, "peak", [f"p{i}" for i in range(len(rows))])
    return table


def test_contigs_are_in_fasta_order(reference, tmp_path):
    assert reference.contigs.to_dict() == {"chr1": 100, "2": 40}
    genome.write_contigs(reference.contigs, tmp_path / "contigs.tsv")
    assert (tmp_path / "contigs.tsv").read_text() == "contig\tlength\nchr1\t100\n2\t40\n"
    pd.testing.assert_series_equal(genome.read_contigs(tmp_path / "contigs.tsv"), reference.contigs)


def test_nothing_is_written_beside_the_fasta(reference, tmp_path):
    assert len(list((tmp_path / "input").iterdir())) == 1


def test_sequences_are_upper_case_and_ambiguous_bases_are_n(reference):
    windows = pd.DataFrame({"chrom": ["chr1", "chr1", "2"], "start": [0, 28, 38], "end": [20, 33, 40]})
    assert reference.fetch(windows) == ["ACGTACGTNNNNNNNNACGT", "NNNNN", "AA"]
    assert reference.sequence("2") == CHR2


def test_window_that_is_not_in_the_fasta_is_refused(reference):
    with pytest.raises(InputError, match="2:30-50 is not wholly inside"):
        reference.fetch(pd.DataFrame({"chrom": ["2"], "start": [30], "end": [50]}))
    with pytest.raises(InputError, match="has no contig chr9"):
        reference.fetch(pd.DataFrame({"chrom": ["chr9"], "start": [3], "end": [5]}))
    with pytest.raises(InputError, match="has no contig chr9"):
        reference.sequence("chr9")


def test_gzip_that_is_not_bgzip_is_refused_with_the_fix(tmp_path):
    path = tmp_path / "genome.fa.gz"
    path.write_bytes(gzip.compress(FASTA.encode()))
    with pytest.raises(InputError, match=r"gunzip -c genome.fa.gz \| bgzip"):
        genome.write_index(path, tmp_path / "x.fai", tmp_path / "x.gzi")
    assert [found.name for found in tmp_path.iterdir()] == ["genome.fa.gz"]


@pytest.mark.parametrize("text", ["", "ACGT\n", ">a\nACGT\nAC\nACGT\n"])
def test_what_is_no_fasta_is_refused(tmp_path, text):
    path = tmp_path / "genome.fa"
    path.write_text(text)
    with pytest.raises(InputError, match=r"genome\.fa"):
        genome.write_index(path, tmp_path / "x.fai", tmp_path / "x.gzi")


def test_the_summit_is_in_the_middle_of_its_window(reference):
    found = sequences.windows(peak_table(("chr1", 50)), 20, reference.contigs)
    assert found.to_dict("records") == [{"peak": "p0", "chrom": "chr1", "start": 40, "end": 60}]
    odd = sequences.windows(peak_table(("chr1", 50)), 21, reference.contigs)
    assert odd[["start", "end"]].to_numpy().tolist() == [[40, 61]]
    (sequence,), _ = sequences.extract(peak_table(("2", 14)), 11, reference)
    assert sequence == CHR2[9:20]
    assert sequence[11 // 2] == CHR2[14]


def test_windows_are_cut_off_at_both_ends_of_a_contig(reference):
    table = peak_table(
        ("chr1", 0), ("chr1", 9), ("chr1", 10), ("chr1", 90), ("chr1", 91), ("2", 39), ("2", 20)
    )
    found = sequences.windows(table, 20, reference.contigs)
    assert found[["start", "end"]].to_numpy().tolist() == [
        [0, 10], [0, 19], [0, 20], [80, 100], [81, 100], [29, 40], [10, 30],
    ]  # fmt: skip
    wide = sequences.windows(table, 1000, reference.contigs)
    assert wide["end"].tolist() == [100] * 5 + [40] * 2


@pytest.mark.parametrize("row", [("chr1", 100), ("chr1", -1), ("chr3", 5)])
def test_summit_off_the_genome_is_refused(reference, row):
    with pytest.raises(InputError, match=f"peak p1: its summit {row[1]} is not on a contig"):
        sequences.windows(peak_table(("chr1", 5), row), 20, reference.contigs)


def test_peak_without_coordinates_is_refused(reference):
    table = peak_table(("chr1", 5), (None, None))
    with pytest.raises(InputError, match="peak p1: has no coordinates"):
        sequences.windows(table, 20, reference.contigs)


def test_sequences_survive_writing_and_give_the_same_bytes(reference, tmp_path):
    table = peak_table(("chr1", 50), ("chr1", 0), ("2", 20), ("chr1", 11))
    found, windows = sequences.extract(table, 6, reference)
    assert found[3] == "NNNNNN"
    for name in ("a", "b"):
        fasta.write_sequences(found, windows, tmp_path / f"{name}.fa.gz")
    assert (tmp_path / "a.fa.gz").read_bytes() == (tmp_path / "b.fa.gz").read_bytes()
    text = gzip.decompress((tmp_path / "a.fa.gz").read_bytes()).decode()
    assert text.startswith(">p0 window=chr1:47-53\n")
    again, places = fasta.read_sequences(tmp_path / "a.fa.gz")
    assert list(again.items()) == list(zip(table["peak"], found, strict=True))
    pd.testing.assert_frame_equal(places, windows)
    assert places["chrom"].tolist() == ["chr1", "chr1", "2", "chr1"]
    # bgzip, so that it can be indexed
    pysam.faidx(str(tmp_path / "a.fa.gz"))


def test_no_sequences(tmp_path):
    windows = peak_table().assign(start=0, end=0)
    fasta.write_sequences([], windows, tmp_path / "none.fa.gz")
    found, places = fasta.read_sequences(tmp_path / "none.fa.gz")
    assert found == {}
    assert list(places.columns) == sequences.WINDOW_COLUMNS


def test_wrapped_sequences_are_joined(tmp_path):
    (tmp_path / "a.fa").write_text(">p window=chr1:0-6\nACG\nTTT\n")
    assert fasta.read_sequences(tmp_path / "a.fa")[0] == {"p": "ACGTTT"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (">p\nACG\n", "header `p` is not"),
        ("ACG\n", "does not begin with a FASTA header"),
        (">p window=c:0-1\nA\n>p window=c:0-1\nA\n", "peak p stands twice"),
    ],
)
def test_other_fasta_is_refused(tmp_path, text, said):
    (tmp_path / "a.fa").write_text(text)
    with pytest.raises(InputError, match=said):
        fasta.read_sequences(tmp_path / "a.fa")


def test_yeast_genome(shared, tmp_path):
    path = shared / "data" / "yeast" / "ref" / "sacCer3.fa.gz"
    reference = genome.write_index(path, tmp_path / "x.fai", tmp_path / "x.gzi")
    assert len(reference.contigs) == 17
    assert (tmp_path / "x.fai").read_bytes() == path.with_name("sacCer3.fa.gz.fai").read_bytes()
    windows = pd.DataFrame({"chrom": ["chrVII"], "start": [23_934], "end": [23_940]})
    assert reference.fetch(windows) == ["ATGGTT"]  # HXK2 begins with its start codon
