"""Repeated subjects: samples of one donor are alike, by one correlation that all features share."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.stats import levels

TRIMMED = 0.15
"""Share of the features' correlations left out at either end of their mean."""
HIGHEST, ABOVE_LOWEST = 0.99, 0.01
"""Bounds of a correlation: the latter above the least that blocks of the largest size can have."""
GRID, STEPS = 60, 40
GOLDEN = (np.sqrt(5) - 1) / 2


class Correlation(NamedTuple):
    """Of samples within a block: `consensus` of all features, and `own` of each, (n_features,)."""

    consensus: float
    own: np.ndarray


def of_samples(samples: pd.DataFrame, block: str) -> np.ndarray:
    """The block of each sample, as text.

    Raises
    ------
    InputError
        If the sheet has no such column, or a sample has no value in it.
    """
    if block not in samples.columns:
        raise InputError(f"block {block!r}: the sample sheet has no such column; add it or remove block")
    gaps = samples.index[samples[block].isna()]
    if len(gaps):
        raise InputError(f"block {block!r}: sample {gaps[0]!r} has no value there; fill it in")
    return levels.labels(samples[block]).astype(str).to_numpy()


def covariance(blocks: np.ndarray, correlation: float) -> np.ndarray:
    """Correlation matrix of samples: `correlation` within a block, 0 between blocks, 1 on the diagonal."""
    together = np.asarray(blocks)[:, None] == np.asarray(blocks)[None, :]
    return np.where(np.eye(len(together), dtype=bool), 1.0, correlation * together)


def correlation(values: np.ndarray, matrix: np.ndarray, blocks: np.ndarray) -> Correlation:
    """Correlation of samples within blocks that features agree on.

    Each feature's is that of a mixed model with the design's fixed effects and a random effect of the block,
    by residual maximum likelihood. The consensus is the hyperbolic tangent of the mean of their inverse
    hyperbolic tangents, a share of `TRIMMED` left out at either end.

    Parameters
    ----------
    values : (n_features, n_samples) array, NaN where missing
    matrix : (n_samples, n_coefficients) array
    blocks : (n_samples,) array
        Equal values are one block.

    Returns
    -------
    Correlation
        `own` is NaN for features whose samples cannot tell it: fewer than two residual degrees of freedom, no
        block with two samples, a design that holds the blocks, no variation. `consensus` is 0 if none can.

    Notes
    -----
    Assumes one correlation for all features and blocks, and normal residuals. It may be negative, down to
    -1 / (size of the largest block - 1). Given the consensus as known, tests take no account of its own
    error: with few blocks, or features that depend on each other (as motifs do), it is less certain than
    the number of features suggests.

    References
    ----------
    Smyth, Michaud & Scott 2005, Bioinformatics 21:2067 (duplicateCorrelation). Patterson & Thompson 1971,
    Biometrika 58:545 (residual maximum likelihood).
    """
    values = np.asarray(values, dtype=float)
    own = np.full(len(values), np.nan)
    observed = ~np.isnan(values)
    if len(values):
        patterns, pattern = np.unique(observed, axis=0, return_inverse=True)
        for k, seen in enumerate(patterns):
            features = pattern.ravel() == k
            own[features] = _of_pattern(values[features][:, seen], matrix[seen], np.asarray(blocks)[seen])
    told = np.sort(np.arctanh(own[~np.isnan(own)]))
    if not len(told):
        return Correlation(0.0, own)
    cut = int(TRIMMED * len(told))
    return Correlation(float(np.tanh(told[cut : len(told) - cut].mean())), own)


def _of_pattern(values: np.ndarray, matrix: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Correlations of features that have the same samples."""
    unknown = np.full(len(values), np.nan)
    together = (blocks[:, None] == blocks[None, :]).astype(float)
    largest = int(together.sum(axis=1).max(initial=1))
    u, size, _ = np.linalg.svd(matrix) if matrix.size else (np.eye(len(matrix)), np.zeros(0), None)
    rank = int((size > 1e-9 * size.max(initial=0.0)).sum())
    free = u[:, rank:]
    if largest < 2 or free.shape[1] < 2:
        return unknown
    # What the design leaves is independent along these axes, with variances 1 + rho (spread - 1).
    spread, axes = np.linalg.eigh(free.T @ together @ free)
    if np.ptp(spread) < 1e-9:  # the design holds the blocks
        return unknown
    squares = (values @ (free @ axes)) ** 2
    varies = squares.sum(axis=1) > 1e-24 * (values**2).sum(axis=1)

    def cost(rho: np.ndarray) -> np.ndarray:
        """-2 log restricted likelihood, up to a constant; rho is (n_features,)."""
        variance = np.maximum(1 + rho[:, None] * (spread - 1), 1e-12)
        sums = np.maximum((squares[varies] / variance).sum(axis=1), 1e-300)
        return np.log(variance).sum(axis=1) + len(spread) * np.log(sums)

    low, high = -1 / (largest - 1) + ABOVE_LOWEST, HIGHEST
    grid = np.linspace(low, high, GRID)
    best = np.argmin([cost(np.full(int(varies.sum()), rho)) for rho in grid], axis=0)
    a, b = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, GRID - 1)]
    for _ in range(STEPS):  # golden section, all features at once
        left, right = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
        nearer = cost(left) < cost(right)
        a, b = np.where(nearer, a, left), np.where(nearer, right, b)
    unknown[varies] = (a + b) / 2
    return unknown
