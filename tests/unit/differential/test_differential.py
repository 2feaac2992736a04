"""The differential test at its edges, and its kernels against pydeseq2's own."""

import numpy as np
import pandas as pd
import pytest
from pydeseq2.default_inference import DefaultInference
from scipy.optimize import minimize_scalar
from scipy.stats import false_discovery_control

from workflow_lib import differential
from workflow_lib.differential import dispersion, filtering, prior, size_factors, smoothing, trend
from workflow_lib.differential.inference import BlockInference
from workflow_lib.errors import InputError
from workflow_lib.stats.multiple_testing import bh

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
    "shrunk_sign_differs",
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
    np.testing.assert_allclose(forth["log2FoldChange"], -back["log2FoldChange"], atol=1e-5)
    np.testing.assert_allclose(forth["pvalue"], back["pvalue"], atol=1e-5)


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
    for given in (None, np.ones(6)):
        with pytest.raises(InputError, match="sample t1: no count in any peak"):
            differential.test(counts, sheet(), "~ group", CONTRAST, size_factors=given)


def test_when_no_peak_has_the_minimal_count_none_is_tested():
    result = differential.test(matrix(20, sheet()), sheet(), "~ group", CONTRAST, min_count=10**6)
    assert set(result["direction"]) == {"untested"}


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
        # R's ridge is 1e-6 on the log2 scale, pydeseq2's on the natural one
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-5)


def test_dispersions_reach_the_height_of_each_peak_s_optimum(block):
    counts, design, _, mu, _ = block
    start = np.full(60, 0.1)
    for given in ({}, {"prior_disp_var": 0.5, "prior_reg": True}):
        found, _ = BlockInference().alpha_mle(counts, design, mu, start, 1e-8, 10.0, **given)
        for i in range(60):
            best = minimize_scalar(
                lambda x, i=i, given=given: -penalised(x, counts[:, i], design, mu[:, i], 0.1, given),
                bounds=(np.log(1e-8), np.log(10)),
                method="bounded",
                options={"xatol": 1e-10},
            )
            reached = -penalised(np.log(found[i]), counts[:, i], design, mu[:, i], 0.1, given)
            # R's search, which this is, stops when a step gains less than 1e-6
            assert reached <= best.fun + 1e-3


def test_one_peak_s_search_takes_the_steps_written_out(block):
    counts, design, _, mu, _ = block
    products = dispersion.column_products(design)
    found = dispersion.search(counts, mu, products, np.log(np.full(60, 0.1)), np.log(1e-9))
    for i in range(60):
        a, n_steps = walk(counts[:, [i]], mu[:, [i]], products, np.log(0.1))
        assert found.log_alpha[i] == pytest.approx(a, abs=1e-9)
        assert found.n_steps[i] == n_steps


def walk(y, mu, products, a):
    """The line search of one peak, as a loop."""
    height, slope = (
        lambda x: dispersion.posterior(np.array([x]), y, mu, products)[0],
        lambda x: dispersion.slope(np.array([x]), y, mu, products)[0],
    )
    value, gradient, kappa, accepted = height(a), slope(a), 1.0, 0
    n_steps = 0
    while n_steps < 100:
        n_steps += 1
        if a + kappa * gradient > 10:
            kappa = (10 - a) / gradient
        if a + kappa * gradient < -30:
            kappa = (-30 - a) / gradient
        new = height(a + kappa * gradient)
        if new >= value + kappa * 1e-4 * gradient**2:
            accepted += 1
            a, gain, value = a + kappa * gradient, new - value, new
            if gain < 1e-6 or a < np.log(1e-9):
                break
            gradient = slope(a)
            kappa = min(1.1 * kappa, 1.0) / (2 if accepted % 5 == 0 else 1)
        else:
            kappa /= 2
    return a, n_steps


def test_the_slope_is_that_of_the_posterior(block):
    counts, design, _, mu, alpha = block
    products = dispersion.column_products(design)
    prior_of = (np.full(60, -2.0), 0.7)
    at, step = np.log(alpha), 1e-5
    up, down = (dispersion.posterior(at + d, counts, mu, products, *prior_of) for d in (step, -step))
    np.testing.assert_allclose(
        dispersion.slope(at, counts, mu, products, *prior_of), (up - down) / (2 * step), atol=1e-5
    )


