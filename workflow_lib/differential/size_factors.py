"""Size factors: what a sample's counts are divided by before samples are compared."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError


def ratio(counts: pd.DataFrame) -> pd.Series:
    """Median of ratios to the geometric mean, over peaks that have a count in every sample.

    Parameters
    ----------
    counts : (peaks, samples) DataFrame of non-negative integers

    Returns
    -------
    Series of positive floats, indexed by sample
        Where no peak has a count in every sample, geometric means are taken as DESeq2's `poscounts` does: the
        n-th root of the product of the positive counts, and factors are scaled to a geometric mean of 1.

    Raises
    ------
    InputError
        If a sample has no count at all; it is named.

    Notes
    -----
    Assumes that most peaks do not change, or change equally up and down.

    References
    ----------
    Anders & Huber 2010, Genome Biology 11:R106; Love et al. 2014, Genome Biology 15:550.
    """
    _refuse_empty(counts)
    values = counts.to_numpy(dtype=float)
    logs = np.log(values, out=np.zeros_like(values), where=values > 0)
    complete = (values > 0).all(axis=1)
    if complete.any():
        logs = logs[complete]
        factors = np.exp(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0))
    else:
        means = logs.mean(axis=1)
        factors = np.array(
            [np.exp(np.median((logs[:, j] - means)[values[:, j] > 0])) for j in range(values.shape[1])]
        )
        factors /= np.exp(np.log(factors).mean())
    return pd.Series(factors, index=counts.columns)


def library(depths: pd.Series) -> pd.Series:
    """Depths over their geometric mean: assumes that nothing but depth differs between samples."""
    if (depths <= 0).any():
        raise InputError(f"sample {depths.index[depths <= 0][0]}: no reads; leave it out of the sample sheet")
    return depths / np.exp(np.log(depths).mean())


def _refuse_empty(counts: pd.DataFrame) -> None:
    empty = counts.columns[(counts == 0).all(axis=0)]
    if len(empty):
        raise InputError(
            f"sample {', '.join(map(str, empty))}: no count in any peak; leave it out of the sample sheet"
        )


def table(
    counts: pd.DataFrame, depths: pd.Series, given: Mapping[str, float] | None, method: str
) -> pd.DataFrame:
    """Size factors by every method that the inputs permit, and those that the test uses.

    Parameters
    ----------
    counts : (peaks, samples) DataFrame of non-negative integers
    depths : Series
        Reads or fragments of each sample.
    given : mapping of sample to number, optional
        The sheet's own factors.
    method : str
        `ratio`, `library` or `column`.

    Returns
    -------
    DataFrame indexed by sample
        A column for each method, then `used`.

    Raises
    ------
    InputError
        If the method needs something that is not there.
    """
    result = pd.DataFrame({"ratio": ratio(counts), "library": library(depths.reindex(counts.columns))})
    if given is not None:
        result["column"] = pd.Series(given, dtype=float).reindex(counts.columns)
    if method not in result:
        raise InputError(
            f"differential.size_factors: {method} needs a column size_factor in the sample sheet"
        )
    return result.assign(used=result[method]).rename_axis("sample")
