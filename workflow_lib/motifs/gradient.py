"""Enrichment along the fold change: each bin of peaks against all others."""

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib.motifs import clusters, fisher, matched, matching
from workflow_lib.stats.multiple_testing import bh

MOST_BINS = 11
LEAST_PEAKS = 50  # a bin


def of(differential: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Fold changes to order peaks by, and their bins.

    Shrunken fold changes where there are any, for the largest of the others belong to the faintest peaks; all
    peaks with an estimate are used, tested or not by the differential analysis's own filter on the mean.

    Parameters
    ----------
    differential : DataFrame
        log2FoldChange, log2FoldChange_shrunk, direction.

    Returns
    -------
    (n_peaks,) array of float, (n_peaks,) array of int
    """
    shrunk = differential["log2FoldChange_shrunk"]
    fold = shrunk if shrunk.notna().any() else differential["log2FoldChange"]
    values = fold.to_numpy(dtype=float)
    return values, bins(values, np.isfinite(values))


def bins(log2_fold_change: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """Bins of equal size along the fold change.

    Parameters
    ----------
    log2_fold_change : (n_peaks,) array
    tested : (n_peaks,) array of bool

    Returns
    -------
    (n_peaks,) array of int
        0 for the lowest; -1 for peaks that are not tested or have no fold change. An odd number of bins, so
        that one lies in the middle, at most 11, of at least 50 peaks each; with fewer than 150 peaks, one.
    """
    values = np.asarray(log2_fold_change, dtype=float)
    used = np.flatnonzero(np.asarray(tested, dtype=bool) & np.isfinite(values))
    n = min(MOST_BINS, len(used) // LEAST_PEAKS)
    n = max(n - (n + 1) % 2, 1)
    found = np.full(len(values), -1)
    rank = np.empty(len(used), dtype=np.int64)
    rank[np.argsort(values[used], kind="stable")] = np.arange(len(used))
    found[used] = rank * n // max(len(used), 1)
    return found


def test(
    matches, log2_fold_change, bin_number: np.ndarray, covariates: pd.DataFrame, motifs: pd.DataFrame
) -> pd.DataFrame:
    """Test each motif in each bin against the peaks of all other bins, weighted to be like the bin's.

    Parameters
    ----------
    matches : (n_peaks, n_motifs) sparse matrix
    log2_fold_change : (n_peaks,) array
    bin_number : (n_peaks,) array of int
        As :func:`bins` gives it.
    covariates : (n_peaks, n_covariates) DataFrame
    motifs : DataFrame
        motif_id and name, perhaps cluster.

    Returns
    -------
    DataFrame
        motif_id, name, bin (`1: -2.10 to -0.85`, its range of log2 fold change), n_peaks, hits,
        log2_enrichment, log10_pvalue, padj (over all motifs and bins), bin_number (from 1), smd_after (how
        far the bin is from all others where these are weighted to be like it: the largest standardised
        difference; the test takes no weights), representative (of its cluster, by the smallest p in any bin;
        true for all where motifs have no cluster); by motif, then bin. No row with fewer than three bins: no
        gradient to see.

    Notes
    -----
    Null, assumptions and limits are those of :func:`workflow_lib.motifs.matched.test`. Bins follow Machlab et
    al. 2022, Bioinformatics 38:2624 (monaLisa), whose Fisher's test on weighted counts loses power where
    motifs follow GC.
    """
    matches = sparse.csr_array(matches)
    n_bins = int(bin_number.max(initial=-1)) + 1
    parts = []
    for number in range(n_bins if n_bins >= 3 else 0):
        inside, others = bin_number == number, (bin_number >= 0) & (bin_number != number)
        weights = matching.weights(covariates, inside, others)
        balance = matching.balance(covariates, inside, others, weights)
        result = matched.test(matches, inside, others, covariates, motifs)
        values = np.asarray(log2_fold_change)[inside]
        part = result[["motif_id", "name"]].assign(
            bin=f"{number + 1}: {values.min():.2f} to {values.max():.2f}",
            n_peaks=int(inside.sum()),
            hits=result["foreground_hits"],
            log2_enrichment=result["log2_enrichment"],
            log10_pvalue=result["log10_pvalue"],
            padj=np.nan,
            bin_number=number + 1,
            smd_after=matching.worst(balance)[1],
        )
        parts.append(part.assign(row=np.arange(len(part))))
    columns = ["motif_id", "name", "bin", "n_peaks", "hits", "log2_enrichment", "log10_pvalue", "padj"]
    if not parts:
        return pd.DataFrame(columns=[*columns, "bin_number", "smd_after", "representative"])
    table = pd.concat(parts).sort_values(["row", "bin_number"], kind="stable").reset_index(drop=True)
    adjusted = 10.0 ** bh(table["log10_pvalue"].to_numpy(), log10=True)
    table["padj"] = np.maximum(adjusted, fisher.SMALLEST_PVALUE)
    best = motifs.assign(log10_pvalue=table.groupby("row")["log10_pvalue"].min().to_numpy())
    chosen = clusters.representatives(best) if "cluster" in best else pd.Series(True, index=best.index)
    table["representative"] = chosen.to_numpy()[table["row"]]
    return table.drop(columns="row")
