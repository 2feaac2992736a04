"""Other ways to find the factor that changed, on the same worlds: those that lead a published league.

After Gerbaldo et al. 2024, PLoS Comput Biol 20:e1011971; each by our own equal implementation of its steps.
The unit is the cluster: its p is that of its best motif times their number, but for the ridge model, which
is of clusters.
"""

import numpy as np
import pandas as pd
from scipy import sparse, stats

from benchmarks import factor_worlds
from workflow_lib import chromvar
from workflow_lib.differential import size_factors
from workflow_lib.factors import FactorEvidence, activity
from workflow_lib.factors.clusters import members, padded
from workflow_lib.motifs import fisher as fisher_test
from workflow_lib.motifs import matching
from workflow_lib.motifs.matches import presence
from workflow_lib.stats import moderated
from workflow_lib.stats.combination import SMALLEST
from workflow_lib.stats.propensity import standardised

CONTRAST = factor_worlds.CONTRAST
PENALTIES = 10.0 ** np.arange(-1.5, 3, 0.5)


def all_of(world: factor_worlds.World, found: FactorEvidence) -> dict[str, np.ndarray]:
    """p-value of every cluster by each method.

    Parameters
    ----------
    world : World
    found : FactorEvidence
        Of :func:`workflow_lib.factors.from_counts` on the same world.
    """
    motifs = factor_worlds.motif_library().table()
    grouping = members(motifs)
    samples, design = world.samples, world.design
    gc = chromvar.gc_content(world.sequences.values())
    scores = chromvar.moments(world.counts, world.matches, gc)
    named = {"index": motifs["motif_id"], "columns": world.counts.columns}
    z = pd.DataFrame(scores.zscores, **named)
    covariates = matching.covariates(
        list(world.sequences.values()), np.full(len(world.counts), 501), found.differential["baseMean"]
    )
    values, weight = activity.accessibility(
        world.counts[list(samples.index)], size_factors.ratio(world.counts).to_numpy(float)
    )
    x = standardised(covariates.to_numpy(float))
    present = sparse.csr_array(presence(world.matches).astype(float))
    raw, noise = activity.activities(values, present, x, weight, weight)
    single = pd.DataFrame(raw / noise[:, None], columns=samples.index)
    clustered = pd.DataFrame(ridge(values, present, x, weight, grouping), columns=samples.index)

    def limma(table: pd.DataFrame) -> np.ndarray:
        return moderated.test(table, samples, design, CONTRAST)["pvalue"].to_numpy(float)

    of_motifs = {
        "chromVAR deviations, limma": limma(pd.DataFrame(scores.deviations, **named)),
        "chromVAR z scaled by sample, limma": limma(chromvar.scale_samples(z)),
        "linear model of a motif by sample, limma": limma(single),
        "Fisher's test in changed peaks (nominal)": fisher(world, found),
        "shift of log2 fold changes": shift(world, found),
        "own chromVAR, both tests": found.chromvar["joint_pvalue"].to_numpy(float),
        "own enrichment": own_enrichment(found),
    }
    size = (grouping >= 0).sum(axis=0)
    best = {}
    for name, p in of_motifs.items():
        inside = padded(p, grouping)
        best[name] = np.minimum(np.nanmin(np.where(np.isnan(inside), 1.0, inside), axis=0) * size, 1.0)
    return best | {"ridge model of all clusters by sample, limma": np.nan_to_num(limma(clustered), nan=1.0)}


def fisher(world: factor_worlds.World, found: FactorEvidence) -> np.ndarray:
    """Fisher's exact test in opened and in closed peaks, twice the smaller p."""
    direction = found.differential["direction"].to_numpy(object)
    p = [
        fisher_test.test(world.matches, direction == way, direction == "none")["pvalue"].to_numpy(float)
        for way in ("up", "down")
    ]
    return np.minimum(2 * np.fmin(*p), 1.0)


def own_enrichment(found: FactorEvidence) -> np.ndarray:
    """The test by propensities, twice the smaller p of both directions."""
    p = [found.enrichment[way]["pvalue"].to_numpy(float) for way in ("up", "down")]
    return np.minimum(2 * np.fmin(*p), 1.0)


def shift(world: factor_worlds.World, found: FactorEvidence) -> np.ndarray:
    """Welch's t of log2 fold changes of peaks with a motif against all others, within ten bins of GC."""
    fold = found.differential["log2FoldChange"].to_numpy(float)
    used = np.isfinite(fold)
    gc = chromvar.gc_content(world.sequences.values())[used]
    y = fold[used]
    inside = np.digitize(gc, np.quantile(gc, np.arange(0.1, 1, 0.1)))
    y = y - pd.Series(y).groupby(inside).transform("mean").to_numpy()
    present = sparse.csc_array(presence(world.matches).astype(float)[np.flatnonzero(used)])
    n = np.diff(present.indptr).astype(float)
    sums, squares = y @ present, (y**2) @ present
    others = len(y) - n
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, mean_others = sums / n, (y.sum() - sums) / others
        variance = (squares / n - mean**2) / (n - 1)
        variance_others = ((y**2).sum() - squares) / others - mean_others**2
        t = (mean - mean_others) / np.sqrt(variance + variance_others / others)
        return np.where(n >= 10, 2 * stats.t.sf(np.abs(t), n - 1), np.nan).clip(SMALLEST)


def ridge(values, present, x, weight, grouping) -> np.ndarray:
    """Coefficients of all clusters in one model a sample, (n_clusters, n_samples).

    The penalty is that of largest likelihood over all samples.
    """
    root = np.sqrt(weight)[:, None]
    own = np.stack([present[:, column[column >= 0]].sum(axis=1) > 0 for column in grouping.T], axis=1)
    basis, _ = np.linalg.qr(x * root)

    def beyond(columns: np.ndarray) -> np.ndarray:
        columns = columns * root
        return columns - basis @ (basis.T @ columns)

    clusters, y = beyond(own.astype(float)), beyond(values)
    size = np.linalg.norm(clusters, axis=0)
    clusters = clusters / np.where(size > 0, size, 1.0)
    y = y - y.mean(axis=1, keepdims=True)
    eigen, vectors = np.linalg.eigh(clusters.T @ clusters)
    eigen = np.maximum(eigen, 1e-12)
    projected = vectors.T @ (clusters.T @ y)
    n, m = len(y), y.shape[1] - 1

    def likelihood(penalty: float) -> float:
        left = (y**2).sum() - (projected**2 / (eigen + penalty)[:, None]).sum()
        return -0.5 * m * (n * np.log(left / (m * n)) + np.log1p(eigen / penalty).sum())

    penalty = max(PENALTIES, key=likelihood)
    return vectors @ (projected / (eigen + penalty)[:, None])
