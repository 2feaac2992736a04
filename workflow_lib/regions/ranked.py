"""Sets of peaks along the whole list of peaks, ranked by their change: no threshold decides what counts."""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import ndtr, ndtri

from workflow_lib.regions.loci import Loci
from workflow_lib.stats.multiple_testing import bh
from workflow_lib.stats.propensity import standardised


def test(statistic, covariates: pd.DataFrame, loci: Loci, members, sets: pd.DataFrame) -> pd.DataFrame:
    """Test sets of peaks for a shift of their statistic against that of all other peaks.

    Parameters
    ----------
    statistic : (n_peaks,) array
        Such as Wald's, signed; NaN for peaks that were not tested.
    covariates : (n_peaks, n_covariates) DataFrame
        What the statistic may follow without a change of the set: it is taken off by a linear fit.
    loci : Loci
    members : (n_peaks, n_sets) sparse matrix
    sets : DataFrame
        What leads the table, a row a set.

    Returns
    -------
    DataFrame
        The columns of `sets`, then n_peaks, shift (mean normal score of the set's peaks less that of all
        others: above 0 where they open), stat, pvalue (two-sided), padj.

    Notes
    -----
    Null: peaks in the set and others have one mean. The statistic is replaced by normal scores of its ranks,
    so that few extreme peaks do not decide, and peaks of one locus share a random effect: with rho the
    correlation within loci (by analysis of variance), a peak of a locus of n weighs 1 / (1 + (n - 1) rho).
    The ratio of the difference of weighted means to its standard error is referred to the normal
    distribution. Loci of one block of 500 kb correlate too (the mean product of their scores), since
    whole domains change together; this adds to the standard error, as an upper bound. Assumes independent
    blocks; camera (Wu and Smyth 2012, Nucleic Acids Res 40:e133) is the relative of this test for genes.
    """
    statistic = np.asarray(statistic, dtype=float)
    used = np.isfinite(statistic)
    inside = sparse.csc_array(sparse.csr_array(members).astype(bool).astype(float)[used])
    n_peaks = np.diff(inside.indptr)
    columns = {name: np.full(inside.shape[1], np.nan) for name in ("shift", "stat", "pvalue", "padj")}
    table = sets.reset_index(drop=True).assign(n_peaks=n_peaks, **columns)
    if used.sum() < 3:
        return table
    score = _scores(statistic[used], covariates.to_numpy(dtype=float)[used])
    locus = np.unique(loci.locus[used], return_inverse=True)[1]
    size = np.bincount(locus)
    rho = within_correlation(score, locus)
    weight = 1 / (1 + (size - 1) * rho)
    block = np.zeros(len(size), dtype=np.int64)
    block[locus] = np.unique(loci.block[used], return_inverse=True)[1].reshape(-1)
    near = min(between_correlation(score, locus, block), rho)
    to_locus = sparse.csr_array(
        (np.ones(len(locus)), (locus, np.arange(len(locus)))), shape=(len(size), len(locus))
    )
    in_locus = sparse.csc_array(to_locus @ inside)  # peaks of the set in each locus
    each = weight[locus]
    sums, weights = (each * score) @ inside, each @ inside
    here = _variance(in_locus, weight, rho)
    rest = _rest_variance(in_locus, size, weight, rho)
    others = (each @ score) - sums, each.sum() - weights
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = sums / weights - others[0] / others[1]
        between = near * _between(in_locus, weight, size, block)
        stat = shift / np.sqrt(here / weights**2 + rest / others[1] ** 2 + between)
    stat = np.where(np.isfinite(stat), stat, np.nan)
    pvalue = np.maximum(2 * ndtr(-np.abs(stat)), np.finfo(float).tiny)
    pvalue = np.where(np.isnan(stat), np.nan, pvalue)
    return table.assign(
        shift=np.where(np.isnan(stat), np.nan, shift), stat=stat, pvalue=pvalue, padj=bh(pvalue)
    )


