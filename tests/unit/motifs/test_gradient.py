"""Motifs along the fold change, and in a logistic model with covariates."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, special

from workflow_lib.motifs import gradient, logistic
from workflow_lib.plots import balance

COLUMNS = ["motif_id", "name", "bin", "n_peaks", "hits", "log2_enrichment", "log10_pvalue", "padj"]
MOTIFS = pd.DataFrame({"motif_id": [f"m{i}" for i in range(20)], "name": [f"M{i}" for i in range(20)]})


def peaks(seed=0, n=1500):
    """Motif 3 is found in the peaks that go up, motif 7 in those that go down."""
    rng = np.random.default_rng(seed)
    fold = rng.normal(0, 1, n)
    chance = np.full((n, 20), 0.1)
    chance[:, 3] = special.expit(-2 + 1.5 * fold)
    chance[:, 7] = special.expit(-2 - 1.5 * fold)
    matches = sparse.csr_array((rng.random((n, 20)) < chance).astype(int))
    return matches, fold, pd.DataFrame({"gc": rng.normal(0.5, 0.1, n), "width": 501.0})


def test_bins_are_equal_odd_and_in_order():
    fold = np.array([*np.random.default_rng(1).permutation(1000), np.nan, 5.0])
    tested = np.r_[np.ones(1001, bool), False]
    found = gradient.bins(fold, tested)
    assert found[-2:].tolist() == [-1, -1]
    assert np.bincount(found[:1000]).tolist() == [91] * 10 + [90]
    assert (np.diff(found[np.argsort(fold[:1000])]) >= 0).all()
    assert gradient.bins(np.arange(400.0), np.ones(400, bool)).max() == 6  # 7 bins, not 8
    assert set(gradient.bins(np.arange(149.0), np.ones(149, bool))) == {0}
    assert len(gradient.bins(np.empty(0), np.empty(0, bool))) == 0


def test_drivers_rise_and_fall_along_the_bins():
    matches, fold, covariates = peaks()
    table = gradient.test(matches, fold, gradient.bins(fold, np.isfinite(fold)), covariates, MOTIFS)
    assert table.columns[:8].tolist() == COLUMNS
    assert len(table) == 20 * 11
    assert table["bin_number"].tolist()[:12] == [*range(1, 12), 1]
    up, down = (table[table["motif_id"] == name] for name in ("m3", "m7"))
    assert up["log2_enrichment"].iloc[-1] > 1 > -1 > up["log2_enrichment"].iloc[0]
    assert up["padj"].iloc[-1] < 1e-6
    assert down["padj"].iloc[0] < 1e-6
    others = table[~table["motif_id"].isin(["m3", "m7"])]
    assert (others["padj"] > 0.01).all()
    hits = matches.sum(axis=0)
    assert table.groupby("motif_id", sort=False)["hits"].sum().tolist() == hits.tolist()
    assert np.isfinite(table["log10_pvalue"]).all()


def test_too_few_peaks_have_no_gradient():
    matches, fold, covariates = peaks(n=120)
    table = gradient.test(matches, fold, gradient.bins(fold, np.isfinite(fold)), covariates, MOTIFS)
    assert table.columns[:8].tolist() == COLUMNS
    assert table.empty
    assert balance.gradient(table, 0.05).axes


def test_one_motif_stands_for_its_cluster():
    matches, fold, covariates = peaks()
    matches = sparse.csr_array(sparse.hstack([matches, matches[:, [3]]]))
    motifs = pd.concat([MOTIFS, pd.DataFrame({"motif_id": ["m20"], "name": ["M20"]})], ignore_index=True)
    motifs["cluster"] = [*(f"c{i}" for i in range(20)), "c3"]
    table = gradient.test(matches, fold, gradient.bins(fold, np.isfinite(fold)), covariates, motifs)
    chosen = table.drop_duplicates("motif_id").set_index("motif_id")["representative"]
    assert chosen["m3"]
    assert not chosen["m20"]
    names = [label.get_text() for label in balance.gradient(table, 0.05).axes[0].get_yticklabels()]
    assert "M3 (m3)" in names
    assert "M20 (m20)" not in names


def test_shrunken_fold_changes_are_taken_where_there_are_any():
    table = pd.DataFrame({"log2FoldChange": [3.0, 1.0], "log2FoldChange_shrunk": [0.1, np.nan]})
    assert gradient.of(table)[0].tolist()[0] == 0.1
    table["log2FoldChange_shrunk"] = np.nan
    assert gradient.of(table)[0].tolist() == [3.0, 1.0]


# ---- the logistic model


def naive_fit(design, y):
    """Maximum likelihood by plain Newton steps, one motif at a time."""
    slopes = np.zeros(design.shape[1])
    for _ in range(60):
        mean = special.expit(design @ slopes)
        information = design.T @ (design * (mean * (1 - mean))[:, None])
        slopes = slopes + np.linalg.solve(information + 1e-9 * np.eye(len(slopes)), design.T @ (y - mean))
    return slopes


@pytest.fixture(scope="module")
def confounded():
    """Membership follows GC; motif 0 follows GC alone, motif 1 membership itself."""
    rng = np.random.default_rng(9)
    n = 4000
    gc = rng.normal(0, 1, n)
    y = rng.random(n) < special.expit(-2 + 1.0 * gc)
    chance = np.column_stack(
        [special.expit(-1 + 1.2 * gc), special.expit(-2 + 1.3 * y), np.full(n, 0.2), np.zeros(n), np.ones(n)]
    )
    matches = sparse.csr_array((rng.random((n, 5)) < chance).astype(int))
    return (
        matches,
        y,
        pd.DataFrame({"gc": gc, "constant": 1.0}),
        logistic.test(matches, y, ~y, pd.DataFrame({"gc": gc})),
    )


def test_the_covariate_explains_what_follows_it(confounded):
    matches, y, covariates, result = confounded
    assert result["logistic_pvalue"][0] > 0.01
    assert abs(result["logistic_log2_odds"][0]) < 0.3
    assert result["logistic_pvalue"][1] < 1e-20
    plain = logistic.test(matches, y, ~y, covariates[["constant"]])
    assert plain["logistic_pvalue"][0] < 1e-15


def test_odds_are_near_the_full_maximum_likelihood(confounded):
    matches, y, covariates, result = confounded
    for motif in (0, 1, 2):
        design = np.column_stack([np.ones(len(y)), covariates["gc"], matches.toarray()[:, motif]])
        full = naive_fit(design, y.astype(float))[2] / np.log(2)
        assert result["logistic_log2_odds"][motif] == pytest.approx(full, abs=0.12)


def test_without_covariates_odds_are_those_of_the_table(confounded):
    matches, y, covariates, _ = confounded
    result = logistic.test(matches, y, ~y, covariates[["constant"]])
    has = matches.toarray()[:, 1].astype(bool)
    table = [(y & has).sum() * (~y & ~has).sum(), (y & ~has).sum() * (~y & has).sum()]
    assert result["logistic_log2_odds"][1] == pytest.approx(np.log2(table[0] / table[1]), abs=1e-6)


def test_motifs_that_say_nothing_and_empty_sets_are_missing(confounded):
    matches, y, covariates, result = confounded
    assert result.iloc[3:].isna().all(axis=None)
    nobody = np.zeros(len(y), dtype=bool)
    assert logistic.test(matches, nobody, ~y, covariates).isna().all(axis=None)
    assert len(logistic.test(matches[:, :0], y, ~y, covariates)) == 0


def test_a_motif_of_foreground_peaks_alone_has_finite_odds():
    y = np.arange(200) < 40
    matches = sparse.csr_array((np.arange(200) < 20).astype(int)[:, None])
    result = logistic.test(matches, y, ~y, pd.DataFrame({"gc": np.tile([0.4, 0.6], 100)}))
    assert 4 < result["logistic_log2_odds"][0] < 20
    assert 0 < result["logistic_pvalue"][0] < 1e-10
