"""Contrasts in the config: every form passes, what cannot be answered is refused, notes say the rest."""

from pathlib import Path

import pandas as pd
import pytest

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.io import sheets, tables

CONFIG = Path(__file__).resolve().parents[2] / "config"
TIMES = ("0h", "6h", "24h")
ROWS = [(f"{c}_{t}_{d}", t, c, d, int(t[:-1])) for d in "abc" for c in ("naive", "memory") for t in TIMES]
SHEET = pd.DataFrame(ROWS, columns=["sample", "group", "cell", "donor", "hours"])


def load(folder, contrasts=None, design="~ donor + cell * group", sheet=SHEET, **given):
    """Configuration and notes of a run from counts."""
    tables.write_table(sheet, folder / "samples.tsv")
    counts = pd.DataFrame({"peak": ["chr1:0-9", "chr1:20-29"], **{name: [7, 9] for name in sheet["sample"]}})
    tables.write_table(counts, folder / "counts.tsv")
    config = {
        "samples": str(folder / "samples.tsv"),
        "counts": str(folder / "counts.tsv"),
        "genome": {"fasta": None, "annotation": None},
        "design": design,
        "demo": None,
        **given,
    }
    if contrasts is not None:
        config["contrasts"] = contrasts
    config, _, notes = preflight.load(config, CONFIG / "schemas")
    return config, notes


FORMS = """
late: {variable: group, experiment: [6h, 24h], control: 0h}
in_naive: {variable: group, experiment: 6h, control: 0h, where: {cell: naive}}
difference: {interaction: {group: [24h, 0h], cell: [naive, memory]}}
over_time: {test: any}
anywhere: {interaction: [group, cell], test: any}
"""


def test_every_form_passes_and_is_said_in_words(tmp_path):
    path = tmp_path / "forms.yaml"
    path.write_text(FORMS)
    config, notes = load(tmp_path, sheets.read_yaml(path))
    said = {note.split(": ")[0]: note for note in notes if note.startswith("contrast ")}
    assert [f"contrast {name}" for name in config["contrasts"]] == list(said)
    assert "the mean of 6h and 24h against 0h, averaged over the levels of cell" in said["contrast late"]
    assert said["contrast in_naive"].endswith("6h against 0h, in cell naive")
    assert "in naive, less that in memory" in said["contrast difference"]
    assert "variable" not in config["contrasts"]["difference"]
    assert config["contrasts"]["over_time"] == {"variable": "group", "test": "any"}
    slope = load(tmp_path, {"per_hour": {"variable": "hours"}}, "~ donor + hours")[1]
    assert "contrast per_hour: the change per unit of hours" in slope


GROUP = {"variable": "group", "experiment": "6h", "control": "0h"}


