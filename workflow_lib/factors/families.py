"""What family of factors a cluster of motifs stands for."""

import pandas as pd


def of_clusters(library: pd.DataFrame, representatives: pd.Series, clusters: pd.Series) -> pd.Series:
    """Family of each cluster: that of most of its motifs; of several, the representative's or the first.

    Parameters
    ----------
    library : DataFrame
        motif_id and, if known, cluster, family, class.
    representatives, clusters : (n,) Series
        motif_id of the representative and id of each cluster.

    Returns
    -------
    (n,) Series
        The family, or the class where a library tells no families; None where it tells neither.
    """
    told = pd.Series(None, index=library.index, dtype=object)
    for column in ("family", "class"):
        if column in library:
            told = told.where(told.notna(), library[column])
    keys = library["cluster"].fillna(library["motif_id"]) if "cluster" in library else library["motif_id"]
    own = dict(zip(library["motif_id"].astype(str), told, strict=True))
    known = pd.DataFrame({"key": keys.astype(str), "family": told}).dropna(subset="family")
    counted = {key: rows.value_counts(sort=False) for key, rows in known.groupby("key", sort=False)["family"]}
    found: list = []
    for motif, cluster in zip(representatives.astype(str), clusters.astype(str), strict=True):
        counts = counted.get(cluster)
        if counts is None:
            found.append(None)
            continue
        most = counts[counts == counts.max()].index
        found.append(own[motif] if own.get(motif) in most else most[0])
    return pd.Series(found, index=representatives.index, dtype=object)
