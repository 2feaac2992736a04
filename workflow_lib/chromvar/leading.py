"""The motifs whose accessibility varies most, one of each cluster."""

import numpy as np
import pandas as pd

from workflow_lib.chromvar.groups import MIN_PEAKS


def most_variable(table: pd.DataFrame, n: int) -> pd.DataFrame:
    """The n motifs of largest variability, one a cluster, with the number of `alike` ones left out.

    Parameters
    ----------
    table : DataFrame
        motif_id, variability; where known, `n_peaks` (motifs in few peaks are left out) and `cluster`.
    n : int

    Returns
    -------
    DataFrame
        At most n rows, most variable first, with a column `alike`.
    """
    ranked = table.dropna(subset="variability")
    if "n_peaks" in ranked:
        ranked = ranked[ranked["n_peaks"] >= MIN_PEAKS]
    ranked = ranked.iloc[np.lexsort([np.arange(len(ranked)), -ranked["variability"].to_numpy()])]
    own = ranked["motif_id"]
    cluster = ranked["cluster"].fillna(own) if "cluster" in ranked else own
    alike = cluster.map(cluster.value_counts()) - 1
    return ranked.assign(alike=alike.astype(int))[~cluster.duplicated()].head(n)
