"""Genes, peaks and changes of which the truth is known: loci of unequal size whose peaks change together."""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import expit

from workflow_lib.genome.genes import GeneModels
from workflow_lib.regions import loci

N_GENES, N_PEAKS = 1500, 5000


class World:
    """One contig of genes between gaps of 500 bp to megabases.

    Attributes
    ----------
    genes, peaks, loci, covariates
        GC content and mean count, in standard deviations, decide on changes too.
    log_odds : (n_peaks,) array
        Of a change.
    """

    def __init__(self, seed: int, *, locus_sd: float = 1.0, share: float = 0.06):
        self.rng = rng = np.random.default_rng(seed)
        start = np.cumsum(np.exp(rng.normal(10, 1.4, N_GENES)).astype(int) + 500)
        names = [f"g{i}" for i in range(N_GENES)]
        self.genes = GeneModels(
            pd.DataFrame(
                {
                    "gene_id": names, "gene_name": names, "gene_type": "protein_coding",
                    "chrom": pd.Categorical(["c"] * N_GENES), "start": start, "end": start + 400,
                    "strand": rng.choice(["+", "-"], N_GENES),
                }
            ), None, None,
        )  # fmt: skip
        near = rng.choice(start, N_PEAKS // 3) + rng.integers(-2000, 2000, N_PEAKS // 3)
        summit = np.unique(np.r_[near, rng.integers(0, start[-1], N_PEAKS - len(near))].clip(300))
        n = len(summit)
        self.peaks = pd.DataFrame(
            {"chrom": "c", "start": summit - 250, "end": summit + 251, "summit": summit}
        )
        self.loci = loci.of_peaks(self.peaks, self.genes)
        self.covariates = pd.DataFrame({"gc": rng.normal(size=n), "mean": rng.normal(size=n)})
        effect = rng.normal(0, locus_sd, self.loci.locus.max() + 1)
        self.log_odds = np.log(share / (1 - share)) - 0.3 * locus_sd**2 + effect[self.loci.locus]
        self.log_odds = self.log_odds + self.covariates.to_numpy() @ [0.6, 0.4]

    def changed(self, added=0.0) -> np.ndarray:
        """Draw which peaks change."""
        return self.rng.random(len(self.peaks)) < expit(self.log_odds + added)

    def gene_sets(self, n: int, kind: str) -> sparse.csc_array:
        """Sets of 10 to 150 genes: `random`, with many peaks (`deserts`), or `neighbours`."""
        n_peaks = np.asarray(self.loci.genes.sum(axis=0)).ravel() + 1e-9
        drawn = []
        for size in self.rng.integers(10, 150, n):
            if kind == "neighbours":
                first = self.rng.choice(N_GENES - 4, size // 4 + 1, replace=False)
                drawn.append(np.unique(first[:, None] + np.arange(4)))
            else:
                p = n_peaks / n_peaks.sum() if kind == "deserts" else None
                drawn.append(self.rng.choice(N_GENES, size, replace=False, p=p))
        columns = np.repeat(np.arange(n), [len(one) for one in drawn])
        rows = np.concatenate(drawn)
        return sparse.csc_array((np.ones(len(rows)), (rows, columns)), shape=(N_GENES, n))
