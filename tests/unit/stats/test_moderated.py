"""Moderated t-test: oracle, missing values, edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from workflow_lib.errors import InputError
from workflow_lib.stats import designs, moderated

TREATED = {"variable": "group", "experiment": "treated", "control": "control"}


def sheet(n_control, n_treated, **columns):
    names = [f"s{i}" for i in range(n_control + n_treated)]
    group = ["control"] * n_control + ["treated"] * n_treated
    return pd.DataFrame({"group": group, **columns}, index=pd.Index(names, name="sample"))


def frame(values, samples):
    values = np.asarray(values, dtype=float).reshape(-1, len(samples))
    return pd.DataFrame(values, index=[f"f{i}" for i in range(len(values))], columns=samples.index)


def random_scores(samples, n=50, seed=1, missing=0.0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, len(samples))) * np.sqrt(5 / rng.chisquare(5, size=(n, 1)))
    values[rng.random(values.shape) < missing] = np.nan
    return frame(values, samples)


def test_estimates_equal_lstsq_row_by_row_with_missing_values():
    samples = sheet(4, 4, batch=list("aabbabab"), age=[30.0, 41, 52, 38, 47, 60, 35, 44])
    scores = random_scores(samples, n=40, missing=0.15)
    result = moderated.test(scores, samples, "~ batch + age + group", TREATED)
    for name, y in scores.iterrows():
        seen = y.notna().to_numpy()
        x = np.column_stack(
            [
                np.ones(8),
                samples["batch"] == "b",
                samples["age"],
                samples["group"] == "treated",
            ]
        ).astype(float)[seen]
        rank = np.linalg.matrix_rank(x)
        assert result.loc[name, "df_residual"] == seen.sum() - rank
        if rank < 4:
            continue
        beta, *_ = np.linalg.lstsq(x, y[seen], rcond=None)
        assert result.loc[name, "coef"] == pytest.approx(beta[3], rel=1e-9)
        if seen.sum() > 4:
            rss = ((y[seen] - x @ beta) ** 2).sum()
            assert result.loc[name, "sigma"] == pytest.approx(np.sqrt(rss / (seen.sum() - 4)), rel=1e-9)
            error = np.sqrt(result.loc[name, "s2_post"] * np.linalg.inv(x.T @ x)[3, 3])
            assert result.loc[name, "t"] == pytest.approx(beta[3] / error, rel=1e-9)


def test_one_feature_is_the_ordinary_t_test():
    samples = sheet(3, 4)
    y = [1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 9.0]
    row = moderated.test(frame(y, samples), samples, "~ group", TREATED).iloc[0]
    ordinary = stats.ttest_ind(y[3:], y[:3])
    assert row["df_prior"] == 0
    assert row["df_total"] == 5
    assert row["t"] == pytest.approx(ordinary.statistic)
    assert row["pvalue"] == pytest.approx(ordinary.pvalue)
    interval = ordinary.confidence_interval()
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((interval.low, interval.high))


def test_equal_variances_give_an_infinite_prior_and_a_pooled_variance():
    samples = sheet(2, 2)
    shift = np.arange(12.0)[:, None]
    scores = frame(np.array([0, 2, 5, 7]) + shift, samples)
    result = moderated.test(scores, samples, "~ group", TREATED)
    assert np.isinf(result["df_prior"]).all()
    np.testing.assert_allclose(result["s2_post"], 2.0)
    np.testing.assert_allclose(result["df_total"], 24)  # no more than all features' together
    np.testing.assert_allclose(result["t"], 5 / np.sqrt(2.0))


def test_shrinks_variances_towards_the_prior():
    samples = sheet(3, 3)
    result = moderated.test(random_scores(samples, n=500), samples, "~ group", TREATED)
    low, high = (
        np.minimum(result["sigma"] ** 2, result["s2_prior"]),
        np.maximum(result["sigma"] ** 2, result["s2_prior"]),
    )
    assert ((result["s2_post"] >= low) & (result["s2_post"] <= high)).all()
    assert result["df_prior"].iloc[0] == pytest.approx(5, rel=0.5)  # drawn with 5 and scale 1
    assert result["s2_prior"].iloc[0] == pytest.approx(1, rel=0.2)


def test_uses_the_samples_of_a_third_group_for_the_variance():
    samples = sheet(2, 2)
    third = pd.concat([samples, pd.DataFrame({"group": ["other", "other"]}, index=["s4", "s5"])])
    result = moderated.test(random_scores(third), third, "~ group", TREATED)
    assert (result["df_residual"] == 3).all()


def test_pairs_take_the_difference_within():
    samples = sheet(3, 3, pair=[1, 2, 3, 1, 2, 3])
    y = np.array([[1.0, 10.0, 100.0, 2.0, 12.5, 101.5]])
    row = moderated.test(frame(y, samples), samples, "~ pair + group", TREATED).iloc[0]
    expected = stats.ttest_rel(y[0, 3:], y[0, :3])
    assert row["t"] == pytest.approx(expected.statistic)
    assert row["pvalue"] == pytest.approx(expected.pvalue)


def test_order_of_columns_and_features_does_not_matter():
    samples = sheet(3, 3)
    scores = random_scores(samples, missing=0.1)
    result = moderated.test(scores, samples, "~ group", TREATED)
    turned = moderated.test(scores.iloc[::-1, ::-1], samples, "~ group", TREATED)
    pd.testing.assert_frame_equal(turned.iloc[::-1], result)


def test_swapping_the_levels_turns_the_sign():
    samples = sheet(3, 3)
    scores = random_scores(samples)
    result = moderated.test(scores, samples, "~ group", TREATED)
    turned = moderated.test(
        scores, samples, "~ group", {"variable": "group", "experiment": "control", "control": "treated"}
    )
    np.testing.assert_allclose(turned["coef"], -result["coef"], atol=1e-12)
    np.testing.assert_allclose(turned["pvalue"], result["pvalue"])
    np.testing.assert_allclose(turned["ci_low"], -result["ci_high"])


def test_without_replicates_there_is_an_effect_but_no_test():
    samples = sheet(1, 1)
    result = moderated.test(frame([[1, 4], [2, 2]], samples), samples, "~ group", TREATED)
    assert list(result["coef"]) == pytest.approx([3, 0])
    assert (result["df_residual"] == 0).all()
    assert result[["t", "pvalue", "padj", "df_total", "s2_post", "ci_low"]].isna().all(axis=None)


def test_a_feature_without_residual_borrows_the_others_variance():
    samples = sheet(2, 2)
    scores = random_scores(samples)
    scores.loc["f0", ["s1", "s3"]] = np.nan
    row = moderated.test(scores, samples, "~ group", TREATED).loc["f0"]
    assert row["df_residual"] == 0
    assert np.isnan(row["sigma"])
    assert row["s2_post"] == pytest.approx(row["s2_prior"])
    assert row["df_total"] == row["df_prior"]
    assert 0 < row["pvalue"] < 1


def test_missing_features_and_groups_are_nan():
    samples = sheet(3, 3)
    scores = random_scores(samples)
    scores.loc["f0"] = np.nan
    scores.loc["f1", ["s0", "s1", "s2"]] = np.nan
    result = moderated.test(scores, samples, "~ group", TREATED)
    assert result.loc[["f0", "f1"], ["coef", "t", "pvalue", "padj", "ci_low"]].isna().all(axis=None)
    assert result.loc["f1", "df_residual"] == 2
    rest = result.drop(["f0", "f1"])
    assert rest["pvalue"].notna().all()
    np.testing.assert_allclose(rest["padj"], stats.false_discovery_control(rest["pvalue"]))


def test_a_contrast_aliased_by_missing_values_is_nan_whatever_the_order_of_terms():
    samples = sheet(3, 3, batch=list("aabaab"))
    scores = random_scores(samples)
    scores.loc["f0", ["s2", "s3", "s4"]] = np.nan  # control only in batch a, treated only in b
    for design in ("~ batch + group", "~ group + batch"):
        result = moderated.test(scores, samples, design, TREATED)
        assert np.isnan(result.loc["f0", "coef"])
        assert result.loc["f0", "df_residual"] == 1


def test_rows_without_variance():
    samples = sheet(3, 3)
    scores = random_scores(samples)
    scores.loc["f0"] = 2.0
    scores.loc["f1"] = [0, 0, 0, 1, 1, 1]
    result = moderated.test(scores, samples, "~ group", TREATED)
    assert result.loc["f0", "pvalue"] == pytest.approx(1)
    assert 0 < result.loc["f1", "pvalue"] < 0.05
    assert np.isfinite(result["t"]).all()


def test_when_no_row_has_variance_nothing_is_tested():
    samples = sheet(2, 2)
    result = moderated.test(frame([[0, 0, 0, 0], [0, 0, 1, 1]], samples), samples, "~ group", TREATED)
    assert list(result["coef"]) == pytest.approx([0, 1])
    assert result["pvalue"].isna().all()


def test_when_most_rows_have_no_variance_the_others_set_the_scale():
    samples = sheet(3, 3)
    scores = random_scores(samples, n=20) * 1e-6
    scores.iloc[:15] = 0.0
    result = moderated.test(scores, samples, "~ group", TREATED)
    units = moderated.test(scores * 1e6, samples, "~ group", TREATED)
    np.testing.assert_allclose(result["pvalue"], units["pvalue"])


def test_no_features():
    samples = sheet(3, 3)
    result = moderated.test(frame([], samples), samples, "~ group", TREATED)
    assert result.shape == (0, 12)
    assert list(result.columns[:5]) == ["coef", "t", "pvalue", "padj", "df_total"]


@given(st.floats(1e-5, 1e6))
def test_trigamma_inverse_inverts(x):
    assert moderated.trigamma_inverse(float(special.polygamma(1, x))) == pytest.approx(x, rel=1e-6)


@pytest.mark.parametrize(("value", "x"), [(1e8, 1e-4), (1e-7, 1e7)])
def test_trigamma_inverse_has_limits(value, x):
    assert moderated.trigamma_inverse(value) == pytest.approx(x, rel=1e-3)


def test_pvalues_are_uniform_when_nothing_changes():
    samples = sheet(3, 3)
    result = moderated.test(random_scores(samples, n=5000, seed=3), samples, "~ group", TREATED)
    assert stats.kstest(result["pvalue"], "uniform").pvalue > 0.01


def test_a_single_sample_has_no_contrast():
    samples = sheet(1, 0)
    with pytest.raises(InputError, match="no sample has 'treated'"):
        moderated.test(frame([[1.0]], samples), samples, "~ group", TREATED)


def test_other_samples_than_the_sheet_has_are_told():
    samples = sheet(2, 2)
    scores = random_scores(samples)
    with pytest.raises(InputError, match="scores have no column for sample 's3'"):
        moderated.test(scores.drop(columns="s3"), samples, "~ group", TREATED)
    with pytest.raises(InputError, match="sheet has no row for sample 's3'"):
        moderated.test(scores, samples.iloc[:3], "~ group", TREATED)


def test_infinite_scores_are_told():
    samples = sheet(2, 2)
    scores = random_scores(samples)
    scores.loc["f7", "s2"] = -np.inf
    with pytest.raises(InputError, match="'f7' in sample 's2' is infinite"):
        moderated.test(scores, samples, "~ group", TREATED)


TIMES = pd.DataFrame(
    {"time": list("aabbccdd"), "batch": list("xyxyxyxy"), "hours": [0.0, 0, 2, 2, 6, 6, 24, 24]},
    index=[f"s{i}" for i in range(8)],
)


def test_any_difference_is_the_f_test_of_two_nested_least_squares_fits():
    values = np.random.default_rng(5).normal(size=(40, 8))
    scores = pd.DataFrame(values, columns=TIMES.index)
    table = moderated.test(scores, TIMES, "~ batch + time", {"variable": "time", "test": "any"})

    def squares(formula):
        matrix = designs.matrix(TIMES, formula).to_numpy()
        return ((values - values @ np.linalg.pinv(matrix).T @ matrix.T) ** 2).sum(axis=1)

    gain = (squares("~ batch") - squares("~ batch + time")) / 3
    np.testing.assert_allclose(table["F"] * table["s2_post"], gain)
    np.testing.assert_allclose(table["pvalue"], stats.f.sf(table["F"], 3, table["df_total"]))
    assert table["t"].isna().all()


def test_any_difference_between_two_levels_is_the_square_of_t():
    scores = pd.DataFrame(np.random.default_rng(6).normal(size=(30, 8)), columns=TIMES.index)
    two = {"variable": "batch", "experiment": "y", "control": "x"}
    one = moderated.test(scores, TIMES, "~ time + batch", two)
    any_ = moderated.test(scores, TIMES, "~ time + batch", {"variable": "batch", "test": "any"})
    np.testing.assert_allclose(any_["F"], one["t"] ** 2)
    np.testing.assert_allclose(any_["pvalue"], one["pvalue"])
    np.testing.assert_allclose(any_["coef"], one["coef"])


def test_any_difference_is_calibrated_where_variances_differ():
    rng = np.random.default_rng(7)
    scores = pd.DataFrame(
        rng.normal(size=(6000, 8)) / np.sqrt(rng.chisquare(6, (6000, 1)) / 6), columns=TIMES.index
    )
    table = moderated.test(scores, TIMES, "~ batch + time", {"variable": "time", "test": "any"})
    assert 0.04 < (table["pvalue"] < 0.05).mean() < 0.06
    assert (table["pvalue"] < 0.001).mean() < 0.0025


def test_any_difference_that_the_samples_seen_cannot_tell_is_missing():
    scores = pd.DataFrame(np.random.default_rng(8).normal(size=(20, 8)), columns=TIMES.index)
    scores.iloc[0, 6:] = np.nan
    table = moderated.test(scores, TIMES, "~ time", {"variable": "time", "test": "any"})
    assert np.isnan(table["pvalue"][0])
    assert table["pvalue"][1:].notna().all()


def test_a_slope_and_an_interaction_find_what_was_put_in():
    rng = np.random.default_rng(9)
    noise = 0.01 * rng.normal(size=(50, 8))
    slope = pd.DataFrame(noise + 0.3 * TIMES["hours"].to_numpy(), columns=TIMES.index)
    table = moderated.test(slope, TIMES, "~ batch + hours", {"variable": "hours"})
    np.testing.assert_allclose(table["coef"], 0.3, atol=0.01)
    sheet = pd.DataFrame({"group": list("aabbaabb"), "cell": list("xxxxyyyy")}, index=TIMES.index)
    extra = ((sheet["group"] == "b") & (sheet["cell"] == "y")).to_numpy(float)
    table = moderated.test(
        pd.DataFrame(noise + 2 * extra, columns=TIMES.index),
        sheet,
        "~ cell * group",
        {"interaction": {"group": ["b", "a"], "cell": ["y", "x"]}},
    )
    np.testing.assert_allclose(table["coef"], 2, atol=0.06)
