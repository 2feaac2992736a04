"""Expression of genes of which some follow a peak nearby."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.simulate import matrix

SHARES = {"linked": 0.3, "negative": 0.2, "changed": 0.3}


def counts(
    accessibility: pd.DataFrame,
    peaks: pd.DataFrame,
    genes: pd.DataFrame,
    samples: pd.DataFrame,
    rng: np.random.Generator,
    *,
    reach: int = 100_000,
    linked: float = SHARES["linked"],
    negative: float = SHARES["negative"],
    changed: float = SHARES["changed"],
    noise: float = 0.15,
    own: float = 0.6,
    experiment: str = "treated",
    fixed: Mapping[str, float] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw counts of expression, genes x samples, and the links behind them.

    Parameters
    ----------
    accessibility : (n_peaks, n_samples) DataFrame
        log2, normalised for depth: what linked genes follow.
    peaks : DataFrame
        chrom, summit; rows as in `accessibility`.
    genes : DataFrame
        gene_id, chrom, tss.
    samples : DataFrame indexed by sample
        With `group`.
    rng : numpy.random.Generator
    reach : int
        Most bases between a linked gene's TSS and its peak.
    linked, negative : float
        Share of the genes that follow a peak of the more accessible half; share of these that do so
        inversely.
    changed : float
        Share of the other genes that differ between groups, for reasons of their own, by |log2| 1 to 2.5.
    noise, own : float
        sd (log2) over samples of linked genes about their peak, and of all other genes.
    experiment : str
        The group in which changed genes differ.
    fixed : mapping of gene_id to log2 fold change, optional
        Genes that follow no peak and differ between groups by so much, with the sd `noise`. They are drawn
        last: counts of other genes do not depend on them.

    Returns
    -------
    counts : (n_genes, n_samples) DataFrame of int64, indexed by gene_id
        Poisson about their mean; depths differ by up to a fifth.
    links : DataFrame
        gene_id, peak, sign (1 or -1).
    """
    n, n_samples = len(genes), len(samples)
    centred = accessibility.to_numpy(float)
    open_enough = centred.mean(axis=1) >= np.median(centred.mean(axis=1))
    centred = centred - centred.mean(axis=1, keepdims=True)
    pick, sign = rng.random(n), np.where(rng.random(n) < negative, -1, 1)
    follows = np.zeros(n, dtype=bool)
    follows[rng.permutation(n)[: round(linked * n)]] = True
    _, effect = matrix.draw_changes(n, rng, up=changed / 2, down=changed / 2)
    treated = (samples["group"] == experiment).to_numpy()
    log2 = np.outer(effect, treated) + rng.normal(0.0, own, (n, n_samples))
    about = rng.normal(0.0, noise, (n, n_samples))
    summit, chrom = peaks["summit"].to_numpy(), peaks["chrom"].to_numpy()
    rows = []
    for i in np.flatnonzero(follows):
        gene = genes.iloc[i]
        near = np.abs(summit - gene["tss"]) <= reach
        candidates = np.flatnonzero(near & open_enough & (chrom == gene["chrom"]))
        if len(candidates):
            peak = candidates[int(pick[i] * len(candidates))]
            log2[i] = sign[i] * centred[peak] + about[i]
            rows.append((gene["gene_id"], accessibility.index[peak], sign[i]))
    level = np.exp2(rng.uniform(5.0, 12.0, n))
    depth = rng.uniform(0.8, 1.2, n_samples)
    drawn = rng.poisson(level[:, None] * np.exp2(log2) * depth)
    change = genes["gene_id"].map(dict(fixed or {})).to_numpy(float)
    given = ~np.isnan(change)
    own_log2 = np.outer(change[given], treated) + rng.normal(0.0, noise, (given.sum(), n_samples))
    drawn[given] = rng.poisson(level[given, None] * np.exp2(own_log2) * depth)
    names = pd.Index(genes["gene_id"], name="gene_id")
    truth = pd.DataFrame(rows, columns=["gene_id", "peak", "sign"])
    truth = truth[~truth["gene_id"].isin(genes["gene_id"][given])].reset_index(drop=True)
    return pd.DataFrame(drawn, index=names, columns=samples.index), truth
