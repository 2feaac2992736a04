"""Activities of motifs by sample and along the peaks' statistic, and what leading motifs explain."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib.factors import activity, changes, leading
from workflow_lib.stats import variances

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
N, MOTIFS = 1500, 80


def sheet(n):
    group = np.repeat(["control", "treated"], n)
    return pd.DataFrame({"group": group}, index=[f"s{i}" for i in range(2 * n)])


def made(seed=1, n=3, effect=0.0, varying=0.0):
    """Peaks whose log2 counts follow GC by sample; motif 0 is moved by treatment, motif 1 varies."""
    rng = np.random.default_rng(seed)
    samples = sheet(n)
    gc = rng.normal(0, 1, N)
    present = rng.random((N, MOTIFS)) < rng.uniform(0.02, 0.2, MOTIFS)
    log2 = rng.normal(6, 1, N)[:, None] + gc[:, None] * rng.normal(0, 0.3, 2 * n)
    log2 = log2 + rng.normal(0, 0.25, (N, 2 * n))
    log2 += np.outer(present[:, 0], effect * (samples["group"] == "treated"))
    log2 += np.outer(present[:, 1], rng.normal(0, varying, 2 * n))
    counts = pd.DataFrame(rng.poisson(2.0**log2), columns=samples.index)
    return counts, sparse.csr_array(present.astype(int)), pd.DataFrame({"gc": gc}), samples


def measured(*data, **options):
    counts, matches, covariates, samples = made(*data, **options)
    found = activity.test(counts, matches, covariates, samples, "~ group", CONTRAST, np.ones(counts.shape[1]))
    return found.assign(p=np.minimum(found["rise_log10p"], found["fall_log10p"]))


def test_a_motif_whose_peaks_open_has_that_activity_and_no_other_is_as_clear():
    found = measured(effect=0.4)
    assert found["activity"][0] == pytest.approx(0.4, abs=0.06)
    assert found["p"].idxmin() == 0
    assert found["rise_log10p"][0] < -6
    assert found["fall_log10p"][0] > -0.1


@pytest.mark.parametrize("n", [3, 6])
def test_a_motif_that_varies_between_samples_is_judged_by_its_own_variation(n):
    smallest = [measured(seed=seed, n=n, varying=0.5)["p"][1] for seed in range(20)]
    assert np.mean(np.array(smallest) < np.log10(0.05 / MOTIFS)) <= 0.1


@pytest.mark.parametrize("n", [3, 6])
def test_by_its_own_variance_a_motif_that_varies_has_a_uniform_p(n):
    found = pd.concat([measured(seed=seed, n=n, varying=0.5).iloc[1] for seed in range(60)], axis=1).T
    least = np.minimum(found["own_rise_log10p"], found["own_fall_log10p"]).to_numpy(float)
    assert np.mean(2 * 10**least < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)
    assert np.mean(2 * 10**least < 0.5) >= 0.5 - 3 * np.sqrt(0.25 / 60)


def test_p_values_of_a_null_are_near_uniform():
    p = np.concatenate([measured(seed=seed)["activity_pvalue"] for seed in range(8)])
    for level in (0.01, 0.05, 0.2):
        assert abs((p <= level).mean() - level) < 4 * np.sqrt(level * (1 - level) / len(p))


def test_where_few_of_many_sites_change_the_focused_activity_sees_them():
    counts, matches, covariates, samples = made(seed=3)
    sites = matches[:, [0]].nonzero()[0]
    few = sites[: max(5, len(sites) // 20)]
    counts.iloc[few, 3:] *= 3
    found = activity.test(counts, matches, covariates, samples, "~ group", CONTRAST, np.ones(6))
    assert found["focused_pvalue"][0] < 1e-3
    assert found["focused_pvalue"][0] < found["activity_pvalue"][0]


@pytest.mark.parametrize("n", [1, 0])
def test_without_replicates_or_peaks_nothing_is_tested(n):
    counts, matches, covariates, samples = made(n=1)
    if not n:
        counts, matches, covariates = counts[:0], matches[:0], covariates[:0]
        samples = sheet(3)
        counts = counts.reindex(columns=samples.index)
    found = activity.test(counts, matches, covariates, samples, "~ group", CONTRAST, np.ones(len(samples)))
    assert len(found) == MOTIFS
    assert found[["activity_pvalue", "focused_pvalue", "rise_log10p"]].isna().all(axis=None)


def test_the_slope_is_that_of_least_squares():
    rng = np.random.default_rng(2)
    _, matches, covariates, _ = made()
    y = rng.normal(0, 1, N) + matches.toarray()[:, 4] + covariates["gc"].to_numpy()
    y[:7] = np.nan
    found = activity.along(y, matches, covariates)
    used = np.isfinite(y)
    for motif in (0, 4, 9):
        x = np.column_stack([np.ones(N), covariates["gc"], matches.toarray()[:, motif]])[used]
        beta = np.linalg.lstsq(x, y[used], rcond=None)[0]
        residual = y[used] - x @ beta
        assert found["slope"][motif] == pytest.approx(beta[2], abs=0.02)
        error = np.sqrt(residual @ residual / len(residual) * np.linalg.inv(x.T @ x)[2, 2])
        # the residual is that of the null: without an effect the two agree, and with one it is the larger
        if motif != 4:
            assert found["slope_z"][motif] == pytest.approx(beta[2] / error, rel=0.15)
    assert found["slope_z"].abs().idxmax() == 4


def test_peaks_that_change_to_either_side_make_no_slope():
    rng = np.random.default_rng(5)
    _, matches, covariates, _ = made()
    z = []
    for _ in range(40):
        y = rng.normal(0, 1, N)
        sites = matches[:, [0]].nonzero()[0]
        y[sites] += rng.choice([-6, 6], len(sites))
        z.append(activity.along(y, matches, covariates)["slope_z"][0])
    assert 0.6 < np.std(z) < 1.5


def test_motifs_in_few_peaks_and_empty_tables_have_no_slope():
    _, matches, covariates, _ = made()
    rare = sparse.csr_array(matches.toarray() * (np.arange(N) < 20)[:, None])
    found = activity.along(np.random.default_rng(1).normal(size=N), rare, covariates)
    few = rare.toarray().sum(axis=0) < 10
    assert found["slope_z"][few].isna().all()
    assert activity.along(np.full(N, np.nan), matches, covariates).isna().all(axis=None)


def companions():
    """Motif 0 drives, motif 1 is in half of its peaks and in others, 2 drives by itself, 3 is 0 again."""
    rng = np.random.default_rng(8)
    present = np.zeros((4000, 30), bool)
    present[:, :3] = rng.random((4000, 3)) < 0.08
    present[:, 4:] = rng.random((4000, 26)) < 0.08
    present[:, 1] = (present[:, 0] & (rng.random(4000) < 0.5)) | (rng.random(4000) < 0.03)
    present[:, 3] = present[:, 0] & (rng.random(4000) < 0.95)
    y = rng.normal(0, 1, 4000) + 2.0 * present[:, 0] + 1.5 * present[:, 2]
    direction = np.where(y > 3, "up", np.where(y < -3, "down", "none")).astype(object)
    library = pd.DataFrame({"motif_id": [f"M{i}" for i in range(30)], "name": "", "cluster": None})
    library["name"] = library["motif_id"]
    covariates = pd.DataFrame({"gc": rng.normal(0, 1, 4000)})
    wide = np.where(y > 2.5, "up", np.where(y < -2.5, "down", "none")).astype(object)
    change = changes.Change(y, direction, wide)
    return library, leading.Peaks(sparse.csr_array(present.astype(int)), covariates, change)


def explained(library, peaks):
    called, wide = (
        changes.enrichment(peaks.matches, direction, peaks.covariates, library)
        for direction in (peaks.change.direction, peaks.change.wide)
    )
    along = activity.along(peaks.change.statistic, peaks.matches, peaks.covariates)
    return leading.explain(library, called, wide, along, peaks)


def test_a_companion_is_explained_and_a_second_driver_is_not():
    found = explained(*companions())
    assert found["explained_by"][1] == "M0"
    assert found["given_pvalue"][1] > 0.05
    assert found["explained_by"][2] is None
    assert found["given_pvalue"][2] < 1e-6
    # the same sites: said, and not held against it
    assert found["explained_by"][3] == "M0"
    assert np.isnan(found["given_pvalue"][3])
    assert found.loc[4:, "explained_by"].isna().all()


def test_where_peaks_call_nothing_nothing_is_explained():
    library, peaks = companions()
    none = np.full(4000, "none", object)
    chance = changes.Change(np.random.default_rng(0).normal(size=4000), none, none)
    found = explained(library, leading.Peaks(peaks.matches, peaks.covariates, chance))
    assert found.isna().all(axis=None)


# ---- variances of any distribution


def test_one_feature_that_varies_keeps_its_variance_and_the_quiet_ones_share_theirs():
    rng = np.random.default_rng(3)
    s2 = rng.chisquare(4, 500) / 4
    s2[0] = 100.0
    grid, weights = variances.posterior(s2, np.full(500, 4.0))
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    mean = weights @ grid
    assert 30 < mean[0] < 200
    assert np.quantile(mean[1:], 0.9) < 2


def test_tails_are_those_of_the_normal_where_the_variance_is_known():
    grid, weights = np.array([1.0, 4.0]), np.array([[1.0, 0.0], [0.0, 1.0]])
    found = variances.log10_tail(np.array([9.0, 9.0]), 1, grid, weights)
    np.testing.assert_allclose(10**found, [0.0026998, 0.1336144], rtol=1e-4)
    several = variances.log10_tail(np.array([3.0, 3.0]), 2, grid, weights)
    np.testing.assert_allclose(10**several, [np.exp(-3), np.exp(-0.75)], rtol=1e-6)
