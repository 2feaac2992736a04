"""Two runs compared: settings, peaks, called sets, ranks, files."""

import fake_results
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_lib import __main__ as door
from workflow_lib.errors import InputError
from workflow_lib.io import records, tables
from workflow_lib.questions import comparison
from workflow_lib.report import page, plain
from workflow_lib.results.run import Run

CONTRAST = fake_results.CONTRAST
TABLE = f"differential/{CONTRAST}.tsv.gz"


@pytest.fixture
def runs(tmp_path):
    """Two runs that are the same."""
    for name in "ab":
        fake_results.write(tmp_path / name / "results", drawn=False, n=300)
        recorded(tmp_path / name, fake_results.SETTINGS, {"atacdiff": "1.0", "numpy": "2.4.6"})
    return tmp_path / "a", tmp_path / "b"


def recorded(project, settings, versions):
    samples = fake_results.SAMPLES.to_dict(orient="index")
    path = project / "results" / records.NAME
    records.write(path, settings=settings, samples=samples, versions=versions)


def told(runs):
    return plain.text(comparison.compare(*(Run(project / "results") for project in runs)))


def edit(project, name, change):
    table = tables.read_table(project / "results" / name)
    tables.write_table(change(table), project / "results" / name)


def test_the_same_run_twice(runs):
    text = told(runs)
    for sentence in (
        "Differing: 0 settings, 0 sample values, 0 versions.",
        "Peaks: the same 300 in both.",
        f"{CONTRAST}: the same peaks are called.",
        "Factors and motifs: ranks are the same.",
        "Samples: the same quality and size factors.",
        "tables are the same, byte by byte.",
    ):
        assert sentence in text


def test_settings_versions_and_inputs_that_differ(runs):
    settings = {**fake_results.SETTINGS, "seed": 7, "alpha": 0.01}
    recorded(runs[1], settings, {"atacdiff": "1.1", "numpy": "2.4.6"})
    for project, digest in zip(runs, ("a" * 64, "b" * 64), strict=True):
        sums = ["0" * 64, digest]
        table = pd.DataFrame({"input": ["a", "b"], "path": ["x.bam", "y.bam"], "bytes": 5, "sha256": sums})
        table["digest"] = [one[:32] for one in sums]
        tables.write_table(table, project / "results/inputs.tsv")
    lines = [line.split() for line in told(runs).splitlines()]
    assert ["alpha", "0.05", "0.01"] in lines
    assert ["seed", "42", "7"] in lines
    assert ["atacdiff", "1.0", "1.1"] in lines
    assert ["y.bam", "a" * 12, "b" * 12] in lines
    assert "Differing: 2 settings, 0 sample values, 1 version, 1 input file." in told(runs)


def test_keys_that_were_renamed_between_two_versions_are_no_difference(runs):
    older = {key: value for key, value in fake_results.SETTINGS.items() if key != "alpha"}
    older["differential"] = {**older["differential"], "alpha": 0.05}
    older["enrichment"] = {**older["enrichment"], "test": "fisher"}
    recorded(runs[0], older, {"atacdiff": "1.0"})
    assert "Differing: 0 settings" in told(runs)
    older["differential"] = {**older["differential"], "alpha": 0.1}
    recorded(runs[0], older, {"atacdiff": "1.0"})
    lines = [line.split() for line in told(runs).splitlines()]
    assert ["alpha", "0.1", "0.05"] in lines


def test_called_sets_by_id(runs):
    before = tables.read_table(runs[0] / "results" / TABLE)
    up = before.index[before["direction"] == "up"]
    none = before.index[before["direction"] == "none"]

    def change(table):
        table.loc[up[:2], "direction"] = "none"
        table.loc[none[:3], "direction"] = "up"
        return table

    edit(runs[1], TABLE, change)
    text = told(runs)
    n = len(up)
    assert f"{CONTRAST}: up: 3 gained, 2 lost, {n - 2} kept." in text
    row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["up"])
    assert row[1:6] == [str(n), str(n + 1), str(n - 2), "3", "2"]
    assert float(row[6]) == pytest.approx((n - 2) / (n + 3), abs=0.001)
    moved = {line.split()[2] for line in text.splitlines() if line.strip().startswith("up, lost")}
    assert moved == set(before.loc[up[:2], "peak"])


def without_directions(table):
    called = table["direction"].isin(["up", "down"])
    return table.assign(direction=table["direction"].mask(called, "changed"))


