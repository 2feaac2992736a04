"""The differential test at its edges, and its kernels against pydeseq2's own."""

import numpy as np
import pandas as pd
import pytest
from pydeseq2.default_inference import DefaultInference
from scipy.optimize import minimize_scalar

from workflow_lib import differential
from workflow_lib.differential import size_factors, trend
from workflow_lib.differential.inference import BlockInference
from workflow_lib.errors import InputError

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
COLUMNS = [
    "peak",
    "baseMean",
    "log2FoldChange",
    "lfcSE",
    "stat",
    "pvalue",
    "padj",
    "log2FoldChange_shrunk",
    "direction",
]


def sheet(n_control=3, n_treated=3):
    names = [f"c{i}" for i in range(n_control)] + [f"t{i}" for i in range(n_treated)]
    return pd.DataFrame({"group": ["control"] * n_control + ["treated"] * n_treated}, index=names)


def matrix(n_peaks, samples, seed=1, mean=80):
    rng = np.random.default_rng(seed)
    means = rng.gamma(2.0, mean / 2, n_peaks)[:, None]
    rates = rng.gamma(20, means / 20, (n_peaks, len(samples)))
    return pd.DataFrame(
        rng.poisson(rates), index=[f"chr1:{i}-{i + 1}" for i in range(n_peaks)], columns=samples.index
    )


def test_a_row_for_every_peak_in_order_with_the_columns_of_the_contract():
    counts = matrix(300, sheet())
    result = differential.test(counts, sheet(), "~ group", CONTRAST)
    assert list(result.columns) == COLUMNS
    assert result["peak"].tolist() == counts.index.tolist()


def test_planted_changes_get_their_direction():
    counts = matrix(300, sheet())
    counts.iloc[0, 3:] += 2000
    counts.iloc[1, :3] += 2000
    result = differential.test(counts, sheet(), "~ group", CONTRAST).set_index("peak")
    assert result["direction"].iloc[:2].tolist() == ["up", "down"]
    assert result["log2FoldChange"].iloc[0] > 3


def test_swapped_groups_give_the_opposite_answer():
    counts = matrix(300, sheet())
    forth = differential.test(counts, sheet(), "~ group", CONTRAST, shrink=False)
    swapped = {**CONTRAST, "experiment": "control", "control": "treated"}
    back = differential.test(counts, sheet(), "~ group", swapped, shrink=False)
    np.testing.assert_allclose(forth["log2FoldChange"], -back["log2FoldChange"], atol=1e-6)
    np.testing.assert_allclose(forth["pvalue"], back["pvalue"], atol=1e-6)


def test_all_zero_peaks_stay_in_the_table_untested():
    counts = matrix(300, sheet())
    counts.iloc[[5, 7]] = 0
    result = differential.test(counts, sheet(), "~ group", CONTRAST)
    assert len(result) == 300
    assert result["direction"].iloc[[5, 7]].tolist() == ["untested", "untested"]
    assert result["pvalue"].iloc[[5, 7]].isna().all()
    assert result["baseMean"].iloc[5] == 0


def test_peaks_under_the_minimal_count_are_kept_and_not_tested():
    counts = matrix(300, sheet())
    counts.iloc[4] = [1, 2, 0, 1, 3, 2]
    result = differential.test(counts, sheet(), "~ group", CONTRAST, min_count=10)
    assert result["direction"].iloc[4] == "untested"
    assert result["baseMean"].iloc[4] > 0
    assert np.isnan(result["pvalue"].iloc[4])


def test_zero_in_one_whole_group_is_a_change_with_a_finite_error():
    counts = matrix(300, sheet())
    counts.iloc[0, :3] = 0
    counts.iloc[0, 3:] = [200, 180, 220]
    row = differential.test(counts, sheet(), "~ group", CONTRAST).iloc[0]
    assert row["direction"] == "up"
    assert np.isfinite(row["lfcSE"])
    assert row["log2FoldChange"] > 5


