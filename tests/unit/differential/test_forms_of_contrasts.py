"""The differential test of every form of contrast: what was planted, error rates, and edges."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import differential
from workflow_lib.differential import calibration, labellings

LEVELS = ["0h", "6h", "24h", "120h"]
TIMES = pd.DataFrame(
    {"group": np.repeat(LEVELS, 2), "hours": np.repeat([0.0, 6, 24, 120], 2), "batch": list("xyxyxyxy")},
    index=[f"s{i}" for i in range(8)],
)
ANY = {"variable": "group", "test": "any"}
CROSSED = pd.DataFrame(
    [(d, c, g) for d in "abcd" for c in ("memory", "naive") for g in ("rest", "stim")],
    columns=["donor", "cell", "group"],
    index=[f"s{i}" for i in range(16)],
)
DIFFERENCE = {"interaction": {"group": ["stim", "rest"], "cell": ["naive", "memory"]}}


def counts(samples, effect, n_peaks=600, seed=1, overdispersion=0.03):
    """Counts of peaks whose log2 mean is raised by `effect`, (n_peaks, n_samples); samples vary in depth."""
    rng = np.random.default_rng(seed)
    mean = rng.lognormal(4, 0.7, n_peaks)[:, None] * rng.uniform(0.7, 1.4, len(samples))
    mean = mean * 2.0 ** np.broadcast_to(effect, (n_peaks, len(samples)))
    rates = rng.gamma(1 / overdispersion, mean * overdispersion)
    return pd.DataFrame(
        rng.poisson(rates), index=[f"chr1:{i}-{i + 1}" for i in range(n_peaks)], columns=samples.index
    )


def effects(shape, n_changed, size):
    """`size` in the first peaks, for the samples in which `shape` is not 0."""
    found = np.zeros((600, len(shape)))
    found[:n_changed] = size * np.asarray(shape, dtype=float)
    return found


def test_any_difference_finds_peaks_that_the_last_level_does_not_show():
    middle = (TIMES["group"] == "24h").to_numpy()
    found = differential.test(counts(TIMES, effects(middle, 50, 1.6)), TIMES, "~ group", ANY)
    changed = found["direction"] == "changed"
    assert changed[:50].mean() > 0.8
    assert changed[50:].sum() <= 6
    assert set(found["direction"]) <= {"changed", "none", "untested"}
    assert found["log2FoldChange_shrunk"].isna().all()
    ends = differential.test(
        counts(TIMES, effects(middle, 50, 1.6)),
        TIMES,
        "~ group",
        {"variable": "group", "experiment": "120h", "control": "0h"},
    )
    np.testing.assert_allclose(found["log2FoldChange"], ends["log2FoldChange"], atol=1e-4)


@pytest.mark.parametrize("asked", [ANY, {"variable": "hours"}])
def test_where_nothing_changes_p_values_are_not_too_small(asked):
    found = differential.test(counts(TIMES, 0.0, seed=3), TIMES, f"~ batch + {asked['variable']}", asked)
    assert (found["pvalue"] < 0.05).mean() < 0.07
    assert (found["pvalue"] < 0.001).mean() < 0.005
    assert (found["padj"] < 0.05).sum() <= 2


def test_a_slope_is_found_per_unit_and_shrunk_alike_in_any_unit():
    rise = TIMES["hours"].to_numpy() / 120
    data = counts(TIMES, effects(rise, 60, 2.4))
    hours = differential.test(data, TIMES, "~ hours", {"variable": "hours"})
    days = differential.test(
        data, TIMES.assign(hours=TIMES["hours"] / 24), "~ hours", {"variable": "hours"}, min_abs_log2fc=0
    )
    assert (hours["direction"][:60] == "up").mean() > 0.9
    assert hours["log2FoldChange"][:60].median() == pytest.approx(2.4 / 120, rel=0.1)
    np.testing.assert_allclose(days["log2FoldChange"], hours["log2FoldChange"] * 24, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(
        days["log2FoldChange_shrunk"], hours["log2FoldChange_shrunk"] * 24, rtol=0.02, atol=2e-3
    )
    larger = differential.test(data, TIMES, "~ hours", {"variable": "hours"}, min_abs_log2fc=1)
    assert 0 < (larger["direction"] == "up").sum() <= (hours["direction"] == "up").sum()


def test_an_interaction_and_the_effect_within_one_level():
    only = ((CROSSED["cell"] == "naive") & (CROSSED["group"] == "stim")).to_numpy()
    data = counts(CROSSED, effects(only, 60, 1.8))
    design = "~ donor + cell * group"
    difference = differential.test(data, CROSSED, design, DIFFERENCE)
    assert (difference["direction"][:60] == "up").mean() > 0.85
    assert (difference["padj"][60:] < 0.05).sum() <= 6
    assert difference["log2FoldChange_shrunk"][:60].median() == pytest.approx(1.8, rel=0.2)
    group = {"variable": "group", "experiment": "stim", "control": "rest"}
    within = {
        cell: differential.test(data, CROSSED, design, group | {"where": {"cell": cell}})
        for cell in ("naive", "memory")
    }
    assert (within["naive"]["direction"][:60] == "up").mean() > 0.9
    assert (within["memory"]["padj"][:60] < 0.05).sum() <= 4
    mean = differential.test(data, CROSSED, design, group)["log2FoldChange"]
    assert mean[:60].median() == pytest.approx(0.9, rel=0.15)


def test_means_of_levels():
    late = TIMES["group"].isin(["24h", "120h"]).to_numpy()
    asked = {"variable": "group", "experiment": ["24h", "120h"], "control": ["0h", "6h"]}
    found = differential.test(counts(TIMES, effects(late, 40, 1.5)), TIMES, "~ batch + group", asked)
    assert (found["direction"][:40] == "up").mean() > 0.9


def test_a_time_course_without_replicates_tests_the_slope_and_not_the_levels():
    alone = TIMES.iloc[::2]
    data = counts(alone, effects(alone["hours"].to_numpy() / 120, 40, 3.0))
    slope = differential.test(data, alone, "~ hours", {"variable": "hours"})
    assert (slope["direction"][:40] == "up").mean() > 0.5
    for asked in (ANY, {"variable": "group", "experiment": "120h", "control": "0h"}):
        levels = differential.test(data, alone, "~ group", asked)
        assert levels["pvalue"].isna().all()
        assert levels["log2FoldChange"][:40].median() == pytest.approx(3.0, abs=0.6)


def test_one_replicate_in_some_levels():
    some = TIMES.drop(["s3", "s5"])  # one sample of 6h, one of 24h
    data = counts(some, effects((some["group"] == "120h").to_numpy(), 40, 2.0))
    assert (differential.test(data, some, "~ group", ANY)["direction"][:40] == "changed").mean() > 0.6
    ends = {"variable": "group", "experiment": "120h", "control": "0h"}
    assert (differential.test(data, some, "~ group", ends)["direction"][:40] == "up").mean() > 0.6
    single = differential.test(data, some, "~ group", ends | {"experiment": "24h"})
    assert single["pvalue"].isna().all()


@pytest.mark.parametrize("asked", [ANY, {"variable": "hours"}, DIFFERENCE])
def test_no_peaks_and_rows_of_zeros(asked):
    samples, design = (
        (CROSSED, "~ donor + cell * group") if asked is DIFFERENCE else (TIMES, f"~ {asked['variable']}")
    )
    data = counts(samples, 0.0)
    untested = differential.test(data, samples, design, asked, min_count=10**9)
    assert set(untested["direction"]) == {"untested"}
    data.iloc[:3] = 0
    found = differential.test(data, samples, design, asked)
    assert found["direction"][:3].tolist() == ["untested"] * 3
    assert np.isfinite(found["pvalue"][3:]).mean() > 0.95


def test_labels_move_within_what_the_design_holds_fixed():
    found, possible = labellings.permutations(CROSSED, "~ donor + cell * group", DIFFERENCE, limit=12)
    assert len(found) == 12
    assert possible > 100
    for labelling in found:
        table = pd.crosstab(
            [labelling.samples["donor"], labelling.samples["cell"]], labelling.samples["group"]
        )
        assert (table == 1).all(axis=None)
    times, _ = labellings.permutations(TIMES, "~ batch + group", ANY, limit=12)
    for labelling in times:
        assert (pd.crosstab(labelling.samples["batch"], labelling.samples["group"]) == 1).all(axis=None)
    assert len({labelling.weights for labelling in times}) == len(times)


def test_renaming_all_levels_is_no_other_labelling():
    pairs = pd.DataFrame({"group": list("aabbcc")}, index=list("uvwxyz"))
    found, possible = labellings.permutations(pairs, "~ group", ANY, limit=100)
    # partitions of six samples into three unnamed pairs: 15, and one of them is the true one
    assert len(found) == possible == 14


@pytest.mark.parametrize("asked", [ANY, {"variable": "hours"}])
def test_calibration_of_the_other_forms(asked):
    data = counts(TIMES, effects((TIMES["group"] == "24h").to_numpy(), 100, 2.0))
    runs, histograms = calibration.calibrate(
        data,
        TIMES,
        f"~ {asked['variable']}",
        asked,
        pd.Series(1.0, TIMES.index),
        most_permuted=4,
        most_split=2,
    )
    permuted = runs[runs["kind"] == "permuted"]
    assert len(permuted) == 4
    assert permuted["n_significant"].median() < runs["n_significant"].iloc[0]
    assert len(histograms) == 5 * calibration.BINS
    assert runs[runs["kind"] == "split"]["note"].notna().all()
    assert all(sentence.endswith(".") for sentence in calibration.sentences(runs))
