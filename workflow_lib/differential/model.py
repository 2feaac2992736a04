"""DESeq2's negative binomial model fitted by pydeseq2, with R's steps, trend, prior and filters."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import chdtrc

from workflow_lib import design as designs
from workflow_lib.differential import dataset, filtering
from workflow_lib.differential import size_factors as factors
from workflow_lib.differential.inference import log_likelihood
from workflow_lib.errors import InputError

log = logging.getLogger("atacdiff")

COLUMNS = [
    *("peak", "baseMean", "log2FoldChange", "lfcSE", "stat", "pvalue", "padj"),
    *("log2FoldChange_shrunk", "direction", "shrunk_sign_differs"),
]
SizeFactors: TypeAlias = pd.Series | Mapping[str, float] | Sequence[float] | np.ndarray


@dataclass(frozen=True, eq=False)
class Fit:
    """A model fitted to all samples; :func:`contrast` asks it questions.

    Attributes
    ----------
    samples : DataFrame
        The sheet, indexed by sample.
    design : str
    counts : (n_peaks, n_samples) DataFrame
        All peaks, columns as the sheet.
    size_factors : Series
    matrix : (n_samples, n_coefficients) DataFrame
    tested : (n_peaks,) array of bool
        Peaks with enough counts to be fitted.
    in_filter : (n_peaks,) array of bool
        Peaks whose mean independent filtering looks at.
    data : DataSet or None
        None where no peak could be fitted or no residual degree of freedom is left.
    """

    samples: pd.DataFrame
    design: str
    counts: pd.DataFrame
    size_factors: pd.Series
    matrix: pd.DataFrame
    tested: np.ndarray
    in_filter: np.ndarray
    data: dataset.DataSet | None

    @property
    def base_mean(self) -> np.ndarray:
        """Mean normalised count of all peaks, after replacement of outliers."""
        means = self.counts.to_numpy() @ (1 / self.size_factors.to_numpy()) / len(self.size_factors)
        if self.data is not None:
            means[self.tested] = self.data.var["_normed_means"].to_numpy()
        return means

    @property
    def dispersions(self) -> pd.DataFrame:
        """Tested peaks: peak, baseMean, dispersion gene-wise, of the trend, MAP, and as used; outlier."""
        if self.data is None:
            return pd.DataFrame(columns=["peak", "baseMean", "genewise", "trend", "map", "used", "outlier"])
        var = self.data.var
        return pd.DataFrame(
            {
                "peak": var.index.to_numpy(),
                "baseMean": var["_normed_means"].to_numpy(),
                "genewise": var["genewise_dispersions"].to_numpy(),
                "trend": var["fitted_dispersions"].to_numpy(),
                "map": var["MAP_dispersions"].to_numpy(),
                "used": var["dispersions"].to_numpy(),
                "outlier": var["_outlier_genes"].to_numpy(),
            }
        )


def fit(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    *,
    reference: Mapping[str, str] | None = None,
    size_factors: SizeFactors | None = None,
    min_count: int = 0,
    dispersion_trend: str = "parametric",
) -> Fit:
    """Fit dispersions and coefficients once, for any number of contrasts.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
        Indexed by peak; columns are samples.
    samples : (n_samples, ...) DataFrame
        The sample sheet, indexed by sample; all its samples take part in the fit.
    design : str
        Formula over columns of the sheet, such as `~ batch + group`.
    reference : mapping of column to level, optional
        Baselines; p-values depend on them by less than 1 in 1,000, as the fit stops at a tolerance.
    size_factors : Series or mapping by sample, or array in the order of the sheet, optional
        Median of ratios if not given.
    min_count : int
        Peaks with fewer counts in all samples together are not fitted.
    dispersion_trend : str
        `parametric` (turning local where that fails, as in R) or `local`.

    Returns
    -------
    Fit

    Raises
    ------
    InputError
        For samples that the counts lack, counts that are not non-negative integers, a sample without counts,
        size factors that are missing or not positive, or a design that the samples cannot answer.
    """
    counts = _checked(counts, samples)
    matrix = designs.matrix(samples, design, reference)
    sets = designs.confounded(matrix)
    if sets:
        raise InputError(
            f"design {design!r}: the samples cannot tell these coefficients apart: "
            f"{'; '.join(', '.join(columns) for columns in sets)}; drop a term or add samples"
        )
    totals = counts.to_numpy().sum(axis=1)
    tested = totals >= max(min_count, 1)
    in_filter = totals >= min_count
    chosen = _chosen(size_factors, counts.loc[tested] if tested.any() else counts)
    data = None
    if tested.any() and len(matrix) > matrix.shape[1]:
        data = dataset.fitted(counts.loc[tested], samples, matrix, chosen, dispersion_trend)
    return Fit(samples, design, counts, chosen, matrix, tested, in_filter, data)


def contrast(
    fitted: Fit,
    contrast: Mapping[str, str],
    *,
    alpha: float = 0.05,
    min_abs_log2fc: float = 0.0,
    shrink: bool = True,
    independent_filtering: bool = True,
    cooks: bool = True,
) -> pd.DataFrame:
    """Test every peak for a difference between two levels of a column, in a fitted model.

    Parameters
    ----------
    fitted : Fit
    contrast : mapping
        Keys `variable`, `experiment`, `control`.
    alpha : float
        False discovery rate for which independent filtering is tuned and directions are called.
    min_abs_log2fc : float
        The null hypothesis is a change of at most this size (0: no change).
    shrink : bool
        Whether to add shrunken fold changes.
    independent_filtering, cooks : bool
        Whether peaks of low mean are left out of the adjustment, and outliers by Cook's distance out of the
        test.

    Returns
    -------
    (n_peaks, 10) DataFrame
        As :func:`test`.

    Raises
    ------
    InputError
        For a contrast that the design cannot answer.
    """
    return _answer(fitted, contrast, alpha, min_abs_log2fc, shrink, independent_filtering, cooks)


def test(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    size_factors: SizeFactors | None = None,
    alpha: float = 0.05,
    min_abs_log2fc: float = 0.0,
    min_count: int = 0,
    shrink: bool = True,
) -> pd.DataFrame:
    """Test every peak for a difference in accessibility between two groups of samples.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
        Indexed by peak; columns are samples.
    samples : (n_samples, ...) DataFrame
        The sample sheet, indexed by sample; all its samples take part in the fit.
    design : str
        Formula over columns of the sheet, such as `~ batch + group`.
    contrast : mapping
        Keys `variable`, `experiment`, `control`.
    size_factors : Series or mapping by sample, or array in the order of the sheet, optional
        Median of ratios if not given.
    alpha : float
        False discovery rate for which independent filtering is tuned and directions are called.
    min_abs_log2fc : float
        The null hypothesis is a change of at most this size (0: no change).
    min_count : int
        Peaks with fewer counts in all samples together are kept in the table and not tested.
    shrink : bool
        Whether to add shrunken fold changes.

    Returns
    -------
    (n_peaks, 10) DataFrame
        A row for every peak, in order: peak, baseMean (mean normalised count), log2FoldChange (maximum
        likelihood), lfcSE, stat (Wald), pvalue (NA for outliers by Cook's distance and untested peaks), padj
        (Benjamini-Hochberg; NA also where independent filtering left the peak out), log2FoldChange_shrunk
        (apeglm; NA for contrasts that are not one coefficient), direction (up, down, none or untested),
        shrunk_sign_differs (whether the two fold changes point apart).

    Raises
    ------
    InputError
        For samples that the counts lack, a sample without counts, or a contrast the design cannot answer.

    Notes
    -----
    Null: the peak's normalised mean is equal in both groups, given the other terms. Assumes negative binomial
    counts whose dispersion varies about a smooth function of the mean, and size factors that are right.
    Where a group has one replicate, or the design leaves no residual degree of freedom, nothing is tested and
    log2FoldChange is that of the groups' mean normalised counts, each with 0.5 added.

    References
    ----------
    Love, Huber & Anders 2014, Genome Biology 15:550; Zhu, Ibrahim & Love 2019, Bioinformatics 35:2084.
    """
    designs.contrast(samples, design, contrast)  # refuse a wrong question before the work
    fitted = fit(
        counts,
        samples,
        design,
        reference={contrast["variable"]: str(contrast["control"])},
        size_factors=size_factors,
        min_count=min_count,
    )
    return _answer(fitted, contrast, alpha, min_abs_log2fc, shrink)


def likelihood_ratio(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    reduced: str,
    *,
    size_factors: SizeFactors | None = None,
    alpha: float = 0.05,
    min_count: int = 0,
) -> pd.DataFrame:
    """Test whether the terms matter that `design` has and `reduced` lacks, such as a factor of many levels.

    Parameters
    ----------
    counts, samples, size_factors, alpha, min_count
        As :func:`test`.
    design, reduced : str
        Formulas; the reduced one's terms are among the design's.

    Returns
    -------
    (n_peaks, 5) DataFrame
        peak, baseMean, stat (twice the difference of log likelihoods), pvalue, padj; NA as in :func:`test`.

    Raises
    ------
    InputError
        As :func:`fit`; or a reduced formula whose columns are not within the design's.

    Notes
    -----
    Null: the dropped coefficients are zero. The statistic is then chi-square with as many degrees of freedom
    as there are dropped coefficients. Both models use the dispersions of the full one. Against `~ 1` the
    reduced mean is that of the normalised counts, as in R.
    """
    fitted = fit(counts, samples, design, size_factors=size_factors, min_count=min_count)
    smaller = designs.matrix(samples, reduced)
    full = fitted.matrix.to_numpy()
    small = smaller.to_numpy()
    dropped = full.shape[1] - small.shape[1]
    if dropped < 1 or not np.allclose(full @ (np.linalg.pinv(full) @ small), small, atol=1e-8):
        raise InputError(f"reduced design {reduced!r}: must be {design!r} with one or more terms left out")
    result = pd.DataFrame({"peak": fitted.counts.index, "baseMean": fitted.base_mean})
    result[["stat", "pvalue", "padj"]] = np.nan
    if fitted.data is None:
        log.warning("no test: no peak with counts, or no residual degree of freedom")
        return result
    data = fitted.data
    stat = 2 * (_fitted_likelihood(data, full) - _fitted_likelihood(data, small))
    pvalue = chdtrc(dropped, np.maximum(stat, 0))
    nowhere = data.var["_normed_means"].to_numpy() == 0
    stat[nowhere], pvalue[nowhere] = 0.0, 1.0
    pvalue[data.cooks_outlier()] = np.nan
    result.loc[fitted.tested, "stat"], result.loc[fitted.tested, "pvalue"] = stat, pvalue
    result["padj"] = _adjusted(result, fitted, alpha, True)
    return result


def direction(result: pd.DataFrame, alpha: float) -> np.ndarray:
    """Call each peak `up` or `down` where padj < alpha, `untested` without a padj, else `none`."""
    sign = np.where(result["log2FoldChange"] > 0, "up", "down")
    called = np.where(result["padj"] < alpha, sign, "none")
    return np.where(result["padj"].isna(), "untested", called)


def _answer(
    fitted: Fit,
    contrast: Mapping[str, str],
    alpha: float,
    min_abs_log2fc: float,
    shrink: bool,
    independent_filtering: bool = True,
    cooks: bool = True,
) -> pd.DataFrame:
    """The table of one contrast."""
    own, weights = designs.contrast(fitted.samples, fitted.design, contrast)
    # the same question in the coding of the fit, whose columns span the same space
    vector = weights @ np.linalg.pinv(own.to_numpy()) @ fitted.matrix.to_numpy()
    vector[np.abs(vector) < 1e-10] = 0.0
    level = fitted.samples[contrast["variable"]].astype(str)
    sizes = level.value_counts()[[str(contrast["experiment"]), str(contrast["control"])]]
    counts, tested = fitted.counts, fitted.tested
    result = pd.DataFrame({"peak": counts.index, **dict.fromkeys(COLUMNS[1:], np.nan)}, index=counts.index)
    result["baseMean"] = fitted.base_mean
    result["shrunk_sign_differs"] = False
    if sizes.min() < 2 or len(fitted.matrix) <= fitted.matrix.shape[1]:
        log.warning("no test: %s", ", ".join(f"{n} sample(s) in {name}" for name, n in sizes.items()))
        result["log2FoldChange"] = _plain_fold_change(counts / fitted.size_factors, level, contrast)
    elif fitted.data is not None:
        if sizes.min() == 2:
            log.warning("two samples in a group: dispersions lean on the trend, and no outlier can be told")
        members = level.isin(sizes.index).to_numpy()
        absent = (counts.to_numpy()[np.ix_(np.flatnonzero(tested), np.flatnonzero(members))] == 0).all(axis=1)
        found = _wald(fitted.data, vector, absent, min_abs_log2fc, cooks)
        result.loc[tested, list(found)] = np.column_stack(list(found.values()))
        result["padj"] = _adjusted(result, fitted, alpha, independent_filtering)
        if shrink and np.count_nonzero(weights) == 1 and weights.max() == 1:
            shrunk = _shrunken(fitted.data, own, int(weights.argmax()), found)
            result.loc[tested, "log2FoldChange_shrunk"] = shrunk
            differs = np.sign(shrunk) * np.sign(found["log2FoldChange"]) < 0
            result.loc[tested, "shrunk_sign_differs"] = differs
            if differs.any():
                log.warning("%d peaks: the shrunken fold change has the other sign", differs.sum())
    result["direction"] = direction(result, alpha)
    return result.reset_index(drop=True)


def _checked(counts: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """The sheet's columns of the counts, which must be non-negative integers."""
    absent = samples.index.difference(counts.columns)
    if len(absent):
        raise InputError(f"count matrix: no column for sample {', '.join(map(str, absent))}")
    counts = counts[list(samples.index)]
    try:
        values = counts.to_numpy(dtype=float)
    except ValueError as error:
        raise InputError(f"count matrix: {error}; counts are non-negative integers") from error
    with np.errstate(invalid="ignore"):
        bad = ~(np.isfinite(values) & (values >= 0) & (values == np.round(values)))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise InputError(
            f"count matrix: peak {counts.index[row]}, sample {counts.columns[column]}: "
            f"{values[row, column]:g} is not a non-negative integer"
        )
    empty = counts.columns[(values == 0).all(axis=0)]
    if len(empty):
        raise InputError(
            f"sample {', '.join(map(str, empty))}: no count in any peak; leave it out of the sample sheet"
        )
    return counts


def _chosen(given: SizeFactors | None, counts: pd.DataFrame) -> pd.Series:
    """Size factors as a Series in the order of the samples."""
    if given is None:
        return factors.ratio(counts)
    names = counts.columns
    if isinstance(given, pd.Series | Mapping):
        chosen = pd.Series(given, dtype=float).reindex(names)
    elif len(given) != len(names):
        raise InputError(f"{len(given)} size factors for {len(names)} samples; give one for each")
    else:
        chosen = pd.Series(np.asarray(given, dtype=float), index=names)
    bad = ~(np.isfinite(chosen) & (chosen > 0))
    if bad.any():
        raise InputError(
            f"sample {names[bad][0]}: size factor {chosen[bad].iloc[0]:g} is not a positive number"
        )
    return chosen


def _plain_fold_change(normed: pd.DataFrame, level: pd.Series, contrast: Mapping[str, str]) -> pd.Series:
    experiment = normed.loc[:, (level == str(contrast["experiment"])).to_numpy()].mean(axis=1)
    control = normed.loc[:, (level == str(contrast["control"])).to_numpy()].mean(axis=1)
    return np.log2((experiment + 0.5) / (control + 0.5))


def _counts(data: dataset.DataSet) -> np.ndarray:
    """Counts as fitted (samples x peaks): outliers replaced."""
    counts = data.X.astype(float)
    if data.var["refitted"].any():
        counts[:, data.var["refitted"].to_numpy()] = data.replacement.X
    counts[:, data.var["_normed_means"].to_numpy() == 0] = 0.0
    return counts


def _means(data: dataset.DataSet) -> np.ndarray:
    """Fitted means (samples x peaks)."""
    eta = data.obsm["design_matrix"].to_numpy() @ data.varm["LFC"].to_numpy().T
    return data.obs["size_factors"].to_numpy()[:, None] * np.exp(np.minimum(eta, 700))


def _wald(
    data: dataset.DataSet, vector: np.ndarray, absent: np.ndarray, min_abs_log2fc: float, cooks: bool
) -> dict[str, np.ndarray]:
    """Wald test of one contrast: log2FoldChange, lfcSE, stat, pvalue of the tested peaks.

    Peaks without a count in either group of the contrast get no change and p = 1, as in R.
    """
    coefficients = data.varm["LFC"].to_numpy()
    pvalue, stat, se = data.inference.wald_test(
        data.obsm["design_matrix"].to_numpy(),
        data.var["dispersions"].to_numpy(),
        coefficients,
        _means(data),
        None,
        vector,
        np.log(2) * min_abs_log2fc,
        "greaterAbs" if min_abs_log2fc else None,
    )
    change = coefficients @ vector
    gone = data.var["_normed_means"].to_numpy() == 0
    change[absent | gone] = stat[absent | gone] = 0.0
    pvalue[absent] = 1.0
    if cooks:
        pvalue[data.cooks_outlier()] = np.nan
    pvalue[gone], se[gone] = 1.0, 0.0
    return {
        "log2FoldChange": change / np.log(2),
        "lfcSE": se / np.log(2),
        "stat": stat,
        "pvalue": pvalue,
    }


def _adjusted(result: pd.DataFrame, fitted: Fit, alpha: float, filtered: bool) -> np.ndarray:
    """Adjusted p-values of all peaks; the filter looks at those that `min_count` lets pass."""
    pvalues = result["pvalue"].to_numpy()
    if not filtered:
        return filtering.benjamini_hochberg(pvalues)
    padj = np.full(len(pvalues), np.nan)
    seen = fitted.in_filter
    padj[seen] = filtering.adjust(pvalues[seen], result["baseMean"].to_numpy()[seen], alpha)
    return padj


def _shrunken(
    data: dataset.DataSet, own: pd.DataFrame, index: int, found: Mapping[str, np.ndarray]
) -> np.ndarray:
    """apeglm's log2 fold changes of one coefficient of the matrix `own`."""
    variance = _prior_variance(found["log2FoldChange"] * np.log(2), found["lfcSE"] * np.log(2))
    beta, _, _ = data.inference.lfc_shrink_nbinom_glm(
        own.to_numpy(),
        _counts(data),
        1 / data.var["dispersions"].to_numpy(),
        np.log(data.obs["size_factors"].to_numpy()),
        15,
        min(np.sqrt(variance), 1),
        None,
        index,
    )
    return beta[:, index] / np.log(2)


def _prior_variance(change: np.ndarray, se: np.ndarray) -> float:
    """Variance of the true fold changes, by apeglm's moment equation; between 1e-6 and 400."""
    known = np.isfinite(change) & np.isfinite(se)
    square, noise = change[known] ** 2, se[known] ** 2

    def excess(variance):
        weight = 1 / (variance + noise) ** 2
        return ((square - noise) * weight).sum() / weight.sum() - variance

    if not known.any() or excess(1e-6) < 0:
        return 1e-6
    return 400.0 if excess(400.0) > 0 else float(brentq(excess, 1e-6, 400.0))


def _fitted_likelihood(data: dataset.DataSet, design: np.ndarray) -> np.ndarray:
    """Log likelihood of every peak under a design, at the dispersions of the data set."""
    chosen = data.obs["size_factors"].to_numpy()
    counts, disp = _counts(data), data.var["dispersions"].to_numpy()
    if design.shape[1] == 1 and (design == 1).all():
        mu = chosen[:, None] * data.var["_normed_means"].to_numpy()
    else:
        _, mu, _, _ = data.inference.irls(counts, chosen, design, disp, data.inference.min_mu, data.beta_tol)
    return log_likelihood(counts, mu, disp)
