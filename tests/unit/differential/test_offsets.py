"""Per-peak normalisation factors in the fit: against size factors, and against a direct search."""

import runpy
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln

from workflow_lib import differential
from workflow_lib.differential import bias
from workflow_lib.differential import offsets as smooth
from workflow_lib.errors import InputError
from workflow_lib.io import tables
from workflow_lib.preflight import loading

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
NUMBERS = ["baseMean", "log2FoldChange", "lfcSE", "stat", "pvalue", "padj", "log2FoldChange_shrunk"]


def experiment(n_peaks=400, n=3, seed=2, spread=0.4):
    """Counts, sheet, size factors and offsets that the counts follow."""
    rng = np.random.default_rng(seed)
    names = [f"{group}_{i}" for group in ("control", "treated") for i in range(n)]
    sheet = pd.DataFrame({"group": ["control"] * n + ["treated"] * n, "age": rng.normal(size=2 * n)}, names)
    factors = pd.Series(rng.uniform(0.6, 1.6, 2 * n), names)
    offsets = rng.normal(0, spread, (n_peaks, 2 * n))
    offsets -= offsets.mean(axis=1, keepdims=True)
    mean = np.exp(rng.uniform(1, 6, n_peaks))[:, None] * factors.to_numpy() * np.exp(offsets)
    size = rng.uniform(5, 30, (n_peaks, 1))
    counts = pd.DataFrame(rng.negative_binomial(size, size / (size + mean)), columns=names)
    counts.index = counts.index.map("p{}".format)
    return counts, sheet, factors, offsets


def same(one, other, rtol=1e-9):
    for column in NUMBERS:
        # a shrunken change of next to nothing lies on a flat posterior
        atol = 2e-7 if column == "log2FoldChange_shrunk" else 1e-12
        np.testing.assert_allclose(one[column], other[column], rtol=rtol, atol=atol, err_msg=column)


@pytest.mark.parametrize("design", ["~ group", "~ age + group"])
def test_offsets_of_zero_and_offsets_alike_in_all_peaks_are_size_factors(design):
    counts, sheet, factors, _ = experiment()
    plain = differential.test(counts, sheet, design, CONTRAST, size_factors=factors)
    zeros = np.zeros(counts.shape)
    same(differential.test(counts, sheet, design, CONTRAST, size_factors=factors, offsets=zeros), plain)
    as_offsets = np.log(factors.to_numpy()) + zeros
    ones = np.ones(len(sheet))
    same(
        differential.test(counts, sheet, design, CONTRAST, size_factors=ones, offsets=as_offsets), plain, 1e-6
    )


def test_without_size_factors_they_are_taken_on_what_the_offsets_leave():
    counts, sheet, _, offsets = experiment()
    plain = differential.test(counts, sheet, "~ group", CONTRAST)
    for constant in (0.0, 0.7, np.log([0.5, 0.8, 1, 1.3, 2, 3])):
        offset = np.zeros(counts.shape) + constant
        same(differential.test(counts, sheet, "~ group", CONTRAST, offsets=offset), plain, 1e-6)
    # normalisation factors made R's way (sizes on counts over factors, rows centred) are left as they are
    left = differential.fit(counts, sheet, "~ group", offsets=offsets)
    whole = np.log(left.size_factors.to_numpy()) + offsets
    again = differential.fit(counts, sheet, "~ group", offsets=whole)
    assert np.ptp(again.size_factors.to_numpy()) < 1e-9


def searched(counts, factors, matrix, dispersion):
    """Coefficients and standard errors by a direct search of the negative binomial likelihood."""
    size = 1 / dispersion

    def loss(beta):
        mu = factors * np.exp(matrix @ beta)
        terms = gammaln(counts + size) - gammaln(size) + counts * np.log(mu) + size * np.log(size)
        return -(terms - (counts + size) * np.log(mu + size)).sum()

    start = np.zeros(matrix.shape[1])
    start[0] = np.log((counts / factors).mean() + 0.1)
    found = minimize(
        loss, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 9000}
    )
    mu = factors * np.exp(matrix @ found.x)
    covariance = np.linalg.inv(matrix.T @ (matrix * (mu / (1 + mu * dispersion))[:, None]))
    return found.x, np.sqrt(np.diag(covariance))