@pytest.mark.parametrize("p", [1, 2, 3, 5])
def test_triangles_are_lapack_s(p):
    rng = np.random.default_rng(p)
    root = rng.normal(size=(20, p, p + 2))
    matrices = root @ root.transpose(0, 2, 1)
    inverse = dispersion.inverse_triangle(dispersion.cholesky(np.moveaxis(matrices, 0, 2)))
    full = np.zeros((20, p, p))
    for i, row in enumerate(inverse):
        for k, value in enumerate(row):
            full[:, i, k] = value
    np.testing.assert_allclose(full.transpose(0, 2, 1) @ full, np.linalg.inv(matrices), rtol=1e-8, atol=1e-10)


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
        np.testing.assert_allclose(mine, other, rtol=1e-4)


def test_a_flat_trend_is_found_flat():
    rng = np.random.default_rng(2)
    means = rng.gamma(2, 50, 3000)
    local = trend.Local(means, 0.1 * np.exp(rng.normal(0, 0.3, 3000)))
    np.testing.assert_allclose(local(np.array([20.0, 100.0, 300.0])), 0.1, rtol=0.08)


def test_the_prior_variance_is_recovered_with_few_degrees_of_freedom():
    rng = np.random.default_rng(4)
    for true in (0.5, 1.5):
        residuals = np.log(rng.chisquare(2, 20_000) / 2) + rng.normal(0, np.sqrt(true), 20_000)
        assert prior.variance(residuals, 2)[1] == pytest.approx(true, rel=0.15)


def test_a_local_trend_goes_through_a_curve():
    means = np.exp(np.linspace(0, 8, 4000))
    rng = np.random.default_rng(3)
    curve = 0.05 + 3 / means
    local = trend.Local(means, curve * np.exp(rng.normal(0, 0.1, 4000)))
    at = np.array([5.0, 50.0, 500.0])
    np.testing.assert_allclose(local(at), 0.05 + 3 / at, rtol=0.15)


@pytest.mark.parametrize("n", [0, 1, 3, 5])
def test_a_local_trend_of_next_to_no_peaks_is_positive(n):
    means = np.arange(1.0, n + 1)
    assert (trend.Local(means, np.full(n, 0.2))(np.array([2.0, 300.0])) > 0).all()


def test_the_number_of_discoveries_by_cutoff_is_benjamini_hochberg_s():
    rng = np.random.default_rng(6)
    pvalues = np.concatenate([rng.random(900), rng.random(100) / 1e4])
    adjusted = bh(pvalues)
    np.testing.assert_allclose(adjusted, false_discovery_control(pvalues))
    with_gap = np.append(pvalues, np.nan)
    np.testing.assert_allclose(bh(with_gap)[:-1], adjusted)
    assert np.isnan(bh(with_gap)[-1])


def test_independent_filtering_leaves_out_the_low_peaks_that_hide_the_high_ones():
    rng = np.random.default_rng(7)
    means = np.concatenate([rng.uniform(0.1, 2, 4000), rng.uniform(50, 100, 1000)])
    pvalues = np.concatenate([rng.random(4000), rng.beta(0.25, 6, 1000)])
    padj = filtering.adjust(pvalues, means, 0.05)
    assert np.isnan(padj[:4000]).mean() > 0.5
    assert (padj < 0.05).sum() > (bh(pvalues) < 0.05).sum()


def test_lowess_of_a_line_with_an_outlier_is_the_line():
    x = np.arange(40.0)
    y = 3 + 2 * x + np.tile([0.1, -0.1], 20)
    y[20] += 100
    np.testing.assert_allclose(smoothing.lowess(x, y, 0.5)[[5, 20, 35]], 3 + 2 * x[[5, 20, 35]], atol=0.2)


def test_loess_of_a_parabola_is_the_parabola():
    x = np.linspace(0, 4, 100)
    at = np.linspace(0, 4, 37)
    np.testing.assert_allclose(smoothing.loess(x, x**2 - x, 0.3, at), at**2 - at, atol=1e-10)


def three_groups():
    return pd.DataFrame(
        {"group": ["a"] * 4 + ["b"] * 4 + ["c"] * 4, "sex": ["f", "m"] * 6},
        index=[f"s{i}" for i in range(12)],
    )


