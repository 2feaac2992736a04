"""Sites and genes of the factors that changed: a row a hit, with the change of its peak and its genes."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib.motifs.matches import presence
from workflow_lib.stats.forms import CALLED

MOST_CLUSTERS = 20
"""Clusters whose sites are listed, at most: the first by rank."""
LEADING = 5
"""Clusters whose sites are listed where none is called: the first by rank."""
COLUMNS = (
    *("cluster", "name", "motif_id", "motif_name", "chrom", "start", "end", "strand", "score", "peak"),
    *("log2FoldChange", "padj", "direction"),
)
GENES = ("gene_id", "gene_name", "feature", "tss_distance")
LINKS = ("linked_genes", "link_padj")


def chosen(factors: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table of factors whose sites are listed.

    Those called, at most `MOST_CLUSTERS` by rank; where none is called, the first `LEADING` that
    were tested.
    """
    ranked = factors[factors["rank"].notna()].sort_values("rank", kind="stable")
    called = ranked[ranked["direction"].isin(CALLED)]
    return called.head(MOST_CLUSTERS) if len(called) else ranked.head(LEADING)


def summarise(
    factors: pd.DataFrame, library: pd.DataFrame, matches, directions: pd.Series, linked: pd.DataFrame | None
) -> pd.DataFrame:
    """Sites of every cluster, counted, whether they are listed or not.

    Parameters
    ----------
    factors : DataFrame
        Of :func:`workflow_lib.factors.evidence.rank`.
    library : DataFrame
        motif_id and, if known, cluster.
    matches : (n_peaks, n_motifs) sparse matrix
        Number of hits.
    directions : (n_peaks,) Series
        Of change, in the order of the rows of `matches`.
    linked : (n_peaks, ...) DataFrame, optional
        linked_genes, as :func:`linked_genes` has them.

    Returns
    -------
    DataFrame
        rank, cluster, name, direction; n_hits, n_peaks (with a hit of any member), n_up, n_down (of them;
        n_changed where peaks have no direction), n_linked (of them, with a gene linked), listed.
    """
    keys = cluster_of(library)
    rows = factors[["rank", "cluster", "name", "direction"]].copy()
    column = pd.Index(rows["cluster"].astype(str)).get_indexer(keys.astype(str))
    own = np.flatnonzero(column >= 0)
    belongs = sparse.coo_array((np.ones(len(own)), (own, column[own])), shape=(len(keys), len(rows)))
    counts = sparse.csr_array(matches) @ belongs.tocsr()
    carried = presence(counts)
    rows["n_hits"] = np.asarray(counts.sum(axis=0)).ravel().astype(int)
    rows["n_peaks"] = np.asarray(carried.sum(axis=0)).ravel().astype(int)
    ways = ["changed"] if (directions == "changed").any() else ["up", "down"]
    flags = {f"n_{way}": (directions == way).to_numpy() for way in ways}
    if linked is not None:
        flags["n_linked"] = linked["linked_genes"].notna().to_numpy()
    for name, flag in flags.items():
        rows[name] = (flag.astype(float) @ carried).astype(int)
    rows["listed"] = rows["cluster"].isin(chosen(factors)["cluster"])
    return rows.reset_index(drop=True)


def cluster_of(library: pd.DataFrame) -> pd.Series:
    """Cluster of each motif, or the motif itself."""
    own = library["motif_id"]
    return library["cluster"].fillna(own) if "cluster" in library else own


def linked_genes(links: pd.DataFrame, peaks: Iterable[str], alpha: float) -> pd.DataFrame:
    """Genes whose expression a peak follows, of every peak.

    Parameters
    ----------
    links : DataFrame
        peak, gene_name, gene_id, pearson, padj: of :func:`workflow_lib.linkage.link`.
    peaks : iterable of str
    alpha : float

    Returns
    -------
    DataFrame indexed by peak
        linked_genes: names with the correlation, the strongest first, split by `;`, None where no link is
        significant; link_padj: the smallest of these links.
    """
    strong = links[links["padj"] < alpha].sort_values(["padj", "gene_id"], kind="stable")
    name = strong["gene_name"].fillna(strong["gene_id"]).astype(str)
    words = name + strong["pearson"].map(" {:+.2f}".format)
    by_peak = words.groupby(strong["peak"]).agg(";".join)
    smallest = strong.groupby("peak")["padj"].min()
    found = pd.DataFrame({"linked_genes": by_peak, "link_padj": smallest}).reindex(list(peaks))
    found["linked_genes"] = found["linked_genes"].astype(object).where(found["linked_genes"].notna(), None)
    return found


def rows(
    hits: Iterable[pd.DataFrame],
    factors: pd.DataFrame,
    library: pd.DataFrame,
    differential: pd.DataFrame,
    annotation: pd.DataFrame | None = None,
    linked: pd.DataFrame | None = None,
) -> Iterator[pd.DataFrame]:
    """Put the change and the genes of its peak beside every hit of the chosen clusters.

    Parameters
    ----------
    hits : iterable of DataFrame
        chrom, start, end, motif_id, score, strand, peak; a part of the genome at a time.
    factors : DataFrame
        As :func:`chosen` gives them.
    library : DataFrame
        motif_id, name, cluster.
    differential : DataFrame indexed by peak
        log2FoldChange, padj, direction.
    annotation : DataFrame indexed by peak, optional
        gene_id, gene_name, feature, tss_distance.
    linked : DataFrame indexed by peak, optional
        Of :func:`linked_genes`.

    Yields
    ------
    DataFrame
        At least one, with the columns of the whole; hits keep their order. Memory is that of one part.
    """
    keys = cluster_of(library).astype(str).to_numpy(object)
    motifs = pd.DataFrame({"cluster": keys, "motif_name": library["name"].to_numpy(object)})
    motifs.index = pd.Index(library["motif_id"].astype(str))
    names = factors.assign(cluster=factors["cluster"].astype(str)).set_index("cluster")["name"]
    motifs = motifs[motifs["cluster"].isin(names.index)]
    beside = [differential[["log2FoldChange", "padj", "direction"]]]
    if annotation is not None:
        beside.append(annotation[list(GENES)])
    if linked is not None:
        beside.append(linked[list(LINKS)])
    of_peaks = pd.concat(beside, axis=1)
    columns = [*COLUMNS, *of_peaks.columns.drop(["log2FoldChange", "padj", "direction"])]
    yield pd.DataFrame(columns=columns)
    for part in hits:
        own = part[part["motif_id"].isin(motifs.index)].reset_index(drop=True)
        if own.empty:
            continue
        of_motif = motifs.loc[own["motif_id"].astype(str)].reset_index(drop=True)
        of_peak = of_peaks.loc[own["peak"].astype(str)].reset_index(drop=True)
        joined = pd.concat([own, of_motif, of_peak], axis=1)
        yield joined.assign(name=joined["cluster"].map(names))[columns]
