"""Group tests of deviations: competitive null, joint p, Welch; parts of a background; why z is missing."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from workflow_lib import chromvar
from workflow_lib.chromvar import groups
from workflow_lib.stats import moderated

CONTRAST = {"variable": "group", "experiment": "t", "control": "c"}


def experiment(seed=1, n_peaks=400, n_motifs=12, iterations=20):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(2, 20, size=(n_peaks, 1)), size=(n_peaks, 6))
    matches = sparse.csr_array(rng.random((n_peaks, n_motifs)) < 0.1)
    background = rng.integers(n_peaks, size=(n_peaks, iterations))
    samples = pd.DataFrame({"group": list("cccttt"), "batch": list("abaabb")}, index=list("uvwxyz"))
    found = chromvar.scores(counts, matches, [background])
    return counts, matches, background, samples, found, pd.DataFrame(found.deviations, columns=samples.index)


def background_deviations(counts, matches, background):
    """(iterations, motifs, samples), by the definition."""
    share = counts.sum(axis=0) / counts.sum()
    carried = (matches.toarray() > 0).astype(float).T
    observed = np.array([carried @ counts[drawn] for drawn in background.T])
    expected = observed.sum(axis=2, keepdims=True) * share
    return (observed - expected) / expected


def test_a_background_in_parts_is_the_same_background():
    counts, matches, background, _, whole, _ = experiment()
    parts = chromvar.scores(counts, matches, (background[:, i : i + 3] for i in range(0, 20, 3)))
    np.testing.assert_allclose(parts.zscores, whole.zscores, rtol=1e-10)
    np.testing.assert_allclose(
        parts.background.covariance, whole.background.covariance, rtol=1e-9, atol=1e-16
    )
    assert parts.background.iterations == 20
    with pytest.raises(ValueError, match="no background"):
        chromvar.scores(counts, matches, [])


def test_covariance_is_that_of_the_background_deviations():
    counts, matches, background, _, found, _ = experiment()
    drawn = background_deviations(counts, matches, background)
    for m in range(12):
        np.testing.assert_allclose(
            found.background.covariance[m], np.cov(drawn[:, m].T), rtol=1e-9, atol=1e-15
        )
    assert found.background.n_peaks.tolist() == np.asarray((matches > 0).sum(axis=0)).ravel().tolist()


def test_more_iterations_begin_with_the_same_draws():
    rng = np.random.default_rng(0)
    counts, gc = rng.poisson(30, (200, 3)), rng.beta(20, 20, 200)
    many = chromvar.background_peaks(counts, gc, 120, 4)
    assert many.shape == (200, 120)
    np.testing.assert_array_equal(chromvar.background_peaks(counts, gc, 60, 4), many[:, :60])
    chunks = list(chromvar.background_chunks(counts, gc, 120, 4))
    assert [chunk.shape[1] for chunk in chunks] == [50, 50, 20]
    assert (many[:, :50] != many[:, 50:100]).any()
    with pytest.raises(ValueError, match="1 or more"):
        chromvar.background_peaks(counts, gc, 0, 4)


def test_background_survives_a_file(tmp_path):
    background = experiment()[4].background
    background.write(tmp_path / "a.h5")
    read = chromvar.Background.read(tmp_path / "a.h5")
    np.testing.assert_array_equal(read.covariance, background.covariance)
    np.testing.assert_array_equal(read.n_peaks, background.n_peaks)
    assert read.iterations == 20


@pytest.mark.parametrize("design", ["~ group", "~ batch + group"])
def test_competitive_p_is_that_of_the_backgrounds_own_contrast(design):
    counts, matches, background, samples, found, deviations = experiment()
    result = chromvar.competitive(deviations, found.background, samples, design, CONTRAST)
    drawn = background_deviations(counts, matches, background)
    for m in range(12):
        each = pd.DataFrame(drawn[:, m], columns=samples.index)
        own = moderated.test(each, samples, design, CONTRAST)["coef"]
        observed = moderated.test(deviations.iloc[[m]], samples, design, CONTRAST)["coef"].iloc[0]
        assert result["delta"][m] == pytest.approx(observed)
        assert result["delta_z"][m] == pytest.approx(observed / own.std(ddof=1))
        t = abs(observed) / own.std(ddof=1) / np.sqrt(1 + 1 / 20)
        assert result["pvalue"][m] == pytest.approx(2 * stats.t.sf(t, 19))


def test_the_order_of_the_columns_does_not_matter():
    _, _, _, samples, found, deviations = experiment()
    expected = chromvar.compare_groups(deviations, found.background, samples, "~ group", CONTRAST)
    shuffled = chromvar.compare_groups(
        deviations, found.background, samples.iloc[[5, 0, 3, 1, 4, 2]], "~ group", CONTRAST
    )
    pd.testing.assert_frame_equal(shuffled, expected)


def test_missing_deviations_are_left_out_of_the_contrast():
    _, _, _, samples, found, deviations = experiment()
    deviations.iloc[0, 1] = np.nan
    deviations.iloc[1, :3] = np.nan  # no control left
    deviations.iloc[2] = np.nan
    result = chromvar.competitive(deviations, found.background, samples, "~ group", CONTRAST)
    row = deviations.iloc[0]
    assert result["delta"][0] == pytest.approx(row[list("xyz")].mean() - row[list("uw")].mean())
    weights = np.array([-1 / 2, 0, -1 / 2, 1 / 3, 1 / 3, 1 / 3])
    sd = np.sqrt(weights @ found.background.covariance[0] @ weights)
    assert result["delta_z"][0] == pytest.approx(result["delta"][0] / sd)
    assert result.loc[[1, 2]].isna().all(axis=None)


def test_an_empty_sample_leaves_the_tests_of_the_others():
    rng = np.random.default_rng(8)
    counts = np.c_[rng.poisson(30, (300, 6)), np.zeros(300, dtype=int)]
    matches = sparse.csr_array(rng.random((300, 5)) < 0.3)
    found = []
    for part in (counts, counts[:, :6]):
        background = chromvar.background_peaks(part, np.linspace(0.3, 0.6, 300), 20)
        names = [f"s{i}" for i in range(part.shape[1])]
        samples = pd.DataFrame({"group": list("aaabbbb")[: len(names)]}, index=names)
        scores = chromvar.scores(part, matches, [background])
        deviations = pd.DataFrame(scores.deviations, columns=names)
        contrast = {"variable": "group", "experiment": "b", "control": "a"}
        found.append(chromvar.competitive(deviations, scores.background, samples, "~ group", contrast))
    assert found[0]["pvalue"].notna().all()
    pd.testing.assert_frame_equal(*found)


def test_joint_p_is_the_larger_and_needs_enough_peaks():
    _, _, _, samples, found, deviations = experiment()
    few = found.background._replace(n_peaks=np.r_[9, 10, np.full(10, 40)])
    table = chromvar.compare_groups(deviations, few, samples, "~ group", CONTRAST, alpha=0.9)
    assert list(table.columns) == [
        *("delta", "stat", "pvalue", "padj", "n_peaks", "delta_z", "competitive_pvalue"),
        *("joint_pvalue", "joint_padj", "direction", "welch_pvalue"),
    ]
    assert np.isnan(table["joint_pvalue"][0])
    assert table["direction"][0] == "untested"
    expected = table[["pvalue", "competitive_pvalue"]].max(axis=1)[1:]
    np.testing.assert_array_equal(table["joint_pvalue"][1:], expected)
    assert (table["joint_padj"][1:] >= table["joint_pvalue"][1:]).all()
    called = table["joint_padj"] < 0.9
    assert called.any()
    assert (table["direction"][called] == np.where(table["delta"][called] > 0, "up", "down")).all()


def test_scale_is_a_unit_of_variance_not_of_delta():
    """t with scaled deviations is limma's on deviations over scale; the difference keeps its unit."""
    _, _, _, samples, found, deviations = experiment()
    scale = groups.background_sd(deviations, found.background)
    variances = np.diagonal(found.background.covariance, axis1=1, axis2=2)
    np.testing.assert_allclose(scale, np.sqrt(variances.mean(axis=1)))
    ours = chromvar.differential(deviations, samples, "~ group", CONTRAST, scale)
    plain = chromvar.differential(deviations, samples, "~ group", CONTRAST)
    expected = moderated.test(deviations.div(scale, axis=0), samples, "~ group", CONTRAST)
    np.testing.assert_allclose(ours["delta"], plain["delta"])
    np.testing.assert_allclose(ours["stat"], expected["t"])
    half = chromvar.differential(deviations, samples, "~ group", CONTRAST, np.full(12, 0.5))
    np.testing.assert_allclose(half, plain)