def test_one_fit_answers_several_contrasts_as_separate_tests_do():
    samples = three_groups()
    counts = matrix(400, samples)
    counts.iloc[:30, 8:] *= 3
    fitted = differential.fit(counts, samples, "~ sex + group")
    for experiment, control in (("b", "a"), ("c", "a"), ("c", "b")):
        question = {"variable": "group", "experiment": experiment, "control": control}
        ours = differential.contrast(fitted, question)
        alone = differential.test(counts, samples, "~ sex + group", question)
        for column in ("log2FoldChange", "stat", "log2FoldChange_shrunk"):
            np.testing.assert_allclose(ours[column], alone[column], atol=2e-3)
        assert (ours["direction"] == alone["direction"]).mean() > 0.99


def test_an_interaction_gives_the_effect_at_the_average_of_the_other_factor():
    samples = three_groups()
    counts = matrix(300, samples, mean=400)
    male_c = ((samples["group"] == "c") & (samples["sex"] == "m")).to_numpy()
    counts.iloc[:20, male_c] *= 4
    question = {"variable": "group", "experiment": "c", "control": "a"}
    result = differential.test(counts, samples, "~ sex * group", question, size_factors=[1.0] * 12)
    assert result["log2FoldChange"].iloc[:20].median() == pytest.approx(1.0, abs=0.25)


@pytest.mark.parametrize("unit", ["year", "date", "depth"])
def test_units_of_a_covariate_change_nothing(unit):
    rng = np.random.default_rng(5)
    sheet = pd.DataFrame({"group": ["control"] * 4 + ["treated"] * 4}, index=[f"s{i}" for i in range(8)])
    x = np.array([1.0, 2, 4, 7, 2, 3, 5, 9])
    mean = np.exp(rng.uniform(2, 6, 300))[:, None] * np.exp(0.1 * (x - x.mean()))
    counts = pd.DataFrame(rng.negative_binomial(8, 8 / (8 + mean)), columns=sheet.index)
    counts.index = counts.index.map("p{}".format)
    scaled = {"year": x + 2010, "date": x + 20_240_100, "depth": 5e7 + 3e6 * x}[unit]
    results = [
        differential.test(counts, sheet.assign(x=values), "~ x + group", CONTRAST)
        for values in ((x - x.mean()) / x.std(), scaled)
    ]
    for column in ("log2FoldChange", "lfcSE", "stat", "pvalue", "padj", "log2FoldChange_shrunk"):
        np.testing.assert_allclose(results[1][column], results[0][column], rtol=1e-8, atol=1e-10)


def test_a_numeric_covariate_explains_its_trend():
    samples = sheet(5, 5).assign(age=[1.0, 3, 5, 7, 9, 2, 4, 6, 8, 10])
    counts = matrix(300, samples, mean=300)
    counts.iloc[:40] = (counts.iloc[:40] * 1.35 ** samples["age"].to_numpy()).astype(int)
    counts.iloc[:40, 5:] *= 2
    ones = dict.fromkeys(samples.index, 1.0)
    with_age = differential.test(counts, samples, "~ age + group", CONTRAST, size_factors=ones)
    without = differential.test(counts, samples, "~ group", CONTRAST, size_factors=ones)
    assert (with_age["padj"].iloc[:40] < 0.05).sum() >= 35
    assert (without["padj"].iloc[:40] < 0.05).sum() <= 15


def test_pairs_recover_what_differences_between_donors_hide():
    samples = sheet(4, 4).assign(pair=[1, 2, 3, 4] * 2)
    counts = matrix(300, samples, mean=300)
    counts.iloc[:40] *= np.array([1, 3, 9, 27] * 2)
    counts.iloc[:40, 4:] = (counts.iloc[:40, 4:] * 2.2).astype(int)
    ones = np.ones(8)
    paired = differential.test(counts, samples, "~ pair + group", CONTRAST, size_factors=ones)
    plain = differential.test(counts, samples, "~ group", CONTRAST, size_factors=ones)
    assert (paired["padj"].iloc[:40] < 0.05).sum() >= 30
    assert (plain["padj"].iloc[:40] < 0.05).sum() <= 5


def test_the_likelihood_ratio_finds_a_change_in_any_level():
    samples = three_groups()
    counts = matrix(400, samples)
    counts.iloc[:10, 4:8] *= 4
    counts.iloc[10:20, 8:] *= 4
    result = differential.likelihood_ratio(counts, samples, "~ sex + group", "~ sex")
    assert list(result.columns) == ["peak", "baseMean", "stat", "pvalue", "padj"]
    assert (result["padj"].iloc[:20] < 0.05).sum() >= 19
    assert (result["padj"].iloc[20:] < 0.05).sum() <= 6
    with pytest.raises(InputError, match="one or more terms left out"):
        differential.likelihood_ratio(counts, samples, "~ group", "~ sex")


