"""Sample sheets, designs and matrices of counts: each fault with line or column and the fix."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.io import count_matrices, sheets
from workflow_lib.preflight.designs import freedom, replication

SCHEMAS = Path(__file__).resolve().parents[2] / "config/schemas"
SCHEMA = sheets.read_yaml(SCHEMAS / "config.schema.yaml")
ROW_SCHEMA = sheets.read_yaml(SCHEMAS / "samples.schema.yaml")
HEADER = "sample\tgroup\tbam\tbatch\n"
ROWS = "c1\tcontrol\tc1.bam\tA\nc2\tcontrol\tc2.bam\tB\nt1\ttreated\tt1.bam\tA\nt2\ttreated\tt2.bam\tB\n"


def configured(**given) -> dict:
    config, found = preflight.configuration({"peaks": {"files": "peaks.bed"}} | given, SCHEMA)
    assert found == []
    return config


def read(folder: Path, text: str | bytes, **given) -> tuple[pd.DataFrame, list[str]]:
    """The sheet with this text, and messages about it, in which its folder is left out."""
    path = folder / "samples.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    samples, found = preflight.sheet(str(path), configured(**given), ROW_SCHEMA)
    return samples, [str(problem).replace(f"{folder}/", "") for problem in found]


def test_a_right_sheet(tmp_path):
    samples, found = read(tmp_path, HEADER + ROWS)
    assert found == []
    assert list(samples.index) == ["c1", "c2", "t1", "t2"]
    assert samples.index.name == "sample"
    assert samples.to_dict("list") == {
        "group": ["control", "control", "treated", "treated"],
        "bam": ["c1.bam", "c2.bam", "t1.bam", "t2.bam"],
        "batch": ["A", "B", "A", "B"],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEADER + ROWS + "c1\tcontrol\tc3.bam\tA\n",
            "samples.tsv, lines 2, 6, column sample: c1 is the name of more than one sample. Fix: give each",
        ),
        (
            HEADER + ROWS + "c3\tcontrol\tc1.bam\tA\n",
            "samples.tsv, lines 2, 6, column bam: c1.bam is the file of more than one sample. Fix: give each",
        ),
        (
            HEADER + ROWS + "c3\tcontrol\t./x/../c1.bam\tA\n",
            "samples.tsv, lines 2, 6, column bam: c1.bam is the file of more than one sample. Fix: give each",
        ),
        (
            HEADER + ROWS + "bad name/3\tcontrol\tc3.bam\tA\n",
            "samples.tsv, line 6, column sample: 'bad name/3' is not fit for the name of a file. "
            "Fix: use letters, digits, '.', '_' and '-' only, a letter or digit first, such as bad_name_3.",
        ),
        (
            HEADER + ROWS + "c3\t-control\tc3.bam\tA\n",
            "samples.tsv, line 6, column group: '-control' is not fit for the name of a file. Fix: use",
        ),
        (
            HEADER + ROWS + "c3\t\tc3.bam\tA\n",
            "samples.tsv, line 6, column group: has no value. Fix: give every sample one.",
        ),
        (
            HEADER + ROWS + "c3\tcontrol\tNA\tA\n",
            "samples.tsv, line 6, column bam: has no value. Fix: give every sample one.",
        ),
        (
            HEADER + ROWS + "control\tcontrol\tc3.bam\tA\n",
            "samples.tsv, line 6, column sample: 'control' is also the name of a group (line 6), so both "
            "would share files. Fix: rename the sample, such as control_1.",
        ),
        (
            HEADER + ROWS + "score\tcontrol\tc3.bam\tA\n",
            "samples.tsv, line 6, column sample: 'score' is the name of another column of the tables. Fix:",
        ),
        (
            HEADER + ROWS + "gene_name\tcontrol\tc3.bam\tA\n",
            "samples.tsv, line 6, column sample: 'gene_name' is the name of another column of the tables.",
        ),
        (
            HEADER + ROWS + "c3 control c3.bam A\n",
            "samples.tsv, line 6: has 1 columns, the header has 4. Fix: separate columns by one tab",
        ),
        (
            HEADER + ROWS + "c3\tcontrol\tc3.bam\tA\textra\n",
            "samples.tsv, line 6: has 5 columns, the header has 4. Fix: separate",
        ),
        (
            HEADER + ROWS + "c3\tcontrol\t${NOT_SET_HERE}/c3.bam\tA\n",
            "samples.tsv, line 6, column bam: '${NOT_SET_HERE}/c3.bam' names the environment variable NOT",
        ),
        (
            (HEADER + ROWS).replace("\t", ","),
            "samples.tsv, line 1: columns are separated by commas. Fix: tr ',' ",
        ),
        (
            (HEADER + ROWS).replace("\t", "  "),
            "samples.tsv, line 1: columns are separated by blanks. Fix: tr -s ' '",
        ),
        (
            (HEADER + ROWS).replace("\t", ";"),
            "samples.tsv, line 1: columns are separated by semicolons. Fix:",
        ),
        (
            "",
            "samples.tsv: is empty. Fix: write a header with the columns sample and group, then the samples.",
        ),
        (HEADER, "samples.tsv: has a header and no samples. Fix: write one line a sample."),
        (
            (HEADER + ROWS).encode("utf-16"),
            "samples.tsv: is UTF-16. Fix: save it as UTF-8",
        ),
        (
            (HEADER + ROWS).replace("bam\tbatch", "bam\tbam"),
            "samples.tsv, line 1: column bam stands there twice. Fix: remove or rename one.",
        ),
        (
            (HEADER + ROWS).replace("bam\tbatch", "bam\t"),
            "samples.tsv, line 1: column 4 has no name. Fix: name it, or remove the column.",
        ),
        (
            (HEADER + ROWS).replace("\tbatch", "\tBatch"),
            "samples.tsv, line 1, column Batch: is not spelt as expected. Fix: write batch.",
        ),
        (
            (HEADER + ROWS).replace("bam\tbatch", "BAM\tbatch"),
            "samples.tsv, line 1, column bam: is missing. Fix: rename column 'BAM' to bam.",
        ),
    ],
)
def test_one_fault_is_told_with_line_and_fix(tmp_path, monkeypatch, text, message):
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    samples, found = read(tmp_path, text)
    assert any(problem.startswith(message) for problem in found), found
    assert samples.index.is_unique


def test_a_sheet_that_is_not_there(tmp_path):
    _, (problem,) = preflight.sheet(str(tmp_path / "none.tsv"), configured(), ROW_SCHEMA)
    assert str(problem).endswith(
        "none.tsv: there is no such file. Fix: correct the path or put the file there."
    )


def test_all_faults_of_a_sheet_are_told_at_once(tmp_path):
    text = "sample\tgruop\tsize_factor\na b\tx\t0\na b\ty\t1,5\n"
    _, found = read(tmp_path, text, differential={"size_factors": "column"})
    assert [problem.split(". Fix")[0] for problem in found] == [
        "samples.tsv, line 1, column group: is missing",
        "samples.tsv, line 1, column bam: is missing",
        "samples.tsv, line 2, column sample: 'a b' is not fit for the name of a file",
        "samples.tsv, line 2, column size_factor: is 0.0, expected number (above 0)",
        "samples.tsv, line 3, column sample: 'a b' is not fit for the name of a file",
        "samples.tsv, line 3, column size_factor: is '1,5', expected number (above 0)",
        "samples.tsv, lines 2, 3, column sample: a b is the name of more than one sample",
    ]
    assert "rename column 'gruop' to group" in found[0]
    assert "write a point for the comma" in found[5]


@pytest.mark.parametrize(("method", "column"), [("spike_in", "spike_in"), ("column", "size_factor")])
def test_size_factors_from_the_sheet_need_their_column_in_full(tmp_path, method, column):
    given = {"differential": {"size_factors": method}}
    _, (message,) = read(tmp_path, HEADER + ROWS, **given)
    assert f"column {column}: is missing. Fix: add the column, since differential.size_factors is" in message
    text = (HEADER + ROWS).replace("batch\n", f"batch\t{column}\n").replace("\tA\n", "\tA\t900\n")
    _, found = read(tmp_path, text.replace("\tB\n", "\tB\tNA\n"), **given)
    assert [f"line {line}, column {column}: has no value" in found[i] for i, line in enumerate((3, 5))] == [
        True,
        True,
    ]


def test_spreadsheet_habits_are_let_pass(tmp_path):
    text = (HEADER + ROWS).replace("\n", "\t\t\r\n").replace("c1\t", '"c1"\t', 1).replace("A", " A ") + "\r\n"
    samples, found = read(tmp_path, b"\xef\xbb\xbf" + text.replace("batch\t\t", "batch").encode())
    assert found == []
    assert list(samples.index) == ["c1", "c2", "t1", "t2"]
    assert list(samples["batch"]) == ["A", "B", "A", "B"]


def test_columns_of_numbers_are_quantities_but_for_group_batch_and_pair(tmp_path):
    text = "sample\tgroup\tbam\tbatch\tpair\tage\tdose\tsize_factor\n"
    text += "a\t1\ta.bam\t1\t1\t3\tlow\t1\nb\t2\tb.bam\t2\t1\t4.5\t7\t2e-1\nc\t2\tc.bam\t2\t2\tNA\t8\tNA\n"
    samples, found = read(tmp_path, text)
    assert found == []
    assert samples[["group", "batch", "pair", "dose"]].to_numpy().tolist() == [
        ["1", "1", "1", "low"],
        ["2", "2", "1", "7"],
        ["2", "2", "2", "8"],
    ]
    np.testing.assert_array_equal(samples["age"], [3, 4.5, np.nan])
    np.testing.assert_array_equal(samples["size_factor"], [1, 0.2, np.nan])


def test_paths_in_the_sheet_are_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("BAMS", "/data")
    samples, found = read(tmp_path, "sample\tgroup\tbam\na\tx\t${BAMS}/a.bam\nb\ty\t${NOT_HERE:-d}/b.bam\n")
    assert found == []
    assert list(samples["bam"]) == ["/data/a.bam", "d/b.bam"]


def test_no_bam_is_needed_where_counts_are_given(tmp_path):
    samples, found = read(tmp_path, "sample\tgroup\na\tx\nb\ty\n", counts="counts.tsv")
    assert found == []
    assert list(samples.columns) == ["group"]


def designed(folder: Path, text: str, **given) -> list[str]:
    """Messages about design and contrasts on a sheet without other faults."""
    config = configured(counts="counts.tsv", **given)
    path = folder / "samples.tsv"
    path.write_text(text)
    samples, found = preflight.sheet(str(path), config | {"samples": str(path)}, ROW_SCHEMA)
    assert found == []
    messages = preflight.design(config | {"samples": str(path)}, samples)
    return [str(problem).replace(f"{folder}/", "") for problem in messages]


SHEET = (
    "sample\tgroup\tbatch\tage\nc1\tcontrol\tA\t1\nc2\tcontrol\tB\t2\nt1\ttreated\tA\t3\nt2\ttreated\tB\t4\n"
)


@pytest.mark.parametrize(
    ("sheet", "given", "message"),
    [
        (
            SHEET,
            {"design": "~ bacth + group"},
            "samples.tsv, column bacth: is not in the sheet but in the design "
            "(~ bacth + group). Fix: write batch, or add the column.",
        ),
        (
            SHEET,
            {"design": "~ donor + group"},
            "samples.tsv, column donor: is not in the sheet but in the design "
            "(~ donor + group). Fix: add the column, or use one that is there (group, batch, age).",
        ),
        (
            SHEET,
            {"design": "~ group +"},
            "config, key design: '~ group +' is not a formula",
        ),
        (
            SHEET,
            {"contrasts": {"x": {"experiment": "Treated", "control": "control"}}},
            "config, key contrasts.x.experiment: no sample has 'Treated' in column group of samples.tsv "
            "(it has control, treated). Fix: write treated.",
        ),
        (
            SHEET,
            {"contrasts": {"x": {"experiment": "treated", "control": "T0"}}},
            "config, key contrasts.x.control: no sample has 'T0' in column group of samples.tsv "
            "(it has control, treated). Fix: write one of its levels: control, treated.",
        ),
        (
            SHEET,
            {"contrasts": {"x": {"variable": "Group", "experiment": "treated", "control": "control"}}},
            "config, key contrasts.x.variable: samples.tsv has no column 'Group'. Fix: write group.",
        ),
        (
            SHEET,
            {"contrasts": {"x": {"variable": "batch", "experiment": "A", "control": "B"}}},
            "config, key contrasts.x.variable: 'batch' is not in the design '~ group'. "
            "Fix: write design: '~ group + batch', or contrast",
        ),
        (
            SHEET,
            {"design": "~ age", "contrasts": {"x": {"variable": "age", "experiment": "2", "control": "1"}}},
            "config, key contrasts.x.variable: column 'age' of samples.tsv holds numbers, so it has no "
            "levels. Fix: write C(age) in the design",
        ),
        (
            SHEET.replace("treated\tB", "treated\tNA"),
            {"design": "~ batch + group"},
            "samples.tsv, column batch: has no value for t2, and the design uses it. Fix: fill it in",
        ),
        (
            SHEET.replace("\tB\t", "\tA\t"),
            {"design": "~ batch + group"},
            "samples.tsv, column batch: has the one value A for all samples, so the design cannot use it. "
            "Fix: drop batch from the design.",
        ),
        (
            SHEET.replace("control\tB", "control\tA").replace("treated\tA", "treated\tB"),
            {"design": "~ batch + group"},
            "config, key design: batch and group are confounded: every sample of batch A is in group control"
            ", every sample of batch B is in group treated. Fix: drop batch from the design, or add samples "
            "so that each batch has more than one group.",
        ),
        (
            SHEET.replace("\t2\n", "\t1\n").replace("\t4\n", "\t3\n"),
            {"design": "~ age + group"},
            "config, key design: age and group are confounded: age, group[T.treated] depend on each "
            "other. Fix: drop age from the design",
        ),
        (
            "sample\tgroup\tbatch\tpair\nc1\tcontrol\tA\tp\nc2\tcontrol\tB\tq\nt1\ttreated\tA\tq\nt2\ttreated\tB\tp\n"
            "t3\ttreated\tB\tp\n",
            {"design": "~ batch * group + pair"},
            "config, key design: batch, group and pair are confounded",
        ),
        (
            SHEET.replace("treated\tA", "treated\tB"),
            {"design": "~ batch:group + batch + group"},
            "config, key design: batch and group are confounded: every sample of batch A is in group "
            "control; no sample is A and treated. "
            "Fix: drop the interaction from the design, or add samples to its empty cells, or make one",
        ),
    ],
)
def test_a_design_that_the_samples_cannot_answer(tmp_path, sheet, given, message):
    found = designed(tmp_path, sheet, **given)
    assert len(found) == 1, found
    assert found[0].startswith(message)
    assert "Fix: " in found[0]


def test_all_faults_of_design_and_contrasts_are_told_at_once(tmp_path):
    contrasts = {
        "x": {"experiment": "treted", "control": "contrl"},
        "y": {"variable": "none", "experiment": "a", "control": "b"},
    }
    found = designed(tmp_path, SHEET, design="~ donor + group", contrasts=contrasts)
    assert [problem.split(":")[0] for problem in found] == [
        "samples.tsv, column donor",
        "config, key contrasts.x.experiment",
        "config, key contrasts.x.control",
        "config, key contrasts.y.variable",
    ]


@pytest.mark.parametrize(
    "design",
    ["~ group", "~ batch + group", "~ age + group", "~ 0 + group", "~ batch * group", "~ C(age) + group"],
)
def test_designs_that_are_sound(tmp_path, design):
    sheet = SHEET.replace("t2\ttreated\tB\t4", "t2\ttreated\tB\t1") + "t3\ttreated\tB\t2\n"
    assert designed(tmp_path, sheet, design=design) == []


def test_levels_of_numbers_are_compared_as_text(tmp_path):
    sheet = "sample\tgroup\tday\na\tx\t1\nb\tx\t2\nc\ty\t1\nd\ty\t2.0\n"
    contrasts = {"later": {"variable": "day", "experiment": "2", "control": "1"}}
    assert designed(tmp_path, sheet, design="~ C(day) + group", contrasts=contrasts) == []


def groups(**sizes: int) -> pd.DataFrame:
    names = [(f"{group}{i}", group) for group, n in sizes.items() for i in range(n)]
    return pd.DataFrame(names, columns=["sample", "group"]).set_index("sample")


@pytest.mark.parametrize(
    ("sizes", "note"),
    [
        (
            {"control": 1, "treated": 1},
            "treated and control have one replicate each, so there are fold changes and",
        ),
        ({"control": 3, "treated": 1}, "treated has one replicate, so there are fold changes and no tests"),
        ({"control": 2, "treated": 3}, "control has two replicates: tests run with little power"),
        ({"control": 3, "treated": 3}, None),
    ],
)
def test_few_replicates_run_and_it_is_said(sizes, note):
    config, samples = configured(), groups(**sizes)
    assert preflight.design(config, samples) == []
    notes = replication(config, samples)
    assert len(notes) == (note is not None)
    assert all(f"contrast treated_vs_control: {note}" in told for told in notes)


def test_no_degrees_of_freedom_is_noted():
    (note,) = freedom(configured(), groups(control=1, treated=1))
    assert "design ~ group has as many coefficients as there are samples (2)" in note
    assert freedom(configured(), groups(control=1, treated=2)) == []
    samples = groups(control=2, treated=2).assign(batch=["A", "B", "A", "B"])
    assert len(freedom(configured(design="~ batch * group"), samples)) == 1


MATRIX = (
    "peak_id\tchrom\tstart\tend\ta\tb\np1\tchr1\t10\t20\t3\t0\np2\tchr1\t30\t40\t5\t7\np3\tchr2\t5\t9\t0\t1\n"
)


def matrix(folder: Path, text: str) -> Path:
    path = folder / "counts.tsv"
    path.write_text(text)
    return path


def test_counts_with_coordinates(tmp_path):
    counts, peaks = count_matrices.read_counts(matrix(tmp_path, MATRIX), ["b", "a"])
    assert counts.to_dict("split") == {
        "index": ["chr1:10-20", "chr1:30-40", "chr2:5-9"],
        "columns": ["b", "a"],
        "data": [[0, 3], [7, 5], [1, 0]],
    }
    assert counts.index.name == "peak"
    assert (counts.dtypes == np.int64).all()
    assert peaks.to_dict("list") == {
        "chrom": ["chr1", "chr1", "chr2"],
        "start": [10, 30, 5],
        "end": [20, 40, 9],
    }
    assert list(peaks.index) == list(counts.index)


def test_counts_whose_names_are_coordinates_or_not(tmp_path):
    counts, peaks = count_matrices.read_counts(matrix(tmp_path, "\ta\nchr1:1-5\t3\nHLA:x:7-9\t4.0\n"), ["a"])
    assert list(counts["a"]) == [3, 4]
    assert peaks.to_numpy().tolist() == [["chr1", 1, 5], ["HLA:x", 7, 9]]
    counts, peaks = count_matrices.read_counts(matrix(tmp_path, "id\ta\nchr1:1-5\t3\npeak7\t4\n"), ["a"])
    assert peaks is None
    assert list(counts.index) == ["chr1:1-5", "peak7"]


APART = ["no_feature", "ambiguous", "too_low_aQual", "not_aligned", "alignment_not_unique"]


@pytest.mark.parametrize(
    "names",
    [[f"__{name}" for name in APART], ["N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous"]],
    ids=["HTSeq", "STAR"],
)
def test_rows_of_reads_outside_peaks_are_no_peaks(tmp_path, names):
    apart = "".join(f"{name}\t9\t9\n" for name in names)
    path = matrix(tmp_path, f"\ta\tb\n{apart}chr1:1-5\t3\t4\nchr1:7-9\t5\t6\n")
    assert count_matrices.left_out(count_matrices.read_count_table(path)) == names
    counts, peaks = count_matrices.read_counts(path, ["a", "b"])
    assert counts.to_numpy().tolist() == [[3, 4], [5, 6]]
    assert list(peaks.index) == ["chr1:1-5", "chr1:7-9"]
    pd.read_csv(path, sep="\t").to_parquet(tmp_path / "counts.parquet")
    again, _ = count_matrices.read_counts(tmp_path / "counts.parquet", ["a", "b"])
    pd.testing.assert_frame_equal(again, counts)


def test_faults_below_rows_of_reads_outside_peaks_have_their_line(tmp_path):
    path = matrix(tmp_path, "\ta\tb\n__no_feature\t9\t9\nchr1:1-5\t3\t4\nchr1:7-9\t5\tx\n")
    with pytest.raises(InputError, match=r"line 4 \(peak chr1:7-9\), column b"):
        count_matrices.read_counts(path, ["a", "b"])


def test_counts_as_parquet_and_gzip_are_the_same(tmp_path):
    expected = count_matrices.read_counts(matrix(tmp_path, MATRIX), ["a", "b"])
    table = pd.read_csv(tmp_path / "counts.tsv", sep="\t")
    table.to_parquet(tmp_path / "plain.parquet")
    table.set_index("peak_id").to_parquet(tmp_path / "indexed.parquet")
    (tmp_path / "counts.tsv.gz").write_bytes(gzip.compress(MATRIX.encode()))
    for name in ("plain.parquet", "indexed.parquet", "counts.tsv.gz"):
        for got, wanted in zip(
            count_matrices.read_counts(tmp_path / name, ["a", "b"]), expected, strict=True
        ):
            pd.testing.assert_frame_equal(got, wanted)


def test_parquet_with_numbers_for_names_and_text_for_counts(tmp_path):
    table = pd.DataFrame([[3, 4], [5, 6]], columns=[1, 2], index=pd.Index([10, 11], name="peak"))
    table.to_parquet(tmp_path / "numbers.parquet")
    text = pd.DataFrame({"peak": ["10", "11\n"], "1": ["3.0", "5"], "2": [b"4", b"6"]})
    text.to_parquet(tmp_path / "text.parquet")
    for name in ("numbers.parquet", "text.parquet"):
        counts, peaks = count_matrices.read_counts(tmp_path / name, ["2", "1"])
        assert peaks is None
        assert counts.to_dict("split") == {
            "index": ["10", "11"],
            "columns": ["2", "1"],
            "data": [[4, 3], [6, 5]],
        }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            MATRIX.replace("5\t7", "5.5\t7"),
            "line 3 (peak p2), column a: count 5.5 is not a whole number. Fix: give raw",
        ),
        (
            MATRIX.replace("5\t7", "-5\t7"),
            "line 3 (peak p2), column a: count -5 is negative. Fix: give raw counts",
        ),
        (
            MATRIX.replace("5\t7", "NA\t7"),
            "line 3 (peak p2), column a: count has no value. Fix: give raw counts",
        ),
        (
            MATRIX.replace("5\t7", "x\t7"),
            "line 3 (peak p2), column a: count x is not a number. Fix: give raw counts",
        ),
        (
            MATRIX.replace("5\t7", "inf\t7"),
            "line 3 (peak p2), column a: count inf is not finite. Fix: give raw counts",
        ),
        (
            MATRIX.replace("\t0\n", "\t0.5\n").replace("\t7\n", "\t1.5\n"),
            "count 0.5 is not a whole number (and 1 more",
        ),
        (
            MATRIX.replace("p2", "p1"),
            "line 3 (peak p1): the peak stands there more than once. Fix: give each peak one",
        ),
        (MATRIX.replace("p2", "NA"), "line 3: the peak has no name. Fix: name it"),
        (
            MATRIX.replace("30\t40", "40\t30"),
            "line 3 (peak p2): chr1:40-30 is no interval. Fix: give 0-based",
        ),
        (
            MATRIX.replace("30\t40", "10\t20"),
            "line 3 (peak p2): another row has the same interval. Fix: give each",
        ),
        (
            MATRIX.replace("30\t40", "NA\t40"),
            "line 3 (peak p2): chrom, start or end is missing or no whole number",
        ),
        (
            MATRIX.replace("\tend", "\tend_"),
            "column end: is missing beside chrom, start. Fix: give all three or none",
        ),
        (MATRIX.replace("\tb\n", "\tB\n"), "column b: is missing. Fix: rename column B to b."),
        (
            MATRIX.replace("\tb\n", "\tother\n"),
            "column b: is missing. Fix: add it, or drop sample b from the sheet.",
        ),
        (
            MATRIX.replace("\tb\n", "\ta\n"),
            "line 1: column 'a' stands there more than once. Fix: remove or rename one.",
        ),
        (
            MATRIX.replace("\t7\n", "\t0\n").replace("\t1\n", "\t0\n"),
            "column b: all counts are zero. Fix: drop the",
        ),
        (MATRIX.replace("\t", ","), "line 1: columns are separated by commas. Fix: tr ',' '\\t' < "),
        (MATRIX.replace("peak_id\t", ""), "line 1: the header has one column less than the rows"),
        (MATRIX.splitlines()[0] + "\n", "has a header and no peak. Fix: give one row a peak."),
    ],
)
def test_faults_of_counts(tmp_path, text, message):
    path = matrix(tmp_path, text)
    samples = pd.DataFrame({"group": ["x", "y"]}, index=pd.Index(["a", "b"], name="sample"))
    found = preflight.survey(configured(counts=str(path)), samples).problems
    assert len(found) == 1, found
    assert str(path) in str(found[0])
    assert message in str(found[0])
    with pytest.raises(InputError, match=r"counts\.tsv"):
        count_matrices.read_counts(path, ["a", "b"])


def test_all_faults_of_counts_are_told_at_once(tmp_path):
    text = MATRIX.replace("5\t7", "-5\t7.5").replace("p3", "p1").replace("chr2\t5", "chr2\t-5")
    path = matrix(tmp_path, text)
    samples = pd.DataFrame({"group": ["x", "y"]}, index=pd.Index(["a", "b"], name="sample"))
    assert [
        problem.where.partition(", ")[2]
        for problem in preflight.survey(configured(counts=str(path)), samples).problems
    ] == [
        "line 4 (peak p1)",
        "line 3 (peak p2), column a",
        "line 3 (peak p2), column b",
        "line 4 (peak p1)",
    ]


def test_columns_of_other_samples_are_ignored_and_it_is_said(tmp_path):
    path = matrix(tmp_path, MATRIX)
    samples = pd.DataFrame({"group": ["x"]}, index=pd.Index(["a"], name="sample"))
    survey = preflight.survey(configured(counts=str(path), peaks={}), samples)
    assert survey.problems == []
    assert survey.notes == [f"{path}: not in the sheet, so ignored: column b"]
    assert list(count_matrices.read_counts(path, ["a"])[0].columns) == ["a"]


def test_the_mouse_matrix_reads(shared):
    samples = [f"{tissue}_{i}" for tissue in ("HindBrain", "Kidney", "Liver") for i in (1, 2)]
    path = shared / "data/counts_mouse_tissues/mouse_tissues_atac_counts.tsv.gz"
    counts, peaks = count_matrices.read_counts(path, samples)
    assert counts.shape == (36320, 6)
    assert counts.index[0] == "chr1:3433953-3434095"
    assert counts.iloc[0].tolist() == [0, 1, 9, 8, 0, 0]
    assert peaks.iloc[0].tolist() == ["chr1", 3433953, 3434095]


def test_samples_that_differ_only_by_case_are_refused_by_line(tmp_path):
    (found,) = read(tmp_path, HEADER + ROWS.replace("c2\t", "C1\t", 1))[1]
    assert found.startswith(
        "samples.tsv, line 3, column sample: 'C1' differs only by case from 'c1' (line 2)"
    )


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_is_named_with_and_without_a_mark(tmp_path, code):
    assert read(tmp_path, (HEADER + ROWS).encode(code))[1] == [
        "samples.tsv: is UTF-16. Fix: save it as UTF-8."
    ]
