"""Planted changes of footprints are found, others are not, and sequence alone leaves none."""

import numpy as np
import pytest

from benchmarks.footprints_truth import BIASED, CONTRAST, DESIGN, SAMPLES, depth, permuted, scored
from workflow_lib.footprints import differential


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return scored(1, tmp_path_factory.mktemp("footprints"))


@pytest.fixture(scope="module")
def tested(drawn):
    by_model, roles = drawn
    table = differential.test(by_model["kmer"], roles, SAMPLES, DESIGN, CONTRAST)
    return table.set_index("motif_id").join(roles["role"])


def test_planted_changes_are_significant_and_others_are_not(tested):
    found = tested[tested["padj"] < 0.05]
    assert found.loc[found["role"] == "driver_up", "delta_depth"].item() > 0.25
    assert found.loc[found["role"] == "driver_down", "delta_depth"].item() < -0.25
    assert not set(found["role"]) & {"footprint_only", "decoy", BIASED}
    assert (found["role"] == "empty").sum() <= 2  # of 150


def test_an_unchanged_footprint_is_deep_and_not_significant(tested):
    row = tested[tested["role"] == "footprint_only"].iloc[0]
    assert min(row["depth_control"], row["depth_experiment"]) > 0.4
    assert row["pvalue"] > 0.05
    assert row["delta_depth_ci_low"] < 0 < row["delta_depth_ci_high"]


def test_what_tn5_avoids_dips_before_correction_and_not_after(drawn):
    by_model, _ = drawn
    assert depth(by_model, "none", [BIASED]).item() > 0.2
    assert abs(depth(by_model, "kmer", [BIASED]).item()) < 0.1
    assert abs(depth(by_model, "pwm", [BIASED]).item()) < 0.1


def test_empty_motifs_show_no_footprint(drawn, tested):
    by_model, roles = drawn
    found = depth(by_model, "kmer", roles.index[roles["role"].isin(["empty", "decoy"])])
    # peaks are bell-shaped, which makes centres a little fuller than flanks
    assert -0.1 < found.median() < 0.02
    assert found.max() < 0.1
    assert (tested.loc[tested["role"] == "empty", "note"] == "no footprint").mean() > 0.8


def test_permuted_labels_give_uniform_p_values(drawn):
    p = permuted(*drawn)
    below = [(p < level).mean() for level in (0.05, 0.25, 0.5, 0.75)]
    np.testing.assert_allclose(below, [0.05, 0.25, 0.5, 0.75], atol=0.08)


def test_the_errors_over_sites_are_those_between_samples(drawn):
    by_model, roles = drawn
    table = by_model["kmer"]
    table = table[table["motif_id"].isin(roles.index[roles["role"] == "empty"])]
    within = table.groupby(["motif_id", table["sample"].map(SAMPLES["group"])])
    ratio = np.sqrt(within["depth"].var().mean() / (table["depth_se"] ** 2).mean())
    assert ratio == pytest.approx(1, abs=0.2)
