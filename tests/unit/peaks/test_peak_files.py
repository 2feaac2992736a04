"""Peaks as callers write them: where they lie, from which base they count, which column is their score."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.io import peak_files
from workflow_lib.peaks import consensus

PLACES = [("chr1", 100, 400, 250), ("chr2", 500, 800, 640)]


@pytest.fixture
def read(tmp_path):
    def of_rows(row, head=""):
        path = tmp_path / "x.bed"
        rows = ("\t".join(map(str, row(i, *place))) + "\n" for i, place in enumerate(PLACES, 1))
        path.write_text(head + "".join(rows))
        return peak_files.read(path)

    return of_rows


def places(table):
    return table[["chrom", "start", "end"]].to_numpy().tolist()


CALLERS = {
    "MACS .xls": (
        lambda i, c, s, e, top: (c, s + 1, e, e - s, top + 1, 9, 10 * i, 4, 3, f"p{i}"),
        "# MACS\n\nchr\tstart\tend\tlength\tabs_summit\tpileup\t-log10(pvalue)\tfold_enrichment\t"
        "-log10(qvalue)\tname\n",
        [250, 640],
    ),
    "MACS .xls of broad peaks": (
        lambda i, c, s, e, top: (c, s + 1, e, e - s, 9, 10 * i, 4, 3, f"p{i}"),
        "# MACS\n\nchr\tstart\tend\tlength\tpileup\t-log10(pvalue)\tfold_enrichment\t-log10(qvalue)\tname\n",
        [-1, -1],
    ),
    "HOMER": (
        lambda i, c, s, e, top: (f"{c}-{i}", c, s + 1, e, "+", 10 * i, 0.8),
        "# HOMER Peaks\n#PeakID\tchr\tstart\tend\tstrand\tNormalized Tag Count\tfocus ratio\n",
        [-1, -1],
    ),
    "SEACR": (lambda i, c, s, e, top: (c, s, e, 10 * i, 3, f"{c}:{top - 10}-{top + 10}"), "", [250, 640]),
    "Genrich": (
        lambda i, c, s, e, top: (c, s, e, f"peak_{i}", 500, ".", 321.5, 10 * i, -1, top - s),
        "",
        [250, 640],
    ),
    "IDR": (
        lambda i, c, s, e, top: (
            *(c, s, e, ".", 1000, ".", -1, 10 * i, -1, top - s, 2.5, "1.87"),
            *(s, e - 5, "9.00000", 140, s + 3, e, "7.50000", 150),
        ),
        "",
        [250, 640],
    ),
    "HMMRATAC": (
        lambda i, c, s, e, top: (
            *(c, s - 90, e + 90, f"Peak_{i}", ".", ".", s, e, "255,0,0", 3, "90,300,90", "0,90,390"),
            *(10 * i, -1, -1),
        ),
        "",
        [-1, -1],
    ),
}


@pytest.mark.parametrize("caller", CALLERS)
def test_places_scores_and_summits_of_callers(read, caller):
    row, head, summits = CALLERS[caller]
    table = read(row, head)
    assert places(table) == [["chr1", 100, 400], ["chr2", 500, 800]]
    assert table["score"].tolist() == [10, 20]
    assert table["summit"].tolist() == summits
    assert table["line"].tolist() == [head.count("\n") + 1, head.count("\n") + 2]


def test_granges_count_from_one(read):
    table = read(lambda i, c, s, e, top: (c, s + 1, e, e - s, "*"), "seqnames\tstart\tend\twidth\tstrand\n")
    assert places(table) == [["chr1", 100, 400], ["chr2", 500, 800]]


def test_columns_of_sicer_are_no_scores(read):
    table = read(lambda i, c, s, e, top: (c, s, e, 30, 12, 0.01, 2.5, 0.02))
    assert table["score"].isna().all()


def test_the_command_for_homers_positions_gives_the_peaks(tmp_path, monkeypatch):
    import subprocess

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.txt").write_text("p1\tchr1\t101\t400\t+\np2\tchr2\t501\t800\t-\n")
    with pytest.raises(peak_files.InputError) as error:
        peak_files.read("a b.txt")
    subprocess.run(str(error.value).rpartition("; ")[2], shell=True, check=True)
    assert places(peak_files.read("peaks.bed")) == [["chr1", 100, 400], ["chr2", 500, 800]]


def test_summits_are_widened_and_the_best_of_those_that_overlap_stays():
    summits = pd.DataFrame(
        {
            "chrom": ["chr1"] * 5,
            "start": [1000, 1100, 3000, 10, 9990],
            "score": [5.0, 9.0, 1.0, 7.0, 7.0],
        }
    )
    summits = summits.assign(end=summits["start"] + 1, summit=summits["start"])
    assert peak_files.are_summits(summits)
    made = consensus.as_given(summits, pd.Series({"chr1": 10_000}), width=401)
    assert made[["start", "end", "summit"]].to_numpy().tolist() == [[900, 1301, 1100], [2800, 3201, 3000]]
    wide = summits.assign(end=summits["start"] + np.array([1, 1, 2, 1, 1]))
    assert not peak_files.are_summits(wide)
    assert len(consensus.as_given(wide, width=401)) == 5


def test_the_tenth_column_of_epic2_is_no_summit(read):
    head = "#Chromosome\tStart\tEnd\tPValue\tScore\tStrand\tChIPCount\tInputCount\tFDR\tlog2FoldChange\n"
    table = read(lambda i, c, s, e, top: (c, s, e, 1e-5, 100 * i, ".", 20, 5, 1e-4, 2), head)
    assert places(table) == [list(place[:3]) for place in PLACES]
    assert (table["summit"] == -1).all()
    assert table["score"].tolist() == [100, 200]


def test_empty_columns_at_the_end_leave_a_narrowpeak_its_summits(read):
    table = read(lambda i, c, s, e, top: (c, s, e, "p", 9, ".", 4, 3, 2, top - s, "", ""))
    assert table["summit"].tolist() == [250, 640]
