"""Enrichment of motifs by propensities: against brute force, its level, and its edges."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, special, stats

from workflow_lib.motifs import enrichment, fisher, matched


def ids(n):
    return pd.DataFrame({"motif_id": [f"M{i}" for i in range(n)], "name": "x", "cluster": None})


def test_without_covariates_p_is_near_the_hypergeometric_mid_p():
    rng = np.random.default_rng(1)
    foreground = np.arange(900) < 120
    present = rng.random((900, 40)) < np.where(foreground[:, None], 0.2, 0.15)
    constant = pd.DataFrame({"gc": np.ones(900)})
    found = matched.test(sparse.csr_array(present), foreground, ~foreground, constant, ids(40))
    hits, carriers = present[foreground].sum(axis=0), present.sum(axis=0)
    expected = (
        stats.hypergeom.sf(hits, 900, carriers, 120) + stats.hypergeom.pmf(hits, 900, carriers, 120) / 2
    )
    np.testing.assert_allclose(found["log10_pvalue"], np.log10(expected), atol=0.05, rtol=0.05)
    assert found["foreground_hits"].tolist() == hits.tolist()
    np.testing.assert_allclose(found["background_hits"], carriers * 780 / 900)


@pytest.mark.parametrize("size", [40, 1600])
def test_level_where_motifs_follow_what_the_foreground_follows(size):
    pvalues, false = [], 0
    for seed in range(3):
        rng = np.random.default_rng([seed, size])
        gc, depth = rng.normal(0, 1, (2, 4000))
        order = 1.3 * gc + 0.8 * depth + rng.gumbel(size=4000)
        foreground = np.zeros(4000, bool)
        foreground[np.argsort(-order)[:size]] = True
        odds = rng.uniform(-4, -1, 300) + np.outer(gc, rng.normal(0, 0.8, 300))
        present = rng.random((4000, 300)) < special.expit(odds)
        values = pd.DataFrame({"gc": gc, "depth": depth})
        found = matched.test(sparse.csr_array(present), foreground, ~foreground, values, ids(300))
        pvalues.append(found["pvalue"])
        false += (found["padj"] < 0.05).sum()
    p = np.concatenate(pvalues)
    assert 0.5 < (p <= 0.05).mean() / 0.05 < 1.6
    assert (p <= 0.001).mean() < 0.005
    assert false <= 1


def test_the_public_name_takes_sequences():
    rng = np.random.default_rng(2)
    sequences = {f"p{i}": "".join(rng.choice(list("ACGT"), 60)) for i in range(200)}
    foreground = np.arange(200) < 40
    present = (rng.random((200, 3)) < 0.2) | (foreground[:, None] & [True, False, False])
    found = enrichment.against(
        sparse.csr_array(present), foreground, ~foreground, sequences=sequences, width=np.full(200, 501),
        mean_count=rng.uniform(5, 50, 200), motifs=ids(3),
    )  # fmt: skip
    assert found["pvalue"][0] < 1e-10
    assert (found["pvalue"][1:] > 0.01).all()
    assert found["odds_ratio"][0] > 3
    assert (found["ci_low"] <= found["odds_ratio"]).all()


def test_edges():
    values = pd.DataFrame({"gc": np.linspace(0.3, 0.6, 50)})
    some, nobody = np.arange(50) < 20, np.zeros(50, bool)
    present = sparse.csr_array(np.column_stack([np.zeros(50, int), np.ones(50, int), np.arange(50) % 2]))
    empty = matched.test(present, nobody, some, values, ids(3))
    assert empty[fisher.RESULTS].isna().all(axis=None)
    found = matched.test(present, some, ~some, values, ids(3))
    assert found["pvalue"][0] == 1  # in no peak
    assert np.isfinite(found[["log2_enrichment", "odds_ratio", "pvalue", "padj"]]).all(axis=None)
    assert len(matched.test(present[:, :0], some, ~some, values, ids(0))) == 0
    with pytest.raises(ValueError, match="50 booleans"):
        matched.test(present, some[:-1], ~some, values, ids(3))