def test_a_degenerate_background_gives_nothing_but_the_difference():
    counts = np.array([[8, 2, 9, 3], [12, 18, 11, 17], [5, 5, 6, 6]])
    background = np.array([[0, 0, 0], [1, 2, 1], [2, 1, 1]])
    samples = pd.DataFrame({"group": list("ctct")}, index=list("wxyz"))
    found = chromvar.scores(counts, [[1, 0, 0], [0, 1, 0], [0, 0, 0]], [background])
    deviations = pd.DataFrame(found.deviations, columns=samples.index)
    assert np.isnan(found.zscores[0]).all()
    assert chromvar.notes(found).tolist() == ["background does not vary", "", "no peak has the motif"]
    table = chromvar.compare_groups(deviations, found.background, samples, "~ group", CONTRAST)
    assert table.loc[0, "delta"] == pytest.approx(0)
    assert table.loc[0, ["stat", "pvalue", "delta_z", "competitive_pvalue"]].isna().all()
    assert np.isfinite(table.loc[1, ["stat", "delta_z"]].astype(float)).all()
    assert table.loc[2, ["delta", "stat", "pvalue", "delta_z", "welch_pvalue"]].isna().all()
    assert not np.isinf(table.select_dtypes("number")).any(axis=None)


def test_notes_tell_few_reads_in_all_and_in_some_samples():
    counts = np.array([[1, 0, 0], [5, 40, 0], [30, 60, 0]])
    background = np.array([[1, 2, 0], [2, 1, 2], [1, 2, 2]])
    found = chromvar.scores(counts, [[1, 0, 0], [0, 0, 1], [0, 0, 1]], [background])
    assert chromvar.notes(found).tolist() == [
        "fewer than one read expected",
        "no peak has the motif",
        "fewer than one read expected in some samples",
    ]


