"""What the report says of chromVAR, its figures, and the technical factors behind its z-scores."""

import fake_results as fake
import numpy as np
import pandas as pd
import pytest

from workflow_lib import chromvar
from workflow_lib.plots import chromvar as figures
from workflow_lib.plots import style
from workflow_lib.report import chromvar as report


def scored(follows=None, seed=0, n_motifs=80):
    """z-scores of six samples, the factors of these, and their groups."""
    rng = np.random.default_rng(seed)
    factors = pd.DataFrame(
        {"log10_depth": [5.0, 5.4, 5.2, 5.1, 5.5, 5.3], "frip": np.nan, "gc": rng.normal(0.5, 0.01, 6)},
        index=list("uvwxyz"),
    )
    z = rng.normal(size=(n_motifs, 6))
    if follows is not None:
        z += np.outer(rng.normal(0, 4, n_motifs), follows)
    groups = pd.Series(list("ccceee"), factors.index)
    return pd.DataFrame(z, columns=factors.index), factors, groups


def test_sample_factors_written_out():
    counts = pd.DataFrame({"a": [10, 90, 0], "b": [0, 0, 0], "c": [500, 0, 500]})
    found = chromvar.sample_factors(counts, np.array([0.4, 0.6, np.nan]), {"a": 0.3, "b": 0.2})
    assert list(found.columns) == ["log10_depth", "frip", "gc"]
    assert found.loc["a"].tolist() == pytest.approx([2.0, 0.3, 0.58])
    assert found.loc["c", "gc"] == pytest.approx(0.4)
    assert found.loc["b", ["log10_depth", "gc"]].isna().all()
    assert np.isnan(found.loc["c", "frip"])
    assert chromvar.sample_factors(counts, np.full(3, 0.5), None)["frip"].isna().all()


def test_a_factor_that_all_motifs_follow_is_found_and_another_is_not():
    depth = np.array([-0.75, 0.45, -0.15, -0.45, 0.75, 0.15])
    z, factors, groups = scored(depth)
    rows = chromvar.technical(z, factors, groups).factors.set_index("factor")
    assert rows.loc["log10_depth", "variance_explained"] > 0.6
    assert rows.loc["log10_depth", "pvalue"] <= 4 / 720
    assert rows.loc["log10_depth", "r2_pc1"] > 0.9
    assert rows.loc["log10_depth", "expected"] == pytest.approx(0.2)
    assert rows.loc["log10_depth", "within_expected"] == pytest.approx(0.25)
    assert rows.loc["log10_depth", "within_pvalue"] <= 2 / 36
    assert rows.loc["gc", "pvalue"] > 0.05
    assert rows.loc["frip", ["variance_explained", "pvalue"]].isna().all()
    assert rows.loc["frip", "n_samples"] == 0
    said = report.warnings(rows.reset_index())
    assert len(said) == 1
    assert said[0].startswith("Caution: depth explains ")


def test_variance_explained_is_the_mean_r2_weighted_by_variance():
    z, factors, groups = scored()
    row = chromvar.technical(z, factors, groups).factors.iloc[0]
    r2 = np.array([np.corrcoef(motif, factors["log10_depth"])[0, 1] ** 2 for motif in z.to_numpy()])
    weight = z.var(axis=1, ddof=1).to_numpy()
    assert row["variance_explained"] == pytest.approx((r2 * weight).sum() / weight.sum())
    rho = [abs(motif.rank().corr(factors["log10_depth"].rank())) for _, motif in z.iterrows()]
    assert row["median_abs_rho"] == pytest.approx(np.median(rho))


def test_a_factor_that_differs_between_groups_cannot_be_told_from_them():
    apart = np.repeat([-0.5, 0.5], 3)
    z, factors, groups = scored(apart)
    factors["log10_depth"] = 5 + apart + np.array([0.01, 0, -0.01, 0.02, 0, -0.02])
    table = chromvar.technical(z, factors, groups).factors
    row = table.iloc[0]
    assert row["r2_group"] > 0.99
    assert row["within_pvalue"] > 0.05
    said = report.warnings(table.assign(pvalue=0.01))
    assert "cannot tell whether it follows the biology or makes it" in said[0]


def test_permutation_p_is_uniform_when_nothing_follows():
    """One p-value an experiment of six samples, all 720 orders: a share alpha is at or below alpha."""
    pvalues = []
    for seed in range(80):
        z, factors, groups = scored(seed=seed, n_motifs=30)
        pvalues.append(chromvar.technical(z, factors[["gc"]], groups).factors["pvalue"].iloc[0])
    assert 0.01 < np.mean(np.array(pvalues) <= 0.1) < 0.2
    assert 0.35 < np.mean(pvalues) < 0.65


