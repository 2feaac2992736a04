"""The null of peak-gene links: the same gene with comparable peaks of other contigs."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

PEAKS_A_CLASS = 100
"""Background peaks drawn from each class, at most."""
FEWEST = 30
"""A class with fewer peaks on other contigs gives no background."""
CLASS_SIZE = 200
"""A class holds about so many peaks; with fewer in all there are fewer classes."""
MOST_AXIS = 5
"""Classes along each of the two axes, at most."""
STEP, HIGHEST = 0.002, 60.0
"""Grid of |z| on which the background is counted; beyond its end all are alike."""
WIDTH, LIMIT = 0.25, 8.0
"""Bins of signed z for the figure."""
BLOCK = 2**22
"""Numbers of one block: 32 MB."""


def classes(mean: np.ndarray, gc: np.ndarray | None) -> np.ndarray:
    """Class of each peak by mean accessibility and, within that, by GC content: quantiles of equal size.

    Parameters
    ----------
    mean : (n_peaks,) array
        NaN marks a peak that is in no class.
    gc : (n_peaks,) array, NaN where unknown, or None

    Returns
    -------
    (n_peaks,) array of int, -1 for no class
    """
    classified = np.full(len(mean), -1)
    rows = np.flatnonzero(np.isfinite(mean))
    if gc is None or not np.isfinite(gc[rows]).any():
        n = int(np.clip(len(rows) // CLASS_SIZE, 1, MOST_AXIS**2))
        classified[rows] = _quantile(mean[rows], n)
        return classified
    n = int(np.clip(np.sqrt(len(rows) / CLASS_SIZE), 1, MOST_AXIS))
    level = _quantile(mean[rows], n)
    known = np.where(np.isfinite(gc), gc, np.nanmedian(gc[rows]))
    for k in range(n):
        own = rows[level == k]
        classified[own] = k * n + _quantile(known[own], n)
    return classified


def z_scores(
    links: pd.DataFrame,
    genes: np.ndarray,
    peaks: np.ndarray,
    gene_contig: np.ndarray,
    peak_contig: np.ndarray,
    peak_class: np.ndarray,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How far each link's correlation lies from those of its gene with comparable peaks elsewhere.

    Correlations are Fisher-transformed (atanh). z is the distance from the background's mean in its standard
    deviations. Evidence for a link is |z| where z has the correlation's sign, and 0 elsewhere: a peak that
    follows a gene *less* than others do is no link. The p-value is the share of background peaks with as much
    evidence, each measured against the others of its own class (leave-one-out), pooled over all genes and
    classes in the proportions in which the links have them.

    Parameters
    ----------
    links : (n_links, ...) DataFrame
        gene (row of `genes`), peak (row of `peaks`), pearson.
    genes, peaks : (n_genes, n_samples), (n_peaks, n_samples) arrays
        Rows of mean 0 and length 1, so that their products are correlations.
    gene_contig, peak_contig : arrays of int
    peak_class : (n_peaks,) array of int
        From :func:`classes`.
    seed : int

    Returns
    -------
    (n_links, 4) DataFrame
        background_mean, background_sd (Fisher-transformed correlations), zscore, pvalue; NaN where fewer than
        `FEWEST` comparable peaks lie on other contigs.
    (n_bins, 3) DataFrame
        zscore (middle of a bin; the outer ones hold all beyond), links and background (shares).

    Notes
    -----
    Null: a peak near the gene is exchangeable with peaks elsewhere of like accessibility and GC. Whatever
    moves many peaks and genes at once (treatment, depth, batch, cell mixture) moves the background too.
    Uniform over all links together, not for each gene.
    """
    n_classes = int(peak_class.max(initial=0)) + 1
    cell = links["gene"].to_numpy() * n_classes + peak_class[links["peak"].to_numpy()]
    n_links = np.bincount(cell, minlength=len(genes) * n_classes).reshape(len(genes), n_classes)
    mean, sd = (np.full(n_links.shape, np.nan) for _ in range(2))
    evidence = np.zeros(int(HIGHEST / STEP) + 1)
    signed = np.zeros(round(2 * LIMIT / WIDTH))
    n_drawn, with_background = 0, 0
    for rows, k, y in _drawn(genes, peaks, gene_contig, peak_contig, peak_class, n_links, seed):
        mean[rows, k], sd[rows, k] = y.mean(axis=1), y.std(axis=1, ddof=1)
        z = _left_out(y, mean[rows, k], sd[rows, k])
        weight = np.repeat(n_links[rows, k] / y.shape[1], y.shape[1])
        evidence += np.bincount(_level(z.ravel(), y.ravel()), weight, len(evidence))
        signed += np.bincount(_bin(z.ravel()), weight, len(signed))
        n_drawn, with_background = n_drawn + z.size, with_background + int(n_links[rows, k].sum())
    y = fisher(links["pearson"].to_numpy())
    table = pd.DataFrame(
        {"background_mean": mean.ravel()[cell], "background_sd": sd.ravel()[cell]}, index=links.index
    )
    spread = table["background_sd"].where(table["background_sd"] > 0)
    table["zscore"] = (y - table["background_mean"]) / spread
    tested = table["zscore"].notna().to_numpy()
    # as (count + 1) / (n + 1): the link itself is one of those that chance may give
    beyond = np.cumsum(evidence[::-1])[::-1]
    one = with_background / max(n_drawn, 1)
    table["pvalue"] = np.nan
    level = _level(table["zscore"].to_numpy()[tested], y[tested])
    table.loc[tested, "pvalue"] = np.minimum((beyond[level] + one) / (with_background + one), 1.0)
    shown = np.bincount(_bin(table["zscore"].to_numpy()[tested]), minlength=len(signed))
    histogram = pd.DataFrame(
        {
            "zscore": (np.arange(len(signed)) + 0.5) * WIDTH - LIMIT,
            "links": shown / max(shown.sum(), 1),
            "background": signed / max(signed.sum(), 1e-300),
        }
    )
    return table, histogram