def test_called_sets_of_a_contrast_without_directions(runs):
    for project in runs:
        edit(project, TABLE, without_directions)
    assert f"{CONTRAST}: the same peaks are called." in told(runs)

    def change(table):
        at = table.index[table["direction"] == "changed"][:2]
        return table.assign(direction=table["direction"].mask(table.index.isin(at), "none"))

    edit(runs[1], TABLE, change)
    assert f"{CONTRAST}: changed: 0 gained, 2 lost" in told(runs)


def test_peaks_with_names_of_their_own_are_compared_by_these(runs):
    def renamed(table):
        return table.assign(peak=[f"Interval_{i}" for i in range(len(table))])

    for project in runs:
        edit(project, TABLE, renamed)
        path = project / "results/peaks/peaks.tsv"
        path.parent.mkdir(exist_ok=True)
        names = [f"Interval_{i}" for i in range(300)]
        path.write_text("peak\tchrom\tstart\tend\n" + "".join(f"{name}\tNA\tNA\tNA\n" for name in names))
    text = told(runs)
    assert "Peaks: the same 300 in both." in text
    assert f"{CONTRAST}: the same peaks are called." in text


def test_called_sets_by_overlap_where_peaks_differ(runs):
    def shifted(table):
        place = table["peak"].str.extract(r"(chr\d):(\d+)-(\d+)")
        start, end = place[1].astype(int) + 100, place[2].astype(int) + 100
        table["peak"] = place[0] + ":" + start.astype(str) + "-" + end.astype(str)
        return table

    edit(runs[1], TABLE, shifted)
    text = told(runs)
    assert "Peaks: 300 in A, 300 in B, 0 of them with the same ends; 300 of A's overlap one of B's." in text
    assert f"{CONTRAST}: the same peaks are called." in text
    assert "Changed peaks of A and B, by overlap" in text


def test_ranks_that_moved(runs):
    name = f"motifs/enrichment/{CONTRAST}.up.tsv"

    def change(table):
        table.loc[100, "log10_pvalue"] = -99.0
        return table

    edit(runs[1], name, change)
    text = told(runs)
    assert f"ranks of the leading ones differ, least alike in {name}" in text
    row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["MA0100.1"])
    assert row[1] == "TF100"
    assert row[3] == "1"
    row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["MA0003.1"])
    assert row[2:4] == ["1", "2"]


def test_a_contrast_in_one_run_alone_and_no_record(runs):
    (runs[1] / "results" / TABLE).rename(runs[1] / "results/differential/other.tsv.gz")
    (runs[0] / "results" / records.NAME).unlink()
    record = runs[1] / "results" / records.NAME
    record.write_text(record.read_text().replace(f'"{CONTRAST}"', '"other"'))
    text = told(runs)
    assert f"{CONTRAST}: not in B." in text
    assert "other: not in A." in text
    assert "Settings and versions of A were not recorded" in text


def test_a_run_without_motifs_against_one_with(tmp_path):
    fake_results.write(tmp_path / "a", motifs=False, reads=False, demo=False, drawn=False, n=300)
    fake_results.write(tmp_path / "b", drawn=False, n=300)
    text = plain.text(comparison.compare(Run(tmp_path / "a"), Run(tmp_path / "b")))
    assert "Factors and motifs: no table that both runs have." in text
    assert ["motifs/library.tsv", "only", "in", "B"] in [line.split() for line in text.splitlines()]


def test_on_the_command_line(runs, tmp_path, capsys):
    assert door.main(["compare", str(runs[0]), str(runs[1] / "results")]) == 0
    assert "Peaks: the same 300 in both." in capsys.readouterr().out
    target = tmp_path / "page.html"
    assert door.main(["compare", *map(str, runs), "--html", str(target)]) == 0
    assert "Peaks: the same 300 in both." in target.read_text()
    assert door.main(["compare", str(tmp_path), str(runs[1])]) == 2
    with pytest.raises(InputError, match="no differential tables"):
        Run.finished(tmp_path)


def test_a_page_can_be_made(runs):
    edit(runs[1], TABLE, lambda table: table.assign(direction="none"))
    html = page.render(comparison.compare(*(Run(project / "results") for project in runs)))
    assert "lost" in html


intervals = st.lists(
    st.tuples(st.sampled_from(["chr1", "chr2"]), st.integers(0, 40), st.integers(1, 12)), max_size=8
)


@given(intervals, intervals)
def test_overlaps_as_asked_one_by_one(ours, theirs):
    tables_ = [
        pd.DataFrame([(c, s, s + n) for c, s, n in each], columns=["chrom", "start", "end"])
        for each in (ours, theirs)
    ]
    expected = [any(c == d and s < t + m and t < s + n for d, t, m in theirs) for c, s, n in ours]
    np.testing.assert_array_equal(comparison.overlaps(*tables_), np.array(expected, dtype=bool))
