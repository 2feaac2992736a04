"""Coverage around the regions that changed most, by group of samples."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.differential.leading import strongest
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.stats.forms import CALLED

REACH, BIN = 2000, 50  # bases to either side of a region's middle, and of a bin
POSITIONS = tuple(range(-REACH + BIN // 2, REACH, BIN))
MOST_EACH, LEAST_EACH = 250, 10  # regions of a direction
MOST_ROWS = 10_000  # regions by groups, of all contrasts together


def each(n_contrasts: int, n_groups: int) -> int:
    """How many regions of a direction are shown: 250, fewer where contrasts and groups are many."""
    room = MOST_ROWS // max(2 * n_contrasts * n_groups, 1)
    return int(np.clip(room, LEAST_EACH, MOST_EACH))


def leading(table: pd.DataFrame, n: int) -> pd.DataFrame:
    """Peaks of a differential table that changed most: of each direction the n smallest p-values."""
    rows = np.concatenate([strongest(table, way, n) for way in CALLED]).astype(int)
    return table.iloc[rows][["peak", "direction"]]


def around(store: FragmentStore, places: pd.DataFrame, size_factor: float) -> np.ndarray:
    """Insertions per base over the size factor, in bins around the middle of each place.

    Parameters
    ----------
    store : FragmentStore
        With the cuts of all contigs of `places`.
    places : DataFrame
        chrom, start, end (0-based, half-open).
    size_factor : float

    Returns
    -------
    (n_places, n_bins) array of float
        Bins of 50 bp from 2,000 bp before the middle to 2,000 bp behind it, along the genome; 0 beyond the
        ends of a contig.
    """
    found = np.zeros((len(places), len(POSITIONS)))
    middle = ((places["start"] + places["end"]) // 2).to_numpy()
    edges = np.arange(-REACH, REACH + 1, BIN)
    for chrom, rows in places.reset_index(drop=True).groupby("chrom", sort=False).indices.items():
        cuts = store.cuts(str(chrom))
        before = np.searchsorted(cuts, middle[rows][:, None] + edges)
        found[rows] = np.diff(before, axis=1)
    return found / (BIN * size_factor)


def by_group(
    stores: Mapping[str, str | Path], size_factors: pd.Series, groups: Mapping[str, str], peaks: Sequence[str]
) -> pd.DataFrame:
    """Mean over the samples of each group of :func:`around`, a row for each peak and group.

    Parameters
    ----------
    stores : mapping of sample to path
        Each is read once, a contig at a time.
    size_factors : Series indexed by sample
    groups : mapping of sample to group
    peaks : sequence of str
        Peak ids.

    Returns
    -------
    DataFrame
        peak, group, then a column for each of `POSITIONS`.
    """
    places = intervals.parse_peak_ids(pd.Index(peaks))
    names = list(dict.fromkeys(groups[sample] for sample in stores))
    sums = {name: np.zeros((len(places), len(POSITIONS))) for name in names}
    for sample, path in stores.items():
        for chrom in places["chrom"].unique():
            rows = (places["chrom"] == chrom).to_numpy()
            store = FragmentStore.read(path, contigs=(chrom,))
            sums[groups[sample]][rows] += around(store, places[rows], float(size_factors[sample]))
    sizes = {name: sum(groups[sample] == name for sample in stores) for name in names}
    made = [
        pd.DataFrame(sums[name] / sizes[name], columns=list(map(str, POSITIONS)))
        .assign(peak=list(peaks), group=name)
        .loc[:, ["peak", "group", *map(str, POSITIONS)]]
        for name in names
    ]
    return pd.concat(made, ignore_index=True)
