"""Enrichment of motifs in one set of peaks over another."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from workflow_lib.motifs import enrichment

COLUMNS = [
    *("motif_id", "name", "foreground_hits", "foreground_size", "background_hits", "background_size"),
    *("log2_enrichment", "odds_ratio", "ci_low", "ci_high", "pvalue", "log10_pvalue", "padj"),
    *("cluster", "representative"),
]
TESTED = ["log2_enrichment", "odds_ratio", "ci_low", "ci_high", "pvalue", "log10_pvalue", "padj"]


def sets(*tables):
    """Peaks with the given (foreground hits, foreground size, background hits, background size) by motif."""
    size, other = tables[0][1], tables[0][3]
    matches = np.zeros((size + other, len(tables)), dtype=np.int32)
    for column, (hits, _, other_hits, _) in enumerate(tables):
        matches[:hits, column] = 1
        matches[size : size + other_hits, column] = 3  # a peak counts once, however many hits
    foreground = np.arange(size + other) < size
    return sparse.csr_matrix(matches), foreground, ~foreground


def test_a_table_worked_out_by_hand():
    result = enrichment.test(*sets((3, 4, 1, 4), (1, 4, 3, 4)))
    assert list(result) == COLUMNS
    first = result.iloc[0]
    assert [first[c] for c in COLUMNS[2:6]] == [3, 4, 1, 4]
    # Tea tasting (Fisher 1935): (C(4,3) C(4,1) + C(4,4) C(4,0)) / C(8,4) = 17 / 70
    assert first["pvalue"] == pytest.approx(17 / 70)
    assert first["log10_pvalue"] == pytest.approx(np.log10(17 / 70))
    assert first["padj"] == pytest.approx(34 / 70)
    assert first["log2_enrichment"] == pytest.approx(np.log2(3))
    assert first["odds_ratio"] == pytest.approx(9)
    reach = 1.959963985 * np.sqrt(1 / 3 + 1 + 1 + 1 / 3)
    assert first["ci_low"] == pytest.approx(9 * np.exp(-reach))
    assert first["ci_high"] == pytest.approx(9 * np.exp(reach))
    # Depletion is not enrichment: P(X >= 1) = 1 - 1 / 70
    assert result["pvalue"][1] == pytest.approx(69 / 70)
    assert result["odds_ratio"][1] == pytest.approx(1 / 9)
    assert result["motif_id"].tolist() == [0, 1]
    assert result[["cluster", "representative"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("table", "pvalue", "ratio", "log2"),
    [
        ((0, 5, 0, 5), 1, 1, 0),
        ((5, 5, 5, 5), 1, 1, 0),
        ((5, 5, 0, 5), 1 / 252, 121, np.log2(11)),
        ((0, 5, 5, 5), 1, 1 / 121, -np.log2(11)),
        ((2, 5, 0, 5), 10 / 45, (2.5 * 5.5) / (3.5 * 0.5), np.log2(5)),
    ],
)
def test_zeros_stay_finite(table, pvalue, ratio, log2):
    row = enrichment.test(*sets(table)).iloc[0]
    assert row["pvalue"] == pytest.approx(pvalue)
    assert row["odds_ratio"] == pytest.approx(ratio)
    assert row["log2_enrichment"] == pytest.approx(log2)
    assert np.isfinite(row[TESTED].astype(float)).all()
    assert row["ci_low"] < row["odds_ratio"] < row["ci_high"]


def test_p_values_beyond_floats_keep_their_order():
    result = enrichment.test(*sets((2000, 2000, 0, 3000), (1900, 2000, 0, 3000), (1000, 2000, 1500, 3000)))
    assert (result["pvalue"] > 0).all()
    assert (result["padj"] > 0).all()
    assert result["pvalue"][0] < 1e-300
    first, second, last = result["log10_pvalue"]
    assert first < second < -308 < last
    exact = -(stats.binom(5000, 0.5).logpmf(2000) + 5000 * np.log(2)) / np.log(10)  # -log10 C(5000, 2000)
    assert first == pytest.approx(exact, rel=1e-10)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_p_values_are_fishers(data):
    size, other = (data.draw(st.integers(1, 60)) for _ in range(2))
    hits, other_hits = data.draw(st.integers(0, size)), data.draw(st.integers(0, other))
    expected = stats.fisher_exact([[hits, size - hits], [other_hits, other - other_hits]], "greater")[1]
    log10p = enrichment.log10_fisher([hits], size, [other_hits], other)
    assert log10p[0] <= 0
    assert 10 ** log10p[0] == pytest.approx(expected, rel=1e-9)


def test_large_sets_agree_with_scipy():
    rng = np.random.default_rng(0)
    size, other = 9_000, 80_000
    hits = rng.integers(0, size, 60)
    other_hits = np.clip(rng.poisson(hits / size * other * rng.uniform(0.8, 1.2, 60)), 0, other)
    expected = stats.hypergeom.logsf(hits - 1, size + other, hits + other_hits, size) / np.log(10)
    found = enrichment.log10_fisher(hits, size, other_hits, other)
    np.testing.assert_allclose(found, np.minimum(expected, 0), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("empty", ["foreground", "background", "both"])
def test_an_empty_set_tests_nothing(empty):
    matches, foreground, background = sets((3, 4, 1, 4), (0, 4, 2, 4))
    if empty != "background":
        foreground = np.zeros_like(foreground)
    if empty != "foreground":
        background = np.zeros_like(background)
    result = enrichment.test(matches, foreground, background)
    assert list(result) == COLUMNS
    assert result[TESTED].isna().all(axis=None)
    assert result["foreground_size"].tolist() == [foreground.sum()] * 2
    assert result["background_size"].tolist() == [background.sum()] * 2


def test_no_motif_and_no_peak():
    none = np.zeros(0, dtype=bool)
    assert list(enrichment.test(sparse.csr_matrix((0, 0)), none, none)) == COLUMNS
    ones = np.array([True, False])
    assert len(enrichment.test(sparse.csr_matrix((2, 0)), ones, ~ones)) == 0


def test_a_peak_in_both_sets_is_foreground_and_one_in_neither_is_left_out():
    matches, foreground, background = sets((3, 4, 1, 4))
    expected = enrichment.test(matches, foreground, background)
    padded = sparse.vstack([matches, np.ones((5, 1), dtype=np.int32)]).tocsr()
    foreground, background = (np.r_[each, np.zeros(5, bool)] for each in (foreground, background))
    pd.testing.assert_frame_equal(enrichment.test(padded, foreground, background | foreground), expected)


def test_a_hit_that_is_stored_twice_is_one_peak():
    stored = sparse.csr_array(([1, 1, 2], [0, 0, 0], [0, 2, 3, 3, 3]), shape=(4, 1))
    foreground, background = np.array([True, True, False, False]), np.array([False, False, True, True])
    result = enrichment.test(stored, foreground, background)
    assert result[["foreground_hits", "foreground_size"]].values.tolist() == [[2, 2]]


def test_stored_zeros_are_no_hits():
    matches, foreground, background = sets((3, 4, 1, 4))
    stored = matches.copy()
    stored.data[0] = 0
    assert enrichment.test(stored, foreground, background)["foreground_hits"][0] == 2


@pytest.mark.parametrize("weight", [1.0, 1e-200, 1e200])
def test_equal_weights_change_nothing(weight):
    matches, foreground, background = sets((30, 40, 100, 400), (3, 40, 9, 400))
    weights = np.full(440, weight)
    weights[foreground] = np.nan if weight == 1 else 7  # not looked at
    expected = enrichment.test(matches, foreground, background)
    pd.testing.assert_frame_equal(enrichment.test(matches, foreground, background, weights), expected)


def test_weights_shrink_the_background_to_its_effective_size():
    matches, foreground, background = sets((20, 40, 100, 400))
    weights = np.where(
        np.arange(440) < 240, 1.0, 3.0
    )  # of the background: 200 at 1 (100 with a hit), 200 at 3
    row = enrichment.test(matches, foreground, background, weights).iloc[0]
    assert row["background_size"] == pytest.approx(800**2 / 2000)  # 320
    assert row["background_hits"] == pytest.approx(320 * 100 / 800)  # 40
    assert row["odds_ratio"] == pytest.approx((20 * 280) / (20 * 40))
    assert row["pvalue"] == pytest.approx(stats.fisher_exact([[20, 20], [40, 280]], "greater")[1])


def test_fractions_of_peaks_are_rounded_to_the_safe_side():
    matches, foreground, background = sets((20, 40, 100, 400))
    weights = np.where(np.arange(440) < 240, 1.0, 2.5)
    row = enrichment.test(matches, foreground, background, weights).iloc[0]
    size = 700**2 / 1450
    assert row["background_size"] == pytest.approx(size)
    hits = int(np.ceil(size * 100 / 700))
    rest = int(size) - hits
    assert row["pvalue"] == pytest.approx(stats.fisher_exact([[20, 20], [hits, rest]], "greater")[1])


def test_names_and_clusters_come_from_the_motif_table():
    motifs = pd.DataFrame({"motif_id": ["MA1", "MA2"], "name": ["A", "B"], "cluster": [7, 7]})
    result = enrichment.test(*sets((3, 4, 1, 4), (0, 4, 2, 4)), motifs=motifs)
    assert result["motif_id"].tolist() == ["MA1", "MA2"]
    assert result["name"].tolist() == ["A", "B"]
    assert result["cluster"].tolist() == [7, 7]
    assert result["representative"].isna().all()


def test_what_does_not_fit_is_refused():
    matches, foreground, background = sets((3, 4, 1, 4))
    with pytest.raises(ValueError, match="8 booleans"):
        enrichment.test(matches, foreground[:-1], background)
    with pytest.raises(ValueError, match="8 booleans"):
        enrichment.test(matches, foreground.astype(int), background)
    with pytest.raises(ValueError, match="weights"):
        enrichment.test(matches, foreground, background, -np.ones(8))
    with pytest.raises(ValueError, match="weights"):
        enrichment.test(matches, foreground, background, np.ones(7))
    with pytest.raises(ValueError, match="1 columns, but there are 2 motifs"):
        enrichment.test(
            matches, foreground, background, motifs=pd.DataFrame({"motif_id": [1, 2], "name": [1, 2]})
        )
