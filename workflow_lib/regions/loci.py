"""Regulatory domains of genes, and loci: runs of peaks that the same genes may answer for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib.genome import reference
from workflow_lib.genome.genes import GeneModels

UPSTREAM, DOWNSTREAM, FARTHEST = 5_000, 1_000, 1_000_000
"""Bases of a basal domain before and behind the start of a gene, and how far a domain reaches at the most."""
WINDOW = 100_000
"""Bases of a locus where no gene is within reach."""
BLOCK = 500_000
"""Bases of a block of neighbouring loci."""


@dataclass(frozen=True)
class Loci:
    """Where peaks belong.

    Attributes
    ----------
    genes : (n_peaks, n_genes) csr_array of 0 and 1
        Genes (rows of `GeneModels.genes`) whose domain holds the summit of each peak.
    locus : (n_peaks,) array of int
        Peaks with the same genes are of one locus; where there is no gene, those of one window of the contig.
    block : (n_peaks,) array of int
        Loci whose first peaks lie in one window of `BLOCK` bases are of one block.
    """

    genes: sparse.csr_array
    locus: np.ndarray
    block: np.ndarray


def domains(models: GeneModels) -> pd.DataFrame:
    """The regulatory domain of each gene: basal part and extension.

    Parameters
    ----------
    models : GeneModels

    Returns
    -------
    DataFrame
        chrom, start, end (0-based, half-open; `start` not below 0), tss; a row a gene, in gene order.

    Notes
    -----
    McLean et al. 2010, Nature Biotechnology 28:495, "basal plus extension": from 5 kb before the start of the
    gene to 1 kb behind it, whatever lies there, and on to the nearest basal domain of another gene, or 1 Mb
    from the start. A gene starts where its first transcript in its own direction does.
    """
    genes = models.genes
    plus = (genes["strand"] == "+").to_numpy()
    tss = np.where(plus, genes["start"], genes["end"] - 1).astype(np.int64)
    basal_start = tss - np.where(plus, UPSTREAM, DOWNSTREAM)
    basal_end = tss + np.where(plus, DOWNSTREAM, UPSTREAM) + 1
    start, end = basal_start.copy(), basal_end.copy()
    chrom = genes["chrom"].astype(object).to_numpy()
    for rows in genes.groupby(chrom, sort=False).indices.values():
        order = rows[np.argsort(tss[rows], kind="stable")]
        reach = np.maximum.accumulate(basal_end[order])
        before = np.r_[-FARTHEST, reach[:-1]]
        behind = np.r_[np.minimum.accumulate(basal_start[order][::-1])[::-1][1:], np.iinfo(np.int64).max]
        start[order] = np.minimum(basal_start[order], np.maximum(before, tss[order] - FARTHEST))
        end[order] = np.maximum(basal_end[order], np.minimum(behind, tss[order] + FARTHEST + 1))
    return pd.DataFrame({"chrom": chrom, "start": np.maximum(start, 0), "end": end, "tss": tss})


def of_peaks(peaks: pd.DataFrame, models: GeneModels | None) -> Loci:
    """Genes and locus of each peak.

    Parameters
    ----------
    peaks : DataFrame
        chrom and summit.
    models : GeneModels or None
        None: loci are windows of `WINDOW` bases.
    """
    n_genes = 0 if models is None else len(models.genes)
    peak, gene = np.empty(0, np.int64), np.empty(0, np.int64)
    if models is not None:
        peak, gene = reference.pairs_within(peaks["chrom"], peaks["summit"], domains(models))
    genes = sparse.csr_array((np.ones(len(peak)), (peak, gene)), shape=(len(peaks), n_genes))
    genes.sort_indices()
    n = np.diff(genes.indptr)
    key = np.full((len(peaks), 2 + n.max(initial=0)), -1, dtype=np.int64)
    within = np.arange(genes.nnz) - np.repeat(genes.indptr[:-1], n)
    key[np.repeat(np.arange(len(peaks)), n), 2 + within] = genes.indices
    alone = n == 0
    key[alone, 0] = pd.factorize(peaks["chrom"].to_numpy(dtype=object))[0][alone]
    key[alone, 1] = peaks["summit"].to_numpy()[alone] // WINDOW
    first, locus = np.unique(key, axis=0, return_index=True, return_inverse=True)[1:]
    locus = locus.reshape(-1)
    contig = pd.factorize(peaks["chrom"].to_numpy(dtype=object))[0].astype(np.int64)
    window = contig * (1 << 32) + peaks["summit"].to_numpy(dtype=np.int64) // BLOCK
    return Loci(genes, locus, np.unique(window[first][locus], return_inverse=True)[1].reshape(-1))
