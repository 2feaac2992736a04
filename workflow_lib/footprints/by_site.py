"""Cuts around single sites, for pictures: sites in order of score, drawn together where there are many."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd

from workflow_lib.footprints.profiles import matrix, sample_cuts
from workflow_lib.footprints.scores import NEAR
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.io import arrays

ROWS = 200
"""Most rows of a picture: more sites share rows."""


def collect(
    motif_ids: Sequence[str],
    library: Sequence[str],
    sites: pd.DataFrame,
    stores: Mapping[str, str | Path],
    groups: Mapping[str, str],
    contigs: Sequence[str],
    flank: int,
) -> dict[str, dict[str, np.ndarray]]:
    """Cuts at each position of each site, for each motif and group; each sample is read once.

    Parameters
    ----------
    motif_ids : sequence of str
    library, contigs : sequence of str
        All motifs and contigs, as they are numbered in `sites`.
    sites : DataFrame
        As :func:`workflow_lib.footprints.sites.select`.
    stores, groups : mapping of sample to path of its cut-site store, and to its group
    flank : int

    Returns
    -------
    dict of motif_id to dict of group to (n_rows, 2 * flank + 1) array
        Sites by falling score, at most `ROWS` rows, each the mean of as many neighbours. Unit: cuts
        relative to the mean of the near flanks of all sites in the same sample, so that depth cancels; mean
        of a group's samples. NaN where a group has no cut in the near flanks. No row without sites.
    """
    number = {motif_id: i for i, motif_id in enumerate(library)}
    own = {m: sites[sites["motif"].to_numpy() == number[m]].reset_index(drop=True) for m in motif_ids}
    used = np.unique(np.concatenate([[], *(table["contig"] for table in own.values())]).astype(int))
    names = [contigs[i] for i in used]
    found: dict[str, dict[str, list[np.ndarray]]] = {motif_id: {} for motif_id in motif_ids}
    for sample, path in stores.items():
        cuts = sample_cuts(FragmentStore.read(path, names), names)
        for motif_id, of_motif in own.items():
            seen = relative(matrix(cuts, of_motif, contigs, flank), motif_length(of_motif))
            rows = pooled(seen, of_motif["score"].to_numpy())
            found[motif_id].setdefault(groups[sample], []).append(rows)
    return {
        motif_id: {group: mean_of_known(rows) for group, rows in by_group.items()}
        for motif_id, by_group in found.items()
    }


def write(found: Mapping[str, Mapping[str, np.ndarray]], path: str | Path) -> None:
    """Write what :func:`collect` gives."""
    rows = {f"{quote(m, safe='')}/{quote(g, safe='')}": v for m, of in found.items() for g, v in of.items()}
    arrays.write_arrays(path, rows, {})


def read(path: str | Path) -> dict[str, dict[str, np.ndarray]]:
    """Read what :func:`write` wrote."""
    with arrays.opened(path) as store:
        return {
            unquote(motif): {unquote(group): rows[()] for group, rows in of_motif.items()}
            for motif, of_motif in store.items()
        }


def motif_length(sites: pd.DataFrame) -> int:
    """Length in bp of the motif that the sites are of; 0 without sites."""
    return int((sites["end"] - sites["start"]).iloc[0]) if len(sites) else 0


def relative(cuts: np.ndarray, length: int) -> np.ndarray:
    """Cuts over the mean, over all sites, of the near flanks of a motif of so many bp; NaN if that is 0."""
    x = np.arange(cuts.shape[1]) - cuts.shape[1] // 2
    left, right = edges(length)
    near = ((x >= left - NEAR[1]) & (x < left - NEAR[0])) | ((x >= right + NEAR[0]) & (x < right + NEAR[1]))
    level = cuts[:, near].mean() if len(cuts) else 0.0
    return cuts / level if level > 0 else np.full(cuts.shape, np.nan)


def edges(length: int) -> tuple[int, int]:
    """First position of a motif and the one after its last, where its base length // 2 is position 0."""
    return -(length // 2), length - length // 2


def pooled(values: np.ndarray, scores: np.ndarray, n_rows: int = ROWS) -> np.ndarray:
    """Rows by falling score, ties in their order; more than `n_rows` become that many means of neighbours."""
    ordered = values[np.argsort(-scores, kind="stable")].astype(float)
    if len(ordered) <= n_rows:
        return ordered
    bounds = np.linspace(0, len(ordered), n_rows + 1).astype(int)
    return np.add.reduceat(ordered, bounds[:-1], axis=0) / np.diff(bounds)[:, None]


def mean_of_known(values: Sequence[np.ndarray]) -> np.ndarray:
    """Mean of the samples that have cuts."""
    known = [rows for rows in values if not np.isnan(rows).all()]
    return np.mean(known, axis=0) if known else values[0]
