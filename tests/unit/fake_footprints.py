"""Tables of footprints that were never measured, to draw figures and reports from."""

import numpy as np
import pandas as pd

from workflow_lib.footprints.differential import COLUMNS

GROUPS = ("control", "treated")
FLANK = 150


def changes(n=4, **values):
    """A contrast's table of n motifs of 12 bp and 50 sites, every fourth with a change in depth."""
    rows = pd.DataFrame({name: [np.nan] * n for name in COLUMNS})
    ids = [f"M{i}" for i in range(n)]
    rows = rows.assign(motif_id=ids, name=[f"TF{i}" for i in range(n)], n_sites=50, cuts_per_site=80.0)
    deep = np.arange(n) % 4 == 0
    rows = rows.assign(
        depth_control=0.1,
        depth_experiment=0.1 + 0.4 * deep,
        delta_depth=0.4 * deep,
        delta_depth_ci_low=0.4 * deep - 0.1,
        delta_depth_ci_high=0.4 * deep + 0.1,
        stat=8.0 * deep,
        pvalue=np.where(deep, 1e-5, 0.6),
        padj=np.where(deep, 4e-5, 0.8),
        delta_flank=np.where(deep, 0.1, 0.3),
        flank_padj=np.where(np.arange(n) % 2 == 1, 0.001, 0.5),
        note=np.nan,
        cluster=ids,
        representative=True,
    )
    return rows.assign(note=rows["note"].astype(object)).assign(**values)


def profile(depth=0.5, flank=FLANK, groups=GROUPS):
    """A profile table with a footprint of the given depth in the last group."""
    x = np.arange(-flank, flank + 1)
    columns = {"position": x}
    for i, group in enumerate(groups):
        corrected = -np.abs(x) / 400 - depth * (i == len(groups) - 1) * (np.abs(x) < 6)
        columns[f"{group}.observed"], columns[f"{group}.expected"] = 1 + corrected, np.ones(len(x))
        columns[f"{group}.corrected"] = corrected
        columns[f"{group}.corrected_low"], columns[f"{group}.corrected_high"] = (
            corrected - 0.1,
            corrected + 0.1,
        )
    return pd.DataFrame(columns)


def bias_logo(seed=0, sample="s1", noise=0.0):
    """Preferences of one sample that mirror each other but for noise."""
    rng = np.random.default_rng(seed)
    plus = rng.normal(size=(21, 4))
    minus = plus[::-1, ::-1] + noise * rng.normal(size=(21, 4))
    rows = []
    for strand, values in (("+", plus), ("-", minus)):
        table = pd.DataFrame(values, columns=list("ACGT"))
        rows.append(table.assign(sample=sample, strand=strand, position=np.arange(-10, 11)))
    return pd.concat(rows, ignore_index=True)