@pytest.mark.parametrize(
    ("design", "contrast", "key", "fix"),
    [
        ("~ cell + group", GROUP | {"where": {"cell": "naive"}}, "contrasts.x.where", "~ cell * group"),
        ("~ cell * group", GROUP | {"where": {"cell": "naiv"}}, "contrasts.x.where", "write naive"),
        ("~ cell * group", GROUP | {"where": {"cel": "naive"}}, "contrasts.x.where", "write cell"),
        (
            "~ cell + group",
            {"interaction": ["cell", "group"], "test": "any"},
            "contrasts.x.interaction",
            "~ ",
        ),
        ("~ cell * group", {"interaction": ["cell", "group"]}, "contrasts.x.interaction", "add test: any"),
        (
            "~ cell * group",
            {"interaction": {"cell": ["naive", "memory"]}},
            "contrasts.x.interaction",
            "such as",
        ),
        ("~ group", {"variable": "group"}, "contrasts.x.variable", "add experiment and control"),
        ("~ group", GROUP | {"test": "all"}, "contrasts.x.test", "change it"),
        ("~ group", GROUP | {"test": "any"}, "contrasts.x.test", "remove test: any"),
        ("~ hours", GROUP | {"variable": "hours"}, "contrasts.x.variable", "C(hours)"),
        ("~ poly(hours, 2)", {"variable": "hours"}, "contrasts.x.variable", "add test: any"),
    ],
)
def test_what_a_design_cannot_answer_is_refused_with_what_can(tmp_path, design, contrast, key, fix):
    with pytest.raises(InputError, match="1 problem to put right") as told:
        load(tmp_path, {"x": contrast}, design)
    where, _, advice = str(told.value).partition("Fix: ")
    assert f"key {key}:" in where
    assert fix in advice


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ["key contrasts: is not there", "0h, 6h, 24h"]),
        ({"contrast": {"a": GROUP}}, ["key contrasts: is not there", "write contrasts for contrast"]),
        ({"contrasts": ["24h_vs_0h"]}, ["key contrasts: is a list"]),
        ({"contrasts": {}}, ["key contrasts: is empty"]),
    ],
)
def test_no_contrasts_brings_an_example_that_works_with_the_users_own_sheet(tmp_path, given, words):
    with pytest.raises(InputError, match="1 problem to put right") as told:
        load(tmp_path, **given)
    assert all(word in str(told.value) for word in words), str(told.value)
    example = str(told.value).partition("write such as ")[2].strip().rstrip(".")
    path = tmp_path / "example.yaml"
    path.write_text(example)
    assert load(tmp_path, **sheets.read_yaml(path))[0]["contrasts"] == {
        "24h_vs_0h": {"variable": "group", "experiment": "24h", "control": "0h"}
    }


def test_an_empty_cell_is_named_with_a_design_that_does_without_it(tmp_path):
    sheet = SHEET[~((SHEET["cell"] == "naive") & (SHEET["group"] == "6h"))]
    with pytest.raises(InputError, match="no sample is naive and 6h") as told:
        load(tmp_path, {"x": GROUP}, "~ cell * group", sheet)
    assert "cell_group" in str(told.value)
    joined = sheet.assign(cell_group=sheet["cell"] + "_" + sheet["group"])
    contrast = {"variable": "cell_group", "experiment": "memory_6h", "control": "memory_0h"}
    load(tmp_path, {"x": contrast}, "~ cell_group", joined)


@pytest.mark.parametrize("name", ["Treatment", "class", "C", "log", "Cell.type", "cell type"])
def test_columns_of_any_name(tmp_path, name):
    sheet = SHEET.assign(**{name: SHEET["cell"]})
    contrast = {"variable": name, "experiment": "naive", "control": "memory"}
    written = f"`{name}`" if " " in name else name
    assert load(tmp_path, {"x": contrast}, f"~ {written} + group", sheet)[1]


def test_a_column_with_a_blank_is_put_in_backticks_by_the_fix(tmp_path):
    sheet = SHEET.assign(**{"cell type": SHEET["cell"]})
    contrast = {"variable": "cell type", "experiment": "naive", "control": "memory"}
    with pytest.raises(InputError, match="not a formula") as told:
        load(tmp_path, {"x": contrast}, "~ cell type + group", sheet)
    design = str(told.value).partition("write design: '")[2].partition("'")[0]
    assert load(tmp_path, {"x": contrast}, design, sheet)[0]["design"] == "~ `cell type` + group"


def test_numbers_that_look_like_names_bring_a_note(tmp_path):
    numbered = SHEET.assign(donor=SHEET["donor"].map({"a": 1, "b": 2, "c": 3}))
    (note,) = [
        note for note in load(tmp_path, {"x": GROUP}, "~ donor + group", numbered)[1] if "C(donor)" in note
    ]
    assert "column donor" in note
    assert "quantity" in note
    assert not any(
        "quantity" in note for note in load(tmp_path, {"x": GROUP}, "~ C(donor) + group", numbered)[1]
    )
    assert not any("quantity" in note for note in load(tmp_path, {"x": {"variable": "hours"}}, "~ hours")[1])


def test_a_level_spelt_in_two_ways_is_named_with_its_sample(tmp_path):
    odd = SHEET.copy()
    odd.loc[0, "group"] = "0H"
    notes = load(tmp_path, {"x": GROUP}, "~ group", odd)[1]
    assert any("0H (naive_0h_a)" in note and "0h (5 samples)" in note for note in notes)


