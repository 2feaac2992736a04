"""What is common in each cluster of profiles: motifs and sets, against peaks that did not change."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from workflow_lib.motifs import comparison, matching
from workflow_lib.profiles.values import numbered
from workflow_lib.regions import study


def memberships(peaks: pd.Series, profiles: pd.DataFrame) -> dict[int, np.ndarray]:
    """Which of a study's peaks are in each cluster.

    Parameters
    ----------
    peaks : (n_peaks,) Series of str
        All peaks that were tested, in order.
    profiles : DataFrame
        peak, cluster of those that changed.

    Returns
    -------
    dict of int to (n_peaks,) array of bool
    """
    profiles = numbered(profiles)
    of = peaks.map(profiles.set_index("peak")["cluster"])
    return {int(number): (of == number).to_numpy(bool) for number in sorted(profiles["cluster"].unique())}


def motifs(
    names: Sequence[str],
    matches,
    clusters: dict[int, np.ndarray],
    unchanged,
    covariates: pd.DataFrame,
    library: pd.DataFrame,
) -> pd.DataFrame:
    """Every motif's enrichment in every cluster against peaks that did not change.

    Parameters
    ----------
    names : (n_peaks,) sequence of str
    matches : (n_peaks, n_motifs) sparse matrix
    clusters : dict of int to (n_peaks,) array of bool
    unchanged : (n_peaks,) array of bool
    covariates : (n_peaks, n_covariates) DataFrame
        Of :func:`workflow_lib.motifs.matching.covariates`.
    library : DataFrame
        The library's table.

    Returns
    -------
    DataFrame
        profile (the cluster's number), smd_after (largest standardised difference that weighting leaves
        between the cluster and its background), then as :func:`workflow_lib.motifs.matched.test`; `padj` is
        within a cluster of profiles, as it is within a direction.

    Notes
    -----
    Clusters are tested one by one, so that a motif may be common in several. Clusters were not chosen by
    their motifs: the test's null is that of :func:`workflow_lib.motifs.matched.test`.
    """

    def one(members: np.ndarray) -> pd.DataFrame:
        found = comparison.of_covariates(names, matches, members, unchanged, covariates, library)
        found.table.insert(0, "smd_after", matching.worst(found.balance)[1])
        return found.table

    return _of_each(one, clusters, len(covariates))


def regions(
    sets: study.Sets, clusters: dict[int, np.ndarray], unchanged, covariates: pd.DataFrame
) -> pd.DataFrame:
    """Sets of genes and regions in every cluster, as :func:`workflow_lib.regions.study.compare` tests them.

    Parameters
    ----------
    sets : Sets
    clusters : dict of int to (n_peaks,) array of bool
    unchanged : (n_peaks,) array of bool
    covariates : (n_peaks, n_covariates) DataFrame

    Returns
    -------
    DataFrame
        profile (the cluster's number) and the columns of that; `padj` is within a cluster and kind.
    """
    return _of_each(
        lambda members: study.compare(sets, members, unchanged, covariates), clusters, len(covariates)
    )


def _of_each(
    test: Callable[[np.ndarray], pd.DataFrame], clusters: dict[int, np.ndarray], n_peaks: int
) -> pd.DataFrame:
    """The tables of a test as one, led by the cluster's number."""
    tables = [test(members).assign(profile=number) for number, members in clusters.items()]
    if not tables:
        tables = [test(np.zeros(n_peaks, dtype=bool)).assign(profile=0).iloc[:0]]
    together = pd.concat(tables, ignore_index=True)
    return together[["profile", *together.columns.drop("profile")]]
