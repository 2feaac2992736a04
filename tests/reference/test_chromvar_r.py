"""chromVAR's numbers on its own example: 1,000 peaks x 35 cells x 3 motifs."""

import gzip

import numpy as np
import pandas as pd
import pytest
from scipy import io as scipy_io
from scipy import sparse, stats

from workflow_lib import chromvar


@pytest.fixture(scope="module")
def mini(shared):
    """Counts, match matrix, GC of the example, and a reader of the other tables."""

    def matrix(name):
        with gzip.open(shared / "reference" / "chromvar" / f"mini.{name}.mtx.gz") as text:
            return sparse.csr_matrix(scipy_io.mmread(text))

    def table(name, **options):
        path = shared / "reference" / "chromvar" / f"mini.{name}.tsv.gz"
        return pd.read_csv(path, sep="\t", index_col=0, float_precision="round_trip", **options)

    def background(name):
        path = shared / "reference" / "chromvar" / f"mini.{name}.tsv.gz"
        return pd.read_csv(path, sep="\t", header=None).to_numpy() - 1

    return {
        "counts": matrix("counts"),
        "matches": matrix("annot"),
        "gc": table("peaks")["bias"].to_numpy(),
        "table": table,
        "background": background,
    }


def test_deviations_and_zscores(mini):
    deviations, zscores = chromvar.deviations(
        mini["counts"], mini["matches"], mini["background"]("background_1based")
    )
    np.testing.assert_allclose(deviations, mini["table"]("deviations"), rtol=0, atol=1e-9)
    np.testing.assert_allclose(zscores, mini["table"]("z"), rtol=0, atol=1e-9)


def test_whitened_coordinates_and_bins(mini):
    expected = mini["table"]("bg_intermediate")
    total = np.asarray(mini["counts"].sum(axis=1)).ravel()
    np.testing.assert_allclose(np.log10(total), expected["intensity"], rtol=1e-12)
    coordinates, cells = chromvar.background_bins(np.log10(total), mini["gc"])
    np.testing.assert_allclose(coordinates, expected[["t1", "t2"]], rtol=1e-9)
    np.testing.assert_array_equal(cells[:, 0] * 50 + cells[:, 1] + 1, expected["bin_1based"])


def cell_pairs(mini, drawn, bins, width):
    """How often each pair of cells was drawn, and its expected number: (occupied cells)^2 each."""
    total = np.asarray(mini["counts"].sum(axis=1)).ravel()
    coordinates, cells = chromvar.background_bins(np.log10(total), mini["gc"], bins)
    step = np.ptp(coordinates, axis=0) / (bins - 1)
    occupied, member = np.unique(cells, axis=0, return_inverse=True)
    member = member.ravel()
    expected = np.array([chromvar.cell_probabilities(occupied, cell, step, width) for cell in occupied])
    expected *= np.bincount(member)[:, None] * drawn.shape[1]
    seen = np.zeros_like(expected)
    np.add.at(seen, (np.repeat(member, drawn.shape[1]), member[drawn].ravel()), 1)
    return seen, expected


@pytest.mark.parametrize("whose", ["R", "ours"])
def test_draws_follow_the_cell_probabilities(mini, whose):
    """R's draws, and ours, against the probabilities that we compute: one multinomial a source cell."""
    drawn = (
        mini["background"]("background_1based")
        if whose == "R"
        else chromvar.background_peaks(mini["counts"], mini["gc"], 50, 7)
    )
    statistic = degrees = 0.0
    for seen, expected in zip(*cell_pairs(mini, drawn, bins=50, width=0.1), strict=True):
        common = expected >= 5
        if common.any():
            rest = int(expected[~common].sum() >= 5)
            s = np.append(seen[common], [seen[~common].sum()] * rest)
            e = np.append(expected[common], [expected[~common].sum()] * rest)
            if e.size > 1:
                e *= s.sum() / e.sum()
                statistic += ((s - e) ** 2 / e).sum()
                degrees += e.size - 1
    assert degrees > 300
    assert stats.chi2.sf(statistic, degrees) > 0.001


