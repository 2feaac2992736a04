"""Mean profiles of changed peaks over levels, and groups of peaks whose profiles run alike."""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.profiles.values import level_means, standardised

MOST = 8
"""Clusters tried at most where the number is chosen."""
FEWEST_PEAKS = 10
"""Peaks that a cluster should have."""
SAMPLED = 2000
"""Profiles of which the silhouette is taken at most."""
FUZZINESS = 2.0


def mean_profiles(values: pd.DataFrame, cells: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Mean of each peak over the samples of each level, centred and scaled over the levels.

    Parameters
    ----------
    values : (n_peaks, n_samples) DataFrame
        log2 normalised counts.
    cells : mapping of level to (n_samples,) array of bool
        In the order of the levels, as :meth:`workflow_lib.stats.forms.Form.cells` has them.

    Returns
    -------
    (n_peaks, n_levels) DataFrame
        Rows of mean 0 and standard deviation 1 (ddof 0); rows that do not vary are 0.
    """
    return standardised(level_means(values, cells))


def cluster(profiles: pd.DataFrame, n_clusters: int | None = None, *, seed: int = 0) -> pd.DataFrame:
    """Group peaks by the shape of their profiles.

    Parameters
    ----------
    profiles : (n_peaks, n_levels) DataFrame
        Of :func:`mean_profiles`.
    n_clusters : int, optional
        By default the number from 2 to `MOST` with the largest mean silhouette, of those whose clusters all
        have `FEWEST_PEAKS` peaks; the smaller of two that are alike to 0.01. One where there are fewer than
        twice as many peaks.
    seed : int
        Of the sample of profiles that the silhouette is taken of.

    Returns
    -------
    DataFrame indexed as `profiles`
        cluster (from 1, by the level at which the cluster's mean profile is highest, then by
        size) and membership (0 to 1: how much nearer the profile is to its own centre than to others, as in
        fuzzy c-means with exponent 2; 1 where there is one cluster).

    Notes
    -----
    k-means on standardised profiles from Ward's hierarchical clusters as start, so that nothing depends on
    chance but which profiles the silhouette is taken of. It describes: no p-value belongs to a cluster.

    References
    ----------
    Ward 1963, J Am Stat Assoc 58:236. Rousseeuw 1987, J Comput Appl Math 20:53 (silhouette). Futschik &
    Carlisle 2005, J Bioinform Comput Biol 3:965 (membership).
    """
    values = profiles.to_numpy(float)
    n = len(values)
    if not n:
        return pd.DataFrame({"cluster": pd.Series(dtype="int64"), "membership": pd.Series(dtype=float)})
    distinct = len(np.unique(np.round(values, 9), axis=0))
    if n_clusters is None:
        labels = _chosen(values, distinct, seed)
    else:
        labels = _k_means(values, min(n_clusters, distinct))
    order = _order(values, labels)
    labels = order[labels]
    centres = np.stack([values[labels == k].mean(axis=0) for k in range(labels.max() + 1)])
    return pd.DataFrame(
        {"cluster": labels + 1, "membership": _membership(values, centres)[np.arange(n), labels]},
        index=profiles.index,
    )


def _chosen(values: np.ndarray, distinct: int, seed: int) -> np.ndarray:
    """Labels for the number of clusters with the largest silhouette."""
    single = np.zeros(len(values), dtype=int)
    if distinct < 2 or len(values) < 2 * FEWEST_PEAKS:
        return single
    drawn = np.arange(len(values))
    if len(drawn) > SAMPLED:
        drawn = np.sort(np.random.default_rng(seed).choice(len(drawn), SAMPLED, replace=False))
    best, labels = -np.inf, single
    for k in range(2, min(MOST, distinct) + 1):
        tried = _k_means(values, k)
        if np.bincount(tried, minlength=k).min() < FEWEST_PEAKS:
            continue
        width = silhouette(values[drawn], tried[drawn])
        if width > best + 0.01:
            best, labels = width, tried
    return labels


def _k_means(values: np.ndarray, k: int) -> np.ndarray:
    """Labels 0 to k - 1 at most, none empty."""
    from scipy.cluster import hierarchy, vq  # half a second that others can spare

    if k < 2:
        return np.zeros(len(values), dtype=int)
    start = values if len(values) <= SAMPLED else values[:: -(-len(values) // SAMPLED)]
    groups = hierarchy.fcluster(hierarchy.linkage(np.round(start, 6), "ward"), k, "maxclust")
    centres = np.stack([start[groups == g].mean(axis=0) for g in np.unique(groups)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a cluster that loses all peaks is left out
        _, labels = vq.kmeans2(values, centres, iter=50, minit="matrix", missing="warn")
    return np.unique(labels, return_inverse=True)[1].ravel()


def silhouette(values: np.ndarray, labels: np.ndarray) -> float:
    """Mean silhouette width of profiles, -1 to 1; -1 with fewer than two clusters."""
    names = np.unique(labels)
    if len(names) < 2:
        return -1.0
    square = (values**2).sum(axis=1)
    distance = np.sqrt(np.maximum(square[:, None] + square[None, :] - 2 * values @ values.T, 0))
    sums = np.stack([distance[:, labels == name].sum(axis=1) for name in names], axis=1)
    sizes = np.array([(labels == name).sum() for name in names])
    own = np.searchsorted(names, labels)
    at = np.arange(len(values))
    within = sums[at, own] / np.maximum(sizes[own] - 1, 1)
    others = sums / sizes
    others[at, own] = np.inf
    nearest = others.min(axis=1)
    widest = np.maximum(within, nearest)
    width = np.where(
        (sizes[own] > 1) & (widest > 0), (nearest - within) / np.where(widest > 0, widest, 1), 0.0
    )
    return float(width.mean())


def _order(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """New number of each cluster: by where its mean profile is highest, then large before small."""
    n = labels.max() + 1
    peaks = [int(np.round(values[labels == k].mean(axis=0), 9).argmax()) for k in range(n)]
    ranked = sorted(range(n), key=lambda k: (peaks[k], -(labels == k).sum(), k))
    place = np.empty(n, dtype=int)
    place[ranked] = np.arange(n)
    return place


def _membership(values: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(n_peaks, n_clusters) memberships; rows add up to 1."""
    square = ((values[:, None, :] - centres[None]) ** 2).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = 1 / square ** (1 / (FUZZINESS - 1))
        shares = near / near.sum(axis=1, keepdims=True)
    exact = np.isinf(near)
    return np.where(
        exact.any(axis=1, keepdims=True), exact / np.maximum(exact.sum(axis=1, keepdims=True), 1), shares
    )
