"""Unchanged peaks called where donors have several libraries: taken as samples, and added up.

python benchmarks/replicates_truth.py [studies a row, 12 by default]
"""

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/truth")]

from test_replicates_truth import CONTRAST, uneven  # noqa: E402

from workflow_lib import differential  # noqa: E402
from workflow_lib.stats import units  # noqa: E402

ROWS = [
    ("uneven, as samples", False, {}),
    ("uneven, added", True, {}),
    ("one a donor, of equal depth", True, {"most": 1, "spread": 0.0}),
    ("the same, dispersions alike", True, {"most": 1, "spread": 0.0, "vary": 1e-4}),
]


def main(n: int) -> None:
    print("| libraries | p < 0.001 (s.e.) | p < 0.05 | calls |\n|---|---|---|---|")
    for name, added, settings in ROWS:
        found = []
        for seed in range(1000, 1000 + n):
            counts, sheet = uneven(seed, **settings)
            if added:
                counts, sheet = units.summed(counts, units.members(sheet)), units.table(sheet)
            tested = differential.test(counts, sheet, "~ group", CONTRAST, shrink=False)
            p = tested["pvalue"].dropna()
            found.append(((p < 0.001).mean(), (p < 0.05).mean(), (tested["padj"] < 0.05).sum()))
        far, near, calls = np.mean(found, axis=0)
        error = np.std(found, axis=0, ddof=1)[0] / n**0.5
        print(f"| {name} | {far:.4f} ({error:.4f}) | {near:.3f} | {calls:.1f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
