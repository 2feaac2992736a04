"""Numbers of R DESeq2 1.38.3, and how near ours are."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import differential
from workflow_lib.differential import prior, size_factors, trend

GROUPS = {"variable": "group", "experiment": "B", "control": "A"}


def read(path):
    return pd.read_csv(path, sep="\t", index_col=0)


@pytest.fixture(scope="module")
def simulated(shared):
    """Counts, R's results at alpha 0.1 and ours."""
    folder = shared / "reference" / "deseq2"
    counts, samples = read(folder / "sim.counts.tsv.gz"), read(folder / "sim.coldata.tsv.gz")
    ours = differential.test(counts, samples, "~ group", GROUPS, alpha=0.1).set_index("peak")
    return folder, counts, ours


def relative(ours, theirs, where):
    both = ours.notna() & theirs.notna() & (theirs != 0) & where
    return ((ours - theirs).abs() / theirs.abs())[both]


def test_size_factors(shared):
    folder = shared / "reference" / "deseq2"
    ours = size_factors.ratio(read(folder / "sim.counts.tsv.gz"))
    theirs = read(folder / "sim.sizefactors.tsv.gz").iloc[:, 0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.parametrize("column", ["baseMean", "log2FoldChange", "lfcSE", "stat", "pvalue", "padj"])
def test_results_of_the_simulated_experiment(simulated, column):
    folder, _, ours = simulated
    theirs = read(folder / "sim.results.tsv.gz")
    difference = relative(ours[column], theirs[column], theirs["baseMean"] > 5)
    assert len(difference) > 15_000
    assert difference.quantile(0.99) < 1e-7
    assert difference.max() < 1e-5


def test_missing_values_stand_where_r_has_them(simulated):
    folder, _, ours = simulated
    theirs = read(folder / "sim.results.tsv.gz")
    for column in ("pvalue", "padj"):
        assert (ours[column].isna() == theirs[column].isna()).all()


def test_the_called_sets_are_r_s(simulated):
    folder, _, ours = simulated
    theirs = read(folder / "sim.results.tsv.gz")
    called, expected = (set(t.index[t["padj"] < 0.05]) for t in (ours, theirs))
    assert called == expected


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


def test_where_r_s_parametric_trend_fails_so_does_ours_and_the_local_one_is_r_s(shared):
    table = read(shared / "reference" / "deseq2" / "mouse.dispersions.tsv.gz")
    means, genewise = table["baseMean"].to_numpy(), table["dispGeneEst"].to_numpy()
    assert trend.parametric(means, genewise) is None
    difference = np.abs(trend.Local(means, genewise)(means) / table["dispFit"] - 1)
    assert difference.quantile(0.99) < 1e-7
    assert difference.max() < 0.002  # one peak beyond the range of the fit


def test_the_prior_with_three_degrees_of_freedom(shared):
    table = read(shared / "reference" / "deseq2" / "mouse.dispersions.tsv.gz")
    table = table[table["dispGeneEst"] >= 1e-6]
    residuals = np.log(table["dispGeneEst"]) - np.log(table["dispFit"])
    observed, variance = prior.variance(residuals.to_numpy(), 3)
    assert observed == pytest.approx(0.754692927, abs=1e-8)
    assert variance == pytest.approx(0.744744745, abs=1e-8)


def test_variants_of_the_results(simulated):
    folder, counts, _ = simulated
    samples = read(folder / "sim.coldata.tsv.gz")
    theirs = read(folder / "sim.results_variants.tsv.gz")
    well_covered = read(folder / "sim.results.tsv.gz")["baseMean"] > 5
    fitted = differential.fit(counts, samples, "~ group")
    for column, kind, options in (
        ("padj_noIF", "padj", {"independent_filtering": False, "alpha": 0.1}),
        ("padj_noIF_noCooks", "padj", {"independent_filtering": False, "cooks": False, "alpha": 0.1}),
        ("pvalue_noCooks", "pvalue", {"cooks": False, "alpha": 0.1}),
        ("padj_alpha05", "padj", {"alpha": 0.05}),
    ):
        ours = differential.contrast(fitted, GROUPS, shrink=False, **options).set_index("peak")[kind]
        assert (ours.isna() == theirs[column].isna()).all()
        assert relative(ours, theirs[column], well_covered).quantile(0.99) < 1e-7


def test_a_threshold_on_the_fold_change(simulated):
    folder, counts, _ = simulated
    samples = read(folder / "sim.coldata.tsv.gz")
    theirs = read(folder / "sim.results_lfcThreshold1.tsv.gz")
    well_covered = read(folder / "sim.results.tsv.gz")["baseMean"] > 5
    ours = differential.test(
        counts, samples, "~ group", GROUPS, alpha=0.1, min_abs_log2fc=1, shrink=False
    ).set_index("peak")
    for column in ("pvalue", "padj"):
        assert (ours[column].isna() == theirs[column].isna()).all()
        assert relative(ours[column], theirs[column], well_covered).quantile(0.99) < 1e-7
    known = theirs["stat"].notna()
    np.testing.assert_array_equal(ours["stat"][known] == 0, theirs["stat"][known] == 0)


def test_the_likelihood_ratio_test(simulated):
    folder, counts, _ = simulated
    samples = read(folder / "sim.coldata.tsv.gz")
    theirs = read(folder / "sim.results_LRT.tsv.gz")
    well_covered = read(folder / "sim.results.tsv.gz")["baseMean"] > 5
    ours = differential.likelihood_ratio(counts, samples, "~ group", "~ 1", alpha=0.1).set_index("peak")
    for column in ("stat", "pvalue", "padj"):
        assert (ours[column].isna() == theirs[column].isna()).all()
        assert relative(ours[column], theirs[column], well_covered).quantile(0.99) < 1e-7


def test_the_mouse_tissues(shared):
    folder = shared / "data" / "counts_mouse_tissues"
    table = pd.read_csv(folder / "mouse_tissues_atac_counts.tsv.gz", sep="\t").set_index("peak_id")
    samples = read(folder / "mouse_tissues_samples.tsv")
    contrast = {"variable": "condition", "experiment": "Kidney", "control": "HindBrain"}
    fitted = differential.fit(table[samples.index], samples, "~ condition")
    ours = differential.contrast(fitted, contrast, alpha=0.1, shrink=False).set_index("peak")
    theirs = read(folder / "mouse_tissues_deseq2_Kidney_vs_HindBrain.tsv.gz")
    called, expected = (set(t.index[t["padj"] < 0.05]) for t in (ours, theirs))
    assert len(expected) > 2000
    assert called == expected
    well_covered = theirs["baseMean"] > 5
    for column in ("baseMean", "log2FoldChange", "lfcSE", "stat", "pvalue", "padj"):
        assert (ours[column].isna() == theirs[column].isna()).all()
        assert relative(ours[column], theirs[column], well_covered).quantile(0.99) < 1e-6
    used = fitted.dispersions.set_index("peak")["used"]
    assert relative(used, theirs["dispersion"], well_covered).quantile(0.99) < 1e-6


def real(shared, name):
    """Counts and sheet of a study."""
    folder = shared / "data" / name
    counts = read(folder / f"{name}_atac_counts.tsv.gz").drop(columns=["chrom", "start", "end"])
    return counts, read(folder / f"{name}_samples.tsv")


@pytest.mark.parametrize(
    ("study", "cells", "design", "contrast", "reference", "n_called"),
    [
        ("timecourse", "", "~ group", {"variable": "group", "test": "any"}, "timecourse_lrt", 2564),
        ("timecourse", "", "~ hours", {"variable": "hours"}, "timecourse_slope_hours", 2403),
        (
            *("tcells", "TCD8", "~ donor + cell + group + cell:group"),
            {"interaction": {"group": ["stimulated", "resting"], "cell": ["TCD8naive", "TCD8EM"]}},
            *("tcells_cd8_interaction", 15),
        ),
    ],
)
def test_forms_of_contrasts(shared, study, cells, design, contrast, reference, n_called):
    counts, samples = real(shared, study)
    if cells:
        samples = samples[samples["cell"].str.startswith(cells)]
    ours = differential.test(counts, samples, design, contrast, shrink=False).set_index("peak")
    theirs = read(shared / "reference" / "deseq2" / f"{reference}.tsv.gz")
    called, expected = (set(t.index[t["padj"] < 0.05]) for t in (ours, theirs))
    assert len(expected) == n_called
    assert called == expected
    tolerance = 1e-6
    for column in ("log2FoldChange", "pvalue", "padj"):
        assert (ours[column].isna() == theirs[column].isna()).all()
        assert (ours[column] - theirs[column]).abs().max() < tolerance


def test_effects_within_cells_add_up_to_their_mean_and_difference(shared):
    counts, samples = real(shared, "tcells")
    samples = samples[samples["cell"].str.startswith("TCD8")]
    fitted = differential.fit(counts.iloc[::20], samples, "~ donor + cell * group")
    group = {"variable": "group", "experiment": "stimulated", "control": "resting"}
    pair = {"group": ["stimulated", "resting"], "cell": ["TCD8naive", "TCD8EM"]}
    change = {
        name: differential.contrast(fitted, asked, shrink=False)["log2FoldChange"]
        for name, asked in {
            "naive": group | {"where": {"cell": "TCD8naive"}},
            "memory": group | {"where": {"cell": "TCD8EM"}},
            "mean": group,
            "difference": {"interaction": pair},
        }.items()
    }
    np.testing.assert_allclose(change["naive"] - change["memory"], change["difference"], atol=1e-9)
    np.testing.assert_allclose((change["naive"] + change["memory"]) / 2, change["mean"], atol=1e-9)