OVER_TIME = {"over_time": {"variable": "group", "test": "any"}}


def test_samples_of_one_donor_bring_a_note_with_the_ways_to_say_so(tmp_path):
    sheet = SHEET[SHEET["cell"] == "naive"].assign(donor=lambda table: table["group"] + table["donor"])
    twice = pd.concat([sheet, sheet.assign(sample=sheet["sample"] + "_again")])
    noted = load(tmp_path, OVER_TIME, "~ group", twice)[1]
    (note,) = [note for note in noted if note.startswith("column donor")]
    assert "gave 2 samples, which count as independent" in note
    assert "block: donor" in note
    noted = load(tmp_path, OVER_TIME, "~ group", twice, block="donor")[1]
    (note,) = [note for note in noted if note.startswith("block donor")]
    assert "tests of peaks take them as independent" in note
    assert not [note for note in noted if note.startswith("column donor")]
    for design in ("~ donor + group", "~ group"):  # told otherwise, or one sample each
        noted = load(tmp_path, OVER_TIME, design, SHEET if design != "~ group" else sheet)[1]
        assert not [note for note in noted if "independent" in note]


@pytest.mark.parametrize(
    ("block", "sheet", "said"),
    [
        ("donr", SHEET, "write donor, or remove block"),
        ("donor", SHEET.assign(donor=[None, *SHEET["donor"][1:]]), "has no value for a_naive_0h|naive_0h_a"),
        ("sample_of", SHEET.assign(sample_of=SHEET["sample"]), "a value of its own"),
        ("lab", SHEET.assign(lab="here"), "all samples have the value here"),
    ],
)
def test_a_block_that_says_nothing_is_refused(tmp_path, block, sheet, said):
    with pytest.raises(InputError, match=said):
        load(tmp_path, OVER_TIME, "~ group", sheet, block=block)


def test_a_time_course_without_replicates_has_a_slope_and_no_levels(tmp_path):
    sheet = pd.DataFrame(
        {"sample": [f"s{i}" for i in range(6)], "group": [f"{h}h" for h in (0, 6, 12, 24, 48, 96)]}
    ).assign(hours=[0, 6, 12, 24, 48, 96])
    slope = load(tmp_path, {"per_hour": {"variable": "hours"}}, "~ hours", sheet)
    assert not [note for note in slope[1] if "no tests" in note]
    levels = load(tmp_path, OVER_TIME, "~ group", sheet)
    assert [note for note in levels[1] if "no residual degree of freedom" in note]


def test_one_replicate_in_some_levels_is_said(tmp_path):
    sheet = SHEET[~((SHEET["group"] == "24h") & SHEET["donor"].isin(["b", "c"])) & (SHEET["cell"] == "naive")]
    last = {"last": {"variable": "group", "experiment": "24h", "control": "0h"}}
    noted = load(tmp_path, last, "~ group", sheet)[1]
    assert [note for note in noted if "24h has one replicate" in note and "no tests" in note]
    noted = load(tmp_path, OVER_TIME, "~ group", sheet)[1]
    assert [note for note in noted if "variation is that of the other levels" in note]


def test_a_level_without_samples_is_named_with_those_there_are(tmp_path):
    asked = {"late": {"variable": "group", "experiment": ["24h", "48h"], "control": "0h"}}
    with pytest.raises(InputError, match="48h") as refused:
        load(tmp_path, asked, "~ group")
    assert "24h" in str(refused.value)


def test_forty_donors_fit(tmp_path):
    rows = [(f"d{i}_{t}", t, f"d{i}") for i in range(40) for t in ("0h", "24h")]
    sheet = pd.DataFrame(rows, columns=["sample", "group", "donor"])
    asked = {"late": {"variable": "group", "experiment": "24h", "control": "0h"}}
    found = load(tmp_path, asked, "~ donor + group", sheet)
    assert not [note for note in found[1] if "no tests" in note]
