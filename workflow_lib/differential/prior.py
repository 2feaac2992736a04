"""Spread of the true dispersions about the trend: the variance of DESeq2's prior."""

from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import polygamma

from workflow_lib.differential.smoothing import loess
from workflow_lib.io import tables

SMALLEST = 0.25
EDGES = np.arange(-20, 21) / 2
FINE = np.linspace(0, 8, 1000)
SPAN = 0.2
MAD = 1.4826
"""R's constant, rounded as it is there: from median absolute deviation to standard deviation."""


def variance(residuals: np.ndarray, df: int) -> tuple[float, float]:
    """Spread of log dispersions about the trend: of the estimates, and of the true values.

    Parameters
    ----------
    residuals : (n_peaks,) array
        log gene-wise dispersion minus log trend, of peaks at least 100 times above the floor.
    df : int
        Residual degrees of freedom of the design, at least 1.

    Returns
    -------
    observed, prior : float
        Robust variance of the residuals, and the variance of the prior, at least 0.25.

    Notes
    -----
    With more than three degrees of freedom the sampling variance trigamma(df / 2) is subtracted from the
    observed one. With fewer, log dispersions are too skewed for that: the prior is the variance v for which
    log(chi2_df / df) + N(0, v) is nearest to the observed histogram in Kullback-Leibler divergence, smoothed
    over v by loess. DESeq2 draws 10,000 values for each of 200 v from a fixed seed; the histograms of these
    very draws are in prior_draws.tsv.gz, since any other draw moves the answer by a few per cent.

    References
    ----------
    Love et al. 2014, Genome Biology 15:550, Methods, "Dispersion prior"; R DESeq2 1.38.3.
    """
    if not len(residuals):
        return np.nan, SMALLEST
    centre = np.median(residuals)
    observed = float((MAD * np.median(np.abs(residuals - centre))) ** 2)
    if df > 3:
        return observed, max(observed - float(polygamma(1, df / 2)), SMALLEST)
    inside = residuals[(residuals > EDGES[0]) & (residuals < EDGES[-1])]
    if not len(inside):
        return observed, SMALLEST
    seen = np.histogram(inside, EDGES, density=True)[0]
    variances, drawn = _draws()[df]
    both = np.concatenate([drawn, np.broadcast_to(seen, drawn.shape)], axis=1)
    small = np.where(both > 0, both, np.inf).min(axis=1, keepdims=True)
    divergence = (seen * (np.log(seen + small) - np.log(drawn + small))).sum(axis=1)
    smooth = loess(variances, divergence, SPAN, FINE)
    return observed, max(float(FINE[smooth.argmin()]), SMALLEST)


@cache
def _draws() -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Candidate variances and the densities of R's draws for each, by degrees of freedom (1, 2, 3)."""
    table = tables.read_table(Path(__file__).with_name("prior_draws.tsv.gz"))
    found = {}
    for df, part in table.groupby("df"):
        counts = part.drop(columns=["df", "variance"]).to_numpy(dtype=float)
        density = counts / counts.sum(axis=1, keepdims=True) / np.diff(EDGES)
        found[int(df)] = part["variance"].to_numpy(), density
    return found
