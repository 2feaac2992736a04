"""False discovery rate by Benjamini and Hochberg."""

import numpy as np
import pandas as pd


def bh(pvalues, *, log10: bool = False):
    """Benjamini-Hochberg adjusted p-values.

    Parameters
    ----------
    pvalues : (n,) array or Series
        NaN marks a test that was not made: it stays NaN and does not count among the tests.
    log10 : bool
        The values are log10 p, and so is the result: p-values below 1e-308 keep their order.

    Returns
    -------
    (n,) array of float, or Series with the index and name of `pvalues`

    Raises
    ------
    ValueError
        If a p-value is below 0 or above 1.

    Notes
    -----
    Controls the false discovery rate for independent or positively dependent tests.

    References
    ----------
    Benjamini and Hochberg 1995, J R Stat Soc B 57:289.

    Examples
    --------
    >>> from workflow_lib.stats.multiple_testing import bh
    >>> bh([0.01, 0.02, 0.03, 0.8]).round(3).tolist()
    [0.04, 0.04, 0.04, 0.8]
    """
    values = np.asarray(pvalues, dtype=float)
    if values.ndim != 1:
        raise ValueError(f"p-values must be one-dimensional, not of shape {values.shape}")
    tested = np.flatnonzero(~np.isnan(values))
    p = values[tested]
    highest = 0.0 if log10 else 1.0
    if (p > highest).any() or (not log10 and (p < 0).any()):
        raise ValueError("p-values must lie between 0 and 1")
    order = np.argsort(p, kind="stable")[::-1]
    factor = p.size / np.arange(p.size, 0, -1)  # tests / rank, from the largest p down
    scaled = p[order] + np.log10(factor) if log10 else p[order] * factor
    adjusted = np.full(values.shape, np.nan)
    adjusted[tested[order]] = np.minimum(np.minimum.accumulate(scaled), highest)
    if isinstance(pvalues, pd.Series):
        return pd.Series(adjusted, index=pvalues.index, name=pvalues.name)
    return adjusted
