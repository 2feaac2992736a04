"""Motifs that say the same: how alike matrices are, and groups of those that a reader need not tell apart."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workflow_lib.motifs.library import MotifLibrary
from workflow_lib.motifs.pwm import PSEUDOCOUNT

SIMILARITY = 0.75
"""Least similarity of any two motifs of a cluster."""
DIGITS = 9  # similarities are rounded so far: beyond, they depend on the order in which a sum is made


def similarity(counts: Sequence[np.ndarray]) -> np.ndarray:
    """How alike matrices are at the best of all alignments, on the same or on opposite strands.

    Parameters
    ----------
    counts : sequence of n (4, length) arrays, rows A, C, G, T

    Returns
    -------
    (n, n) array
        Symmetric, with ones on the diagonal: Pearson's correlation of the base probabilities of two aligned
        matrices, each filled up with columns of 0.25 where it does not reach as far as the other. So columns
        that say much weigh much, flanks that say nothing cost nothing, and half of a dimer is no more like
        the whole than its share (0.71 for two equal halves). 0 for a matrix that says nothing at all.

    Notes
    -----
    A column of probabilities less 0.25 has mean zero over the bases, whatever the alignment: the correlation
    is a scalar product of unit vectors. All pairs of one offset are one matrix product. Offsets of the other
    sign come with the transposed result.

    References
    ----------
    Pietrokovski 1996, Nucleic Acids Res 24:3836 (correlation of columns); Castro-Mondragon 2017, Nucleic
    Acids Res 45:e119 (normalised by the length of the whole alignment).
    """
    n = len(counts)
    longest = max((matrix.shape[1] for matrix in counts), default=0)
    forward, reverse = np.zeros((n, longest, 4)), np.zeros((n, longest, 4))
    for i, matrix in enumerate(counts):
        p = (matrix + PSEUDOCOUNT / 4) / (matrix.sum(axis=0) + PSEUDOCOUNT) - 0.25
        size = np.sqrt((p**2).sum())
        p = p / size if size > 1e-9 else np.zeros_like(p)
        forward[i, : p.shape[1]] = p.T
        reverse[i, : p.shape[1]] = p[::-1, ::-1].T
    best: np.ndarray = np.zeros((n, n))
    for offset in range(longest):
        size = longest - offset
        for one, other in ((forward, forward), (forward, reverse), (reverse, forward)):
            np.maximum(best, one[:, offset:].reshape(n, -1) @ other[:, :size].reshape(n, -1).T, out=best)
    best = np.round(np.minimum(np.maximum(best, best.T), 1.0), DIGITS)
    np.fill_diagonal(best, 1.0)
    return best


def clusters(alike: np.ndarray, threshold: float = SIMILARITY) -> np.ndarray:
    """Group motifs by complete linkage, and name each group by its central motif.

    Parameters
    ----------
    alike : (n, n) array
        Of :func:`similarity`.
    threshold : float
        No two motifs of a cluster are less alike than this.

    Returns
    -------
    (n,) array of int
        For each motif the one that stands for its cluster: that with the highest mean similarity to the
        members, of equals the first.

    Examples
    --------
    >>> import numpy as np
    >>> from workflow_lib.motifs import clusters
    >>> similar = np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.2], [0.1, 0.2, 1.0]])
    >>> clusters.clusters(similar).tolist()
    [0, 0, 2]
    """
    n = len(alike)
    if n < 2:
        return np.arange(n)
    from scipy.cluster.hierarchy import fcluster, linkage  # half a second that others can spare

    tree = linkage((1 - np.asarray(alike))[np.triu_indices(n, 1)], "complete")
    labels = fcluster(tree, 1 - threshold + 1e-12, "distance")
    central = np.empty(n, dtype=np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        means = np.round(alike[np.ix_(members, members)].mean(axis=1), DIGITS)
        central[members] = members[np.argmax(means)]
    return central


def assign(library: MotifLibrary, threshold: float = SIMILARITY) -> MotifLibrary:
    """The library with a cluster for each motif: the id of the motif that is most like all in it."""
    central = clusters(similarity([motif.counts for motif in library]), threshold)
    return replace(library, clusters=tuple(library.ids[i] for i in central))


def representatives(table: pd.DataFrame, by: str = "pvalue") -> pd.Series:
    """Mark the best motif of each cluster within a table of results.

    Parameters
    ----------
    table : DataFrame
        With `cluster`, `by` and perhaps log10_pvalue, which then decides in place of `pvalue`. A motif
        without a cluster stands for itself.
    by : str
        The smallest value is the best; of equals the first row. Rows without a value are nobody's best.

    Returns
    -------
    Series of bool
        With the index of `table`.
    """
    key = table["log10_pvalue"] if by == "pvalue" and "log10_pvalue" in table else table[by]
    group, _ = pd.factorize(table["cluster"].to_numpy(object))
    group = np.where(group < 0, -1 - np.arange(len(table)), group)
    rows = pd.DataFrame({"group": group, "key": key.to_numpy(float)}).dropna(subset="key")
    best = rows.sort_values("key", kind="stable").drop_duplicates("group").index
    return pd.Series(np.isin(np.arange(len(table)), best), index=table.index)


def members(table: pd.DataFrame) -> dict[str, list[str]]:
    """The motifs that are in one cluster with each motif of a table, itself left out, by motif_id."""
    together = table.dropna(subset="cluster").groupby("cluster", sort=False)["motif_id"].agg(list)
    found: dict[str, list[str]] = {motif_id: [] for motif_id in table["motif_id"]}
    for motif_ids in together:
        for motif_id in motif_ids:
            found[motif_id] = [other for other in motif_ids if other != motif_id]
    return found
