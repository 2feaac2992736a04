"""Peak to gene by distance and accessibility alone: the activity-by-contact score without Hi-C."""

import numpy as np
import pandas as pd

from workflow_lib.genome.genes import GeneModels
from workflow_lib.linkage.reach import pairs

EXPONENT = 0.87
"""Of the fall of contact with distance, as the source's program has it."""
NEAREST = 5000
"""Distances below count as this one: what contact is there is not known."""
WINDOW = 5_000_000
LEAST = 0.02
"""Scores below are left out, and counted; about what the source takes for a link."""
BLOCK = 4000
COLUMNS = ("peak", "gene_id", "gene_name", "distance", "contact", "score")


def contact(distance: np.ndarray) -> np.ndarray:
    """Expected contact at a distance in bp, as a share of that at 5 kb and below.

    Parameters
    ----------
    distance : (n,) array
        Either sign.

    Examples
    --------
    >>> contact([0, -5000, 50_000]).round(4).tolist()
    [1.0, 1.0, 0.1349]
    """
    far = np.maximum(np.abs(np.asarray(distance, dtype=float)), NEAREST)
    return ((far + 1) / (NEAREST + 1)) ** -EXPONENT


def score(
    genes: GeneModels, chosen: np.ndarray, peaks: pd.DataFrame, activity: np.ndarray, least: float = LEAST
) -> tuple[pd.DataFrame, int]:
    """Share of each gene's accessible chromatin, weighed by expected contact, that each peak has.

    Parameters
    ----------
    genes : GeneModels
    chosen : (n_genes,) bool array
        Genes to score.
    peaks : DataFrame
        peak, chrom, summit.
    activity : (n_peaks,) array
        Mean normalised count.
    least : float
        Pairs with a lower score are left out.

    Returns
    -------
    DataFrame
        peak, gene_id, gene_name, distance (bp from the gene's nearest transcription start to the summit,
        negative upstream in the gene's own direction), contact (of :func:`contact`) and score; by gene in
        gene order, then by place of the peak.
    int
        Pairs within `WINDOW` that were left out.

    Notes
    -----
    score = activity x contact over the sum of the same over all peaks within 5 Mb of the gene, so a gene's
    scores add up to 1. The source measures contact by Hi-C and activity by accessibility and H3K27ac
    together; here contact is a power law of distance, (d + 1) ** -0.87 from 5 kb on, and activity
    accessibility alone. It is the same in all samples and knows nothing of domains, promoters' preferences,
    insulation or expression: a ranking of candidates, no link.

    References
    ----------
    Fulco et al. 2019, Nat Genet 51:1664. Nasser et al. 2021, Nature 593:238.
    """
    usable = peaks["summit"].notna().to_numpy() & (np.asarray(activity) > 0)
    activity = np.asarray(activity, dtype=float)
    parts, left_out = [], 0
    rows = np.flatnonzero(chosen)
    for first in range(0, len(rows), BLOCK):
        own = np.zeros(len(chosen), dtype=bool)
        own[rows[first : first + BLOCK]] = True
        found = pairs(genes, own, peaks, usable, WINDOW)
        found["contact"] = contact(found["distance"].to_numpy())
        found["score"] = activity[found["peak"].to_numpy()] * found["contact"]
        found["score"] /= found.groupby("gene")["score"].transform("sum")
        kept = found[found["score"] >= least]
        left_out += len(found) - len(kept)
        parts.append(kept)
    table = (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["gene", "peak", *COLUMNS[3:]])
    )
    gene, peak = (table[name].to_numpy(dtype=np.int64) for name in ("gene", "peak"))
    table["gene_id"] = genes.genes["gene_id"].to_numpy(object)[gene]
    table["gene_name"] = genes.genes["gene_name"].to_numpy(object)[gene]
    table["peak"] = peaks["peak"].to_numpy(object)[peak]
    return table[list(COLUMNS)], left_out