@pytest.mark.parametrize("design", ["~ group", "~ age + group"])
def test_fit_with_varying_offsets_is_that_of_a_direct_search(design):
    counts, sheet, factors, offsets = experiment()
    fitted = differential.fit(counts, sheet, design, size_factors=factors, offsets=offsets)
    result = differential.contrast(fitted, CONTRAST).set_index("peak")
    dispersions = fitted.dispersions.set_index("peak")
    matrix, at = fitted.matrix.to_numpy(), list(fitted.matrix.columns).index("group[T.treated]")
    whole = factors.to_numpy() * np.exp(offsets)
    np.testing.assert_allclose(result["baseMean"], (counts.to_numpy() / whole).mean(axis=1), rtol=1e-9)
    strong = [peak for peak in counts.index[counts.min(axis=1) >= 3][:15] if pd.notna(result["pvalue"][peak])]
    assert len(strong) > 10
    for peak in strong:
        row = counts.index.get_loc(peak)
        used = dispersions["used"][peak]
        beta, error = searched(counts.loc[peak].to_numpy(float), whole[row], matrix, used)
        assert result["log2FoldChange"][peak] * np.log(2) == pytest.approx(beta[at], abs=2e-5)
        assert result["lfcSE"][peak] * np.log(2) == pytest.approx(error[at], rel=1e-4)


def test_an_offset_of_one_group_moves_the_fold_change_by_itself():
    counts, sheet, factors, _ = experiment()
    treated = (sheet["group"] == "treated").to_numpy()
    by = np.linspace(-1, 1, len(counts))
    offsets = np.where(treated, by[:, None] / 2, -by[:, None] / 2)
    plain = differential.test(counts, sheet, "~ group", CONTRAST, size_factors=factors)
    moved = differential.test(counts, sheet, "~ group", CONTRAST, size_factors=factors, offsets=offsets)
    usable = (counts.min(axis=1) > 5).to_numpy()
    change = (plain["log2FoldChange"] - moved["log2FoldChange"]).to_numpy()
    np.testing.assert_allclose(change[usable], by[usable] / np.log(2), atol=0.01)


def test_offsets_that_the_counts_follow_bring_the_spread_back_to_what_it_was():
    counts, sheet, factors, offsets = experiment(n_peaks=1500, spread=0.6)
    without = differential.fit(counts, sheet, "~ group", size_factors=factors)
    given = differential.fit(counts, sheet, "~ group", size_factors=factors, offsets=offsets)
    assert without.dispersions["trend"].median() > 2 * given.dispersions["trend"].median()
    table = differential.test(counts, sheet, "~ group", CONTRAST, size_factors=factors, offsets=offsets)
    assert 0.03 < (table["pvalue"] < 0.05).mean() < 0.07


def test_outliers_are_replaced_by_the_trimmed_mean_times_the_factor():
    counts, sheet, factors, offsets = experiment(n_peaks=300, n=8)
    counts.iloc[0, 0] = 100_000
    fitted = differential.fit(counts, sheet, "~ group", size_factors=factors, offsets=offsets)
    row = fitted.data.fitted_counts()[:, 0]
    whole = factors.to_numpy() * np.exp(offsets[0])
    normalised = np.sort(counts.iloc[0].to_numpy() / whole)
    trimmed = normalised[int(16 * 0.2) : 16 - int(16 * 0.2)].mean()
    assert row[0] == int(trimmed * whole[0])
    np.testing.assert_array_equal(row[1:], counts.iloc[0, 1:])


