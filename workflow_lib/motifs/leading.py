"""The motifs that stand first in a table of results, one of each cluster, and what to call them."""

from collections.abc import Iterable

import numpy as np
import pandas as pd


def strongest(table: pd.DataFrame, n: int, by: str = "pvalue") -> pd.DataFrame:
    """The n rows with the smallest p-values; of equal ones the larger effect, then table order.

    Parameters
    ----------
    table : DataFrame
        With `by`, and log10_pvalue if p-values may be too small for a float. Rows without one are left
        out. Where a `representative` column marks one motif of each cluster, only those are taken.
    n : int
    by : str
        Column of p-values, where there is no log10_pvalue.

    Returns
    -------
    DataFrame
        At most n rows of `table`, best first.
    """
    if "representative" in table and table["representative"].eq(True).any():
        table = table[table["representative"].eq(True)]
    key = table["log10_pvalue"] if "log10_pvalue" in table else table[by]
    effect = next((table[name].abs() for name in ("log2_enrichment", "delta", "stat") if name in table), key)
    frame = pd.DataFrame({"key": key.to_numpy(), "effect": -effect.to_numpy(), "row": np.arange(len(table))})
    frame = frame.dropna(subset="key").sort_values(["key", "effect", "row"])
    return table.iloc[frame["row"].to_numpy()[:n]]


def leading(motifs: Iterable, tables: Iterable[pd.DataFrame], n: int) -> list:
    """The motifs among the n with the smallest p-values of any table.

    Parameters
    ----------
    motifs : iterable of Motif
        The library.
    tables : iterable of DataFrame
        With motif_id and pvalue: enrichment, variability or differential deviations.
    n : int

    Returns
    -------
    list of Motif
        In library order.
    """
    wanted = {motif_id for table in tables for motif_id in strongest(table, n)["motif_id"]}
    return [motif for motif in motifs if motif.id in wanted]


def found(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of an enrichment table whose motif has a hit in the foreground: the others say nothing of it."""
    return table[table["foreground_hits"] > 0]


def motif_names(table: pd.DataFrame) -> list[str]:
    """`name (id)`, or the id alone where the name says no more."""
    return [
        str(motif) if pd.isna(name) or name == motif else f"{name} ({motif})"
        for motif, name in zip(table["motif_id"], table["name"], strict=True)
    ]