@pytest.mark.parametrize("whose", ["R", "ours"])
def test_bins_and_width_mean_the_same(mini, whose):
    """25 bins and a kernel of 0.05 leave the own cell rarely: as often as computed."""
    drawn = (
        mini["background"]("background_seed99_n10_w0.05_bs25_1based")
        if whose == "R"
        else chromvar.background_peaks(mini["counts"], mini["gc"], 10, 7, bins=25, width=0.05)
    )
    seen, expected = cell_pairs(mini, drawn, bins=25, width=0.05)
    leaving, chance = seen.sum() - np.trace(seen), expected.sum() - np.trace(expected)
    assert stats.poisson.sf(leaving - 1, chance) > 0.001
    assert stats.poisson.cdf(leaving, chance) > 0.001


def test_draws_within_a_cell_are_even(mini):
    ours = chromvar.background_peaks(mini["counts"], mini["gc"], 200, 3)
    theirs = mini["background"]("background_1based")
    total = np.asarray(mini["counts"].sum(axis=1)).ravel()
    _, cells = chromvar.background_bins(np.log10(total), mini["gc"])
    _, member = np.unique(cells, axis=0, return_inverse=True)
    size = np.bincount(member.ravel())
    crowded = np.flatnonzero(size >= 8)
    assert crowded.size >= 5
    for drawn in (theirs, ours):
        times = np.bincount(drawn.ravel(), minlength=len(total))
        pvalues = [stats.chisquare(times[member.ravel() == cell]).pvalue for cell in crowded]
        assert min(pvalues) > 0.001 / crowded.size


def test_their_deviations_look_like_ours_from_another_seed(mini):
    backgrounds = (chromvar.background_peaks(mini["counts"], mini["gc"], 50, seed) for seed in range(30))
    ours = np.array([chromvar.deviations(mini["counts"], mini["matches"], b)[0] for b in backgrounds])
    gap = (mini["table"]("deviations").to_numpy() - ours.mean(axis=0)) / ours.std(axis=0, ddof=1)
    assert np.abs(gap).max() < 5
    assert 0.7 < np.sqrt((gap**2).mean()) < 1.3


def test_variability(mini):
    expected = mini["table"]("variability")
    result = chromvar.variability(mini["table"]("z"), seed=1)
    np.testing.assert_allclose(result["variability"], expected["variability"], rtol=1e-12)
    np.testing.assert_allclose(result["pvalue"], expected["p_value"], rtol=1e-9)
    np.testing.assert_allclose(result["padj"], expected["p_value_adj"], rtol=1e-9)
    # The bounds of 1,000 resamples scatter by 0.006 to 0.009; boot_*_mean3 is the mean of three of R's seeds.
    bounds = [
        chromvar.variability(mini["table"]("z"), seed=seed)[["ci_low", "ci_high"]] for seed in range(20)
    ]
    expected = expected[["boot_lower_mean3", "boot_upper_mean3"]]
    np.testing.assert_allclose(np.mean(bounds, axis=0), expected, rtol=0, atol=0.015)


def test_welch(mini):
    """differentialDeviations between the cell types, on its own deviations."""
    expected = mini["table"]("differential")
    samples = mini["table"]("samples").set_index("sample")
    levels = sorted(samples["group"].unique())
    assert len(levels) == 2
    contrast = {"variable": "group", "experiment": levels[1], "control": levels[0]}
    deviations = mini["table"]("deviations").set_axis(samples.index, axis=1)
    result = chromvar.welch(deviations, samples, contrast)
    np.testing.assert_allclose(result["pvalue"], expected["diffdev_p"], rtol=1e-10)
    np.testing.assert_allclose(result["padj"], expected["diffdev_padj"], rtol=1e-10)


def test_zscores_rest_on_their_sampled_deviations(mini):
    """The covariance that is kept has R's variance of every sample's background deviations."""
    background = mini["background"]("background_1based")
    found = chromvar.scores(mini["counts"], mini["matches"], [background[:, :20], background[:, 20:]])
    sampled = mini["background"]("single_1.sampled_deviation_iter_x_sample")  # without row names
    variance = np.diagonal(found.background.covariance[0])
    np.testing.assert_allclose(variance, sampled.var(axis=0, ddof=1), rtol=1e-8)
    np.testing.assert_allclose(found.zscores, mini["table"]("z"), rtol=0, atol=1e-12)
