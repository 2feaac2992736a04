"""False discoveries and power under size factors and offsets, where libraries differ between groups.

    python benchmarks/offsets_truth.py [--seeds 6] [--peaks 8000]

Counts are drawn here, not by the demo's simulator: log-normal signal with a background of its own in every
peak, replicates that differ in depth, signal-to-noise and GC slope, dispersions that differ between peaks.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workflow_lib import differential
from workflow_lib.differential import offsets, size_factors

METHODS = ("none", "trended", "gc")
CONTRAST = {"variable": "group", "experiment": "B", "control": "A"}
SCENARIOS = {
    "nothing is wrong": {},
    "background tripled in one group": {"background": 3.0},
    "GC slope 0.3 log2 higher in one group": {"slope": 0.3},
    "both": {"background": 3.0, "slope": 0.3},
    "background tripled, 90 % of changes up": {"background": 3.0, "up": 0.9},
    "background tripled, a quarter of the peaks changed": {"background": 3.0, "changed": 0.25},
    "nothing changes, background tripled": {"background": 3.0, "changed": 0.0},
    "background tripled, differs by 20 % between peaks, half of weak peaks": {
        "background": 3.0, "level": 12.0, "spread": 25.0,
    },
}  # fmt: skip


def draw(
    seed: int,
    n: int,
    *,
    background: float = 1.0,
    slope: float = 0.0,
    changed: float = 0.1,
    up: float = 0.5,
    level: float = 5.0,
    spread: float = 60.0,
    k: int = 3,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, np.ndarray]:
    """Counts, sheet, GC content and true log2 fold changes."""
    rng = np.random.default_rng(seed)
    in_b = np.arange(2 * k) >= k
    sheet = pd.DataFrame({"group": np.where(in_b, "B", "A")}, [f"s{i}" for i in range(2 * k)])
    gc = np.clip(rng.beta(12, 14, n), 0.2, 0.8)
    signal, noise = np.exp(rng.normal(3.2, 1.3, n)), rng.gamma(spread, level / spread, n)
    truth, hit = np.zeros(n), rng.random(n) < changed
    truth[hit] = rng.uniform(0.6, 2.0, hit.sum()) * np.where(rng.random(hit.sum()) < up, 1, -1)
    strength, depth = np.exp(rng.normal(0, 0.05, 2 * k)), np.exp(rng.normal(0, 0.3, 2 * k))
    tilt = rng.normal(0, 0.05, 2 * k) + np.where(in_b, slope, 0.0)
    mean = signal[:, None] * strength * 2.0 ** (truth[:, None] * (in_b - 0.5))
    mean = (mean + noise[:, None] * np.where(in_b, background, 1.0)) * depth
    mean = mean * 2.0 ** ((gc - gc.mean())[:, None] / gc.std() * tilt)
    size = 1 / np.exp(rng.normal(np.log(0.05), 0.5, (n, 1)))
    counts = pd.DataFrame(rng.negative_binomial(size, size / (size + mean)), columns=sheet.index)
    counts.index = counts.index.map("p{}".format)
    return counts, sheet, pd.Series(gc, counts.index), truth


def tally(
    counts: pd.DataFrame, sheet: pd.DataFrame, gc: pd.Series, truth: np.ndarray
) -> dict[str, np.ndarray]:
    """Under each choice of offsets: peaks called, called wrongly, found, and truly changed."""
    factors = size_factors.ratio(counts)
    smooth, _ = offsets.estimate(counts, factors, gc)
    found = {}
    for method in METHODS:
        table = differential.test(
            counts, sheet, "~ group", CONTRAST,
            size_factors=factors, offsets=smooth.get(method), shrink=False,
        )  # fmt: skip
        call = (table["padj"] < 0.05).to_numpy()
        right = call & (np.sign(table["log2FoldChange"].to_numpy()) == np.sign(truth))
        found[method] = np.array([call.sum(), (call & ~right).sum(), right.sum(), (truth != 0).sum()])
    return found


def asked(about: str | None) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--peaks", type=int, default=8000)
    return parser.parse_args()


def main() -> None:
    """Print one row a scenario."""
    chosen = asked(__doc__)
    print(f"| scenario | {' | '.join(METHODS)} |\n|---|---|---|---|")
    for name, options in SCENARIOS.items():
        runs = [tally(*draw(seed, chosen.peaks, **options)) for seed in range(chosen.seeds)]
        cells = [
            f"{100 * wrong / max(called, 1):.1f} % ({100 * right / max(all_true, 1):.0f} % found)"
            if all_true
            else f"{int(called)} called"
            for called, wrong, right, all_true in (sum(run[method] for run in runs) for method in METHODS)
        ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
