"""How the choice of size factors, and of offsets on top of them, changes the answer."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib import differential, logs
from workflow_lib.stats.forms import CALLED

KEPT = ("baseMean", "log2FoldChange", "stat", "direction")


def compare(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    size_factors: pd.DataFrame,
    *,
    offsets: Mapping[str, pd.DataFrame] | None = None,
    alpha: float = 0.05,
    min_abs_log2fc: float = 0.0,
    min_count: int = 0,
) -> pd.DataFrame:
    """Test one contrast under each set of size factors, and with offsets on top of those that are used.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
    samples, design, contrast, alpha, min_abs_log2fc, min_count
        As :func:`workflow_lib.differential.test` takes them.
    size_factors : (n_samples, n_methods) DataFrame
        A column a method; a column `used`, being one of the others again, goes with the offsets.
    offsets : mapping of method to (n_peaks, n_samples) DataFrame, optional
        As :func:`workflow_lib.differential.offsets.estimate` gives them; each is a method of its own.

    Returns
    -------
    (n_peaks, ...) DataFrame
        peak; n_up and n_down, how many methods call it so; n_methods, their sum; then for each method
        {method}.baseMean, {method}.log2FoldChange, {method}.stat and {method}.direction.
    """
    columns: dict[str, np.ndarray] = {}
    others = size_factors.columns.drop("used", errors="ignore")
    for method in logs.counted([*others, *(offsets or {})], "normalisations tested"):
        result = differential.test(
            counts,
            samples,
            design,
            contrast,
            size_factors=size_factors[method if method in size_factors else "used"],
            offsets=None if offsets is None else offsets.get(method),
            alpha=alpha,
            min_abs_log2fc=min_abs_log2fc,
            min_count=min_count,
            shrink=False,
        )
        columns |= {f"{method}.{name}": result[name].to_numpy() for name in KEPT}
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(counts)))
    directions = table[[name for name in table if name.endswith(".direction")]]
    called = {f"n_{way}": (directions == way).sum(axis=1) for way in ("up", "down")}
    n_methods = directions.isin(CALLED).sum(axis=1)
    front = pd.DataFrame({"peak": counts.index, **called, "n_methods": n_methods})
    return pd.concat([front, table], axis=1)


def methods(table: pd.DataFrame) -> list[str]:
    """The methods that a table of :func:`compare` holds, in its order."""
    return [name.removesuffix(".direction") for name in table if name.endswith(".direction")]


def summarise(
    table: pd.DataFrame, size_factors: pd.DataFrame, chosen: str, any_difference: bool = False
) -> pd.DataFrame:
    """One row a method: what it calls, and how well it agrees with the chosen one.

    Parameters
    ----------
    table : DataFrame
        Of :func:`compare`.
    size_factors : (n_samples, n_methods) DataFrame
    chosen : str
        The method that the run used: the offsets' if it used any, else the size factors'.
    any_difference : bool
        Whether the contrast has `test: any`, so that peaks change without a direction.

    Returns
    -------
    DataFrame
        method, chosen (yes or no), n_tested, n_up, n_down, n_changed (only of a test without directions),
        jaccard (of the called peaks with their direction, with those of the chosen method; NA if neither
        calls any), rank_correlation (Spearman, of the Wald
        statistic with the chosen one's; NA if nothing was tested), median_log2fc (of the tested peaks),
        min_size_factor, max_size_factor.
    """
    rows = []
    reference = table[f"{chosen}.direction"]
    for method in methods(table):
        own = size_factors[method if method in size_factors else "used"]
        direction, stat = table[f"{method}.direction"], table[f"{method}.stat"]
        called, expected = direction.isin(CALLED), reference.isin(CALLED)
        shared = int((called & (direction == reference)).sum())
        union = int(called.sum() + expected.sum()) - shared
        both = stat.notna() & table[f"{chosen}.stat"].notna()
        varies = both.sum() > 2 and stat[both].nunique() > 1
        rows.append(
            {
                "method": method,
                "chosen": "yes" if method == chosen else "no",
                "n_tested": int((direction != "untested").sum()),
                "n_up": int((direction == "up").sum()),
                "n_down": int((direction == "down").sum()),
                **({"n_changed": int((direction == "changed").sum())} if any_difference else {}),
                "jaccard": shared / union if union else np.nan,
                "rank_correlation": (
                    stat[both].rank().corr(table[f"{chosen}.stat"][both].rank()) if varies else np.nan
                ),
                "median_log2fc": table[f"{method}.log2FoldChange"][stat.notna()].median(),
                "min_size_factor": own.min(),
                "max_size_factor": own.max(),
            }
        )
    return pd.DataFrame(rows)
