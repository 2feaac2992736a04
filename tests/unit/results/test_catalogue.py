"""The catalogue of results: one entry a result, whole and right, and tables held to it."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workflow_lib.io import catalogue, sheets, tables
from workflow_lib.results import document

ROOT = Path(__file__).resolve().parents[3]
SIZE_FACTORS = pd.DataFrame({"sample": ["a", "b"], "ratio": [0.5, 2.5], "used": [0.5, 2.5]})


def test_the_page_of_results_is_as_the_catalogue_makes_it():
    assert (ROOT / "docs/output.md").read_text() == document.text(), (
        "run python -m workflow_lib.results.document"
    )


def test_no_key_stands_twice_in_a_file_and_paths_are_one_results_each():
    for path in catalogue.STAGES.glob("*.yaml"):
        sheets.read_yaml(path)  # refuses a key that stands twice
    paths = [entry.path for entry in catalogue.entries().values()]
    assert len(paths) == len(set(paths))
    for entry in catalogue.entries().values():
        example = re.sub(r"\{\w+\}", "x.y", entry.path)
        assert catalogue.of_path(f"any/results/{example}").key == entry.key


@pytest.mark.parametrize("entry", catalogue.entries().values(), ids=lambda entry: entry.key)
def test_each_entry_says_what_its_readers_need(entry):
    assert set(entry.needs) <= set(document.NEEDS)
    assert entry.what or entry.kind == "figure"
    assert entry.columns or entry.kind != "table"
    if entry.kind == "figure":
        assert entry.alt
        assert entry.caption
        assert not entry.data or catalogue.get(entry.data).kind == "table"
        assert entry.in_folder or (entry.label and entry.legend and entry.path.endswith(".svg"))
    assert set(entry.words) <= {column.name for column in entry.columns}


def test_an_unknown_key_is_refused_with_one_that_is_near():
    with pytest.raises(LookupError, match=r"'diferential': not a result.*differential"):
        catalogue.get("diferential")


def test_a_table_is_written_as_the_catalogue_has_it(tmp_path):
    path = tmp_path / "results/differential/size_factors.tsv"
    tables.write_table(SIZE_FACTORS, path)
    pd.testing.assert_frame_equal(tables.read_table(path), SIZE_FACTORS)
    tables.write_table(SIZE_FACTORS.assign(other=1), tmp_path / "size_factors.tsv")  # no result


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            SIZE_FACTORS.assign(ration=1.0),
            "columns ration are not in the catalogue; see size_factors in .*normalisation.yaml",
        ),
        (SIZE_FACTORS.drop(columns="used"), "columns used of the catalogue are absent"),
        (SIZE_FACTORS.assign(used=["x", "y"]), "column used should be of type number, and is object"),
    ],
)
def test_a_table_that_is_not_as_the_catalogue_has_it_is_not_written(tmp_path, table, said):
    path = tmp_path / "results/differential/size_factors.tsv"
    with pytest.raises(ValueError, match=said):
        tables.write_table(table, path)
    assert not path.exists()


def test_a_table_without_an_entry_is_not_written(tmp_path):
    with pytest.raises(ValueError, match=r"results/other\.tsv: no entry of the catalogue"):
        tables.write_table(SIZE_FACTORS, tmp_path / "results/other.tsv")


@pytest.mark.parametrize(
    ("table", "names", "said"),
    [
        ({"peak": ["a"], "s1": [1], "s2": [1], "extra": [1]}, ["s1", "s2"], "columns extra are not"),
        ({"peak": ["a"], "s1": [1]}, ["s1", "s2"], "columns s2 of the catalogue are absent"),
        ({"peak": ["a"], "s1": [1]}, None, "s1 are not .*; no names were given for sample"),
        ({"peak": ["a"], "s1": ["x"]}, ["s1"], "column s1 should be of type integer"),
    ],
)
def test_columns_of_samples_are_those_of_the_samples_and_no_others(tmp_path, table, names, said):
    path = tmp_path / "results/counts/counts.tsv.gz"
    named = None if names is None else {"sample": names}
    with pytest.raises(ValueError, match=said):
        tables.write_table(pd.DataFrame(table), path, names=named)
    tables.write_table(pd.DataFrame({"peak": ["a"], "{x}": [1]}), path, names={"sample": ["{x}"]})


@pytest.mark.parametrize(
    "entry",
    [entry for entry in catalogue.entries().values() if entry.columns],
    ids=lambda entry: entry.key,
)
def test_no_table_takes_a_column_that_is_not_declared(entry):
    names = {name: ["a", "b"] for column in entry.columns for name in column.wildcards}
    declared = [name for column in entry.columns for name in column.named(names)]
    path = "results/" + re.sub(r"\{\w+\}", "x", entry.path)
    table = pd.DataFrame(columns=[*declared, "undeclared"], dtype=float)
    with pytest.raises(ValueError, match="columns undeclared are not in the catalogue"):
        catalogue.check(table, path, names=names)
    catalogue.check(table[declared], path, names=names)


def test_words_and_whole_numbers_are_held_to():
    table = pd.DataFrame(
        {"name": ["a"], "chrom": ["1"], "start": [1.5], "end": [2], "why": ["x"], "file": ["a"]}
    )
    with pytest.raises(ValueError, match="column start should be of whole numbers"):
        catalogue.check(table, "results/loci/c/loci.tsv")
    catalogue.check(table.assign(start=[np.nan]), "results/loci/c/loci.tsv")
    moved = pd.DataFrame({"direction": ["up", "sideways"]})
    with pytest.raises(ValueError, match="direction has the words sideways"):
        catalogue.check(moved, "results/differential/c.tsv.gz", whole=False)


def test_of_paths_that_fit_two_entries_the_exact_one_is_meant():
    assert catalogue.of_path("results/differential/dispersions.tsv.gz").key == "dispersions"
    assert catalogue.of_path("results/differential/dispersion.tsv.gz").key == "differential"
    assert catalogue.of_path("a/results/x/results/motifs/enrichment/c.up.tsv").key == "enrichment"
    assert catalogue.of_path("motifs/enrichment/c.up.tsv") is None


def test_a_columns_meaning_is_found_by_its_name_or_its_pattern():
    counts = catalogue.get("counts")
    assert counts.column("peak").what.startswith("id of the peak")
    assert counts.column("treated_1").unit == "insertions or fragments"
    profile = catalogue.get("footprint_profiles")
    assert profile.column("control.corrected_low").name == "{group}.corrected_low"
    assert profile.column("nothing") is None