@pytest.mark.parametrize(("n_control", "n_treated"), [(1, 1), (1, 3), (3, 1)])
def test_without_replicates_there_are_fold_changes_and_no_tests(n_control, n_treated):
    samples = sheet(n_control, n_treated)
    counts = matrix(50, samples)
    counts.iloc[0, n_control:] += 5000
    result = differential.test(counts, samples, "~ group", CONTRAST)
    assert result[["pvalue", "padj", "stat"]].isna().all(axis=None)
    assert set(result["direction"]) == {"untested"}
    assert result["log2FoldChange"].iloc[0] > 3


def test_two_replicates_are_tested():
    result = differential.test(matrix(200, sheet(2, 2)), sheet(2, 2), "~ group", CONTRAST)
    assert result["pvalue"].notna().all()


def test_a_design_without_residual_degrees_of_freedom_is_not_tested():
    samples = sheet(2, 2).assign(age=[1.0, 2.0, 3.0, 5.0], dose=[0.5, 0.1, 0.2, 0.9])
    result = differential.test(matrix(50, samples), samples, "~ age + dose + group", CONTRAST)
    assert set(result["direction"]) == {"untested"}


def test_a_batch_term_recovers_what_the_batch_hides():
    samples = sheet(4, 4).assign(batch=["a", "a", "b", "b"] * 2)
    counts = matrix(400, samples)
    in_b = (samples["batch"] == "b").to_numpy()
    counts.iloc[:40, in_b] *= 6
    counts.iloc[:20, 4:] = (counts.iloc[:20, 4:] * 2.5).astype(int)
    factors = pd.Series(1.0, index=samples.index)

    def n_called(design):
        result = differential.test(counts, samples, design, CONTRAST, size_factors=factors)
        return (result["padj"].iloc[:20] < 0.05).sum()

    assert n_called("~ batch + group") >= 15
    assert n_called("~ group") <= 5


def test_a_threshold_tests_for_more_than_that_change():
    counts = matrix(300, sheet())
    counts.iloc[:10, 3:] = (counts.iloc[:10, 3:] * 2).astype(int)
    counts.iloc[10:20, 3:] = counts.iloc[10:20, 3:] * 16
    result = differential.test(counts, sheet(), "~ group", CONTRAST, min_abs_log2fc=1.5)
    assert (result["direction"].iloc[10:20] == "up").sum() >= 9
    assert (result["direction"].iloc[:10] == "none").all()


def test_a_sample_without_counts_is_named():
    counts = matrix(50, sheet())
    counts["t1"] = 0
    with pytest.raises(InputError, match="sample t1: no count in any peak"):
        differential.test(counts, sheet(), "~ group", CONTRAST)


def test_a_sample_that_the_matrix_lacks_is_named():
    with pytest.raises(InputError, match="no column for sample t2"):
        differential.test(matrix(50, sheet()).drop(columns="t2"), sheet(), "~ group", CONTRAST)


@pytest.mark.parametrize("n_peaks", [0, 1, 2])
def test_few_peaks(n_peaks):
    counts = matrix(n_peaks, sheet())
    result = differential.test(counts, sheet(), "~ group", CONTRAST) if n_peaks else None
    if n_peaks:
        assert len(result) == n_peaks
        assert result["pvalue"].between(0, 1).all()
    else:
        with pytest.raises(InputError, match="no count in any peak"):
            differential.test(counts, sheet(), "~ group", CONTRAST)


def test_columns_of_the_matrix_may_stand_in_any_order():
    counts = matrix(100, sheet())
    there = differential.test(counts, sheet(), "~ group", CONTRAST)
    back = differential.test(counts[counts.columns[::-1]], sheet(), "~ group", CONTRAST)
    pd.testing.assert_frame_equal(there, back)


def test_size_factors_of_a_matrix_without_a_complete_peak():
    counts = pd.DataFrame({"a": [10, 0, 40], "b": [20, 30, 0], "c": [0, 60, 160]})
    factors = size_factors.ratio(counts)
    assert np.isfinite(factors).all()
    assert np.log(factors).mean() == pytest.approx(0, abs=1e-12)


