"""Which peaks change in which contrasts."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from workflow_lib import beside
from workflow_lib.stats.forms import CALLED

COLUMNS = ("log2FoldChange", "padj", "direction")
ALIKE = ("up", "down", "mixed")
"""How the called directions of a peak go together: `changed` of any difference goes with both."""
PAIR_COLUMNS = [
    *("contrast_a", "contrast_b", "n_tested", "n_a", "n_b", "n_both", "expected", "n_same", "n_opposite"),
    *("jaccard", "correlation"),
]


def side_by_side(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What each contrast says of each peak.

    Parameters
    ----------
    tables : mapping of contrast to DataFrame
        Differential tables of the same peaks: peak, log2FoldChange, padj, direction.

    Returns
    -------
    DataFrame
        peak, n_called (contrasts that call it), then `{contrast}.log2FoldChange`, `{contrast}.padj` and
        `{contrast}.direction` of each contrast. Peaks that no contrast tests are left out.
    """
    names = list(tables)
    peaks = tables[names[0]]["peak"]
    aligned = [
        beside.aligned(tables[name], peaks, name)[list(COLUMNS)].add_prefix(f"{name}.") for name in names
    ]
    wide = pd.concat(aligned, axis=1)
    wide.insert(0, "n_called", called(wide, names).sum(axis=1).astype(int))
    tested = wide[[f"{name}.direction" for name in names]].ne("untested").any(axis=1)
    return wide[tested].rename_axis("peak").reset_index()


def called(wide: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Which peaks of a table of :func:`side_by_side` each contrast calls: (n_peaks, n_contrasts) of bool."""
    return pd.DataFrame({name: wide[f"{name}.direction"].isin(CALLED) for name in names}, index=wide.index)


def overlaps(wide: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """How many peaks change in exactly which contrasts.

    Parameters
    ----------
    wide : DataFrame
        Of :func:`side_by_side`.
    names : list of str
        Contrasts.

    Returns
    -------
    DataFrame
        contrasts (names separated by commas), n_contrasts, n_peaks, up, down, mixed (peaks whose called
        directions are all up, all down, or neither, as where they differ or any difference counts alone).
        Each changed peak counts in one row. Largest first.
    """
    found = called(wide, names)
    directions = pd.concat([wide[f"{name}.direction"].where(found[name]) for name in names], axis=1)
    has = {way: directions.eq(way).any(axis=1) for way in ("up", "down")}
    alike = np.where(has["up"] & ~has["down"], "up", np.where(has["down"] & ~has["up"], "down", "mixed"))
    changed = found.any(axis=1).to_numpy()
    members, code = np.unique(found.to_numpy()[changed], axis=0, return_inverse=True)
    counts = {way: np.bincount(code.ravel()[alike[changed] == way], minlength=len(members)) for way in ALIKE}
    sets = [[name for name, inside in zip(names, of, strict=True) if inside] for of in members]
    table = pd.DataFrame(
        {"contrasts": [",".join(of) for of in sets], "n_contrasts": [len(of) for of in sets]}
    )
    table["n_peaks"] = sum(counts.values())
    table = table.assign(**counts)
    places = [[names.index(name) for name in of] for of in sets]
    order = sorted(range(len(sets)), key=lambda i: (-table["n_peaks"].iloc[i], len(sets[i]), places[i]))
    return table.iloc[order].reset_index(drop=True)


def pairs(wide: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """How far any two contrasts agree.

    Parameters
    ----------
    wide : DataFrame
        Of :func:`side_by_side`.
    names : list of str

    Returns
    -------
    DataFrame
        contrast_a, contrast_b, n_tested (in both), n_a, n_b, n_both (called peaks of these), expected (called
        in both if the two were independent), n_same and n_opposite (called in both, by sign of the fold
        change), jaccard, correlation (Pearson, of fold changes of the peaks tested in both). A fold change of
        any difference is that of the last level over the first.

    Notes
    -----
    Contrasts that share samples agree by their noise too: two against one control correlate by about a half
    where nothing changes. So correlation and expected number describe, and no p-value is given.
    """
    rows = []
    found = called(wide, names)
    for a, b in combinations(names, 2):
        both = (wide[f"{a}.direction"] != "untested") & (wide[f"{b}.direction"] != "untested")
        x, y = (wide.loc[both, f"{name}.log2FoldChange"].to_numpy(float) for name in (a, b))
        in_a, in_b = (found.loc[both, name].to_numpy() for name in (a, b))
        shared, either = in_a & in_b, in_a | in_b
        same = np.sign(x[shared]) == np.sign(y[shared])
        usable = np.isfinite(x) & np.isfinite(y)
        varies = usable.sum() > 2 and x[usable].std() > 0 and y[usable].std() > 0
        rows.append(
            {
                "contrast_a": a,
                "contrast_b": b,
                "n_tested": int(both.sum()),
                "n_a": int(in_a.sum()),
                "n_b": int(in_b.sum()),
                "n_both": int(shared.sum()),
                "expected": in_a.sum() * in_b.sum() / both.sum() if both.any() else np.nan,
                "n_same": int(same.sum()),
                "n_opposite": int((~same).sum()),
                "jaccard": shared.sum() / either.sum() if either.any() else np.nan,
                "correlation": float(np.corrcoef(x[usable], y[usable])[0, 1]) if varies else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)
