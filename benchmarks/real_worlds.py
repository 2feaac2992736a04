"""Experiments on real counts: eight samples of one cell type split at random, factors planted by thinning.

Nothing differs between the groups, and replicates are as unlike as real ones are: donors, depth, domains, and
peaks' sizes are those of the data (bulk T cells, Calderon 2019). Each group has two resting and two
stimulated samples, which the design knows. Sequences and hits are of the pool of
:mod:`benchmarks.factor_worlds`, laid on the peaks so that GC content follows the strongest programme of the
data.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from benchmarks import factor_worlds as worlds

FOLLOWS = 0.5
"""Rank correlation of GC content with the peaks' loading on the data's first component within groups."""


def generator(folder: Path) -> Callable[[worlds.Regime, str, int], worlds.World]:
    """Worlds of 4,000 of the most accessible peaks, from `tcells` in a folder of data."""
    counts = pd.read_csv(folder / "tcells" / "tcells_atac_counts.tsv.gz", sep="\t", index_col="peak")
    sheet = pd.read_csv(folder / "tcells" / "tcells_samples.tsv", sep="\t", index_col="sample")
    counts = counts[sheet.index]

    def made(regime: worlds.Regime, layout: str, seed: int) -> worlds.World:
        if layout != "4+4":
            raise ValueError("of one cell type there are four samples a state: 4+4")
        rng = np.random.default_rng([seed, 3])
        samples = _split(sheet, rng)
        values = counts[samples.index].to_numpy()
        best = np.argsort(-values.sum(axis=1), kind="stable")[: worlds.N_PEAKS]
        values = values[np.sort(best)]
        peaks = _laid(values, samples, rng)
        planned = worlds.plan(regime, peaks, samples, rng)
        kept = np.exp2(planned.log2 - planned.log2.max(axis=1, keepdims=True))
        thinned = rng.binomial(values, kept)
        return worlds._world(thinned, samples, "~ state + group", peaks, planned)

    return made


def _split(sheet: pd.DataFrame, rng) -> pd.DataFrame:
    """Two samples of either state in each group, of one cell type with four of both."""
    sizes = sheet.groupby(["cell", "group"]).size().unstack().min(axis=1)
    cell = rng.choice(sizes.index[sizes >= 4])
    parts = []
    for state, own in sheet[sheet["cell"] == cell].groupby("group"):
        names = rng.permutation(own.index)[:4]
        group = ["control", "control", "treated", "treated"]
        parts.append(pd.DataFrame({"group": group, "state": state}, index=pd.Index(names, name="sample")))
    return pd.concat(parts).sort_values("group", kind="stable")


def _laid(values: np.ndarray, samples: pd.DataFrame, rng) -> worlds.Peaks:
    """Sequences of the pool, so that GC content follows the first component of residuals within states."""
    whole = worlds.pool()
    log = np.log2(values / values.mean(axis=0) * values.mean() + 2)
    state = samples["state"].to_numpy()
    for name in np.unique(state):
        log[:, state == name] -= log[:, state == name].mean(axis=1, keepdims=True)
    loading = np.linalg.svd(log, full_matrices=False)[0][:, 0]
    rows = rng.choice(len(whole.gc), len(values), replace=False)
    wanted = FOLLOWS * _scores(loading) + np.sqrt(1 - FOLLOWS**2) * rng.normal(size=len(values))
    rows = rows[np.argsort(whole.gc[rows], kind="stable")][np.argsort(np.argsort(wanted))]
    return worlds.Peaks(
        [whole.sequences[i] for i in rows], whole.matches[rows], whole.gc[rows], whole.candidates
    )


def _scores(values: np.ndarray) -> np.ndarray:
    ranks = rankdata(values)
    return (ranks - ranks.mean()) / ranks.std()
