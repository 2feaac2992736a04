"""Which factors change in which contrasts."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

SIGN = {"up": 1.0, "down": -1.0}
KEPT = ["cluster", "name", "tf_names", "direction", "side", "log10_pvalue", "padj", "verdict"]


def evidence(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The evidence for each cluster of motifs in each contrast, signed by its side.

    Parameters
    ----------
    tables : mapping of contrast to DataFrame
        Of :func:`workflow_lib.factors.evidence.rank`.

    Returns
    -------
    DataFrame
        cluster, contrast, name (of the cluster's motif with the smallest p in any contrast), tf_names,
        direction, side, signed (-log10 of the combined p-value, below 0 where activity falls; above 0 where
        any difference counts, where `side` is empty), padj, verdict. Clusters in order of their smallest
        p-value, contrasts as given. A cluster that a contrast lacks has no row there.
    """
    parts = []
    for contrast, table in tables.items():
        part = table.reindex(columns=KEPT).assign(contrast=contrast)
        part["side"] = part["side"].where(part["side"].isin(SIGN))  # a change of any kind has none
        sign = part["side"].map(SIGN).fillna(1.0)
        part["signed"] = -part["log10_pvalue"].astype(float) * sign
        parts.append(part)
    together = pd.concat(parts, ignore_index=True)
    best = together.sort_values("log10_pvalue", kind="stable", na_position="last")
    names = best.drop_duplicates("cluster").set_index("cluster")["name"]
    together["name"] = together["cluster"].map(names)
    rank = pd.Series(np.arange(len(names)), index=names.index)
    place = {contrast: i for i, contrast in enumerate(tables)}
    order = np.lexsort([together["contrast"].map(place), together["cluster"].map(rank)])
    columns = ["cluster", "contrast", "name", "tf_names", "direction", "side", "signed", "padj", "verdict"]
    return together.iloc[order][columns].reset_index(drop=True)
