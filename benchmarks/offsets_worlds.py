"""A second law of counts for offsets: libraries that differ by other mechanisms than in offsets_truth.py.

    python benchmarks/offsets_worlds.py [--seeds 6] [--peaks 8000]

Strong peaks are GC-rich. Background goes with width and mappability. Amplification has an optimum of GC which
differs between short and long fragments, whose shares differ between peaks and libraries. Depths are up to
fourfold apart. Noise is log-normal on top of Poisson, its variance the larger the weaker the peak.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import offsets_truth

SCENARIOS = {
    "nothing is wrong": {},
    "background tripled in one group": {"background": 3.0},
    "the same, 8 counts of background for 5": {"background": 3.0, "level": 8.0},
    "best GC content 15 % higher in one group": {"optimum": 0.15},
    "nothing changes, nothing is wrong": {"changed": 0.0},
    "nothing changes, background tripled": {"changed": 0.0, "background": 3.0},
    "nothing changes, best GC content 15 % higher": {"changed": 0.0, "optimum": 0.15},
}


def draw(
    seed: int,
    n: int,
    *,
    background: float = 1.0,
    level: float = 5.0,
    optimum: float = 0.0,
    changed: float = 0.12,
    k: int = 3,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, np.ndarray]:
    """Counts, sheet, GC content and true log2 fold changes.

    Parameters
    ----------
    seed, n : int
    background : float
        Times as much in group B.
    level : float
        Counts of background in a peak of group A, on average; half of the peaks have a signal of 12 to 20.
    optimum : float
        How much higher the GC content is, in group B, that amplifies best.
    changed : float
        Share of the peaks; sizes are 0.6 and an exponential more.
    k : int
        Samples a group.
    """
    rng = np.random.default_rng([seed, 2])
    in_b = np.arange(2 * k) >= k
    sheet = pd.DataFrame({"group": np.where(in_b, "B", "A")}, [f"s{i}" for i in range(2 * k)])
    shape = rng.normal(0, 1, n)
    gc = 1 / (1 + np.exp(-(-0.15 + 0.25 * shape + 0.3 * rng.normal(0, 1, n))))
    signal = np.where(rng.random(n) < 0.3, np.exp(4.3 + 0.8 * shape), np.exp(2.7 + 0.6 * shape))
    width, mapped = rng.gamma(12, 1 / 12, n), rng.beta(30, 2, n)
    noise = level * width * mapped
    long = rng.beta(4, 6, n)  # share of long fragments
    truth, hit = np.zeros(n), rng.random(n) < changed
    truth[hit] = (0.6 + rng.exponential(0.6, hit.sum())) * rng.choice([-1, 1], hit.sum())
    variance = rng.lognormal(-3.5, 0.5, n) + 0.2 / (signal + 10)
    counts = {}
    for j, name in enumerate(sheet.index):
        sharp = rng.uniform(5, 8)
        best = 0.46 + rng.normal(0, 0.008) + (optimum if in_b[j] else 0.0)
        longer = np.clip(long + rng.normal(0, 0.05), 0.01, 0.99)
        amplified = (1 - longer) * np.exp(-sharp * (gc - best - 0.03) ** 2)
        amplified += longer * np.exp(-1.5 * sharp * (gc - best + 0.03) ** 2)
        own = signal * mapped * 2.0 ** (truth * (in_b[j] - 0.5))
        total = own * rng.lognormal(0, 0.06) + noise * (background if in_b[j] else 1.0)
        varied = rng.normal(0, 1, n) * np.sqrt(variance)
        depth = 2.0 ** rng.uniform(-1, 1)
        counts[name] = rng.poisson(depth * total * amplified * np.exp(varied - variance / 2))
    table = pd.DataFrame(counts).set_axis([f"p{i}" for i in range(n)])
    return table, sheet, pd.Series(gc, table.index), truth


def tally(seed: int, n: int, **options) -> dict[str, np.ndarray]:
    """As of offsets_truth.py, of one study drawn here."""
    return offsets_truth.tally(*draw(seed, n, **options))


def main() -> None:
    """Print one row a scenario."""
    chosen = offsets_truth.asked(__doc__)
    print(f"| scenario | {' | '.join(offsets_truth.METHODS)} |\n|---|---|---|---|")
    for name, options in SCENARIOS.items():
        runs = [tally(seed, chosen.peaks, **options) for seed in range(chosen.seeds)]
        cells = []
        for method in offsets_truth.METHODS:
            called, wrong, right, changed = np.sum([run[method] for run in runs], axis=0)
            spread = np.std([run[method][1] / max(run[method][0], 1) for run in runs], ddof=1)
            cells.append(
                f"{100 * wrong / max(called, 1):.1f} % (s.e. {100 * spread / len(runs) ** 0.5:.1f}, "
                f"{100 * right / changed:.0f} % found)"
                if changed
                else f"{called / len(runs):.0f} called"
            )
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
