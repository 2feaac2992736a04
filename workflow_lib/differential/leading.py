"""The peaks with the smallest p-values of each direction, and how their counts vary over samples."""

import numpy as np
import pandas as pd

from workflow_lib import beside
from workflow_lib.stats import ordination
from workflow_lib.stats.forms import CALLED

N_EACH = 25


def strongest(table: pd.DataFrame, direction: str, n: int) -> np.ndarray:
    """Rows of the smallest p-values of a direction; of equal ones the larger change, then table order."""
    at = np.flatnonzero(table["direction"].to_numpy() == direction)
    size = -np.abs(table["log2FoldChange"].to_numpy()[at])
    return at[np.lexsort([at, size, table["pvalue"].to_numpy()[at]])][:n]


def names(table: pd.DataFrame) -> pd.Series:
    """The gene of each peak, else its position."""
    peaks = table["peak"].astype(str)
    if "gene_name" not in table:
        return peaks
    return table["gene_name"].astype(object).where(table["gene_name"].notna(), peaks)


def standard_scores(
    table: pd.DataFrame, counts: pd.DataFrame, size_factors: pd.Series, n_each: int = N_EACH
) -> pd.DataFrame:
    """Standard scores of the strongest peaks' counts over samples.

    Parameters
    ----------
    table : DataFrame
        A differential table.
    counts : (n_peaks, n_samples) DataFrame
        Of the same peaks, indexed by peak.
    size_factors : Series indexed by sample
    n_each : int
        Most peaks of a direction.

    Returns
    -------
    DataFrame
        peak, name, direction, then for each sample how many standard deviations log2(count / size factor + 1)
        lies from the peak's mean over samples; 0 where it does not vary. Directions in the order of `CALLED`,
        each strongest first.
    """
    rows = np.concatenate([strongest(table, way, n_each) for way in CALLED]).astype(int)
    chosen = beside.aligned(counts, table["peak"], "counts").iloc[rows]
    values = ordination.log_counts(chosen, size_factors).to_numpy(float)
    several = values.shape[1] > 1 and len(rows)
    spread = values.std(axis=1, ddof=1, keepdims=True) if several else np.zeros((len(rows), 1))
    scores = (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    front = {
        "peak": table["peak"].to_numpy(object)[rows],
        "name": names(table).to_numpy(object)[rows],
        "direction": table["direction"].to_numpy(object)[rows],
    }
    return pd.concat([pd.DataFrame(front), pd.DataFrame(scores, columns=counts.columns)], axis=1)
