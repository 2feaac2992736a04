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


def mixed(seed, drivers=2, changed=0.2, n_peaks=2500, n_motifs=150):
    """Motifs in 2 to 600 peaks; a fifth of all peaks change, whatever their motifs; two motifs drive more.

    Half of the first motif's peaks open, half of the second's close.
    """
    rng = np.random.default_rng(seed)
    gc = rng.beta(20, 20, n_peaks)
    size = np.exp(rng.uniform(np.log(2), np.log(600), n_motifs)).astype(int)
    size[:2] = 150, 200
    carried = []
    for n, liking in zip(size, rng.normal(0, 8, n_motifs), strict=True):
        weight = np.exp(liking * (gc - 0.5))
        carried.append(rng.choice(n_peaks, n, replace=False, p=weight / weight.sum()))
    matches = sparse.csc_array(
        (np.ones(size.sum()), np.concatenate(carried), np.r_[0, np.cumsum(size)]), shape=(n_peaks, n_motifs)
    )
    fold = np.where(rng.random(n_peaks) < changed, rng.choice([-1, 1], n_peaks), 0) * rng.uniform(
        1, 2.5, n_peaks
    )
    for motif, sign in zip(range(drivers), (1, -1), strict=False):
        bound = rng.choice(carried[motif], size[motif] // 2, replace=False)
        fold[bound] = sign * rng.uniform(1, 2.5, len(bound))
    group = np.repeat(["control", "treated"], 3)
    bias = np.exp(rng.normal(0, 2, 6) * (gc[:, None] - 0.5))
    base = rng.lognormal(4, 0.8, (n_peaks, 1))
    mean = base * rng.uniform(0.6, 1.6, 6) * bias * 2 ** (fold[:, None] * (group == "treated"))
    dispersion = 0.03 + 0.5 / base
    names = [f"s{i}" for i in range(6)]
    counts = pd.DataFrame(
        rng.poisson(mean * rng.gamma(1 / dispersion, dispersion, mean.shape)), columns=names
    )
    return counts, matches.tocsr(), gc, pd.DataFrame({"group": group}, index=names)


def compared(seed, **settings):
    counts, matches, gc, samples = mixed(seed, **settings)
    found = chromvar.scores(counts, matches, chromvar.background_chunks(counts, gc, 50, seed))
    deviations = pd.DataFrame(found.deviations, columns=samples.index)
    return chromvar.compare_groups(deviations, found.background, samples, "~ group", CONTRAST)


def test_drivers_are_called_and_motifs_that_share_changed_peaks_are_not():
    """Peaks change without a motif's doing: the t-test alone calls many motifs, both tests hardly one."""
    tables = [compared(seed) for seed in range(6)]
    for table in tables:
        assert table["direction"].tolist()[:2] == ["up", "down"]
        assert sorted(table["joint_pvalue"].rank()[:2]) == [1, 2]
    others = pd.concat([table.iloc[2:] for table in tables])
    assert (others["padj"] < 0.05).sum() > 100
    assert others["direction"].isin(["up", "down"]).sum() <= 3
    for lower, upper in ((2, 10), (10, 50), (50, 1000)):
        some = others[others["n_peaks"].between(lower, upper - 1)]
        assert (some["competitive_pvalue"] < 0.05).mean() < 0.09


def test_t_in_units_of_the_background_is_level_whatever_the_number_of_peaks():
    """Nothing changes: without the unit, motifs in few peaks come out too often and others never."""
    table = pd.concat([compared(seed, drivers=0, changed=0) for seed in range(6)])
    for lower, upper in ((2, 10), (10, 50), (50, 1000)):
        some = table[table["n_peaks"].between(lower, upper - 1)]
        assert 0.02 < (some["pvalue"] < 0.05).mean() < 0.09
        assert (some["joint_pvalue"] < 0.05).mean() < 0.06
    assert (table["direction"].isin(["up", "down"])).sum() == 0


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
