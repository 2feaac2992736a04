"""How often checks of samples speak where nothing is wrong, and how often where something is.

    python benchmarks/samples_truth.py [studies a row, 100 by default]

Counts by tests/unit/samples/other_worlds.py: dispersions that differ by peak, trends in mean, depths, donors.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/unit/samples")]

import other_worlds as worlds  # noqa: E402

from workflow_lib.differential import size_factors  # noqa: E402
from workflow_lib.samples import checks  # noqa: E402


def said(seed: int, batch: float = 0.0, **settings) -> dict[str, list[str]]:
    """Samples that each check names in one study; a batch: every other sample, a third of peaks low."""
    counts, sheet = worlds.world(seed, **settings)
    if batch:
        rng = np.random.default_rng([seed, 1])
        kept = np.where(
            (np.arange(len(counts)) % 3 == 0)[:, None] & (np.arange(len(sheet)) % 2 == 1), 2**-batch, 1
        )
        counts = pd.DataFrame(rng.binomial(counts.to_numpy(int), kept), counts.index, counts.columns)
    even = checks.thinned(counts, size_factors.ratio(counts), seed)
    values = checks.log_values(even, pd.Series(1.0, counts.columns))
    matrix = np.column_stack([np.ones(len(sheet)), sheet["group"] == "trt"]).astype(float)
    if "donor" in sheet:
        matrix = np.column_stack([matrix, pd.get_dummies(sheet["donor"]).to_numpy(float)[:, 1:]])
    tables = {
        "noise": checks.noise(values, sheet["group"]),
        "structure": checks.structure(values, matrix, sheet[["group"]], seed),
        "group": checks.by_group(values, sheet),
    }
    if "donor" in sheet:
        tables["donor"] = checks.likeness(values, sheet["donor"], "donor", within=sheet["group"])
    return {name: list(table.loc[table["verdict"] == "note", "sample"]) for name, table in tables.items()}


FIRST = 1000  # seeds by which nothing was chosen
ROWS = [
    ("nothing, 3 + 3", {"k": 3}),
    ("nothing, 4 + 4", {"k": 4}),
    ("nothing, 8 + 8", {"k": 8}),
    ("nothing, depths differ tenfold", {"k": 4, "uneven": 1.0}),
    ("donors in the design", {"k": 4, "donors": 4}),
    ("sample 1 with 4 times the dispersion", {"k": 4, "noisy": 4.0}),
    ("sample 1 with 10 times the dispersion", {"k": 4, "noisy": 10.0}),
    *(
        (f"batch of {size} log2 in a third of the peaks", {"k": 4, "batch": size})
        for size in (0.4, 0.5, 0.6, 0.8)
    ),
    ("samples 1 swapped between groups", {"k": 4, "swapped": True}),
    ("samples 1 swapped, donors", {"k": 4, "donors": 4, "swapped": True}),
]


def main(n: int) -> None:
    print("| studies | noisy: sample 1 | others | structure | swap by group: sample 1 of either | others |")
    print("|---|---|---|---|---|---|")
    for name, settings in ROWS:
        found = [said(seed, **settings) for seed in range(FIRST, FIRST + n)]
        first = np.mean(["ctl1" in one["noise"] for one in found])
        rest = np.mean([bool(set(one["noise"]) - {"ctl1"}) for one in found])
        structure = np.mean([bool(one["structure"]) for one in found])
        swap = np.mean([{"ctl1", "trt1"} <= set(one["group"]) for one in found])
        other = np.mean([bool(set(one["group"]) - {"ctl1", "trt1"}) for one in found])
        print(
            f"| {name} | {first:.2f} | {rest:.2f} | {structure:.2f} | {swap:.2f} | {other:.2f} |", flush=True
        )
    print("\n| samples | sexes told rightly | wrongly | unclear |\n|---|---|---|---|")
    for males, females in ((6, 6), (1, 7), (7, 1), (8, 0), (0, 8)):
        tally = np.zeros(3)
        for seed in range(FIRST, FIRST + n):
            *reads, sexes = worlds.with_sex(seed, males, females)
            table = checks.sex(*reads, None)
            told = [text.split()[1] for text in table["sentence"]] if len(table) else ["none"] * len(sexes)
            for seen, true in zip(told, sexes, strict=True):
                tally += [
                    seen == true,
                    seen in ("male", "female") and seen != true,
                    seen in ("unclear", "none"),
                ]
        right, wrong, unclear = tally / tally.sum()
        print(f"| {males} male, {females} female | {right:.3f} | {wrong:.3f} | {unclear:.3f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
