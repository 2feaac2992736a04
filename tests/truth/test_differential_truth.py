"""The differential test on simulated counts with known truth: power, false discovery, uniform p-values."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from workflow_lib import differential, simulate

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
SHEET = pd.DataFrame(
    {"group": ["control"] * 3 + ["treated"] * 3, "batch": ["a", "a", "b"] * 2},
    index=[f"{group}_{i}" for group in ("control", "treated") for i in (1, 2, 3)],
)


def run(seed, design="~ group", **options):
    counts, truth = simulate.counts(4000, SHEET, seed, **options)
    return differential.test(counts, SHEET, design, CONTRAST, shrink=False), truth


def test_false_discoveries_stay_at_the_nominal_rate_and_most_changes_are_found():
    false, called, found, planted = 0, 0, 0, 0
    for seed in range(10):
        result, truth = run(seed)
        significant = (result["padj"] < 0.05).to_numpy()
        changed = (truth["change"] != "none").to_numpy()
        false += (significant & ~changed).sum()
        called += significant.sum()
        found += (significant & changed).sum()
        planted += changed.sum()
    assert 0 <= false / called <= 0.06
    assert found / planted > 0.75


@pytest.mark.parametrize("design", ["~ group", "~ batch + group"])
def test_p_values_of_unchanged_peaks_are_nearly_uniform(design):
    p = np.concatenate(
        [run(seed, design, up=0, down=0, batch_share=0.3)[0]["pvalue"].dropna() for seed in range(3)]
    )
    if design == "~ batch + group":
        # shrunken dispersions with three degrees of freedom leave a small excess
        assert 0.03 < (p < 0.05).mean() < 0.075
        assert abs(np.median(p) - 0.5) < 0.08
    else:
        assert (p < 0.05).mean() < 0.06


def test_without_changes_next_to_nothing_is_called():
    assert sum((run(seed, up=0, down=0)[0]["padj"] < 0.05).sum() for seed in range(5)) <= 5


def test_fold_changes_are_unbiased():
    result, truth = run(1)
    changed = (truth["change"] != "none").to_numpy() & (result["baseMean"] > 20).to_numpy()
    slope = stats.linregress(truth["log2_fold_change"][changed], result["log2FoldChange"][changed]).slope
    assert slope == pytest.approx(1, abs=0.05)
