"""chromVAR's background by moments: the limit of its draws; and samples made comparable."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib import chromvar, moderated


def made(n_peaks=600, n_motifs=30, seed=4):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(np.exp(rng.normal(3.5, 0.7, n_peaks))[:, None] * rng.uniform(0.6, 1.4, 5))
    matches = sparse.csr_array((rng.random((n_peaks, n_motifs)) < 0.1).astype(int))
    return counts, matches, rng.beta(9, 10, n_peaks)


def test_moments_are_the_limit_of_draws():
    counts, matches, gc = made()
    found = chromvar.moments(counts, matches, gc)
    drawn = chromvar.scores(counts, matches, chromvar.background_chunks(counts, gc, 4000, 1))
    np.testing.assert_allclose(found.deviations, drawn.deviations, atol=0.01)
    assert np.abs(found.zscores - drawn.zscores).max() < 0.25
    ratio = found.background.covariance / drawn.background.covariance
    assert np.median(ratio) == pytest.approx(1, abs=0.03)
    variance = np.diagonal(ratio, axis1=1, axis2=2)
    assert variance.std() < 0.05


def test_peaks_without_counts_and_motifs_without_peaks():
    counts, matches, gc = made()
    matches = matches.toarray()
    matches[:, 3] = 0
    whole = chromvar.moments(counts, matches, gc)
    assert np.isnan(whole.deviations[3]).all()
    more = chromvar.moments(
        np.vstack([counts, np.zeros((4, 5), int)]),
        np.vstack([matches, np.ones((4, 30), int)]),
        np.concatenate([gc, [np.nan] * 4]),
    )
    np.testing.assert_allclose(more.deviations, whole.deviations, atol=1e-9)
    np.testing.assert_allclose(more.zscores, whole.zscores, atol=1e-6)
    nothing = chromvar.moments(np.zeros((3, 2), int), np.ones((3, 1), int), np.full(3, 0.5))
    assert np.isnan(nothing.zscores).all()


def test_scaled_samples_have_one_distribution_and_keep_gaps():
    rng = np.random.default_rng(1)
    scores = pd.DataFrame(rng.normal(0, [1, 2, 3], (400, 3)), columns=list("abc"))
    scores.iloc[5, 1] = np.nan
    found = chromvar.scale_samples(scores)
    assert np.isnan(found.iloc[5, 1])
    assert found.std().max() / found.std().min() < 1.02
    assert (found["a"].rank() == scores["a"].rank()).all()
    few = scores.head(10)
    pd.testing.assert_frame_equal(chromvar.scale_samples(few), few)


def test_a_robust_prior_does_not_judge_a_motif_that_varies_by_quiet_ones():
    contrast = {"variable": "group", "experiment": "b", "control": "a"}
    samples = pd.DataFrame({"group": list("aaabbb")}, index=[f"s{i}" for i in range(6)])
    called = {True: 0, False: 0}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        values = rng.normal(0, 1, (300, 6))
        values[0] *= 10
        scores = pd.DataFrame(values, columns=samples.index)
        for robust in called:
            found = moderated.test(scores, samples, "~ group", contrast, robust=robust)
            called[robust] += found["padj"][0] < 0.05
    assert called[True] <= 3
    assert called[False] > 2 * max(called[True], 1)


def test_scaling_brings_the_truth_forward_in_real_perturbations(shared):
    folder = shared / "data" / "perturbations"
    if not folder.is_dir():
        pytest.skip("no data/perturbations in the shared folder")
    contrast = {"variable": "group", "experiment": "treated", "control": "control"}
    ranks = {}
    for factor in ("GATA1", "GATA2", "RUNX1", "NR1H3"):
        z = pd.read_csv(folder / f"z_{factor}.tsv.gz", sep="\t", index_col=0)
        groups = np.repeat(["control", "treated"], z.shape[1] // 2)
        samples = pd.DataFrame({"group": groups}, index=z.columns)
        for name, scores in (("raw", z), ("scaled", chromvar.scale_samples(z))):
            p = moderated.test(scores, samples, "~ group", contrast)["pvalue"]
            ranks.setdefault(name, []).append(int((p <= p[factor]).sum()))
    assert ranks["raw"] == [4, 31, 1, 1]
    assert ranks["scaled"] == [2, 19, 1, 1]
