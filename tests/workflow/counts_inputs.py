"""Small runs that start from a simulated matrix of counts."""

from pathlib import Path

import pandas as pd

from workflow_lib import simulate


def sheet(n_control: int, n_treated: int) -> pd.DataFrame:
    """Samples of two groups."""
    groups = ["control"] * n_control + ["treated"] * n_treated
    names = [f"{group}_{i}" for i, group in enumerate(groups)]
    return pd.DataFrame({"group": groups}, index=pd.Index(names, name="sample"))


def write(folder: Path, samples: pd.DataFrame, *, n_peaks: int = 300, seed: int = 1, **options) -> dict:
    """Write a matrix and its sheet to a folder; the configuration that starts from them, run there."""
    counts, _ = simulate.counts(n_peaks, samples, seed, **options)
    counts.to_csv(folder / "counts.tsv", sep="\t")
    samples.to_csv(folder / "sheet.tsv", sep="\t")
    return {"samples": "sheet.tsv", "counts": "counts.tsv", "demo": None}
