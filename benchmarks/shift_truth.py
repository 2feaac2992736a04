"""How often a shift of all peaks is said where there is none, and found where there is one.

    python benchmarks/shift_truth.py [studies a row, 100 by default]

Libraries differ in depth (twofold), in background against signal (`spread`, sd of its natural logarithm), and
by peak. Reads outside peaks are background; in a peak background is added to the signal.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workflow_lib.differential import bias, offsets, shift, size_factors

CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}
N = 3000
VERDICTS = ("alike", "uncertain", "shifted", "background")
ROWS = [
    ("nothing, 3 + 3, background differs by 5 %", {}),
    ("nothing, by 15 %", {"spread": 0.15}),
    ("nothing, by 30 %", {"spread": 0.3}),
    ("nothing, 8 + 8, by 30 %", {"spread": 0.3, "k": 8}),
    ("nothing, 2 + 2, by 15 %", {"spread": 0.15, "k": 2}),
    ("nothing, a quarter of the peaks opens", {"spread": 0.15, "opens": 0.25}),
    ("all open 1.5-fold, by 5 %", {"opening": 1.5}),
    ("all open 1.5-fold, by 15 %", {"opening": 1.5, "spread": 0.15}),
    ("all open 1.5-fold, by 30 %", {"opening": 1.5, "spread": 0.3}),
    ("all open 1.5-fold, 2 + 2, by 15 %", {"opening": 1.5, "spread": 0.15, "k": 2}),
    ("background doubled, by 15 %", {"background": 2.0, "spread": 0.15}),
    ("background tripled, by 15 %", {"background": 3.0, "spread": 0.15}),
    ("background tripled, 2 + 2, by 15 %", {"background": 3.0, "spread": 0.15, "k": 2}),
]


def verdict(
    seed: int,
    *,
    spread: float = 0.05,
    opening: float = 1.0,
    background: float = 1.0,
    opens: float = 0.0,
    k: int = 3,
) -> str:
    """What is said of one study in which 5 % of the peaks change to either side."""
    rng = np.random.default_rng([seed, 5])
    names = [f"{group}{i}" for group in "ab" for i in range(k)]
    sheet = pd.DataFrame({"group": [name[0] for name in names]}, index=names)
    signal, noise = rng.lognormal(3.4, 1.1, N), 4.0 * rng.gamma(20, 1 / 20, N)
    change = rng.normal(0, 1.2, N) * (rng.random(N) < 0.1) + 1.5 * (rng.random(N) < opens)
    shape = rng.uniform(10, 40, N)
    counts, outside = {}, {}
    for name in names:
        in_b = name[0] == "b"
        own = signal * (2.0**change * opening if in_b else 1.0)
        share = (background if in_b else 1.0) * rng.lognormal(0, spread)
        depth = 2.0 ** rng.uniform(-0.5, 0.5)
        counts[name] = rng.poisson(depth * (own * rng.gamma(shape, 1 / shape) + noise * share))
        outside[name] = 60 * noise.sum() * share * depth
    table = pd.DataFrame(counts).set_axis([f"p{i}" for i in range(N)])
    factors = size_factors.ratio(table)
    total = table.sum() + pd.Series(outside)
    both = pd.DataFrame({"ratio": factors, "library": size_factors.library(total)})
    slopes = bias.slopes(offsets.estimate(table, factors)[1])["trended"]
    return str(shift.global_shift(both, sheet, CONTRAST, table.sum() / total, slopes)["verdict"])


def main(n: int) -> None:
    print(f"| libraries | {' | '.join(VERDICTS)} |\n|---|---|---|---|---|")
    for name, options in ROWS:
        found = [verdict(seed, **options) for seed in range(n)]
        print(f"| {name} | {' | '.join(f'{found.count(one) / n:.2f}' for one in VERDICTS)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