def test_many_samples_are_permuted_at_random_from_the_seed():
    rng = np.random.default_rng(1)
    names = [f"s{i}" for i in range(12)]
    factors = pd.DataFrame({"gc": rng.normal(size=12)}, index=names)
    z = pd.DataFrame(rng.normal(size=(20, 12)), columns=names)
    groups = pd.Series(list("cccccceeeeee"), names)
    once, again = (chromvar.technical(z, factors, groups, 5).factors for _ in range(2))
    pd.testing.assert_frame_equal(once, again)
    assert 0 < once["pvalue"][0] <= 1


@pytest.mark.parametrize("keep", [0, 1, 3])
def test_too_few_samples_are_not_asked(keep):
    z, factors, groups = scored()
    found = chromvar.technical(z.iloc[:, :keep], factors.iloc[:keep], groups.iloc[:keep])
    assert found.factors[["variance_explained", "pvalue", "padj"]].isna().all(axis=None)
    assert len(found.samples) == keep
    section = report.technical(found.factors, [])
    assert "Too few samples" in section.parts[0].paragraphs[0]


def test_no_motif_or_no_spread_is_not_asked():
    z, factors, groups = scored()
    assert chromvar.technical(z * np.nan, factors, groups).factors["pvalue"].isna().all()
    assert chromvar.technical(z.iloc[:0], factors, groups).factors["pvalue"].isna().all()
    assert chromvar.technical(z * 0, factors, groups).factors["pvalue"].isna().all()


def test_an_empty_sample_is_left_out():
    z, factors, groups = scored()
    z["u"] = np.nan
    factors.loc["u"] = np.nan
    found = chromvar.technical(z, factors, groups)
    assert found.factors["n_samples"].tolist() == [5, 0, 5]
    assert found.samples["sample"].tolist() == list("uvwxyz")
    assert np.isnan(found.samples["pc1"][0])


def test_most_variable_folds_clusters_and_leaves_out_few_peaks():
    table = pd.DataFrame(
        {
            "motif_id": list("abcdef"),
            "variability": [3.0, 5, 4, 9, np.nan, 1],
            "n_peaks": [10, 20, 30, 9, 50, 10],
            "cluster": ["x", "x", "x", "y", "y", None],
        }
    )
    top = figures.most_variable(table, 5)
    assert top["motif_id"].tolist() == ["b", "f"]
    assert top["alike"].tolist() == [2, 0]
    plain = figures.most_variable(table[["motif_id", "variability"]], 2)
    assert plain["motif_id"].tolist() == ["d", "b"]


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in [axes.title, *axes.texts]] + [
        axes.get_title(loc="left") for axes in figure.axes
    ]


def test_sample_figure_has_a_panel_a_motif(tmp_path):
    z, variability, _ = fake.chromvar(60)
    variability = variability.assign(n_peaks=1234, name=["A$B"] * 60)
    figure = figures.samples(z, variability, fake.SAMPLES["group"], n_top=5)
    assert sum(axes.axison for axes in figure.axes) == 5
    assert any("1,234 peaks" in text for text in texts(figure))
    style.save(figure, tmp_path / "a.svg")
    empty = variability.assign(variability=np.nan)
    style.save(figures.samples(z, empty, fake.SAMPLES["group"]), tmp_path / "b.svg")


def test_technical_figure_shows_known_factors_alone(tmp_path):
    z, factors, groups = scored()
    found = chromvar.technical(z, factors, groups)
    figure = figures.technical(found.samples, found.factors)
    assert len(figure.axes) == 2  # share in peaks is unknown
    style.save(figure, tmp_path / "a.svg")
    few = chromvar.technical(z.iloc[:, :3], factors.iloc[:3], groups.iloc[:3])
    style.save(figures.technical(few.samples, few.factors), tmp_path / "b.svg")
    none = chromvar.technical(z * np.nan, factors, groups)
    style.save(figures.technical(none.samples, none.factors), tmp_path / "c.svg")


def test_sections_fold_clusters_and_say_what_is_missing():
    _, variability, moved = fake.chromvar(60)
    cluster = np.where(np.arange(60) % 4 == 3, "driver", [f"c{i}" for i in range(60)])
    section = report.deviations("x vs y", "said", moved.assign(cluster=cluster), {}, {}, "a.tsv")
    assert section.anchor == "chromvar-x-vs-y"
    table = section.parts[1]
    assert "alike" in [column.heading for column in table.columns]
    assert any(cell.text == "+14" for row in table.rows for cell in row)
    untested = report.deviations("x", "said", moved.assign(joint_pvalue=np.nan), {}, {})
    assert len(untested.parts) == 1
    notes = variability.assign(n_peaks=20, note=[None] * 57 + ["a"] * 2 + ["b"], cluster=cluster)
    section = report.variability(("said",), notes, {}, {}, [])
    assert section.parts[0].paragraphs == ("said", "Some motifs lack z-scores: 2 (a); 1 (b).")
    assert report.missing(variability) == ()
