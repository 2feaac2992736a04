"""What each cluster of motifs adds to those that lead: a motif that only follows another's is named so."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib.factors import activity
from workflow_lib.factors.changes import Change, Enriched, together
from workflow_lib.factors.clusters import lead, members, padded
from workflow_lib.motifs import matched
from workflow_lib.motifs.matches import presence
from workflow_lib.stats.combination import either
from workflow_lib.stats.multiple_testing import bh

MOST_CANDIDATES, MOST_LEADERS = 100, 10
SAME_SITES = 0.7
"""Correlation of presence from which on two motifs have the same sites, and neither explains the other."""


@dataclass(frozen=True)
class Peaks:
    """What the tests of peaks rest on: a row a peak in each."""

    matches: sparse.csr_array
    covariates: pd.DataFrame
    change: Change


def explain(
    library: pd.DataFrame,
    enriched: Enriched,
    wide: Enriched,
    along: pd.DataFrame,
    peaks: Peaks,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Test every cluster that peaks call given the presence of the motifs that lead.

    Parameters
    ----------
    library : DataFrame
        motif_id and, if known, cluster.
    enriched, wide : mapping of "up" and "down" to DataFrame
        Of :func:`workflow_lib.factors.changes.enrichment` in called peaks and in the wide set, rows as
        `library`.
    along : DataFrame
        Of :func:`workflow_lib.factors.activity.along`, rows as `library`.
    peaks : Peaks
    alpha : float

    Returns
    -------
    DataFrame
        A row a motif, the same for all of a cluster: given_pvalue (adjusted over the clusters that peaks
        call; NaN for the others, the first, and those with the same sites as the leader that explains them),
        explained_by (the motif_id that leads the cluster which explains it, or None).

    Notes
    -----
    Forward selection. Clusters are taken in the order of their p over peaks (enrichments and regression);
    the first leads. Each other one is tested again, by its strongest member, with the presence of all
    leading clusters (their strongest member, any member, how many) among the covariates of all tests. It
    joins the leaders if its p, times the number of clusters tested (Bonferroni), is below alpha, and else is
    explained by the leader with whose sites its own go most (correlation of presence). The leaders need not
    have changed by their samples: a factor that varies between samples explains its companions too.
    """
    grouping = members(library)
    weights = np.maximum(np.asarray(presence(peaks.matches).sum(axis=0)).ravel(), 1.0)
    single = together(enriched, wide, along, peaks.change.any)
    whole = single.combined(grouping, weights)
    log10p = either(whole.rises, whole.falls)
    padj = 10.0 ** bh(log10p, log10=True)
    rises = np.nan_to_num(whole.rises, nan=0.0) <= np.nan_to_num(whole.falls, nan=0.0)
    own = np.where(rises, padded(single.rises, grouping), padded(single.falls, grouping))
    strongest = lead(grouping, own)
    order = np.argsort(np.where(np.isnan(log10p), 1.0, log10p), kind="stable")
    left = [k for k in order[:MOST_CANDIDATES].tolist() if padj[k] < alpha]
    n_candidates = len(left)
    given, by = np.full(grouping.shape[1], np.nan), np.full(grouping.shape[1], -1)
    present = sparse.csc_array(presence(peaks.matches).astype(float))
    leaders, columns = left[:1], [_presence(present, grouping, strongest, k) for k in left[:1]]
    left = left[1:]
    stale = True
    while left:
        if stale:
            found = _given(library, present, strongest[left], rises[left], peaks, np.hstack(columns))
            for k, p in zip(left, found, strict=True):
                given[k] = min(10.0**p * n_candidates, 1.0)
        k = left.pop(0)
        stale = bool(given[k] < alpha) and len(leaders) < MOST_LEADERS
        if stale:
            leaders.append(k)
            columns.append(_presence(present, grouping, strongest, k))
        elif not given[k] < alpha:
            by[k], correlation = _closest(present, strongest, k, leaders)
            if correlation >= SAME_SITES:
                given[k] = np.nan
    rows = np.full(len(library), -1)
    for k, column in enumerate(grouping.T):
        rows[column[column >= 0]] = k
    ids = library["motif_id"].to_numpy(object)
    told = [ids[strongest[by[k]]] if by[k] >= 0 else None for k in rows]
    return pd.DataFrame({"given_pvalue": given[rows], "explained_by": pd.Series(told, dtype=object)})


def _presence(present: sparse.csc_array, grouping: np.ndarray, strongest: np.ndarray, k: int) -> np.ndarray:
    """Columns that stand for a cluster: its strongest member, any member, how many."""
    own = grouping[:, k]
    number = np.asarray(present[:, own[own >= 0]].sum(axis=1)).ravel()
    return np.stack([present[:, [strongest[k]]].toarray().ravel(), number > 0, np.log1p(number)], axis=1)


def _given(
    library: pd.DataFrame,
    present: sparse.csc_array,
    motifs: np.ndarray,
    rises: np.ndarray,
    peaks: Peaks,
    columns: np.ndarray,
) -> np.ndarray:
    """log10 of one-sided p-values of motifs over peaks with further covariates."""
    chosen = sparse.csr_array(present[:, motifs])
    table = library.iloc[motifs].assign(cluster=None)
    change = peaks.change
    along = activity.along(change.statistic, chosen, peaks.covariates, columns)
    leading = pd.DataFrame(columns).add_prefix("given_")
    covariates = pd.concat([peaks.covariates.reset_index(drop=True), leading], axis=1)
    nothing = pd.DataFrame({"log10_pvalue": np.full(len(motifs), np.nan)})

    def enriched(direction: np.ndarray) -> Enriched:
        return {
            way: matched.test(chosen, direction == way, direction == "none", covariates, table)
            if (rises == (way == "up")).any()
            else nothing
            for way in ("up", "down")
        }

    found = together(enriched(change.direction), enriched(change.wide), along, change.any)
    # a motif that the leaders determine adds nothing
    return np.nan_to_num(np.where(rises, found.rises, found.falls), nan=0.0)


def _closest(
    present: sparse.csc_array, strongest: np.ndarray, k: int, leaders: list[int]
) -> tuple[int, float]:
    """The leader whose presence goes most with that of a cluster, and how they correlate."""
    own = present[:, [strongest[k]]].toarray().ravel()
    theirs = present[:, strongest[leaders]].toarray()
    own, theirs = own - own.mean(), theirs - theirs.mean(axis=0)
    size = np.linalg.norm(theirs, axis=0) * max(float(np.linalg.norm(own)), 1e-12)
    correlation = own @ theirs / np.maximum(size, 1e-12)
    best = int(np.argmax(correlation))
    return leaders[best], float(correlation[best])
