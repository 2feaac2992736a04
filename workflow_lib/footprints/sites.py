"""Which motif sites are used: some or all hits, each place once, the better of two that overlap."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib import beside
from workflow_lib.errors import InputError
from workflow_lib.genome.reference import CONTIG_SHIFT
from workflow_lib.io import arrays

COLUMNS = ["motif", "contig", "start", "end", "minus", "score"]
FORMAT = 2
TRUSTED = 50.0
"""Mean count of a peak from which on more counts hardly add to the weight of its sites."""


def centres(start: np.ndarray, end: np.ndarray, minus: np.ndarray) -> np.ndarray:
    """Base of the genome at position 0 of each site: the motif's base length // 2, in its own direction."""
    half = (end - start) // 2
    return np.where(minus, end - 1 - half, start + half)


def select(
    hits: pd.DataFrame,
    motif_ids: Sequence[str],
    contigs: Sequence[str],
    *,
    regions: pd.DataFrame | None = None,
    mean_count: pd.Series | None = None,
) -> pd.DataFrame:
    """Sites of all motifs, each place once.

    Parameters
    ----------
    hits : DataFrame
        chrom, start, end, motif_id, score, strand, peak, as :func:`workflow_lib.io.hits.read_hits`. A hit
        within the windows of two peaks is there twice.
    motif_ids, contigs : sequence of str
        In order; hits on other contigs are left out.
    regions : DataFrame, optional
        chrom, start, end; take hits alone that lie wholly in one of them.
    mean_count : Series indexed by peak, optional
        Mean normalised count over all samples, from which sites get their weights.

    Returns
    -------
    DataFrame
        motif and contig (int32 rows of `motif_ids` and `contigs`), start, end (int64), minus (bool), score,
        and weight if mean counts are given (of the peak's mean count m: m / (1 + m / `TRUSTED`), 1 added);
        in order of contig, start, end, motif, strand. No two sites of a motif overlap, on either strand: of
        two, the one with the higher score stays, of equal ones the first (see :func:`resolve_overlaps`).
    """
    columns = {
        "motif": pd.Index(motif_ids).get_indexer(hits["motif_id"]).astype(np.int32),
        "contig": pd.Index(contigs).get_indexer(hits["chrom"]).astype(np.int32),
        "start": hits["start"].to_numpy(np.int64),
        "end": hits["end"].to_numpy(np.int64),
        "minus": (hits["strand"] == "-").to_numpy(bool),
        "score": hits["score"].to_numpy(float),
    }
    if mean_count is not None:
        peak = hits["peak"].astype("category").cat
        of_peaks = beside.rows(mean_count, peak.categories, "mean counts").to_numpy(float)
        m = np.append(np.nan_to_num(of_peaks), 0.0)[peak.codes]
        columns["weight"] = 1 + m / (1 + m / TRUSTED)
    keep = (columns["motif"] >= 0) & (columns["contig"] >= 0)
    if regions is not None:
        keep &= _inside(columns, regions, contigs)
    table = pd.DataFrame({name: values[keep] for name, values in columns.items()})
    order = np.lexsort([table[name] for name in ("minus", "end", "start", "contig", "motif")])
    table = table.iloc[order].drop_duplicates(COLUMNS[:-1], ignore_index=True)
    table = table[resolve_overlaps(table)]
    order = np.lexsort([table[name] for name in ("minus", "motif", "end", "start", "contig")])
    return table.iloc[order].reset_index(drop=True)


def resolve_overlaps(sites: pd.DataFrame) -> np.ndarray:
    """Which sites stay if of overlapping ones of a motif the better is taken first.

    Parameters
    ----------
    sites : DataFrame
        motif, contig, start, end, score; in order of motif, contig, start; sites of a motif are equally long.

    Returns
    -------
    (n_sites,) array of bool
        What taking sites by falling score, ties in order of rows, and dropping all that overlap one taken
        leaves.
    """
    n = len(sites)
    rank = np.empty(n, dtype=np.int64)
    rank[np.argsort(-sites["score"].to_numpy(), kind="stable")] = np.arange(n)
    motif, contig = sites["motif"].to_numpy(), sites["contig"].to_numpy()
    start, end = sites["start"].to_numpy(), sites["end"].to_numpy()
    pairs = []
    for step in range(1, n):
        left = np.arange(n - step)
        right = left + step
        near = (motif[left] == motif[right]) & (contig[left] == contig[right]) & (start[right] < end[left])
        if not near.any():
            break
        pairs.append(np.stack([left[near], right[near]]))
    kept, waiting = np.ones(n, dtype=bool), np.ones(n, dtype=bool)
    first, second = np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0), dtype=np.int64)
    while len(first):
        # a waiting site that no waiting neighbour beats is taken, and its neighbours are dropped
        worse = np.where(rank[first] < rank[second], second, first)
        beaten = np.zeros(n, dtype=bool)
        beaten[worse] = True
        taken = waiting & ~beaten
        kept[second[taken[first]]] = False
        kept[first[taken[second]]] = False
        waiting &= kept & ~taken
        still = waiting[first] & waiting[second]
        first, second = first[still], second[still]
    return kept


def write(sites: pd.DataFrame, path: str | Path) -> None:
    """Write sites as named columns."""
    names = [*COLUMNS, *sites.columns.intersection(["weight"])]
    arrays.write_arrays(path, {name: sites[name].to_numpy() for name in names}, {"format": FORMAT})


def read(path: str | Path) -> pd.DataFrame:
    """Read the sites that :func:`write` wrote."""
    with arrays.opened(path) as store:
        if store.attrs.get("format") != FORMAT:
            raise InputError(f"{path}: not a table of sites of this version; delete it and run again")
        names = [*COLUMNS, *(name for name in ("weight",) if name in store)]
        return pd.DataFrame({name: store[name][:] for name in names})


def _inside(columns: Mapping[str, np.ndarray], regions: pd.DataFrame, contigs: Sequence[str]) -> np.ndarray:
    """Whether each site lies wholly in one region."""
    contig = pd.Index(contigs).get_indexer(regions["chrom"]).astype(np.int64)
    known = contig >= 0
    base = contig[known] << CONTIG_SHIFT
    start, end = (base + regions[side].to_numpy(np.int64)[known] for side in ("start", "end"))
    order = np.argsort(start, kind="stable")
    # of all regions that begin no later than a site, the one that ends last decides
    start, reach = start[order], np.maximum.accumulate(end[order]) if len(order) else end
    place = columns["contig"].astype(np.int64) << CONTIG_SHIFT
    before = np.searchsorted(start, place + columns["start"], side="right") - 1
    if not len(start):
        return np.zeros(len(place), dtype=bool)
    return (before >= 0) & (place + columns["end"] <= reach[np.maximum(before, 0)])
