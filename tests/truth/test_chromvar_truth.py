"""A factor that opens its sites in one group is found; without a change the p-values are uniform."""

import itertools

import numpy as np
import pandas as pd
from scipy import sparse, stats

from workflow_lib import chromvar

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}


def simulate(seed, n_samples=6, fold=1.0, n_peaks=6000, n_motifs=80):
    """Negative binomial counts with a GC bias a sample; the peaks of motif 0 open `fold` times."""
    rng = np.random.default_rng(seed)
    gc = rng.beta(20, 20, n_peaks)
    liking = rng.normal(size=n_motifs)  # motifs prefer GC-rich or GC-poor peaks
    odds = np.exp(liking[None, :] * 8 * (gc[:, None] - 0.5) - 4)
    matches = sparse.csr_array((rng.random((n_peaks, n_motifs)) < odds / (1 + odds)).astype(int))
    group = np.repeat(["control", "treated"], n_samples // 2)
    depth = rng.uniform(0.5, 2, n_samples)
    bias = np.exp(rng.normal(0, 3, n_samples)[None, :] * (gc[:, None] - 0.5))
    effect = np.where(matches[:, [0]].toarray() * (group == "treated")[None, :] > 0, fold, 1.0)
    mean = rng.lognormal(3.5, 0.8, (n_peaks, 1)) * depth * bias * effect
    noise = rng.gamma(1 / 0.05, 0.05, mean.shape)
    names = [f"s{i}" for i in range(n_samples)]
    counts = pd.DataFrame(rng.poisson(mean * noise), columns=names)
    return counts, matches, gc, pd.DataFrame({"group": group}, index=names)


def corrected(counts, matches, gc):
    background = chromvar.background_peaks(counts, gc, 50, 1)
    return chromvar.deviations(counts, matches, background)


def test_the_planted_motif_ranks_first():
    for seed, fold in itertools.product(range(3), [1.3, 0.75]):
        counts, matches, gc, samples = simulate(seed, fold=fold)
        deviations, zscores = corrected(counts, matches, gc)
        result = chromvar.differential(deviations, samples, "~ group", CONTRAST)
        assert result["pvalue"].idxmin() == 0
        assert result.loc[0, "padj"] < 0.01
        assert np.sign(result.loc[0, "delta"]) == np.sign(fold - 1)
        assert chromvar.variability(zscores, seed=1)["variability"].idxmax() == 0


def test_gc_bias_of_single_samples_is_taken_out():
    """The slope of a sample's deviations over the motifs' GC is its bias; hardly any is left."""
    counts, matches, gc, _ = simulate(4)
    deviations, _ = corrected(counts, matches, gc)
    observed = matches.T @ counts.to_numpy()
    expected = observed.sum(axis=1, keepdims=True) * (counts.sum() / counts.to_numpy().sum()).to_numpy()
    motif_gc = (matches.T @ gc) / matches.sum(axis=0)
    biased = np.polyfit(motif_gc, observed / expected - 1, 1)[0]
    left = np.polyfit(motif_gc, deviations, 1)[0]
    assert np.abs(biased).max() > 1.5
    assert np.abs(left).max() < 0.1 * np.abs(biased).max()


def test_pvalues_are_near_nominal_under_permuted_labels():
    """Eight samples without a change, each half against the other half: 35 splits."""
    counts, matches, gc, samples = simulate(5, n_samples=8)
    deviations, _ = corrected(counts, matches, gc)
    small, pvalues = [], []
    for others in itertools.combinations(range(1, 8), 3):
        group = np.full(8, "treated")
        group[[0, *others]] = "control"
        result = chromvar.differential(deviations, samples.assign(group=group), "~ group", CONTRAST)
        small.append((result["pvalue"] < 0.05).mean())
        pvalues.append(result["padj"].min())
    assert 0.02 < np.mean(small) < 0.08
    assert np.mean(np.array(pvalues) < 0.05) < 0.2


def test_pvalues_are_uniform_in_fresh_experiments():
    pvalues = []
    for seed in range(6):
        counts, matches, gc, samples = simulate(20 + seed, n_peaks=3000)
        deviations, _ = corrected(counts, matches, gc)
        pvalues.append(chromvar.differential(deviations, samples, "~ group", CONTRAST)["pvalue"])
    assert stats.kstest(np.concatenate(pvalues), "uniform").statistic < 0.1
