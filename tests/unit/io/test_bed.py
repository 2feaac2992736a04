"""Reading BED and narrowPeak as peak callers and people write them."""

import gzip

import numpy as np
import pandas as pd
import pytest

from workflow_lib.errors import InputError
from workflow_lib.io import bed

BED = "#comment\ntrack name=x\nbrowser position chr1:1-2\nchr1\t10\t20\n\nchr2\t5\t9\n"


def write(path, text):
    path.write_bytes(text.encode())
    return path


def test_headers_comments_and_empty_lines_are_passed_over(tmp_path):
    table = bed.read(write(tmp_path / "a.bed", BED))
    assert table[["chrom", "start", "end", "line"]].to_numpy().tolist() == [
        ["chr1", 10, 20, 4],
        ["chr2", 5, 9, 6],
    ]
    assert table["score"].isna().all()
    assert table["summit"].tolist() == [-1, -1]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("zipped", [False, True])
def test_line_ends_and_compression_do_not_matter(tmp_path, ending, zipped):
    data = BED.replace("\n", ending).encode()
    path = tmp_path / "any.name"
    path.write_bytes(gzip.compress(data) if zipped else data)
    pd.testing.assert_frame_equal(bed.read(path), bed.read(write(tmp_path / "a.bed", BED)))


def test_last_line_may_lack_its_newline(tmp_path):
    assert len(bed.read(write(tmp_path / "a.bed", "chr1\t1\t2\nchr1\t3\t4"))) == 2


def test_contig_names_stay_text(tmp_path):
    assert bed.read(write(tmp_path / "a.bed", "1\t1\t2\n"))["chrom"].tolist() == ["1"]


def test_narrowpeak_gives_summits_and_pvalues(tmp_path):
    lines = "chr1\t100\t200\ta\t7\t.\t3.5\t12.5\t9.1\t30\nchr1\t300\t400\tb\t9\t.\t2.5\t2.25\t0.1\t-1\n"
    table = bed.read(write(tmp_path / "a.narrowPeak", lines))
    assert table["summit"].tolist() == [130, -1]
    assert table["score"].tolist() == [12.5, 2.25]


def test_narrowpeak_without_pvalues_falls_back_to_what_is_filled_in(tmp_path):
    lines = "chr1\t100\t200\ta\t7\t.\t3.5\t-1\t-1\t30\nchr1\t300\t400\tb\t9\t.\t2.5\t-1\t-1\t5\n"
    assert bed.read(write(tmp_path / "a.narrowPeak", lines))["score"].tolist() == [3.5, 2.5]


def test_fifth_column_that_is_no_number_is_no_score(tmp_path):
    table = bed.read(write(tmp_path / "a.bed", "chr1\t1\t2\tx\t5.5\nchr1\t3\t4\ty\tgood\n"))
    np.testing.assert_array_equal(table["score"], [5.5, np.nan])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("chr1\t9\t9", "2: its end is not after its start"),
        ("chr1\t-3\t9", "2: its start is negative"),
        ("chr1\t1.5\t9", "2: its start is `1.5`, not a whole number"),
        ("chr1\t1\tend", "2: its end is `end`, not a whole number"),
        ("chr1\t9", "2: 2 columns, the first interval has 3"),
        ("chr1\t1\t9\textra", "2: 4 columns, the first interval has 3"),
    ],
)
def test_the_line_at_fault_is_named(tmp_path, line, said):
    path = write(tmp_path / "a.bed", f"chr1\t1\t2\n{line}\nchr1\t9\t9\n")
    with pytest.raises(InputError) as error:
        bed.read(path)
    assert f"{path}:{said}" in str(error.value)


def test_summit_outside_its_peak_is_refused(tmp_path):
    path = write(tmp_path / "a.narrowPeak", "chr1\t100\t200\ta\t7\t.\t3.5\t1\t1\t100\n")
    with pytest.raises(InputError, match="1: its summit"):
        bed.read(path)


def test_cut_off_gzip_is_refused(tmp_path):
    path = tmp_path / "a.bed.gz"
    path.write_bytes(gzip.compress(b"chr1\t1\t2\n" * 5000)[:-20])
    with pytest.raises(InputError, match="cannot be read to its end"):
        bed.read(path)


def test_a_file_of_comments_gives_no_rows_but_all_columns(tmp_path):
    table = bed.read(write(tmp_path / "a.bed", "#nothing\n"))
    assert list(table.columns) == ["chrom", "start", "end", "score", "summit", "line"]
    assert len(table) == 0


def test_peaks_are_written_as_bed6(tmp_path):
    peaks = pd.DataFrame(
        {"peak": ["chr1:1-5", "chr2:2-9"], "chrom": ["chr1", "chr2"], "start": [1, 2], "end": [5, 9]}
    )
    bed.write_bed(peaks.assign(score=[2.0, 8.0]), tmp_path / "a.bed")
    assert (tmp_path / "a.bed").read_text() == "chr1\t1\t5\tchr1:1-5\t250\t.\nchr2\t2\t9\tchr2:2-9\t1000\t.\n"
    bed.write_bed(peaks.assign(score=0.0), tmp_path / "b.bed")
    assert (tmp_path / "b.bed").read_text() == "chr1\t1\t5\tchr1:1-5\t0\t.\nchr2\t2\t9\tchr2:2-9\t0\t.\n"
    bed.write_bed(peaks.assign(score=0.0).iloc[:0], tmp_path / "c.bed")
    assert (tmp_path / "c.bed").read_text() == ""
    bed.write_bed(peaks.assign(score=1.0, chrom=["chr1", None], end=[5, np.nan]), tmp_path / "d.bed")
    assert (tmp_path / "d.bed").read_text() == "chr1\t1\t5\tchr1:1-5\t1000\t.\n"


def test_cuts_are_intervals_of_one_base_whose_start_a_peak_caller_takes(tmp_path):
    cuts = {
        "chr1": np.array([0, 7, 7], np.int32),
        "chr2": np.empty(0, np.int32),
        "1": np.array([5], np.int32),
    }
    assert bed.write_cuts(cuts.items(), tmp_path / "a.bed") == 4
    assert (tmp_path / "a.bed").read_text().splitlines() == [
        "chr1\t0\t1\t.\t0\t+",
        "chr1\t7\t8\t.\t0\t+",
        "chr1\t7\t8\t.\t0\t+",
        "1\t5\t6\t.\t0\t+",
    ]
    assert bed.write_cuts([], tmp_path / "none.bed") == 0
    assert (tmp_path / "none.bed").read_bytes() == b""


def test_fragments_reach_from_first_to_last_cut(tmp_path):
    pairs = np.array([3, 9], np.int32), np.array([3, 40], np.int32)
    assert bed.write_fragments([("chr1", pairs)], tmp_path / "a.bedpe") == 2
    assert (tmp_path / "a.bedpe").read_text() == "chr1\t3\t4\nchr1\t9\t41\n"


def test_blocks_of_cuts_follow_each_other(tmp_path, monkeypatch):
    monkeypatch.setattr(bed, "BLOCK", 3)
    assert bed.write_cuts([("chr1", np.arange(8, dtype=np.int32))], tmp_path / "a.bed") == 8
    assert bed.read(tmp_path / "a.bed")["start"].tolist() == list(range(8))
