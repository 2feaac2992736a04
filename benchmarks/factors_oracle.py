"""How often would a driver be found if one knew which peaks it and all else truly opened?

    python benchmarks/factors_oracle.py [--worlds 40] [--first 7000] [--regime hard ...]

Worlds are those of :mod:`benchmarks.factor_worlds`, 3 against 3. Opened is what is planted as opened, without
counts or noise. The driver's motif is tested beside GC content and its square by logistic regression,
one-sided at 0.05 over 360 clusters. What a method that sees counts falls short of this is lost to noise.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy.special import expit
from scipy.stats import norm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import factor_worlds

LEVEL = 0.05 / 360


def wald(x: np.ndarray, y: np.ndarray) -> float:
    """z of the last column of a logistic regression."""
    coef, information = np.zeros(x.shape[1]), np.eye(x.shape[1])
    for _ in range(30):
        mean = expit(x @ coef)
        information = (x.T * (mean * (1 - mean))) @ x
        coef = coef + np.linalg.solve(information, x.T @ (y - mean))
    return coef[-1] / np.sqrt(np.linalg.inv(information)[-1, -1])


def of_world(name: str, regime: factor_worlds.Regime, seed: int) -> float:
    """p of the driver's motif among peaks that are planted as opened."""
    planned = []
    plan = factor_worlds.plan

    def watched(*given):
        planned.append(plan(*given))
        return planned[-1]

    factor_worlds.plan = watched
    try:
        world = factor_worlds.GENERATORS[name](regime, "3+3", seed)
    finally:
        factor_worlds.plan = plan
    treated = (world.samples["group"] == "treated").to_numpy()
    log2 = planned[0].log2
    opened = log2[:, treated].mean(axis=1) > log2[:, ~treated].mean(axis=1)
    gc = np.array([(text.count("G") + text.count("C")) / len(text) for text in world.sequences.values()])
    z = (gc - gc.mean()) / gc.std()
    motif = factor_worlds.motif_library().ids.index(world.driver)
    has = world.matches[:, [motif]].toarray().ravel() > 0
    return float(norm.sf(wald(np.column_stack([np.ones_like(z), z, z**2, has]), opened.astype(float))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--first", type=int, default=7000)
    parser.add_argument("--regime", nargs="+", default=["hard", "few"], choices=list(factor_worlds.REGIMES))
    given = parser.parse_args()
    for regime in given.regime:
        for name in factor_worlds.GENERATORS:
            seeds = range(given.first, given.first + given.worlds)
            p = np.array([of_world(name, factor_worlds.REGIMES[regime], seed) for seed in seeds])
            print(f"{regime}, {name}: found in {(p < LEVEL).mean():.2f} of {len(p)}", flush=True)
