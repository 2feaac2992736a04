"""A matrix of expression: each fault names file, place and fix; too few samples skip the stage."""

import pandas as pd
import pytest

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.io import expression
from workflow_lib.preflight import linkage
from workflow_lib.preflight.inventory import Input, Survey

SAMPLES = [f"s{i}" for i in range(6)]
SHEET = pd.DataFrame({"group": list("aaabbb")}, index=pd.Index(SAMPLES, name="sample"))
CONFIG = {"genome": {"annotation": "genes.gtf"}}


def table(path, rows, samples=SAMPLES) -> str:
    lines = [["gene_id", *samples], *rows]
    path.write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))
    return str(path)


def faults(path) -> list[tuple[str, str, str]]:
    return expression.faults(expression.read_table(path), SAMPLES)


@pytest.mark.parametrize(
    ("rows", "place", "what"),
    [
        ([["A", *"123456"], ["A", *"123456"]], "line 3 (gene A)", "the gene stands there more than once"),
        ([["", *"123456"]], "line 2", "the gene has no name"),
        ([["A", 1, -2, 3, 4, 5, 6]], "line 2 (gene A), column s1", "-2 is negative"),
        ([["A", 1, "x", 3, 4, 5, 6]], "line 2 (gene A), column s1", "x is not a number"),
        ([["A", 1, "inf", 3, 4, 5, 6]], "line 2 (gene A), column s1", "inf is not finite"),
        ([["A", 0, 1, 1, 1, 1, 1]], "column s0", "no gene is expressed"),
        ([], "line 2", "there is no gene"),
    ],
)
def test_each_fault_names_its_place(tmp_path, rows, place, what):
    path = table(tmp_path / "e.tsv", rows)
    assert [fault[:2] for fault in faults(path)] == [(place, what)]
    with pytest.raises(InputError, match=r"e\.tsv"):
        expression.read(path, SAMPLES)


def test_missing_values_other_columns_and_missing_samples_are_no_fault(tmp_path):
    path = table(
        tmp_path / "e.tsv", [["A", "n", 1, "NA", 3], ["B", "m", 4, 5, 6]], ["name", "s1", "s0", "s2"]
    )
    assert faults(path) == []
    found = expression.read(path, SAMPLES)
    assert list(found.columns) == ["s0", "s1", "s2"]
    assert found.loc["A"].isna().tolist() == [True, False, False]


def test_parquet_and_gzip_read_alike(tmp_path):
    values = pd.DataFrame({name: [1.5, 2.0] for name in SAMPLES}, index=pd.Index(["A", "1"], name="gene"))
    values.to_parquet(tmp_path / "e.parquet")
    values.to_csv(tmp_path / "e.tsv.gz", sep="\t")
    for name in ("e.parquet", "e.tsv.gz"):
        pd.testing.assert_frame_equal(expression.read(tmp_path / name, SAMPLES), values)


def test_preflight_tells_of_faults_and_notes_the_names_that_do_not_meet(tmp_path):
    path = table(tmp_path / "e.tsv", [["A", *"12345"]], [*SAMPLES[:4], "other"])
    result = Survey()
    linkage.look(Input("expression", "expression", path, "here"), SHEET, result, header_only=False)
    assert result.problems == []
    assert [note.removeprefix(path) for note in result.notes] == [
        ": has no column of s4, s5, which linkage leaves out",
        ": not in the sheet, so ignored: column other",
    ]
    path = table(tmp_path / "e.tsv", [["A", *"123456"], ["__no_feature", *"123456"]])
    assert expression.read(path, SAMPLES).index.tolist() == ["A"]
    linkage.look(Input("expression", "expression", path, "here"), SHEET, result, header_only=False)
    assert result.notes[-1] == f"{path}: rows of reads of no gene are left out (1): __no_feature"
    path = table(tmp_path / "e.tsv", [["A", *"12345", "-1"]])
    linkage.look(Input("expression", "expression", path, "here"), SHEET, result, header_only=False)
    assert "is negative. Fix: give counts, TPM" in str(result.problems[0])


def test_the_stage_is_skipped_for_a_reason(tmp_path):
    def reason(path, annotation="genes.gtf"):
        config = {"linkage": {"expression": path}, "genome": {"annotation": annotation}}
        return preflight.no_linkage(config, SHEET)

    five = table(tmp_path / "five.tsv", [["A", *"12345"]], SAMPLES[:5])
    four = table(tmp_path / "four.tsv", [["A", *"12345"]], [*SAMPLES[:4], "other"])
    assert reason(None) == "linkage.expression is not set"
    assert reason(five, None) == "genome.annotation is not set, so genes have no place"
    assert reason(five) is None
    assert reason(str(tmp_path / "not made yet.tsv")) is None
    assert reason(four) == (
        f"{four} has 4 of the sheet's samples, and a correlation over fewer than 5 says nothing"
    )


def test_the_limits_of_preflight_and_test_agree():
    from workflow_lib import linkage as links

    assert links.FEWEST_SAMPLES == linkage.FEWEST_SAMPLES