def test_library_factors_are_depths_over_their_geometric_mean():
    factors = size_factors.library(pd.Series({"a": 100.0, "b": 400.0}))
    np.testing.assert_allclose(factors, [0.5, 2.0])
    with pytest.raises(InputError, match="sample a: no reads"):
        size_factors.library(pd.Series({"a": 0, "b": 400}))


@pytest.fixture(scope="module")
def block():
    """Counts (samples x peaks), design, size factors, means and dispersions of a small experiment."""
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    factors = np.array([0.7, 1.0, 1.3, 0.9, 1.1, 1.2])
    base = rng.gamma(2, 40, 60)
    mu = factors[:, None] * base * np.exp(design[:, 1:] * rng.normal(0, 0.8, 60))
    alpha = rng.uniform(0.02, 0.4, 60)
    counts = rng.poisson(rng.gamma(1 / alpha, mu * alpha)).astype(float)
    return counts, design, factors, np.maximum(mu, 0.5), alpha


def test_coefficients_equal_those_of_one_peak_at_a_time(block):
    counts, design, factors, _, alpha = block
    ours = BlockInference().irls(counts, factors, design, alpha, 0.5, 1e-8)
    theirs = DefaultInference(n_cpus=1).irls(counts, factors, design, alpha, 0.5, 1e-8)
    for mine, other in zip(ours[:3], theirs[:3], strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-8)


def test_dispersions_are_the_optimum_of_each_peak(block):
    counts, design, _, mu, _ = block
    start = np.full(60, 0.1)
    for prior in ({}, {"prior_disp_var": 0.5, "prior_reg": True}):
        found, _ = BlockInference().alpha_mle(counts, design, mu, start, 1e-8, 10.0, **prior)
        for i in range(60):
            best = minimize_scalar(
                lambda x, i=i, prior=prior: -penalised(x, counts[:, i], design, mu[:, i], 0.1, prior),
                bracket=(np.log(0.05), np.log(0.2)),
                options={"xtol": 1e-10},
            )
            reached = -penalised(np.log(found[i]), counts[:, i], design, mu[:, i], 0.1, prior)
            assert reached <= best.fun + 1e-6


def penalised(log_alpha, y, design, mu, start, prior):
    """Cox-Reid adjusted log likelihood of one peak, written out."""
    from scipy.stats import nbinom

    alpha = np.exp(log_alpha)
    value = nbinom.logpmf(y, 1 / alpha, 1 / (1 + mu * alpha)).sum()
    value -= 0.5 * np.linalg.slogdet(design.T @ (design * (mu / (1 + mu * alpha))[:, None]))[1]
    if prior:
        value -= (log_alpha - np.log(start)) ** 2 / (2 * prior["prior_disp_var"])
    return value


def test_wald_tests_equal_those_of_one_peak_at_a_time(block):
    counts, design, factors, _, alpha = block
    beta, mu, _, _ = BlockInference().irls(counts, factors, design, alpha, 0.5, 1e-8)
    ridge, vector = np.eye(2) * 1e-6, np.array([0.0, 1.0])
    mu = np.maximum(mu, 0.5)
    ours = BlockInference().wald_test(design, alpha, beta, mu, ridge, vector, 0.0)
    theirs = DefaultInference(n_cpus=1).wald_test(design, alpha, beta, mu, ridge, vector, 0.0)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9)


def test_a_flat_trend_is_found_flat():
    rng = np.random.default_rng(2)
    means = rng.gamma(2, 50, 3000)
    local = trend.Local(means, 0.1 * np.exp(rng.normal(0, 0.3, 3000)))
    np.testing.assert_allclose(local(np.array([20.0, 100.0, 300.0])), 0.1, rtol=0.08)


def test_the_prior_variance_is_recovered_with_few_degrees_of_freedom():
    rng = np.random.default_rng(4)
    for true in (0.5, 1.5):
        residuals = np.log(rng.chisquare(2, 20_000) / 2) + rng.normal(0, np.sqrt(true), 20_000)
        assert trend.prior_variance(residuals, 2)[1] == pytest.approx(true, rel=0.15)