def test_without_replicates_only_peaks_can_be_compared():
    counts, matches, background, *_ = experiment()
    samples = pd.DataFrame({"group": list("ct")}, index=list("ab"))
    found = chromvar.scores(counts[:, [0, 5]], matches, [background])
    deviations = pd.DataFrame(found.deviations, columns=list("ab"))
    table = chromvar.compare_groups(deviations, found.background, samples, "~ group", CONTRAST)
    assert table["competitive_pvalue"].notna().all()
    assert table[["stat", "pvalue", "joint_padj", "welch_pvalue"]].isna().all(axis=None)
    assert (table["direction"] == "untested").all()


def test_one_iteration_has_no_spread_to_compare_with():
    counts, matches, background, samples, *_ = experiment()
    found = chromvar.scores(counts, matches, [background[:, :1]])
    deviations = pd.DataFrame(found.deviations, columns=samples.index)
    result = chromvar.competitive(deviations, found.background, samples, "~ group", CONTRAST)
    assert result["delta"].notna().all()
    assert result[["delta_z", "pvalue"]].isna().all(axis=None)


def test_welch_is_scipys():
    rng = np.random.default_rng(3)
    samples = pd.DataFrame({"group": list("ccctttto")}, index=list("stuvwxyz"))
    values = pd.DataFrame(rng.normal(size=(5, 8)), columns=samples.index)
    values.iloc[1, [0, 4]] = np.nan
    values.iloc[2, [0, 1]] = np.nan  # one control left
    values.iloc[3, :7] = 1.0
    ours = chromvar.welch(values, samples, CONTRAST)
    for row in (0, 1, 4):
        t, c = (values.loc[row, list(names)].dropna() for names in ("vwxy", "stu"))
        expected = stats.ttest_ind(t, c, equal_var=False)
        assert ours.loc[row, "stat"] == pytest.approx(expected.statistic)
        assert ours.loc[row, "pvalue"] == pytest.approx(expected.pvalue)
    assert ours.loc[[2, 3]].isna().all(axis=None)
    assert (ours["padj"].dropna() >= ours["pvalue"].dropna()).all()


def test_any_difference_between_two_groups_is_the_test_of_their_difference():
    *_, samples, found, deviations = experiment()
    two, any_ = (
        groups.compare_groups(deviations, found.background, samples, "~ group", asked)
        for asked in (CONTRAST, {"variable": "group", "test": "any"})
    )
    np.testing.assert_allclose(any_["stat"], two["stat"] ** 2)
    for column in ("delta", "pvalue", "competitive_pvalue", "joint_padj"):
        np.testing.assert_allclose(any_[column], two[column], err_msg=column)
    assert set(any_["direction"]) <= {"changed", "none", "untested"}


def test_any_difference_of_three_levels():
    *_, samples, found, deviations = experiment(n_motifs=40)
    three = samples.assign(group=list("aabbcc"))
    asked = {"variable": "group", "test": "any"}
    table = groups.compare_groups(deviations, found.background, three, "~ group", asked)
    assert table["competitive_pvalue"].between(0, 1).all()
    assert table["welch_pvalue"].isna().all()
    assert (table["competitive_pvalue"] < 0.05).mean() < 0.3
