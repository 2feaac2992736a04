"""Motifs along the fold change."""

import numpy as np
import pandas as pd
from scipy import sparse, special

from workflow_lib.motifs import gradient
from workflow_lib.plots import enrichment

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
    assert enrichment.gradient(table, 0.05).axes


def test_bins_that_are_not_significant_are_grey_and_none_has_no_map():
    matches, fold, covariates = peaks()
    table = gradient.test(matches, fold, gradient.bins(fold, np.isfinite(fold)), covariates, MOTIFS)
    axes = enrichment.gradient(table, 0.05).axes[0]
    drawn = ~np.ma.getmaskarray(axes.images[0].get_array())
    called = table[table["padj"] < 0.05]
    assert drawn.sum() == len(called)
    assert drawn.shape[0] == called["motif_id"].nunique()
    quiet = enrichment.gradient(table.assign(padj=0.5), 0.05).axes[0]
    assert not quiet.images
    assert "none is enriched" in "".join(text.get_text() for text in quiet.texts)


def test_one_motif_stands_for_its_cluster():
    matches, fold, covariates = peaks()
    matches = sparse.csr_array(sparse.hstack([matches, matches[:, [3]]]))
    motifs = pd.concat([MOTIFS, pd.DataFrame({"motif_id": ["m20"], "name": ["M20"]})], ignore_index=True)
    motifs["cluster"] = [*(f"c{i}" for i in range(20)), "c3"]
    table = gradient.test(matches, fold, gradient.bins(fold, np.isfinite(fold)), covariates, motifs)
    chosen = table.drop_duplicates("motif_id").set_index("motif_id")["representative"]
    assert chosen["m3"]
    assert not chosen["m20"]
    names = [label.get_text() for label in enrichment.gradient(table, 0.05).axes[0].get_yticklabels()]
    assert "M3 (m3)" in names
    assert "M20 (m20)" not in names


def test_shrunken_fold_changes_are_taken_where_there_are_any():
    table = pd.DataFrame({"log2FoldChange": [3.0, 1.0], "log2FoldChange_shrunk": [0.1, np.nan]})
    assert gradient.of(table)[0].tolist()[0] == 0.1
    table["log2FoldChange_shrunk"] = np.nan
    assert gradient.of(table)[0].tolist() == [3.0, 1.0]
