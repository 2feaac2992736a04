"""Numbers of R DESeq2 1.38.3, and how near ours are."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import differential
from workflow_lib.differential import size_factors, trend


def read(path):
    return pd.read_csv(path, sep="\t", index_col=0)


@pytest.fixture(scope="module")
def simulated(shared):
    """Counts, R's results at alpha 0.1 and ours."""
    folder = shared / "reference" / "deseq2"
    counts, samples = read(folder / "sim.counts.tsv.gz"), read(folder / "sim.coldata.tsv.gz")
    contrast = {"variable": "group", "experiment": "B", "control": "A"}
    ours = differential.test(counts, samples, "~ group", contrast, alpha=0.1).set_index("peak")
    return folder, counts, ours


def relative(ours, theirs, where):
    both = ours.notna() & theirs.notna() & where
    return ((ours - theirs).abs() / theirs.abs())[both]


def test_size_factors(shared):
    folder = shared / "reference" / "deseq2"
    ours = size_factors.ratio(read(folder / "sim.counts.tsv.gz"))
    theirs = read(folder / "sim.sizefactors.tsv.gz").iloc[:, 0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.parametrize(
    ("column", "median", "p99"),
    [
        ("baseMean", 1e-12, 1e-12),
        ("log2FoldChange", 1e-4, 3e-3),
        ("lfcSE", 1e-3, 2e-3),
        ("stat", 1e-3, 4e-3),
        ("pvalue", 1e-3, 5e-2),
        ("padj", 1e-3, 5e-2),
    ],
)
def test_results_of_the_simulated_experiment(simulated, column, median, p99):
    folder, _, ours = simulated
    theirs = read(folder / "sim.results.tsv.gz")
    difference = relative(ours[column], theirs[column], theirs["baseMean"] > 5)
    assert len(difference) > 15_000
    assert difference.median() < median
    assert difference.quantile(0.99) < p99


def test_missing_values_stand_where_r_has_them(simulated):
    folder, _, ours = simulated
    theirs = read(folder / "sim.results.tsv.gz")
    for column in ("pvalue", "padj"):
        assert (ours[column].isna() == theirs[column].isna()).all()


def test_the_called_sets_are_r_s(simulated):
    folder, _, ours = simulated
    theirs = read(folder / "sim.results.tsv.gz")
    called, expected = (set(t.index[t["padj"] < 0.05]) for t in (ours, theirs))
    assert len(called & expected) / len(called | expected) >= 0.99


def test_shrunken_fold_changes(simulated):
    folder, _, ours = simulated
    theirs = read(folder / "sim.lfcShrink_apeglm.tsv.gz")["log2FoldChange"]
    difference = (ours["log2FoldChange_shrunk"] - theirs).abs().dropna()
    assert difference.median() < 1e-4
    assert difference.quantile(0.99) < 2e-3


def test_the_parametric_trend(shared):
    table = read(shared / "reference" / "deseq2" / "sim.dispersions.tsv.gz").dropna(subset="dispGeneEst")
    a0, a1 = trend.parametric(table["baseMean"].to_numpy(), table["dispGeneEst"].to_numpy())
    np.testing.assert_allclose(a0 + a1 / table["baseMean"], table["dispFit"], rtol=1e-10)


def test_where_r_s_parametric_trend_fails_so_does_ours_and_the_local_one_is_near_r_s(shared):
    table = read(shared / "reference" / "deseq2" / "mouse.dispersions.tsv.gz")
    means, genewise = table["baseMean"].to_numpy(), table["dispGeneEst"].to_numpy()
    assert trend.parametric(means, genewise) is None
    difference = np.abs(trend.Local(means, genewise)(means) / table["dispFit"] - 1)
    assert difference.median() < 0.005
    assert difference.quantile(0.99) < 0.02


def test_the_prior_with_three_degrees_of_freedom_is_near_r_s_random_search(shared):
    table = read(shared / "reference" / "deseq2" / "mouse.dispersions.tsv.gz")
    table = table[table["dispGeneEst"] >= 1e-6]
    residuals = np.log(table["dispGeneEst"]) - np.log(table["dispFit"])
    observed, prior = trend.prior_variance(residuals.to_numpy(), 3)
    assert observed == pytest.approx(0.75469, abs=1e-4)
    # R draws 10,000 values for each candidate; its own answers scatter by a few per cent
    assert prior == pytest.approx(0.74474, rel=0.1)


def test_called_sets_on_the_mouse_tissues(shared):
    folder = shared / "data" / "counts_mouse_tissues"
    table = pd.read_csv(folder / "mouse_tissues_atac_counts.tsv.gz", sep="\t").set_index("peak_id")
    samples = read(folder / "mouse_tissues_samples.tsv")
    contrast = {"variable": "condition", "experiment": "Kidney", "control": "HindBrain"}
    ours = differential.test(table[samples.index], samples, "~ condition", contrast, alpha=0.1)
    ours = ours.set_index("peak")
    theirs = read(folder / "mouse_tissues_deseq2_Kidney_vs_HindBrain.tsv.gz")
    called, expected = (set(t.index[t["padj"] < 0.05]) for t in (ours, theirs))
    assert len(called & expected) / len(called | expected) > 0.92
    well_covered = theirs["baseMean"] > 5
    assert relative(ours["log2FoldChange"], theirs["log2FoldChange"], well_covered).median() < 1e-3
    assert relative(ours["lfcSE"], theirs["lfcSE"], well_covered).median() < 0.01