@pytest.mark.parametrize("dispersion_trend", ["parametric", "local"])
def test_outliers_are_replaced_where_replicates_are_many(dispersion_trend):
    samples = sheet(8, 8)
    counts = matrix(600, samples)
    clean = differential.fit(counts, samples, "~ group", dispersion_trend=dispersion_trend)
    outlying = counts.copy()
    for i in range(20):
        outlying.iloc[i, i % 16] += 5000
    fitted = differential.fit(outlying, samples, "~ group", dispersion_trend=dispersion_trend)
    there, here = (differential.contrast(f, CONTRAST) for f in (clean, fitted))
    assert (here["log2FoldChange_shrunk"].iloc[:20].abs() < 1).all()
    assert here["pvalue"].iloc[:20].notna().all()
    assert (here["padj"].iloc[:20] < 0.05).sum() <= 2
    np.testing.assert_allclose(here["log2FoldChange"].iloc[:20], there["log2FoldChange"].iloc[:20], atol=0.5)
    assert np.isfinite(fitted.dispersions[["genewise", "trend", "map", "used"]]).all(axis=None)


def test_outliers_among_few_replicates_have_no_p_value():
    counts = matrix(300, sheet(4, 4))
    counts.iloc[0, 0] = 50_000
    result = differential.test(counts, sheet(4, 4), "~ group", CONTRAST)
    assert np.isnan(result["pvalue"].iloc[0])
    assert result["direction"].iloc[0] == "untested"


def test_size_factors_may_be_a_series_a_mapping_or_an_array():
    counts = matrix(100, sheet())
    values = [0.8, 1.0, 1.2, 0.9, 1.1, 1.05]
    series = pd.Series(values, index=counts.columns)
    first = differential.test(counts, sheet(), "~ group", CONTRAST, size_factors=series[::-1])
    for other in (series.to_dict(), np.array(values), values):
        again = differential.test(counts, sheet(), "~ group", CONTRAST, size_factors=other)
        pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([1.0, 1.0], "2 size factors for 6 samples"),
        ([1.0, 1, 1, 0, 1, 1], "sample t0: size factor 0"),
        ({"c0": 1.0}, "sample c1: size factor nan"),
    ],
)
def test_size_factors_that_cannot_be_are_refused(given, told):
    with pytest.raises(InputError, match=told):
        differential.test(matrix(20, sheet()), sheet(), "~ group", CONTRAST, size_factors=given)


@pytest.mark.parametrize("bad", [-1, 0.5, np.nan])
def test_counts_that_are_none_are_named(bad):
    counts = matrix(20, sheet()).astype(float)
    counts.iloc[3, 1] = bad
    with pytest.raises(InputError, match=r"peak chr1:3-4, sample c1: .* is not a non-negative integer"):
        differential.test(counts, sheet(), "~ group", CONTRAST)


def test_two_replicates_come_with_a_warning(caplog):
    differential.test(matrix(100, sheet(2, 2)), sheet(2, 2), "~ group", CONTRAST)
    assert "two samples in a group" in caplog.text


def test_when_every_peak_changes_every_peak_is_called():
    counts = matrix(200, sheet(), mean=500)
    counts.iloc[:100, 3:] *= 8
    counts.iloc[100:, :3] *= 8
    result = differential.test(counts, sheet(), "~ group", CONTRAST, size_factors=np.ones(6))
    assert (result["direction"].iloc[:100] == "up").sum() >= 99
    assert (result["direction"].iloc[100:] == "down").sum() >= 99


def test_a_shrunken_change_of_the_other_sign_is_flagged():
    rng = np.random.default_rng(8)
    counts = matrix(2000, sheet(), mean=10)
    result = differential.test(counts, sheet(), "~ group", CONTRAST, size_factors=rng.uniform(0.5, 2, 6))
    apart = np.sign(result["log2FoldChange"]) * np.sign(result["log2FoldChange_shrunk"]) < 0
    assert apart.any()
    assert (result["shrunk_sign_differs"] == apart).all()


def test_poisson_counts_have_no_dispersion_and_still_a_test():
    rng = np.random.default_rng(9)
    samples = sheet()
    counts = pd.DataFrame(rng.poisson(50, (200, 6)), index=matrix(200, samples).index, columns=samples.index)
    result = differential.test(counts, samples, "~ group", CONTRAST)
    assert result["pvalue"].notna().all()
    assert (result["padj"] < 0.05).sum() <= 2
