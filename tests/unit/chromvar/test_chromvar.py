"""Background peaks, deviations, variability: oracle and edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from workflow_lib import chromvar
from workflow_lib.chromvar import deviation


def experiment(n_peaks=60, n_samples=4, n_motifs=5, iterations=7, seed=1, mean=20):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(2, mean / 2, size=(n_peaks, 1)), size=(n_peaks, n_samples))
    matches = sparse.csr_array(rng.poisson(0.3, size=(n_peaks, n_motifs)))
    gc = rng.beta(20, 20, n_peaks)
    background = rng.integers(n_peaks, size=(n_peaks, iterations))
    return counts, matches, gc, background


def naive_deviations(counts, matches, background):
    """The definition, one motif, sample and iteration at a time."""
    total = counts.sum()
    n_motifs, n_samples = matches.shape[1], counts.shape[1]
    deviations = np.full((n_motifs, n_samples), np.nan)
    zscores = deviations.copy()
    for m in range(n_motifs):
        peaks = [p for p in range(len(counts)) if matches[p, m] > 0]
        for s in range(n_samples):
            depth = counts[:, s].sum()

            def relative(rows, s=s, depth=depth):
                expected = sum(counts[r].sum() / total for r in rows) * depth
                with np.errstate(invalid="ignore"):  # peaks without counts, drawn at random: 0 / 0
                    return (sum(counts[r, s] for r in rows) - expected) / expected, expected

            if not peaks or depth == 0 or relative(peaks)[1] < 1:
                continue
            drawn = [relative([background[p, i] for p in peaks])[0] for i in range(background.shape[1])]
            deviations[m, s] = relative(peaks)[0] - np.mean(drawn)
            zscores[m, s] = deviations[m, s] / np.std(drawn, ddof=1)
    return deviations, zscores


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 20]))
def test_deviations_equal_the_definition(seed, mean):
    counts, matches, _, background = experiment(25, 3, 4, 5, seed, mean)
    expected = naive_deviations(counts, matches.toarray(), background)
    for ours, theirs in zip(chromvar.deviations(counts, matches, background), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_written_out_deviation():
    # shares of all 40 reads: 0.25 and 0.75; depths 20, 20: motif 0 (peak 0) expects 5, sees 8 and 2
    counts = np.array([[8, 2], [12, 18]])
    matches = np.array([[1, 0], [0, 3]])
    background = np.array([[0, 1], [1, 1]])
    deviations, zscores = chromvar.deviations(counts, matches, background)
    # background of peak 0: itself (0.6, -0.6) and peak 1 (-0.2, 0.2), mean 0.2, -0.2
    np.testing.assert_allclose(deviations[0], [0.4, -0.4])
    np.testing.assert_allclose(
        zscores[0], [0.4 / np.std([0.6, -0.2], ddof=1), -0.4 / np.std([0.6, -0.2], ddof=1)]
    )
    # background of peak 1 is always itself: nothing deviates, and nothing to divide by
    np.testing.assert_allclose(deviations[1], [0, 0], atol=1e-15)
    assert np.isnan(zscores[1]).all()


def test_blocks_do_not_change_the_result(monkeypatch):
    counts, matches, _, background = experiment()
    whole = chromvar.deviations(counts, matches, background)
    monkeypatch.setattr(deviation, "BLOCK", 2 * 60 * 4)
    for ours, theirs in zip(chromvar.deviations(counts, matches, background), whole, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-14)


def test_every_form_of_input_gives_the_same():
    counts, matches, _, background = experiment()
    expected = chromvar.deviations(counts, matches, background)
    peaks = [f"p{i}" for i in range(60)]
    named = pd.DataFrame(counts, index=peaks, columns=list("wxyz"))
    motifs = [f"m{j}" for j in range(5)]
    for matrix in (
        matches.toarray(),
        sparse.coo_matrix(matches),
        pd.DataFrame(matches.toarray(), peaks, motifs),
        pd.DataFrame.sparse.from_spmatrix(sparse.csr_matrix(matches), peaks, motifs),
    ):
        for table in (counts, sparse.csr_matrix(counts), named):
            for ours, theirs in zip(chromvar.deviations(table, matrix, background), expected, strict=True):
                np.testing.assert_array_equal(ours, theirs)
                assert isinstance(ours, pd.DataFrame) == any(
                    isinstance(x, pd.DataFrame) for x in (table, matrix)
                )
    deviations, zscores = chromvar.deviations(
        named, pd.DataFrame(matches.toarray(), peaks, motifs), background
    )
    for frame in (deviations, zscores):
        assert list(frame.index) == motifs
        assert list(frame.columns) == list("wxyz")


def test_the_number_of_hits_does_not_matter():
    counts, matches, _, background = experiment()
    once = (matches.toarray() > 0).astype(int)
    for ours, theirs in zip(
        chromvar.deviations(counts, matches, background),
        chromvar.deviations(counts, once, background),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_duplicate_and_stored_zero_entries_are_hits_or_not():
    counts, _, _, background = experiment(3, 2, 1, 4, mean=50)
    twice = sparse.coo_matrix(([1, 1, 0], ([0, 0, 1], [0, 0, 0])), shape=(3, 1))
    ours = chromvar.deviations(counts, twice, background % 3)
    theirs = chromvar.deviations(counts, [[1], [0], [0]], background % 3)
    np.testing.assert_array_equal(ours, theirs)
    assert chromvar.scores(counts, twice, [background % 3]).background.n_peaks.tolist() == [1]


def test_few_expected_reads_empty_motif_and_empty_sample_are_missing():
    counts = np.array([[1, 0, 0], [5, 40, 0], [30, 60, 0]])
    matches = np.array([[1, 0, 0], [0, 0, 1], [0, 0, 1]])
    background = np.array([[1, 2, 0], [2, 1, 2], [1, 2, 2]])
    deviations, zscores = chromvar.deviations(counts, matches, background)
    for result in (deviations, zscores):
        assert np.isnan(result[0]).all()  # expects 0.26 and 0.74 reads
        assert np.isnan(result[1]).all()  # no peak has it
        assert np.isfinite(result[2, :2]).all()
        assert np.isnan(result[:, 2]).all()  # no read


def test_a_motif_in_every_peak_has_no_raw_deviation():
    counts, _, gc, _ = experiment(400, 4)
    background = chromvar.background_peaks(counts, gc, 50, 1)
    deviations, zscores = chromvar.deviations(counts, np.ones((400, 1)), background)
    assert np.isfinite(zscores).all()
    assert np.abs(deviations).max() < 0.05


@pytest.mark.parametrize("shape", [(0, 3, 2), (5, 0, 2), (5, 3, 0), (0, 0, 0)])
def test_nothing_in_nothing_out(shape):
    n_peaks, n_samples, n_motifs = shape
    counts = np.ones((n_peaks, n_samples), int)
    background = chromvar.background_peaks(counts, np.full(n_peaks, 0.5), 4, 1)
    assert background.shape == (n_peaks, 4)
    deviations, zscores = chromvar.deviations(counts, sparse.csr_array((n_peaks, n_motifs)), background)
    assert deviations.shape == zscores.shape == (n_motifs, n_samples)
    assert np.isnan(deviations).all()
    assert len(chromvar.variability(zscores)) == n_motifs


def test_one_sample_has_no_deviation():
    """All reads are expected where they are: the raw and the background deviations are 0."""
    counts, matches, gc, _ = experiment(60, 1)
    background = chromvar.background_peaks(counts, gc, 10, 1)
    deviations, zscores = chromvar.deviations(counts, matches, background)
    np.testing.assert_allclose(deviations, 0, atol=1e-12)
    assert np.isnan(zscores).all()
    assert chromvar.variability(zscores).isna().all(axis=None)


def test_one_iteration_has_deviations_but_no_spread():
    counts, matches, _, background = experiment(iterations=1)
    deviations, zscores = chromvar.deviations(counts, matches, background)
    assert np.isfinite(deviations).all()
    assert np.isnan(zscores).all()


def test_background_depends_on_the_seed_alone():
    counts, _, gc, _ = experiment(300)
    drawn = chromvar.background_peaks(counts, gc, 20, 5)
    np.testing.assert_array_equal(chromvar.background_peaks(counts, gc, 20, 5), drawn)
    np.testing.assert_array_equal(chromvar.background_peaks(sparse.csr_array(counts), list(gc), 20, 5), drawn)
    assert (chromvar.background_peaks(counts, gc, 20, 6) != drawn).any()
    assert drawn.shape == (300, 20)
    assert np.issubdtype(drawn.dtype, np.integer)
    assert drawn.min() >= 0
    assert drawn.max() < 300


def test_background_matches_gc_and_intensity():
    counts, _, gc, _ = experiment(5000, mean=100)
    drawn = chromvar.background_peaks(counts, gc, 50, 1)
    intensity = np.log10(counts.sum(axis=1) + 1)
    for value in (gc, intensity):
        spread = np.sqrt(((value[drawn] - value[:, None]) ** 2).mean())
        # kernel 0.1 and half a cell, of an sd of 1
        assert spread < 0.2 * value.std()
    assert (drawn == np.arange(5000)[:, None]).mean() < 0.2


def test_peaks_without_counts_are_themselves_and_change_nothing():
    counts, matches, gc, _ = experiment(200)
    rest = np.append(np.arange(0, 230, 8), 229)[-30:]  # the first and the last peak among them
    at = np.setdiff1d(np.arange(230), rest)
    wide_counts = np.zeros((230, 4), int)
    wide_counts[at] = counts
    wide_gc = np.full(230, 0.99)
    wide_gc[at] = gc
    wide_matches = np.ones((230, 5))
    wide_matches[at] = matches.toarray()
    drawn = chromvar.background_peaks(wide_counts, wide_gc, 10, 3)
    narrow = chromvar.background_peaks(counts, gc, 10, 3)
    np.testing.assert_array_equal(drawn[at], at[narrow])
    np.testing.assert_array_equal(drawn[rest], np.repeat(rest[:, None], 10, axis=1))
    for wide, alone in zip(
        chromvar.deviations(wide_counts, wide_matches, drawn),
        chromvar.deviations(counts, matches, narrow),
        strict=True,
    ):
        np.testing.assert_allclose(wide, alone, rtol=1e-10, atol=1e-12)


def test_a_peak_of_unknown_gc_is_placed_at_the_median():
    counts, _, gc, _ = experiment(101)
    gc[7] = np.nan
    placed = gc.copy()
    placed[7] = np.nanmedian(gc)
    np.testing.assert_array_equal(
        chromvar.background_peaks(counts, gc, 10, 1), chromvar.background_peaks(counts, placed, 10, 1)
    )
    assert chromvar.background_peaks(counts, np.full(101, np.nan), 10, 1).shape == (101, 10)


def test_no_spread_in_gc_or_counts_is_no_axis():
    counts, _, gc, _ = experiment(50)
    flat = np.full_like(counts, 3)
    everywhere = chromvar.background_peaks(flat, np.full(50, 0.5), 400, 1)
    assert stats.chisquare(np.bincount(everywhere.ravel(), minlength=50)).pvalue > 0.001
    by_gc = chromvar.background_peaks(flat, gc, 50, 1)
    assert np.abs(gc[by_gc] - gc[:, None]).mean() < 0.3 * gc.std()
    collinear = np.log10(counts.sum(axis=1) + 0.0) / 10
    by_both = chromvar.background_peaks(counts, collinear, 50, 1)
    assert np.abs(collinear[by_both] - collinear[:, None]).mean() < 0.3 * collinear.std()


def test_a_single_peak_draws_itself():
    np.testing.assert_array_equal(chromvar.background_peaks([[3, 4]], [0.4], 5, 1), np.zeros((1, 5)))


@pytest.mark.parametrize(
    ("counts", "gc", "words"),
    [
        ([[1, 2], [3, 4]], [0.5], "2 peaks in counts but 1 GC"),
        ([[1, -2]], [0.5], "0 or more"),
        ([[1, np.nan]], [0.5], "missing"),
        ([1, 2], [0.5, 0.5], "peaks x samples"),
    ],
)
def test_impossible_counts_are_refused(counts, gc, words):
    with pytest.raises(ValueError, match=words):
        chromvar.background_peaks(np.array(counts), gc, 5, 1)


def test_disagreeing_peaks_are_refused():
    counts, matches, _, background = experiment()
    with pytest.raises(ValueError, match="59 in matches"):
        chromvar.deviations(counts, matches[:59], background)
    with pytest.raises(ValueError, match="58 in background"):
        chromvar.deviations(counts, matches, background[:58])
    named = pd.DataFrame(counts, index=[f"p{i}" for i in range(60)])
    table = pd.DataFrame(matches.toarray(), index=named.index[::-1])
    with pytest.raises(ValueError, match="same order"):
        chromvar.deviations(named, table, background)


def test_gc_content():
    sequences = ["ACGT", "GGCC", "ggNNat", "NNNN", "", "AAAA"]
    np.testing.assert_array_equal(chromvar.gc_content(sequences), [0.5, 1, 0.5, np.nan, np.nan, 0])
    assert chromvar.gc_content([]).shape == (0,)


def test_variability_leaves_missing_scores_out():
    z = pd.DataFrame(
        [[1.0, -1, 2, 0], [np.nan, 1, 3, np.nan], [np.nan, 1, np.nan, np.nan], [np.nan] * 4],
        index=list("abcd"),
    )
    result = chromvar.variability(z, seed=1)
    assert list(result.columns) == ["variability", "ci_low", "ci_high", "pvalue", "padj"]
    assert list(result.index) == list("abcd")
    assert result.loc["a", "variability"] == pytest.approx(np.std([1, -1, 2, 0], ddof=1))
    assert result.loc["a", "pvalue"] == pytest.approx(stats.chi2.sf(5, 3))
    assert result.loc["b", "variability"] == pytest.approx(np.sqrt(2))
    assert result.loc["b", "pvalue"] == pytest.approx(stats.chi2.sf(2, 1))
    assert result.loc[["c", "d"]].isna().all(axis=None)
    # of two tests, the larger p decides both
    assert list(result["padj"][:2]) == pytest.approx([stats.chi2.sf(5, 3)] * 2)


def test_bootstrap_interval_equals_resampling_one_by_one():
    rng = np.random.default_rng(0)
    z = rng.normal(3, 2, size=(3, 6))
    result = chromvar.variability(z, seed=4, resamples=200)
    draws = np.random.default_rng(4).integers(6, size=(200, 6))
    for row, motif in zip(result.itertuples(), z, strict=True):
        spread = [np.std(motif[draw], ddof=1) for draw in draws]
        assert (row.ci_low, row.ci_high) == pytest.approx(tuple(np.quantile(spread, [0.025, 0.975])))


def test_variability_depends_on_the_seed_alone():
    z = np.random.default_rng(0).normal(size=(4, 6))
    pd.testing.assert_frame_equal(chromvar.variability(z, seed=2), chromvar.variability(z, seed=2))
    assert (chromvar.variability(z, seed=2)["ci_low"] != chromvar.variability(z, seed=3)["ci_low"]).any()


def test_differential_is_the_moderated_t_of_deviations():
    samples = pd.DataFrame({"group": ["c", "c", "t", "t"]}, index=list("wxyz"))
    values = pd.DataFrame(
        [[0.0, 0.1, 1.0, 1.2], [0.3, 0.1, 0.2, 0.0], [np.nan] * 4],
        index=["m0", "m1", "m2"],
        columns=list("wxyz"),
    )
    contrast = {"variable": "group", "experiment": "t", "control": "c"}
    result = chromvar.differential(values, samples, "~ group", contrast)
    assert list(result.columns) == ["delta", "stat", "pvalue", "padj"]
    assert list(result.index) == ["m0", "m1", "m2"]
    assert result.loc["m0", "delta"] == pytest.approx(1.05)
    assert result.loc["m0", "pvalue"] < 0.05
    assert result.loc["m2"].isna().all()
    single = chromvar.differential(values[["w", "z"]], samples.loc[["w", "z"]], "~ group", contrast)
    assert single.loc["m0", "delta"] == pytest.approx(1.2)
    assert single[["stat", "pvalue", "padj"]].isna().all(axis=None)
