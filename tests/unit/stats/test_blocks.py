"""Correlation of samples of one subject: exact and independent values, levels of tests, edges."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from workflow_lib.differential import labellings
from workflow_lib.errors import InputError
from workflow_lib.stats import blocks, moderated

CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}


def sheet(sizes):
    """Groups of donors; `sizes` has the samples of each donor, donors alternating between the groups."""
    donors = [f"d{i}" for i, n in enumerate(sizes) for _ in range(n)]
    groups = ["ab"[i % 2] for i, n in enumerate(sizes) for _ in range(n)]
    index = [f"s{i}" for i in range(len(donors))]
    return pd.DataFrame({"group": groups, "donor": donors}, index=index)


def normal(rng, samples, n, rho):
    """Features whose donors share a part `rho` of the variance; variances differ between features."""
    own = rng.normal(size=(n, len(samples)))
    _, donor = np.unique(samples["donor"], return_inverse=True)
    shared = rng.normal(size=(n, donor.max() + 1))[:, donor]
    return np.sqrt(rho) * shared + np.sqrt(1 - rho) * own


def matrix_of(samples):
    return np.column_stack([np.ones(len(samples)), samples["group"] == "b"]).astype(float)


def by_optimiser(y, x, donors):
    """REML of one feature: the restricted likelihood written out with dense matrices, by scipy."""

    def cost(rho):
        v = blocks.covariance(donors, rho)
        inverse = np.linalg.inv(v)
        middle = x.T @ inverse @ x
        beta = np.linalg.solve(middle, x.T @ inverse @ y)
        left = y - x @ beta
        total = left @ inverse @ left
        return np.linalg.slogdet(v)[1] + np.linalg.slogdet(middle)[1] + (len(y) - x.shape[1]) * np.log(total)

    largest = max(np.unique(donors, return_counts=True)[1])
    bounds = (-1 / (largest - 1) + 0.01, 0.99)
    starts = np.linspace(*bounds, 30)
    near = starts[np.argmin([cost(rho) for rho in starts])]
    width = starts[1] - starts[0]
    inside = (max(bounds[0], near - width), min(bounds[1], near + width))
    return optimize.minimize_scalar(cost, bounds=inside, method="bounded", options={"xatol": 1e-10}).x


@pytest.mark.parametrize("sizes", [(3, 3, 3, 3), (1, 2, 4, 3, 2), (2, 2, 2, 2, 2, 2, 1, 1)])
def test_each_correlation_is_that_of_an_independent_fit(sizes):
    samples = sheet(sizes)
    values = normal(np.random.default_rng(1), samples, 25, 0.4)
    found = blocks.correlation(values, matrix_of(samples), samples["donor"].to_numpy())
    expected = [by_optimiser(y, matrix_of(samples), samples["donor"].to_numpy()) for y in values]
    assert np.allclose(found.own, expected, atol=2e-6)
    middle = np.sort(np.arctanh(expected))[3:-3]  # 15 % of 25 at either end
    assert found.consensus == pytest.approx(np.tanh(middle.mean()), abs=1e-5)


def test_balanced_blocks_have_the_correlation_of_the_analysis_of_variance():
    """REML of equal blocks is (MSB - MSW) / (MSB + (m - 1) MSW), also below 0 (Searle et al. 1992)."""
    donors = np.repeat(np.arange(6), 4)
    values = np.random.default_rng(2).normal(size=(40, 24))
    means = values.reshape(40, 6, 4).mean(axis=2)
    between = 4 * means.var(axis=1, ddof=1)
    within = ((values.reshape(40, 6, 4) - means[..., None]) ** 2).sum(axis=(1, 2)) / 18
    expected = (between - within) / (between + 3 * within)
    found = blocks.correlation(values, np.ones((24, 1)), donors).own
    inside = (expected > -1 / 3 + 0.011) & (expected < 0.989)
    assert (expected < 0).sum() > 5
    assert np.allclose(found[inside], expected[inside], atol=1e-6)


def heavy(rng, samples, n, _):
    """A second world: heavy tails, and features differ in scale and in correlation."""
    _, donor = np.unique(samples["donor"], return_inverse=True)
    shared = rng.standard_t(6, size=(n, donor.max() + 1))[:, donor]
    scale = np.exp(rng.normal(0, 0.3, (n, 1)))
    rho = rng.uniform(0.35, 0.65, (n, 1))
    own = rng.standard_t(6, size=(n, len(samples)))
    return scale * (np.sqrt(rho) * shared + np.sqrt(1 - rho) * own) + rng.normal(size=(n, 1))


@pytest.mark.parametrize("world", [normal, heavy])
@pytest.mark.parametrize("sizes", [(3,) * 10, (1, 2, 4, 3, 2, 4, 3, 1, 2, 2, 3, 4)])
def test_level_where_nothing_differs_between_groups_of_donors(world, sizes):
    samples = sheet(sizes)
    rng = np.random.default_rng(3)
    shares = {"with": [], "without": []}
    called = 0
    for _ in range(4):
        values = pd.DataFrame(world(rng, samples, 3000, 0.5), columns=samples.index)
        blocked = moderated.test(values, samples, "~ group", CONTRAST, block="donor")
        plain = moderated.test(values, samples, "~ group", CONTRAST)
        shares["with"].append((blocked["pvalue"] < 0.001).mean())
        shares["without"].append((plain["pvalue"] < 0.001).mean())
        called += int((blocked["padj"] < 0.05).sum())
        assert 0.3 < blocked.attrs["correlation"] < 0.65
    assert np.mean(shares["with"]) < 0.0025
    assert np.mean(shares["without"]) > 4 * np.mean(shares["with"])
    assert called <= 4


def test_power_is_that_of_the_donors():
    samples = sheet((3,) * 10)
    values = normal(np.random.default_rng(4), samples, 2000, 0.5)
    values[:400, (samples["group"] == "b").to_numpy()] += 3
    table = moderated.test(
        pd.DataFrame(values, columns=samples.index), samples, "~ group", CONTRAST, block="donor"
    )
    called = table["padj"] < 0.05
    assert called[:400].mean() > 0.8
    assert called[400:].sum() / called.sum() < 0.07


def test_f_with_one_row_is_t_squared_and_means_of_equal_blocks_give_the_same_t():
    samples = sheet((3,) * 8)
    values = pd.DataFrame(normal(np.random.default_rng(5), samples, 50, 0.6), columns=samples.index)
    t = moderated.test(values, samples, "~ group", CONTRAST, block="donor")
    f = moderated.test(values, samples, "~ group", {"variable": "group", "test": "any"}, block="donor")
    assert np.allclose(t["t"] ** 2, f["F"])
    assert np.allclose(t["pvalue"], f["pvalue"])
    plain = moderated.test(values, samples, "~ group", CONTRAST)
    assert np.allclose(t["coef"], plain["coef"])


def test_edges():
    samples = sheet((2, 2, 2, 2))
    x, donors = matrix_of(samples), samples["donor"].to_numpy()
    assert blocks.correlation(np.zeros((0, 8)), x, donors).consensus == 0
    constant = blocks.correlation(np.ones((3, 8)), x, donors)
    assert constant.consensus == 0
    assert np.isnan(constant.own).all()
    alone = blocks.correlation(np.random.default_rng(1).normal(size=(5, 8)), x, np.arange(8))
    assert alone.consensus == 0  # each sample a subject
    held = np.column_stack([(donors == donor) for donor in np.unique(donors)]).astype(float)
    assert blocks.correlation(np.random.default_rng(1).normal(size=(5, 8)), held, donors).consensus == 0
    gaps = normal(np.random.default_rng(2), samples, 30, 0.5)
    gaps[:10, 0] = np.nan
    gaps[0, :7] = np.nan
    found = blocks.correlation(gaps, x, donors)
    assert np.isnan(found.own[0])
    assert np.isfinite(found.own[1:]).all()
    table = moderated.test(
        pd.DataFrame(gaps, columns=samples.index), samples, "~ group", CONTRAST, block="donor"
    )
    assert table["pvalue"][1:].notna().all()
    with pytest.raises(InputError, match="no such column"):
        blocks.of_samples(samples, "Donor")
    with pytest.raises(InputError, match="s0"):
        blocks.of_samples(samples.assign(donor=[None, *samples["donor"][1:]]), "donor")


def test_labels_move_with_all_samples_of_a_donor():
    samples = sheet((3, 2, 3, 2, 1, 4))
    found, possible = labellings.permutations(samples, "~ group", CONTRAST, block="donor")
    assert possible == 9  # ten ways to choose three of six, the true one left out, mirror images once
    for labelling in found:
        assert (labelling.samples.groupby("donor")["group"].nunique() == 1).all()
    halves, _ = labellings.splits(samples, "~ group", CONTRAST, block="donor")
    for labelling in halves:
        assert (labelling.samples.groupby("donor")["half_of_group"].nunique() == 1).all()
    within = samples.assign(time=["early", "late", "late", "early", "late"] * 3)
    asked = {"variable": "time", "experiment": "late", "control": "early"}
    true = within.groupby("donor")["time"].value_counts()
    for labelling in labellings.permutations(within, "~ group + time", asked, block="donor")[0]:
        assert (labelling.samples.groupby("donor")["time"].value_counts() == true).all()