def fisher(correlation: np.ndarray) -> np.ndarray:
    """Fisher's transform, finite for correlations of 1 too."""
    return np.arctanh(np.clip(correlation, -1 + 1e-9, 1 - 1e-9))


def _quantile(values: np.ndarray, n: int) -> np.ndarray:
    """Which of n equal parts each value is in; ties by their order."""
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    return rank * n // max(len(values), 1)


def _drawn(
    genes, peaks, gene_contig, peak_contig, peak_class, n_links, seed
) -> Iterator[tuple[np.ndarray, int, np.ndarray]]:
    """Rows of genes, a class, and Fisher-transformed correlations with that class's background peaks."""
    rng = np.random.default_rng(seed)
    shuffled = [rng.permutation(np.flatnonzero(peak_class == k)) for k in range(n_links.shape[1])]
    linked = n_links.any(axis=1)
    for contig in np.unique(gene_contig[linked]):
        rows = np.flatnonzero(linked & (gene_contig == contig))
        for k, order in enumerate(shuffled):
            drawn = order[peak_contig[order] != contig][:PEAKS_A_CLASS]
            own = rows[n_links[rows, k] > 0]
            if len(drawn) < FEWEST:
                continue
            at_once = max(1, BLOCK // len(drawn))
            for first in range(0, len(own), at_once):
                block = own[first : first + at_once]
                yield block, k, fisher(genes[block] @ peaks[drawn].T)


def _left_out(y: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """z of each value of a row against the others of the row."""
    n = y.shape[1]
    away = y - mean[:, None]
    variance = ((n - 1) * sd[:, None] ** 2 - n / (n - 1) * away**2) / (n - 2)
    away *= n / (n - 1)
    return np.divide(away, np.sqrt(np.maximum(variance, 0)), out=np.zeros_like(away), where=variance > 1e-18)


def _level(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Evidence on the grid."""
    return np.minimum(np.where(z * y > 0, np.abs(z), 0.0) / STEP, HIGHEST / STEP).astype(np.int64)


def _bin(z: np.ndarray) -> np.ndarray:
    return np.clip((z + LIMIT) / WIDTH, 0, 2 * LIMIT / WIDTH - 1).astype(np.int64)
