"""Enrichment at human scale, and three ways to weight a background: balance, effective size, level, time.

    python benchmarks/enrichment.py

The peers are re-implemented here from the papers: HOMER's iteration over k-mers after GC bins (Heinz 2010, as
monaLisa has it, Machlab 2022), and weights by the odds of a logistic model of membership.
"""

import numpy as np
import pandas as pd
import timing
from scipy import sparse

from workflow_lib.motifs import enrichment, gradient, matched, matching
from workflow_lib.stats import propensity as propensities

N_PEAKS, N_MOTIFS, N_FOREGROUND = 100_000, 2000, 5000
NULLS = [(80, 4), (400, 4)]  # foreground peaks, repeats


def experiment(seed, n, n_motifs, n_foreground):
    """A confounded null: membership and motifs both follow GC content and depth, and nothing else."""
    rng = np.random.default_rng(seed)
    gc = np.clip(rng.normal(0.48, 0.09, n), 0.15, 0.85)
    strong = rng.random((n, 200), dtype=np.float32) < gc[:, None].astype(np.float32)
    first = rng.random((n, 200), dtype=np.float32) < 0.5
    letters = np.where(strong, np.where(first, b"C", b"G"), np.where(first, b"A", b"T"))
    observed, depth = strong.mean(axis=1) - 0.48, rng.gamma(2, 40, n) + 10
    deep = np.log(depth) - np.log(depth).mean()
    slopes = rng.normal(0, 12, n_motifs), rng.normal(0, 0.3, n_motifs)
    base = rng.uniform(np.log(0.004), np.log(0.4), n_motifs)
    columns = []
    for j in range(n_motifs):
        log_odds = base[j] + slopes[0][j] * observed + slopes[1][j] * deep
        columns.append(np.flatnonzero(rng.random(n) < 1 / (1 + np.exp(-log_odds))))
    ends = np.r_[0, np.cumsum([len(column) for column in columns])]
    ones = np.ones(ends[-1], dtype=np.int32)
    matches = sparse.csc_array((ones, np.concatenate(columns), ends), shape=(n, n_motifs)).tocsr()
    chance = np.exp(6 * observed + 0.7 * deep)
    foreground = np.zeros(n, dtype=bool)
    foreground[rng.choice(n, n_foreground, replace=False, p=chance / chance.sum())] = True
    return [row.tobytes().decode() for row in letters], depth, matches, foreground


def iterated(values: pd.DataFrame, foreground: np.ndarray) -> np.ndarray:
    """GC bins, then the words of each length: weights times a factor for over-represented words."""
    bins = np.digitize(values["gc"], [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8])
    inside, outside = (
        np.bincount(bins[each], minlength=11) / each.sum() for each in (foreground, ~foreground)
    )
    weights = np.where(foreground, 0.0, np.divide(inside, outside, out=np.zeros(11), where=outside > 0)[bins])
    for k in (1, 2, 3):
        names = (
            ["gc"] if k == 1 else [name for name in values if name.startswith("kmer_") and len(name) == 5 + k]
        )
        content = values[names].to_numpy()
        if k == 1:
            content = np.column_stack([1 - content, content])
        for _ in range(160):
            mine = content[foreground].mean(axis=0)
            theirs = weights @ content / weights.sum()
            factor = content @ (mine / np.maximum(theirs, 1e-9))  # about 1 where the words fit
            updated = weights * np.clip(factor / factor.mean(), 0.5, 2.0)
            updated *= (~foreground).sum() / updated.sum()
            done = np.abs(mine - theirs).max() < 1e-4 or np.abs(updated - weights).max() < 1e-6
            weights = updated
            if done:
                break
    return weights


def propensity(values: pd.DataFrame, foreground: np.ndarray) -> np.ndarray:
    """Odds of membership by the logistic model of the enrichment's propensities."""
    chance = propensities.of(values, foreground, ~foreground)
    return np.where(foreground, 0.0, chance / (1 - chance))


METHODS = {
    "none": lambda values, foreground: (~foreground).astype(float),
    "GC bins and k-mers iterated": iterated,
    "logistic propensity": propensity,
    "entropy balancing": lambda values, foreground: matching.weights(values, foreground, ~foreground),
}


def compare(n_foreground: int, repeats: int) -> pd.DataFrame:
    """Methods side by side on confounded nulls of 4,000 peaks x 300 motifs."""
    rows = {name: [] for name in METHODS}
    for seed in range(repeats):
        sequences, depth, matches, foreground = experiment(seed, 4000, 300, n_foreground)
        values = matching.covariates(sequences, np.full(4000, 501), depth)
        for name, method in METHODS.items():
            weights, seconds = timing.measure(lambda m=method, v=values, f=foreground: m(v, f), 1)
            table = matching.balance(values, foreground, ~foreground, weights)
            p = enrichment.test(matches, foreground, ~foreground, weights)["pvalue"]
            levels = [(p <= alpha).mean() for alpha in (0.001, 0.05)]
            rows[name].append([matching.worst(table)[1], table["n_effective"][0], *levels, seconds])
    columns = ["largest |SMD|", "effective n", "p <= 0.001", "p <= 0.05", "CPU s"]
    return pd.DataFrame({name: np.mean(found, axis=0) for name, found in rows.items()}, index=columns).T


def main():
    print(timing.machine())
    for n_foreground, repeats in NULLS:
        print(f"\nnull with {n_foreground} foreground peaks of 4,000, mean of {repeats}")
        print(compare(n_foreground, repeats).round(4).to_string())
    sequences, depth, matches, foreground = experiment(0, N_PEAKS, N_MOTIFS, N_FOREGROUND)
    print(f"\n{N_PEAKS:,} peaks x {N_MOTIFS:,} motifs, {matches.nnz:,} stored values, CPU seconds")
    widths = np.full(N_PEAKS, 501)
    values, seconds = timing.measure(lambda: matching.covariates(sequences, widths, depth))
    print(f"covariates  {seconds:6.2f}")
    weights, seconds = timing.measure(lambda: matching.weights(values, foreground, ~foreground))
    print(f"weights     {seconds:6.2f}")
    _, seconds = timing.measure(lambda: enrichment.test(matches, foreground, ~foreground, weights))
    print(f"Fisher      {seconds:6.2f}")
    motifs = pd.DataFrame({"motif_id": np.arange(N_MOTIFS), "name": np.arange(N_MOTIFS)})
    _, seconds = timing.measure(lambda: matched.test(matches, foreground, ~foreground, values, motifs))
    print(f"matched     {seconds:6.2f}")
    fold = np.random.default_rng(1).normal(size=N_PEAKS)
    bins = gradient.bins(fold, np.ones(N_PEAKS, dtype=bool))
    _, seconds = timing.measure(lambda: gradient.test(matches, fold, bins, values, motifs), 1)
    print(f"gradient    {seconds:6.2f}")
    print(f"most memory {timing.peak_memory():6.2f} GB")


if __name__ == "__main__":
    main()
