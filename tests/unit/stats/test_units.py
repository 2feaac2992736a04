"""Biological replicates: which libraries belong together, what their unit is, and what is added."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.stats import units

SHEET = pd.DataFrame(
    {
        "group": ["a", "a", "a", "b", "b", "b"],
        "bam": [f"{i}.bam" for i in range(6)],
        "replicate": ["1", "1", "2", "1", "2", np.nan],
        "age": [30, 30, 40, 50, 60, 70],
        "lane": ["x", "y", "x", "x", "x", "y"],
        "spike_in": [10.0, 5, 7, 8, 9, 4],
    },
    index=pd.Index(["a1", "a2", "a3", "b1", "b2", "b3"], name="sample"),
)


def test_libraries_of_a_group_with_one_value_are_one_unit():
    assert units.members(SHEET) == {
        "a_1": ["a1", "a2"],
        "a3": ["a3"],
        "b1": ["b1"],
        "b2": ["b2"],
        "b3": ["b3"],
    }
    assert units.members(SHEET.drop(columns="replicate")) == {name: [name] for name in SHEET.index}
    assert list(units.members(SHEET.rename(index={"b3": "a_1"}))) == ["a_1_pooled", "a3", "b1", "b2", "a_1"]
    odd = SHEET.assign(replicate="mouse 1/left")
    assert list(units.members(odd)) == ["a_mouse_1_left", "b_mouse_1_left"]


def test_a_unit_has_what_its_libraries_agree_in():
    table = units.table(SHEET)
    assert table.index.tolist() == ["a_1", "a3", "b1", "b2", "b3"]
    assert "bam" not in table
    assert table.loc["a_1", ["group", "age", "spike_in"]].tolist() == ["a", 30, 15]
    assert pd.isna(table.loc["a_1", "lane"])
    assert table["age"].dtype == SHEET["age"].dtype
    alone = SHEET.drop(columns="replicate")
    pd.testing.assert_frame_equal(units.table(alone), alone)


def test_counts_and_reads_are_added():
    counts = pd.DataFrame(np.arange(12).reshape(2, 6), columns=SHEET.index)
    added = units.summed(counts, units.members(SHEET))
    assert added["a_1"].tolist() == [1, 13]
    assert added.columns.tolist() == ["a_1", "a3", "b1", "b2", "b3"]
    reads = pd.DataFrame(
        {"sample": SHEET.index, "n_fragments": [100, 300, 1, 1, 1, 1], "frip": [0.5, 0.1, 0, 0, 0, 0]}
    ).assign(nfr_ratio=np.nan)
    of_units = units.quality(reads, units.members(SHEET)).set_index("sample")
    assert of_units.loc["a_1", "n_fragments"] == 400
    assert of_units.loc["a_1", "frip"] == pytest.approx(0.2)


def test_libraries_that_disagree_in_a_column_are_found():
    assert list(units.disagreements(SHEET, ["age", "lane"])) == [("lane", "a_1", ["a1", "a2"])]


@pytest.mark.parametrize(
    ("column", "design", "found"),
    [
        ("donor", ["group"], ("donor", "d1", ["s1", "s2"])),
        ("Patient_ID", ["group"], ("Patient_ID", "d1", ["s1", "s2"])),
        ("pair", ["pair", "group"], ("pair", "d1", ["s1", "s2"])),
        ("donor", ["cell", "group"], None),  # another cell type of the donor
        ("clone", ["group"], None),
    ],
)
def test_a_donor_twice_in_a_group_is_suspected(column, design, found):
    sheet = pd.DataFrame(
        {"group": list("aaabb"), column: ["d1", "d1", "d2", "d1", "d2"], "cell": list("xyxxx")},
        index=[f"s{i}" for i in range(1, 6)],
    )
    assert units.suspected(sheet, design) == found
    assert units.suspected(sheet.assign(replicate="1"), design) is None
