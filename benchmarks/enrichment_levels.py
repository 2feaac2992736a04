"""Are p-values of enrichment right where changed peaks differ in GC content and depth, but in no motif?

    python benchmarks/enrichment_levels.py [--lists 24] [--first 0] [--sizes 20 100 400 1200 1600]

Peaks and motifs are those of both generators of :mod:`benchmarks.factor_worlds`: scanned sequences, and drawn
motifs that follow GC content and depth. Foreground peaks are drawn by GC content and depth, by a logistic
curve or by a step (three in four from the upper third of both together). In every second list a motif
triples the odds of its peaks to be drawn. Every method sees the same lists. Printed are, of lists without
such a motif, shares of p-values at or below 0.001, 0.01 and 0.05 over that level, and motifs with an adjusted
p below 0.05 a list; of the others the share in which the planted motif is among these.

The others are written from their papers: Fisher's test without any matching; HOMER's and monaLisa's weights
by GC bins and k-mers (Heinz 2010; Machlab 2022); entropy balancing, rounded to effective numbers; and a
logistic regression on the motif beside GC content, its square and depth, with Wald's p.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import expit
from scipy.stats import norm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import enrichment as weighting

from benchmarks import factor_worlds
from workflow_lib.motifs import enrichment, matched, matching
from workflow_lib.motifs.matches import presence
from workflow_lib.stats.multiple_testing import bh

SIZES = (20, 100, 400, 1200, 1600)
SHAPES = ("logistic", "step")
LEVELS = (0.001, 0.01, 0.05)
WIDTH, FOLD = 501, 3.0


def peaks(generator: str, seed: int):
    """Motifs in peaks (presence), covariates, and GC content and depth that the foreground follows."""
    world = factor_worlds.GENERATORS[generator](factor_worlds.REGIMES["null"], "3+3", seed)
    depth = world.counts.mean(axis=1).to_numpy()
    covariates = matching.covariates(list(world.sequences.values()), [WIDTH] * len(depth), depth)
    gc = np.array([(text.count("G") + text.count("C")) / len(text) for text in world.sequences.values()])
    return sparse.csc_array(presence(world.matches)), covariates, _unit(gc), _unit(np.log(depth + 1))


def foreground(gc, depth, carries, size: int, shape: str, rng) -> np.ndarray:
    """Peaks drawn by GC content and depth, and three times as likely where they carry a motif."""
    follows = 1.5 * gc + 0.7 * depth
    if shape == "logistic":
        odds = np.exp(follows)
    else:
        odds = np.where(follows > np.quantile(follows, 2 / 3), 6.0, 1.0)
    odds = odds * np.where(carries > 0, FOLD, 1.0)
    chosen = np.zeros(len(gc), bool)
    chosen[rng.choice(len(gc), size, replace=False, p=odds / odds.sum())] = True
    return chosen


def methods(has, covariates, inside, gc, depth) -> Iterator[tuple[str, np.ndarray]]:
    """Name and p-value of every motif."""
    named = pd.DataFrame({"motif_id": np.arange(has.shape[1]), "name": np.arange(has.shape[1])})
    yield "propensities, exact (ours)", matched.test(has, inside, ~inside, covariates, named)["pvalue"]
    yield "Fisher, no matching", enrichment.test(has, inside, ~inside)["pvalue"]
    for name in ("GC bins and k-mers iterated", "entropy balancing"):
        weights = weighting.METHODS[name](covariates, inside)
        yield f"Fisher, {name}", enrichment.test(has, inside, ~inside, weights)["pvalue"]
    yield "logistic regression", logistic(has, np.column_stack([np.ones_like(gc), gc, gc**2, depth]), inside)


def logistic(has: sparse.csc_array, x: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """One-sided p of Wald's test of each motif beside x; one Newton step a motif from the fit without it.

    A full fit of each motif takes minutes a list. Steps go on for those with a p below 0.05.
    """
    y = inside.astype(float)
    base = np.zeros(x.shape[1])
    for _ in range(30):
        mean = expit(x @ base)
        base = base + np.linalg.solve((x.T * (mean * (1 - mean))) @ x, x.T @ (y - mean))
    p = np.full(has.shape[1], np.nan)
    for m in range(has.shape[1]):
        rows = has.indices[has.indptr[m] : has.indptr[m + 1]]
        if len(rows) < 10:
            continue
        z = _wald(x, y, rows, base, steps=1)
        if z > 1.6:
            z = _wald(x, y, rows, base, steps=12)
        p[m] = norm.sf(z)
    return p


def _wald(x, y, rows, base, steps: int) -> float:
    """z of presence in `rows`."""
    coef, slope = base.copy(), 0.0
    for _ in range(steps + 1):
        eta = x @ coef
        eta[rows] += slope
        mean = expit(eta)
        w = mean * (1 - mean)
        information = np.empty((len(base) + 1,) * 2)
        information[:-1, :-1] = (x.T * w) @ x
        information[-1, :-1] = information[:-1, -1] = w[rows] @ x[rows]
        information[-1, -1] = w[rows].sum()
        step = np.linalg.solve(information, np.append(x.T @ (y - mean), (y - mean)[rows].sum()))
        last, slope = slope, slope + step[-1]
        coef += step[:-1]
        if abs(slope) > 15:
            return 0.0
        if abs(slope - last) < 1e-6:
            break
    return slope * np.sqrt(1 / np.linalg.inv(information)[-1, -1])


def _unit(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def compare(lists: int, first: int, sizes) -> pd.DataFrame:
    """A row a list and method: small p-values and false calls, or whether the planted motif is called."""
    rows = []
    for seed in range(first, first + lists):
        for generator in factor_worlds.GENERATORS:
            has, covariates, gc, depth = peaks(generator, seed)
            frequency = np.diff(has.indptr) / has.shape[0]
            for shape in SHAPES:
                for size in sizes:
                    rng = np.random.default_rng([seed, size, len(shape), len(generator)])
                    asked = int(rng.choice(np.flatnonzero((frequency > 0.03) & (frequency < 0.2))))
                    carries = has[:, [asked]].toarray().ravel() * (seed % 2)
                    inside = foreground(gc, depth, carries, size, shape, rng)
                    for method, p in methods(has, covariates, inside, gc, depth):
                        p = np.asarray(p, float)
                        called = np.nan_to_num(bh(p), nan=1.0) < 0.05
                        row = {"generator": generator, "shape": shape, "size": size, "method": method}
                        if seed % 2:
                            row["planted"] = float(called[asked])
                        else:
                            row |= {level: (p[np.isfinite(p)] <= level).mean() / level for level in LEVELS}
                            row["false"] = float(called.sum())
                        rows.append(row)
        print(f"list {seed}", file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lists", type=int, default=24)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    asked = parser.parse_args()
    shown = [*LEVELS, "false", "planted"]
    found = compare(asked.lists, asked.first, asked.sizes)
    by = found.groupby(["method", "size", "generator", "shape"], sort=False)[shown].mean()
    print(by.round(2).to_string(), end="\n\n")
    print(by.groupby(["method", "size"], sort=False).agg(["min", "max"]).round(2).to_string(), end="\n\n")
    print(found.groupby(["method", "size"], sort=False)[shown].mean().round(2).to_string())
