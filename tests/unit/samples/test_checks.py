"""Samples that are noisy, share something unnamed, or are not what the sheet says."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.differential import size_factors, without
from workflow_lib.samples import checks

N = 1500


def study(seed, *, k=4, noisy=None, hidden=0.0, donors=False, swapped=()):
    """Counts of two groups: samples differ by depth, gamma noise, and what is planted."""
    rng = np.random.default_rng(seed)
    names = [f"{group}{i}" for group in "ab" for i in range(k)]
    sheet = pd.DataFrame({"group": [name[0] for name in names]}, index=names)
    if donors:
        sheet["donor"] = [f"d{name[1]}" for name in names]
    mean = rng.lognormal(4.5, 0.8, N)
    change = np.where(rng.random(N) < 0.15, rng.normal(0, 1, N), 0)
    pattern = np.where(rng.random(N) < 0.3, rng.normal(0, 1, N), 0)
    own = {f"d{i}": np.where(rng.random(N) < 0.3, rng.normal(0, 0.8, N), 0) for i in range(k)}
    lab = pd.Series(rng.permutation([0, 1] * k), names)
    counts = {}
    for name in names:
        shape = 4 if name == noisy else 40
        log2 = change * (name[0] == "b") + hidden * lab[name] * pattern
        log2 = log2 + (own[f"d{name[1]}"] if donors else 0)
        counts[name] = rng.poisson(mean * 2.0**log2 * rng.gamma(shape, 1 / shape, N) * rng.lognormal(0, 0.3))
    table = pd.DataFrame(counts).set_axis([f"p{i}" for i in range(N)])
    if swapped:
        one, other = swapped
        table = table.rename(columns={one: other, other: one})[names]
    return table, sheet, lab


def values_of(counts):
    return checks.log_values(counts, size_factors.ratio(counts))


@pytest.mark.parametrize("k", [3, 6])
def test_a_noisy_sample_is_named_with_what_leaving_it_out_changes(k):
    counts, sheet, _ = study(1, k=k, noisy="b1")
    found = checks.noise(values_of(counts), sheet["group"])
    assert found.loc[found["verdict"] == "note", "sample"].tolist() == ["b1"]
    contrast = {"variable": "group", "experiment": "b", "control": "a"}
    factors = size_factors.ratio(counts)

    def called(dropped):
        return without.calls(counts, sheet, dropped, "~ group", {"x": contrast}, factors, min_count=10)

    before, after = called(["b1"])["x"]
    assert after > before
    strict = without.calls(
        counts, sheet, ["b1"], "~ group", {"x": contrast}, factors, min_count=10, min_abs_log2fc=1.0
    )
    assert strict["x"][1] < after
    told = checks.leaving_out(found, called)
    (said,) = told.loc[told["verdict"] == "note", "sentence"]
    assert f"x: {after:,} regions instead of {before:,}" in said


def test_samples_that_are_alike_are_not_named():
    for seed in range(4):
        counts, sheet, _ = study(seed)
        assert (checks.noise(values_of(counts), sheet["group"])["verdict"] == "ok").all()
    few = values_of(counts)[["a0", "b0"]]
    assert checks.noise(few, sheet["group"]).empty


def test_of_two_in_a_group_neither_is_blamed_alone():
    counts, sheet, _ = study(2, k=3, noisy="b1")
    left = counts.drop(columns="b2")
    found = checks.noise(values_of(left), sheet["group"])
    for sentence in found.loc[found["verdict"] == "note", "sentence"]:
        assert "b0 and b1 (b)" in sentence


def test_hidden_structure_is_named_with_what_goes_with_it():
    counts, sheet, lab = study(3, hidden=1.0)
    matrix = pd.get_dummies(sheet["group"]).to_numpy(float)
    covariates = pd.DataFrame({"lab": lab.map({0: "x", 1: "y"}), "age": np.arange(8.0)})
    (row,) = checks.structure(values_of(counts), matrix, covariates, 1).to_dict("records")
    assert row["verdict"] == "note"
    assert row["value"] > row["reference"]
    assert "It goes with lab" in row["sentence"]
    (row,) = checks.structure(values_of(counts), matrix, covariates[["age"]], 1).to_dict("records")
    assert "Nothing in the sheet goes with it" in row["sentence"]


def test_without_hidden_structure_nothing_is_said():
    said = 0
    for seed in range(5):
        counts, sheet, _ = study(seed)
        matrix = pd.get_dummies(sheet["group"]).to_numpy(float)
        said += (checks.structure(values_of(counts), matrix, sheet, 1)["verdict"] == "note").sum()
    assert said <= 1
    assert checks.structure(values_of(counts).iloc[:, :4], matrix[:4], sheet, 1).empty


def test_sex_is_told_from_y_and_compared_with_the_sheet():
    names = list("pqrst")
    y = pd.Series([400, 350, 3, 5, 380], names)
    x = pd.Series([1000, 900, 2000, 1900, 950], names)
    rest = pd.Series([100_000, 90_000, 100_000, 95_000, 110_000], names)
    given = pd.Series(["M", "male", "F", "male", np.nan], names, dtype=object)
    found = checks.sex(x, y, rest, given).set_index("sample")
    assert [said.split(": ")[1].split()[0] for said in found["sentence"]] == [
        *("male", "male", "female", "female", "male")
    ]
    assert found.index[found["verdict"] == "note"].tolist() == ["s"]
    assert "s: female by reads on Y, male by the sheet." in found["sentence"].tolist()
    assert checks.sex(x, y * 0, rest, given).empty
    assert checks.chromosomes(["1", "X", "Y"]) == ("X", "Y")
    assert checks.chromosomes(["chr1", "chrX"]) is None


def test_swapped_samples_are_like_the_other_group():
    counts, sheet, _ = study(5, k=5, swapped=("a1", "b3"))
    found = checks.likeness(values_of(counts), sheet["group"], "group")
    assert set(found.loc[found["verdict"] == "note", "sample"]) == {"a1", "b3"}
    counts, sheet, _ = study(5, k=5)
    assert (checks.likeness(values_of(counts), sheet["group"], "group")["verdict"] == "ok").all()


def test_a_swap_of_donors_within_a_group_is_found():
    counts, sheet, _ = study(6, k=5, donors=True, swapped=("b1", "b3"))
    found = checks.likeness(values_of(counts), sheet["donor"], "donor", within=sheet["group"])
    named = set(found.loc[found["verdict"] == "note", "sample"])
    assert {"b1", "b3"} <= named <= {"a1", "a3", "b1", "b3"}


def test_animals_numbered_anew_in_each_group_do_not_hide_a_swap():
    counts, sheet, _ = study(105, k=5, swapped=("a1", "b2"))
    found = checks.by_group(values_of(counts), sheet.assign(mouse=[name[1:] for name in sheet.index]))
    assert {"a1", "b2"} <= set(found.loc[found["verdict"] == "note", "sample"])


@pytest.mark.parametrize("name", ["donor", "Subject", "mouse", "pair"])
def test_whoever_gave_samples_is_known_by_any_usual_name(name):
    counts, sheet, _ = study(6, k=5, donors=True, swapped=("b1", "b3"))
    sheet = sheet.rename(columns={"donor": name})
    matrix = pd.get_dummies(sheet["group"]).astype(float)
    chrom = pd.Series("chr1", index=counts.index)
    found = checks.every(counts, size_factors.ratio(counts), sheet, matrix, chrom, None, 1)
    named = found[(found["check"] == f"likeness by {name}") & (found["verdict"] == "note")]
    assert {"b1", "b3"} <= set(named["sample"])


def test_all_checks_at_once_and_at_the_edges():
    counts, sheet, _ = study(7)
    chrom = pd.Series("chr1", counts.index)
    matrix = pd.get_dummies(sheet["group"]).astype(float)
    factors = size_factors.ratio(counts)
    technical = pd.DataFrame({"signal-to-noise": np.arange(8.0)}, sheet.index)
    found = checks.every(counts, factors, sheet, matrix, chrom, technical, 1)
    assert found.columns.tolist() == checks.COLUMNS
    assert (found["verdict"] == "ok").all()
    none = checks.every(counts.iloc[:0], factors, sheet, matrix, chrom.iloc[:0], None, 1)
    assert none.empty
    one = checks.every(counts[["a0"]], factors[["a0"]], sheet.loc[["a0"]], matrix.loc[["a0"]], chrom, None, 1)
    assert (one["verdict"] == "ok").all()