@pytest.mark.parametrize(
    ("offsets", "said"),
    [
        (np.zeros((3, 6)), "3 x 6 values for 400 peaks x 6 samples"),
        (np.full((400, 6), np.nan), "peak p0, sample control_0"),
        (pd.DataFrame(np.zeros((400, 5))), "no column for sample control_0"),
    ],
)
def test_offsets_that_do_not_fit_are_refused(offsets, said):
    counts, sheet, _, _ = experiment()
    with pytest.raises(InputError, match=said):
        differential.test(counts, sheet, "~ group", CONTRAST, offsets=offsets)


def test_curves_need_as_many_peaks_as_a_run_is_refused_without():
    assert smooth.FEWEST_PEAKS == loading.FEWEST_PEAKS
    counts, _, factors, _ = experiment(n_peaks=300)
    with pytest.raises(InputError, match="needs 500 peaks"):
        smooth.curves(counts, factors, smooth.log_mean(counts, factors))
    found, curves = smooth.estimate(counts, factors)
    assert not found
    assert curves.empty
    with pytest.raises(InputError, match="trended needs 500 peaks"):
        smooth.chosen(found, "trended")
    assert smooth.chosen(found, "none") is None


def test_offsets_survive_their_table():
    counts, _, factors, _ = experiment(n_peaks=700)
    gc = pd.Series(np.linspace(0.3, 0.7, 700), counts.index)
    found, _ = smooth.estimate(counts, factors, gc)
    again, along = smooth.split(smooth.joined(found, smooth.covariates(counts, factors, gc)))
    for method in smooth.METHODS:
        np.testing.assert_allclose(again[method], found[method], atol=1e-5)
    np.testing.assert_allclose(along["gc"], gc, atol=1e-5)


def test_slopes_of_bins_that_share_a_covariate():
    rows = [("trended", x, sample, y) for sample, ys in (("a", (0, 1, 2, 5)), ("b", (3, 2, 1, 0)))
            for x, y in zip((1.0, 1.0, 1.5, 2.0), ys, strict=True)]  # fmt: skip
    curves = pd.DataFrame(rows, columns=["method", "covariate", "sample", "log2_ratio"])
    assert bias.slopes(curves)["trended"].to_dict() == {"a": 5.0, "b": -3.0}


def test_principal_components_and_correlations_are_of_counts_without_the_offsets(tmp_path):
    _, sheet, factors, offsets = experiment(n_peaks=600)
    level = np.exp(np.random.default_rng(4).uniform(4, 8, 600))[:, None]
    exact = pd.DataFrame(np.round(level * factors.to_numpy() * np.exp(offsets)), columns=sheet.index)
    exact.index = exact.index.map("p{}".format)
    table = pd.DataFrame(offsets, exact.index, sheet.index)[::-1]  # rows in another order
    paths = {name: str(tmp_path / f"{name}.tsv") for name in ("counts", "size_factors", "offsets")}
    tables.write_table(exact.rename_axis("peak"), paths["counts"], index=True)
    tables.write_table(factors.to_frame("used").rename_axis("sample"), paths["size_factors"], index=True)
    tables.write_table(smooth.joined({"trended": table}, {}), paths["offsets"], index=True)
    output = ("components", "associations", "correlation")
    least = {}
    for method in ("none", "trended"):
        written = {name: str(tmp_path / f"{name}_{method}.tsv") for name in output}
        given = SimpleNamespace(
            input=SimpleNamespace(**paths | ({"offsets": []} if method == "none" else {})),
            output=SimpleNamespace(**written),
            params=SimpleNamespace(offsets=method, covariates=sheet.to_dict()),
            log=[str(tmp_path / "log")],
        )
        runpy.run_path("scripts/compare_samples.py", init_globals={"snakemake": given})
        least[method] = tables.read_table(written["correlation"])["pearson"].min()
    assert least["none"] < 0.95
    assert least["trended"] > 0.999
