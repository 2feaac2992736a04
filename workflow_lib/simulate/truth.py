"""How well calls recover what a simulation planted: confusion, false discovery and power; ranks of motifs."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.intervals import parse_peak_ids

CLASSES = ("up", "down", "none")
CALLS = ("up", "down", "none", "untested")
PEAK_COLUMNS = [
    "change",
    "planted",
    *(f"called_{call}" for call in CALLS),
    "called",
    "power",
    "false_discovery_proportion",
    "median_log2fc_error",
]


def compare_peaks(planted: pd.DataFrame, differential: pd.DataFrame) -> pd.DataFrame:
    """Planted against called direction of peaks.

    Parameters
    ----------
    planted : DataFrame indexed by peak
        chrom, summit, `change` (up, down, none) and, if known, `log2_fold_change_counts`: the fold change
        that the counts show where calling makes no error.
    differential : DataFrame
        Columns peak, direction (up, down, none, untested), log2FoldChange.

    Returns
    -------
    DataFrame
        Rows `change` = up, down, changed (up and down together), none; with

        planted
            peaks planted so, and called_up, called_down, called_none, called_untested: what became of them
            (untested counts those that no tested peak covers);
        called
            peaks called so, whatever was planted (`none` counts the untested too);
        power
            share of the planted that are called with the right direction (NA for none);
        false_discovery_proportion
            share of the called that were not planted with that direction (NA for none, or if none is called);
        median_log2fc_error
            median of estimated minus planted fold change; NA if that is not known.

    Notes
    -----
    A planted peak is the called peak over its summit. A called peak over no planted summit counts as planted
    without change.
    """
    row = covering(differential["peak"], planted["chrom"], planted["summit"])
    found = row >= 0
    direction, fold = differential["direction"].to_numpy(), differential["log2FoldChange"].to_numpy()
    change = planted["change"].to_numpy()
    call = np.where(found, direction[row], "untested") if len(direction) else np.full(len(row), "untested")
    extra = np.setdiff1d(np.arange(len(direction)), row)
    confusion = pd.crosstab(
        np.concatenate([change, np.full(len(extra), "none")]), np.concatenate([call, direction[extra]])
    )
    confusion = confusion.reindex(index=list(CLASSES), columns=list(CALLS), fill_value=0)
    error = pd.Series(np.nan, index=planted.index)
    if "log2_fold_change_counts" in planted and len(direction):
        error = np.where(found, fold[row], np.nan) - planted["log2_fold_change_counts"]
    members = {"up": ["up"], "down": ["down"], "changed": ["up", "down"], "none": ["none"]}
    rows = []
    for name, classes in members.items():
        row = confusion.loc[classes].sum()
        calls = [*classes, "untested"] if name == "none" else classes
        n_called = int(confusion[calls].to_numpy().sum())
        right = sum(int(confusion.loc[kind, kind]) for kind in classes)
        is_null = name == "none"
        rows.append(
            {
                "change": name,
                "planted": int(row.sum()),
                **{f"called_{call}": int(row[call]) for call in CALLS},
                "called": n_called,
                "power": np.nan if is_null else _share(right, row.sum()),
                "false_discovery_proportion": np.nan if is_null else _share(n_called - right, n_called),
                "median_log2fc_error": _median(error[planted["change"].isin(classes)]),
            }
        )
    return pd.DataFrame(rows, columns=PEAK_COLUMNS)


def covering(peaks: pd.Series, chrom: pd.Series, position: pd.Series) -> np.ndarray:
    """Row of the peak that covers each position, or -1; where several do, the one that starts last.

    Parameters
    ----------
    peaks : Series of peak identifiers
    chrom, position : Series, equally long
        0-based bases.

    Returns
    -------
    (n_positions,) array of int

    Notes
    -----
    Assumes peaks of one width, or that do not overlap: one that starts earlier and ends later is not seen.
    """
    table = parse_peak_ids(peaks)
    rows = np.full(len(position), -1)
    chrom, position = chrom.to_numpy(), position.to_numpy()
    for name in pd.unique(chrom):
        here = np.flatnonzero((table["chrom"] == name).to_numpy())
        at = np.flatnonzero(chrom == name)
        start, end = table["start"].to_numpy()[here], table["end"].to_numpy()[here]
        order = np.argsort(start, kind="stable")
        last = np.searchsorted(start[order], position[at], side="right") - 1
        candidate = order[np.maximum(last, 0)] if len(order) else np.empty(0, dtype=int)
        if len(candidate):
            rows[at] = np.where((last >= 0) & (position[at] < end[candidate]), here[candidate], -1)
    return rows


def compare_motifs(
    planted: pd.DataFrame,
    enrichment: Mapping[str, pd.DataFrame],
    variability: pd.DataFrame,
    differential: pd.DataFrame,
) -> pd.DataFrame:
    """Where the planted motifs stand among all motifs of the library.

    Parameters
    ----------
    planted : DataFrame
        Columns motif_id, name, role.
    enrichment : mapping of `up` and `down` to DataFrame
        Enrichment tables: motif_id, log10_pvalue, padj, log2_enrichment.
    variability : DataFrame
        chromVAR: motif_id, variability.
    differential : DataFrame
        chromVAR of the contrast: motif_id, delta, joint_pvalue, joint_padj (or else pvalue, padj).

    Returns
    -------
    DataFrame
        motif_id, name, role, rank_up, log2_enrichment_up, padj_up, the same for down, rank_variability,
        rank_chromvar, delta_chromvar, padj_chromvar, n_motifs. Ranks begin at 1, ties share the best; NA for
        a motif that was not tested.
    """
    table = planted[["motif_id", "name", "role"]].reset_index(drop=True)
    key = table["motif_id"]
    for direction in ("up", "down"):
        found = enrichment[direction].set_index("motif_id")
        table[f"rank_{direction}"] = key.map(found["log10_pvalue"].rank(method="min")).astype("Int64")
        table[f"log2_enrichment_{direction}"] = key.map(found["log2_enrichment"])
        table[f"padj_{direction}"] = key.map(found["padj"])
    ranks = variability.set_index("motif_id")["variability"].rank(method="min", ascending=False)
    table["rank_variability"] = key.map(ranks).astype("Int64")
    found = differential.set_index("motif_id")
    p = "joint_" if "joint_pvalue" in found else ""
    table["rank_chromvar"] = key.map(found[f"{p}pvalue"].rank(method="min")).astype("Int64")
    table["delta_chromvar"] = key.map(found["delta"])
    table["padj_chromvar"] = key.map(found[f"{p}padj"])
    table["n_motifs"] = len(enrichment["up"])
    return table


def _median(values: pd.Series) -> float:
    values = values.dropna()
    return float(values.median()) if len(values) else np.nan


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else np.nan
