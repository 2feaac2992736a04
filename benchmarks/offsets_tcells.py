"""Do trended offsets make calls under labels that mean nothing? Real T cells, labels exchanged within pairs.

    python benchmarks/offsets_tcells.py DATA [labellings, 3000 by default]

DATA is the folder that holds `tcells`. A pair is a resting and a stimulated sample of a donor and cell type.
In each labelling some of the pairs are turned round, and every peak has a paired t-test on log2 counts over
size factors, or over size factors and offsets. All labellings of one kind are tested at once.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.regions_tcells import read
from workflow_lib.differential import offsets, size_factors
from workflow_lib.stats import ordination

LEAST_MEAN = 20


def differences(values: pd.DataFrame, sheet: pd.DataFrame) -> np.ndarray:
    """Stimulated less resting of every pair: (n_peaks, n_pairs)."""
    found = []
    for _, rows in sheet.groupby(["cell", "donor"]):
        if len(rows) == 2:
            ends = (rows.index[rows["group"] == group].tolist()[0] for group in ("stimulated", "resting"))
            found.append(np.subtract(*(values[name].to_numpy() for name in ends)))
    return np.column_stack(found)


def main(folder: Path, n: int) -> None:
    counts, sheet, _ = read(folder / "tcells")
    factors = size_factors.ratio(counts)
    smooth = offsets.estimate(counts, factors)[0]["trended"]
    strong = counts.mean(axis=1) >= LEAST_MEAN
    kinds = {"none": counts, "trended": offsets.without(counts, smooth)}
    pairs = {
        name: differences(ordination.log_counts(table, factors)[strong], sheet)
        for name, table in kinds.items()
    }
    k = pairs["none"].shape[1]
    turned = np.random.default_rng(1).choice([-1.0, 1.0], (k, n))
    agree = np.abs(turned.mean(axis=0))
    limit = stats.t.ppf(0.9995, k - 1)
    print(f"{strong.sum()} peaks, {k} pairs\n| offsets | true labels | all labellings | by agreement |")
    for name, own in pairs.items():
        mean = own @ turned / k
        error = np.sqrt(((own**2).mean(axis=1)[:, None] - mean**2) / (k - 1))
        share = (np.abs(mean / error) > limit).mean(axis=0)
        truly = np.abs(own.mean(axis=1) / (own.std(axis=1) / (k - 1) ** 0.5)) > limit
        steps = [(0, 0.01), (0.1, 0.15), (0.2, 0.26), (0.3, 0.4), (0.45, 0.55), (0.6, 0.95)]
        parts = [f"{low}: {share[(agree >= low) & (agree <= high)].mean():.5f}" for low, high in steps]
        size = np.linalg.svd(own - own.mean(axis=1, keepdims=True), compute_uv=False) ** 2
        print(f"| {name} | {truly.mean():.3f} | {share.mean():.5f} | {', '.join(parts)} |")
        print(f"  first component of what differs between pairs: {size[0] / size.sum():.0%}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3000)
