"""Which peaks lie within reach of which genes."""

import numpy as np
import pandas as pd

from workflow_lib.genome import reference
from workflow_lib.genome.genes import GeneModels


def pairs(
    genes: GeneModels, chosen: np.ndarray, peaks: pd.DataFrame, usable: np.ndarray, distance: int
) -> pd.DataFrame:
    """Genes and the peaks whose summit lies within reach of one of their TSSs.

    Parameters
    ----------
    genes : GeneModels
    chosen : (n_genes,) bool array
    peaks : DataFrame
        chrom, summit.
    usable : (n_peaks,) bool array
    distance : int
        Bases, inclusive.

    Returns
    -------
    DataFrame
        gene and peak (rows of `genes.genes` and `peaks`), tss (0-based base, the gene's nearest; of two as
        near the one at the left), distance (of the summit from it, negative upstream in the gene's own
        direction); by gene, then by place of the peak.
    """
    rows = np.flatnonzero(usable)
    names = pd.Index(pd.unique(np.asarray(peaks["chrom"].to_numpy()[rows], dtype=object)))
    place = reference.linear(peaks["chrom"].to_numpy()[rows], peaks["summit"].to_numpy()[rows], names)
    rows, place = rows[np.argsort(place, kind="stable")], np.sort(place)
    sites = genes.transcripts[["gene", "chrom", "tss", "strand"]]
    sites = sites[chosen[sites["gene"].to_numpy()] & sites["chrom"].isin(names).to_numpy()]
    sites = sites.drop_duplicates(["gene", "tss"]).sort_values(["gene", "tss"], kind="stable")
    gene, tss = sites["gene"].to_numpy(), sites["tss"].to_numpy(np.int64)
    minus = (sites["strand"] == "-").to_numpy()
    linear = reference.linear(sites["chrom"].astype(object), tss, names)
    first = np.flatnonzero(np.append(True, gene[1:] != gene[:-1])[: len(gene)])
    last = np.append(first[1:], len(gene))[: len(first)] - 1
    low = np.searchsorted(place, linear[first] - distance, side="left")
    high = np.searchsorted(place, linear[last] + distance, side="right")
    reach = high - low
    which = np.repeat(np.arange(len(first)), reach)
    peak = np.arange(len(which)) - np.repeat(np.cumsum(reach) - reach, reach) + np.repeat(low, reach)
    summit = peaks["summit"].to_numpy(np.int64, na_value=0)[rows[peak]] if len(peak) else peak
    order = np.repeat(np.arange(len(first)), last - first + 1).astype(np.int64)
    at = np.searchsorted(
        (order << reference.CONTIG_SHIFT) + tss, (which.astype(np.int64) << reference.CONTIG_SHIFT) + summit
    )
    left, right = (np.clip(side, first[which], last[which]) for side in (at - 1, at))
    nearest = np.where(np.abs(tss[right] - summit) < np.abs(tss[left] - summit), right, left)
    ahead = summit - tss[nearest]
    kept = np.abs(ahead) <= distance
    return pd.DataFrame(
        {
            "gene": gene[nearest][kept],
            "peak": rows[peak][kept],
            "tss": tss[nearest][kept],
            "distance": np.where(minus[nearest], -ahead, ahead)[kept],
        }
    )
