"""Labellings under which nothing differs: which there are, and what their tests tell."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import simulate
from workflow_lib.differential import calibration, labellings
from workflow_lib.plots import normalisation as figures

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}


def sheet(n: int, m: int | None = None, **columns) -> pd.DataFrame:
    """n control and m treated samples."""
    m = n if m is None else m
    names = [f"c{i}" for i in range(1, n + 1)] + [f"t{i}" for i in range(1, m + 1)]
    index = pd.Index(names, name="sample")
    return pd.DataFrame({"group": ["control"] * n + ["treated"] * m, **columns}, index=index)


def test_permutations_of_three_against_three():
    found, possible = labellings.permutations(sheet(3), "~ group", CONTRAST)
    # 20 ways to choose three of six, less the true one and its mirror image, in pairs of mirror images
    assert possible == len(found) == 9
    sets = {frozenset(labelling.experiment) for labelling in found}
    everyone = {"c1", "c2", "c3", "t1", "t2", "t3"}
    assert sets | {frozenset(everyone - chosen) for chosen in sets} | {
        frozenset({"c1", "c2", "c3"}),
        frozenset({"t1", "t2", "t3"}),
    } == {frozenset(chosen) for chosen in _combinations(sorted(everyone), 3)}
    for labelling in found:
        treated = labelling.samples.index[labelling.samples["group"] == "treated"]
        assert set(treated) == set(labelling.experiment)
        assert labelling.residual_df == 4


def _combinations(names, n):
    from itertools import combinations

    return combinations(names, n)


def test_labels_move_within_batches_and_pairs_only():
    paired = sheet(4, pair=["1", "2", "3", "4"] * 2)
    found, possible = labellings.permutations(paired, "~ pair + group", CONTRAST)
    assert possible == len(found) == 2**4 // 2 - 1
    for labelling in found:
        table = pd.crosstab(labelling.samples["pair"], labelling.samples["group"])
        assert (table == 1).all(axis=None)
    numbered = paired.assign(pair=[1, 2, 3, 4] * 2)
    assert labellings.permutations(numbered, "~ pair + group", CONTRAST)[1] == 7


@pytest.mark.parametrize(
    ("column", "values", "design"),
    [
        ("sex", [True, False] * 4, "~ sex + group"),
        ("age", [1, 2] * 4, "~ C( age) + group"),
        ("batch", [1.0, 2.0] * 4, "~ batch + group"),
    ],
)
def test_labels_move_within_the_levels_of_any_categorical_column(column, values, design):
    found, possible = labellings.permutations(sheet(4, **{column: values}), design, CONTRAST)
    assert possible == len(found) == 6 * 6 // 2 - 1
    for labelling in found:
        assert (pd.crosstab(labelling.samples[column], labelling.samples["group"]) == 2).all(axis=None)


def test_labels_move_freely_beside_a_quantity():
    ages = sheet(3, age=[31.0, 40, 52, 33, 47, 58], age_class=["young", "old", "old"] * 2)
    assert len(labellings._strata(ages, "~ age + group", "group")) == 1
    found = labellings._strata(ages, "~ age + C(age_class) + group", "group")
    assert [rows.tolist() for rows in found] == [[1, 2, 4, 5], [0, 3]]


def test_uneven_groups_have_no_mirror_images():
    found, possible = labellings.permutations(sheet(2, 3), "~ group", CONTRAST)
    assert possible == len(found) == 10 - 1
    assert all(len(labelling.experiment) == 3 for labelling in found)


def test_two_against_two():
    found, _ = labellings.permutations(sheet(2), "~ group", CONTRAST)
    assert [set(labelling.experiment) for labelling in found] == [{"c1", "t1"}, {"c1", "t2"}]
    assert labellings.splits(sheet(2), "~ group", CONTRAST) == ([], 0)


def test_other_levels_keep_their_labels():
    samples = pd.concat([sheet(2), pd.DataFrame({"group": ["other"] * 2}, index=["o1", "o2"])])
    found, _ = labellings.permutations(samples, "~ group", CONTRAST)
    assert len(found) == 2
    for labelling in found:
        assert labelling.samples.loc[["o1", "o2"], "group"].tolist() == ["other", "other"]


def test_many_permutations_are_drawn_by_the_seed():
    first, possible = labellings.permutations(sheet(6), "~ group", CONTRAST, limit=7, seed=1)
    assert possible == 924 // 2 - 1
    assert len(first) == 7
    again, _ = labellings.permutations(sheet(6), "~ group", CONTRAST, limit=7, seed=1)
    other, _ = labellings.permutations(sheet(6), "~ group", CONTRAST, limit=7, seed=2)
    experiments = [[labelling.experiment for labelling in found] for found in (first, again, other)]
    assert experiments[0] == experiments[1] != experiments[2]
    huge, uncounted = labellings.permutations(sheet(12), "~ group", CONTRAST, limit=7)
    assert (len(huge), uncounted) == (7, -1)
    assert len({labelling.experiment for labelling in huge}) == 7


def test_halves_cross_the_groups_and_leave_them_in_the_design():
    found, possible = labellings.splits(sheet(3), "~ group", CONTRAST)
    assert possible == len(found) == 9
    for labelling in found:
        assert labelling.design == f"~ group + {labellings.HALF}"
        assert len(labelling.experiment) == 3
        assert {name[0] for name in labelling.experiment} == {"c", "t"}
        assert labelling.residual_df == 3
    found, possible = labellings.splits(sheet(4), "~ group", CONTRAST, limit=50)
    assert possible == len(found) == 6 * 6 // 2


def test_halves_that_make_one_test_count_once():
    batches = sheet(3, batch=["a", "b", "c"] * 2)
    found, possible = labellings.splits(batches, "~ batch + group", CONTRAST)
    assert possible == len(found) == 3
    assert all(labelling.residual_df == 1 for labelling in found)


@pytest.mark.parametrize(
    ("samples", "design", "words"),
    [
        (sheet(1, 3), "~ group", "a group of one sample: nothing is tested"),
        (sheet(2, pair=["1", "2"] * 2, dose=[1.0, 2, 3, 9]), "~ pair + dose + group", "leaves no sample"),
    ],
)
def test_where_nothing_is_tested_nothing_is_calibrated_and_it_says_why(samples, design, words):
    counts = pd.DataFrame(50, index=["p1", "p2"], columns=samples.index)
    factors = pd.Series(1.0, index=samples.index)
    runs, histograms = calibration.calibrate(counts, samples, design, CONTRAST, factors)
    assert runs["kind"].tolist() == ["observed", "permuted", "split"]
    assert runs["run"].isna().all()
    assert histograms.empty
    (said,) = calibration.sentences(runs)
    assert words in said
    figures.calibration(histograms)


@pytest.fixture(scope="module")
def calibrated():
    counts, _ = simulate.counts(600, sheet(3), 5)
    factors = pd.Series(1.0, index=counts.columns)
    return calibration.calibrate(
        counts,
        sheet(3),
        "~ group",
        CONTRAST,
        factors,
        most_permuted=3,
        most_split=2,
        most_peaks=400,
        min_count=10,
    )


def test_a_run_has_a_row_and_a_histogram(calibrated):
    runs, histograms = calibrated
    assert runs["kind"].tolist() == ["observed"] + ["permuted"] * 3 + ["split"] * 2
    assert runs["run"].tolist() == [1, 1, 2, 3, 1, 2]
    assert runs["possible"].tolist() == [1, 9, 9, 9, 9, 9]
    assert (runs["n_tested"] > 380).all()
    assert (runs["n_tested"] <= 400).all()
    totals = histograms.groupby(["kind", "run"], sort=False)["n"].sum()
    assert totals.tolist() == runs["n_tested"].tolist()
    small = histograms[histograms["start"] < 0.049].groupby(["kind", "run"], sort=False)["n"].sum()
    np.testing.assert_allclose(small / totals, runs["share_below_0.05"].to_numpy(float), atol=1e-12)
    assert runs["n_significant"].iloc[0] > 10 * runs["n_significant"].iloc[1:].max()


def test_sentences_state_numbers_and_what_follows(calibrated):
    runs, _ = calibrated
    permuted, split, *_ = calibration.sentences(runs)
    assert "3 of 9 ways" in permuted
    assert f"the true ones give {runs['n_significant'].iloc[0]:,}" in permuted
    assert "Few do not prove them right" in permuted
    assert "2 of 9 ways, 3 residual degrees of freedom" in split
    high = runs.assign(**{"share_below_0.05": 0.2, "n_significant": 100})
    last = calibration.sentences(high)[-2:]
    assert "they may share something that the design lacks" in last[0]
    assert "expect more false discoveries" in last[1]
    low = runs.assign(**{"share_below_0.05": 0.001, "n_significant": 0})
    assert "the test is cautious" in calibration.sentences(low)[-1]


def test_figure_has_a_panel_a_kind(calibrated):
    figure = figures.calibration(calibrated[1])
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "permuted labels\nn = 3 labellings",
        "groups split in halves\nn = 2 labellings",
    ]


def test_fewer_peaks_are_used_where_there_are_many_samples():
    assert [calibration.most_used(n) for n in (2, 6, 7)] == [20_000] * 3
    assert [calibration.most_used(n) for n in (10, 33, 1000)] == [15_000, 4545, 4000]