def within_correlation(score: np.ndarray, locus: np.ndarray) -> float:
    """Correlation of peaks of one locus, by analysis of variance; within [0, 1].

    References
    ----------
    Donner 1986, International Statistical Review 54:67.
    """
    size = np.bincount(locus)
    n, n_loci = len(score), len(size)
    if n_loci < 2 or n == n_loci:
        return 0.0
    mean = np.bincount(locus, weights=score) / size
    between = (size * (mean - score.mean()) ** 2).sum() / (n_loci - 1)
    within = ((score - mean[locus]) ** 2).sum() / (n - n_loci)
    typical = (n - (size.astype(float) ** 2).sum() / n) / (n_loci - 1)
    scale = between + (typical - 1) * within
    return float(np.clip((between - within) / scale, 0.0, 1.0)) if scale > 0 else 0.0


def between_correlation(score: np.ndarray, locus: np.ndarray, block: np.ndarray) -> float:
    """Correlation of peaks of different loci of one block: the mean product over all such pairs, from 0 on.

    Parameters
    ----------
    score, locus : (n_peaks,) arrays
        Scores of mean 0 and variance 1.
    block : (n_loci,) array of int
    """
    size, total = np.bincount(locus), np.bincount(locus, weights=score)
    pairs = (np.bincount(block, weights=size) ** 2).sum() - (size.astype(float) ** 2).sum()
    products = (np.bincount(block, weights=total) ** 2).sum() - (total**2).sum()
    return float(np.clip(products / pairs, 0.0, 1.0)) if pairs > 0 else 0.0


def _scores(statistic: np.ndarray, covariates: np.ndarray) -> np.ndarray:
    """Normal scores of what a linear fit of the covariates leaves, of mean 0 and variance 1."""
    ranks = ndtri((pd.Series(statistic).rank().to_numpy() - 0.5) / len(statistic))
    x = standardised(covariates)
    rest = ranks - x @ np.linalg.lstsq(x, ranks, rcond=None)[0]
    rest = ndtri((pd.Series(rest).rank().to_numpy() - 0.5) / len(rest))
    return rest / max(rest.std(), 1e-12)


def _variance(in_locus: sparse.csc_array, weight: np.ndarray, rho: float) -> np.ndarray:
    """Variance of each set's weighted sum, in units of a score's."""
    m = in_locus.data
    terms = weight[in_locus.indices] ** 2 * (m + m * (m - 1) * rho)
    owner = np.repeat(np.arange(in_locus.shape[1]), np.diff(in_locus.indptr))
    return np.bincount(owner, weights=terms, minlength=in_locus.shape[1])


def _rest_variance(
    in_locus: sparse.csc_array, size: np.ndarray, weight: np.ndarray, rho: float
) -> np.ndarray:
    """The same for the peaks that are not in the set."""
    whole = weight**2 * (size + size * (size - 1.0) * rho)
    n = size[in_locus.indices]
    left = n - in_locus.data
    terms = weight[in_locus.indices] ** 2 * (left + left * (left - 1) * rho) - whole[in_locus.indices]
    owner = np.repeat(np.arange(in_locus.shape[1]), np.diff(in_locus.indptr))
    return whole.sum() + np.bincount(owner, weights=terms, minlength=in_locus.shape[1])


def _between(
    in_locus: sparse.csc_array, weight: np.ndarray, size: np.ndarray, block: np.ndarray
) -> np.ndarray:
    """What a correlation of 1 between loci of one block adds to the variance of each set's shift.

    The set's peaks and all others count apart, as if blocks had no peak of both: an upper bound.
    """
    n = block.max(initial=-1) + 1
    to_block = sparse.csr_array((np.ones(len(block)), (block, np.arange(len(block)))), shape=(n, len(block)))
    inside, whole = sparse.csc_array(sparse.diags_array(weight) @ in_locus), weight * size
    total = inside.sum(axis=0)
    here, rest = np.zeros((2, inside.shape[1]))
    for sign, part, all_of in (
        (1, sparse.csc_array(to_block @ inside), to_block @ whole),
        (-1, inside, whole),
    ):
        owner = np.repeat(np.arange(part.shape[1]), np.diff(part.indptr))
        squares = np.bincount(owner, weights=part.data**2, minlength=part.shape[1])
        shared = np.bincount(owner, weights=part.data * all_of[part.indices], minlength=part.shape[1])
        here += sign * squares
        rest += sign * ((all_of**2).sum() - 2 * shared + squares)
    return here / total**2 + rest / (whole.sum() - total) ** 2
