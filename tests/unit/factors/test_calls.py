"""What a cluster must pass to be called: peaks, samples, and its own variation; contrasts without sides."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib.factors import calls, changes, stage
from workflow_lib.factors.clusters import Sides
from workflow_lib.factors.evidence import rank

ANY = {"variable": "group", "test": "any"}
N, MOTIFS = 1200, 40


def test_wide_sets_hold_the_peaks_at_a_false_discovery_rate_of_a_fifth():
    table = pd.DataFrame(
        {
            "stat": [4.0, -4.0, 3.0, -2.9, 0.5, np.nan],
            "pvalue": [1e-5, 1e-5, 1e-3, 2e-3, 0.6, np.nan],
            "padj": [0.01, 0.01, 0.1, 0.15, 0.7, np.nan],
            "direction": ["up", "down", "none", "none", "none", "untested"],
        }
    )
    found = changes.of(table)
    assert found.wide.tolist() == ["up", "down", "up", "down", "none", "untested"]
    assert found.direction.tolist() == table["direction"].tolist()
    without = changes.of(table.assign(direction=["changed", "changed", *["none"] * 3, "untested"]), True)
    assert without.wide.tolist() == ["up"] * 4 + ["none", "untested"]
    assert without.direction.tolist() == ["up", "up", "none", "none", "none", "untested"]
    # the normal deviate of p, whatever the statistic's sign
    np.testing.assert_allclose(without.statistic[:2], 4.264891, rtol=1e-5)
    assert np.isnan(without.statistic[-1])


def sides(rises, falls=0.0):
    rises = np.asarray(rises, float)
    return Sides(rises, np.full(len(rises), falls))


def evidence(own, peaks=(-9.0, -9.0, 0.0), **lines):
    lines = {"enrichment": sides(peaks), "activity": sides([-9.0, -9.0, 0.0]), "own": sides(own)} | lines
    return calls.Evidence(lines, np.arange(3)[None], np.ones(3), 4)


def test_own_variation_is_asked_of_what_peaks_call_and_of_nothing_else():
    padj, called = evidence([-4.0, -0.5, -6.0]).by_samples(0.05)
    assert called.tolist() == [True, True, False]
    # two-sided, times two clusters for the smallest
    np.testing.assert_allclose(padj[:2], [4e-4, 2 * 10**-0.5], rtol=1e-6)
    assert np.isnan(padj[2])


@pytest.mark.parametrize(("freedom", "times"), [(2, 1.5), (3, 1.5), (4, 1.0), (10, 1.0)])
def test_own_variation_counts_more_with_few_residual_degrees_of_freedom(freedom, times):
    known = evidence([-4.0, -0.5, -6.0])
    padj, _ = dataclasses.replace(known, df_residual=freedom).by_samples(0.05)
    np.testing.assert_allclose(padj[:2], np.minimum(np.array([4e-4, 2 * 10**-0.5]) * times, 1), rtol=1e-6)


def test_a_footprint_may_stand_for_what_varies():
    alone, _ = evidence([-0.3, -4.0, 0.0]).by_samples(0.05)
    helped, _ = evidence([-0.3, -4.0, 0.0], depth=sides([-8.0, 0.0, 0.0])).by_samples(0.05)
    assert alone[0] > 0.05
    assert helped[0] < 1e-6


@pytest.mark.parametrize(("closed", "told"), [(12, True), (2, False)])
def test_a_motif_of_peaks_that_change_to_either_side_must_have_more_on_one(closed, told):
    def way(hits, p):
        counted = {"foreground_hits": hits, "foreground_size": 50, "background_hits": 100.0}
        return pd.DataFrame(counted | {"background_size": 2000, "log10_pvalue": p}, index=["M0"])

    log10p = -3.0 if told else -0.4
    found = {"up": way(14, -6.0), "down": way(closed, log10p)}
    found["activity"] = pd.DataFrame(index=["M0"])
    known = calls.told(found, np.array([[0]]), np.array([0]), np.array([True]), 0.05)
    assert known["both"].tolist() == [told]
    assert (known["least_padj"][0] > 0.05) == told


def made(seed=1, levels=3, effect=0.0, varying=0.0, several=4):
    """Motif 0 is moved to either side, some peaks up and some down, at the last level; motif 1 varies."""
    rng = np.random.default_rng(seed)
    group = np.repeat([f"t{i}" for i in range(levels)], several)
    samples = pd.DataFrame({"group": group}, index=[f"s{i}" for i in range(len(group))])
    present = rng.random((N, MOTIFS)) < rng.uniform(0.05, 0.2, MOTIFS)
    log2 = rng.normal(7, 1, N)[:, None] + rng.normal(0, 0.2, (N, len(group)))
    moved = present[:, 0] & (rng.random(N) < 0.8)
    log2 += np.outer(moved * effect, group == group[-1])
    log2 += np.outer(present[:, 1], rng.normal(0, varying, len(group)))
    counts = pd.DataFrame(rng.poisson(2.0**log2), columns=samples.index, index=[f"p{i}" for i in range(N)])
    return counts, samples, sparse.csr_array(present.astype(int))


def factors_of(*, seed=1, contrast=ANY, **options):
    from workflow_lib import differential

    counts, samples, matches = made(seed, **options)
    motifs = pd.DataFrame({"motif_id": [f"M{i}" for i in range(MOTIFS)]})
    motifs = motifs.assign(name=motifs["motif_id"], cluster=motifs["motif_id"], tf_names="")
    peaks = differential.test(counts, samples, "~ group", contrast, size_factors=np.ones(len(samples)))
    covariates = pd.DataFrame({"log_mean": np.log(peaks["baseMean"].to_numpy())})
    nothing = pd.DataFrame({"motif_id": motifs["motif_id"], "log10_pvalue": np.nan, "padj": np.nan})
    nothing = nothing.assign(odds_ratio=np.nan, log2_enrichment=np.nan)
    enriched = {"up": nothing, "down": nothing}
    sizes = np.ones(len(samples))
    asked = (covariates, samples, "~ group", contrast, sizes, motifs, peaks, enriched)
    activity = stage.test(counts, matches, *asked)
    deviations = pd.DataFrame({"motif_id": motifs["motif_id"], "delta": np.nan, "pvalue": np.nan})
    deviations["padj"] = np.nan
    table = rank(motifs, nothing, nothing, deviations, activity=activity, any_difference=True)
    return peaks, table.set_index("cluster")


@pytest.mark.parametrize("effect", [0.6, -0.6])
def test_any_difference_calls_the_factor_whose_peaks_change_at_one_level(effect):
    peaks, table = factors_of(effect=effect)
    assert set(peaks["direction"]) <= {"changed", "none", "untested"}
    first = table.iloc[0]
    assert first.name == "M0"
    assert first["direction"] == "changed"
    assert first["verdict"] == "changed"
    assert first["side"] is None
    assert first["wide_log2"] > 1
    assert first["wide_padj"] < 1e-6
    # the last level less the first
    assert first["activity"] == pytest.approx(0.8 * effect, abs=0.1)
    assert (table.iloc[1:]["direction"] == "none").all()


def test_any_difference_calls_no_factor_that_varies_between_samples():
    called, said = 0, 0
    for seed in range(6):
        _, table = factors_of(seed=seed, varying=0.5)
        called += table["direction"].eq("changed").sum()
        said += table.loc["M1", "verdict"] == "varies between samples"
    assert called <= 1
    assert said >= 1


def test_where_nothing_changed_nothing_is_called():
    _, table = factors_of(seed=5)
    assert not table["direction"].eq("changed").any()
    assert table["pvalue"].min() > 1e-4
