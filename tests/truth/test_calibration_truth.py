"""Calibration on simulated counts: what nulls show is what the truth says."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import differential, simulate
from workflow_lib.differential import calibration, size_factors

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}


def sheet(n: int) -> pd.DataFrame:
    names = [f"{group}_{i}" for group in ("control", "treated") for i in range(1, n + 1)]
    batches = [["a", "b"][i % 2] for i in range(n)] * 2
    return pd.DataFrame({"group": ["control"] * n + ["treated"] * n, "batch": batches}, index=names)


@pytest.mark.parametrize(("n", "design", "share"), [(3, "~ group", 0.0), (4, "~ batch + group", 0.3)])
def test_false_discoveries_over_ten_seeds_stay_below_six_per_cent(n, design, share):
    false, called, found, planted = 0, 0, 0, 0
    for seed in range(10):
        counts, truth = simulate.counts(2500, sheet(n), seed, batch_share=share)
        result = differential.test(counts, sheet(n), design, CONTRAST, shrink=False)
        significant = result["direction"].isin(["up", "down"]).to_numpy()
        right = (result["direction"].to_numpy() == truth["change"].to_numpy()) & significant
        false += (significant & ~right).sum()
        called += significant.sum()
        found += right.sum()
        planted += (truth["change"] != "none").sum()
    assert 0 <= false / called <= 0.06
    assert found / planted > 0.8


def calibrated(counts, samples, design="~ group"):
    return calibration.calibrate(
        counts,
        samples,
        design,
        CONTRAST,
        size_factors.ratio(counts),
        most_permuted=4,
        most_split=4,
        min_count=10,
    )[0]


def test_split_groups_are_nearly_uniform_although_a_quarter_of_the_peaks_changes():
    counts, _ = simulate.counts(3000, sheet(6), 1)
    table = calibration.summarise(calibrated(counts, sheet(6))).set_index("kind")
    assert 0.03 < table.loc["split", "share_below_0.05"] < 0.07
    assert table.loc["split", "most_significant"] <= 5
    # true changes count as variation where labels are permuted: fewer small p-values
    assert table.loc["permuted", "share_below_0.05"] < table.loc["split", "share_below_0.05"]


def test_a_batch_that_the_design_lacks_is_noticed():
    samples = sheet(4)
    counts, _ = simulate.counts(1000, samples, 2, up=0, down=0, batch_share=0.5, batch_sd=2.0)
    # Of all labellings of these samples as treated and control, one follows the batch.
    follows = samples.assign(group=np.where(samples["batch"] == "a", "treated", "control"))
    result = differential.test(counts, follows, "~ group", CONTRAST, shrink=False)
    runs = calibrated(counts, samples)
    row = {
        "kind": "permuted",
        "run": 9,
        "experiment": "+".join(samples.index[samples["batch"] == "a"]),
        "n_tested": len(result),
        "n_significant": int(result["direction"].isin(["up", "down"]).sum()),
    }
    told = calibration.sentences(pd.concat([runs, pd.DataFrame([row])], ignore_index=True))
    (said,) = [sentence for sentence in told if "they may share something that the design lacks" in sentence]
    assert "control_1, control_3, treated_1, treated_3 are set against the other samples" in said
