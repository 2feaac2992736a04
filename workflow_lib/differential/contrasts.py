"""What a fitted model says to a question: Wald tests of contrasts, likelihood ratios of any difference."""

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from workflow_lib.differential import dataset, filtering, shrinkage
from workflow_lib.differential.inference import log_likelihood
from workflow_lib.differential.model import Fit, Offsets, SizeFactors, fit
from workflow_lib.errors import InputError
from workflow_lib.stats import contrasts, designs
from workflow_lib.stats.contrasts import Contrast
from workflow_lib.stats.multiple_testing import bh

log = logging.getLogger("atacdiff")

COLUMNS = [
    *("peak", "baseMean", "log2FoldChange", "lfcSE", "stat", "pvalue", "padj"),
    *("log2FoldChange_shrunk", "direction", "shrunk_sign_differs"),
]


def test(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    size_factors: SizeFactors | None = None,
    offsets: Offsets | None = None,
    alpha: float = 0.05,
    min_abs_log2fc: float = 0.0,
    min_count: int = 0,
    shrink: bool = True,
) -> pd.DataFrame:
    """Test every peak for the change in accessibility that a contrast asks about.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
        Indexed by peak; columns are samples.
    samples : (n_samples, ...) DataFrame
        The sample sheet, indexed by sample; all its samples take part in the fit.
    design : str
        Formula over columns of the sheet, such as `~ batch + group`.
    contrast : mapping
        Any form that :func:`workflow_lib.stats.forms.parse` reads: levels, means of levels, an interaction, a
        slope, or any difference.
    size_factors : Series or mapping by sample, or array in the order of the sheet, optional
        Median of ratios if not given; with offsets, of the counts over exp(offsets).
    offsets : (n_peaks, n_samples) array or DataFrame, optional
        Natural logarithms of what each count is divided by besides its sample's size factor: the
        normalisation factors of the fit are size factor times exp(offset). An array has its columns in the
        order of the sheet. R's convention is a geometric mean of 1 in each row of the normalisation factors;
        rows with another one have their baseMean on another scale. Without size factors rows are centred.
    alpha : float
        False discovery rate for which independent filtering is tuned and directions are called.
    min_abs_log2fc : float
        The null hypothesis is a change of at most this size (0: no change); of a slope, over the range that
        the samples have. Without effect where any difference counts.
    min_count : int
        Peaks with fewer counts in all samples together are kept in the table and not tested.
    shrink : bool
        Whether to add shrunken fold changes.

    Returns
    -------
    (n_peaks, 10) DataFrame
        A row for every peak, in order: peak, baseMean (mean normalised count), log2FoldChange (maximum
        likelihood; of a slope, a unit; of an interaction, the difference of effects; where any difference
        counts, of the last level against the first one), lfcSE, stat (Wald, or twice the log likelihood
        ratio), pvalue (NA for outliers by Cook's distance and untested peaks), padj (Benjamini-Hochberg; NA
        also where independent filtering left the peak out), log2FoldChange_shrunk (apeglm; NA where any
        difference counts), direction (up, down, none or untested; changed in place of up and down where any
        difference counts), shrunk_sign_differs (whether the two fold changes point apart).

    Raises
    ------
    InputError
        For samples that the counts lack, a sample without counts, or a contrast the design cannot answer.

    Notes
    -----
    Null: the contrast of the peak's log means is zero, given the other terms; where any difference counts,
    all contrasts of its levels are, and the statistic is chi-square with as many degrees of freedom. Assumes
    negative binomial counts whose dispersion varies about a smooth function of the mean, and size factors
    that are right. Where a side of the contrast has one replicate, or the design leaves no residual degree of
    freedom, nothing is tested and log2FoldChange is that of mean normalised counts, each with 0.5 added.

    References
    ----------
    Love, Huber & Anders 2014, Genome Biology 15:550; Zhu, Ibrahim & Love 2019, Bioinformatics 35:2084.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib import differential
    >>> samples = pd.DataFrame({"group": ["control"] * 3 + ["treated"] * 3}, index=list("abcdef"))
    >>> rng = np.random.default_rng(1)
    >>> means = np.full((200, 6), 100.0)
    >>> means[:5, 3:] = 400  # five peaks open in the last three samples
    >>> counts = pd.DataFrame(rng.poisson(means), index=[f"p{i}" for i in range(200)], columns=samples.index)
    >>> contrast = {"variable": "group", "experiment": "treated", "control": "control"}
    >>> table = differential.test(counts, samples, "~ group", contrast)
    >>> table["direction"].value_counts().to_dict()
    {'none': 195, 'up': 5}
    """
    question = contrasts.solve(samples, design, contrast)  # refuses a wrong one before the work
    fitted = fit(
        counts,
        samples,
        design,
        reference=question.baselines,
        size_factors=size_factors,
        offsets=offsets,
        min_count=min_count,
    )
    return _answer(fitted, question, alpha, min_abs_log2fc, shrink)


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
    """Ask a fitted model what a contrast asks.

    Parameters
    ----------
    fitted : Fit
    contrast : mapping
        As :func:`test`.
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

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib import differential
    >>> samples = pd.DataFrame({"group": ["control"] * 3 + ["treated"] * 3}, index=list("abcdef"))
    >>> rng = np.random.default_rng(1)
    >>> means = np.full((200, 6), 100.0)
    >>> means[:5, 3:] = 400  # five peaks open in the last three samples
    >>> counts = pd.DataFrame(rng.poisson(means), index=[f"p{i}" for i in range(200)], columns=samples.index)
    >>> fitted = differential.fit(counts, samples, "~ group")
    >>> contrast = {"variable": "group", "experiment": "treated", "control": "control"}
    >>> up = differential.contrast(fitted, contrast)["direction"] == "up"
    >>> int(up.sum())
    5
    """
    question = contrasts.solve(fitted.samples, fitted.design, contrast)
    return _answer(fitted, question, alpha, min_abs_log2fc, shrink, independent_filtering, cooks)


def likelihood_ratio(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    reduced: str,
    *,
    size_factors: SizeFactors | None = None,
    offsets: Offsets | None = None,
    alpha: float = 0.05,
    min_count: int = 0,
) -> pd.DataFrame:
    """Test whether the terms matter that `design` has and `reduced` lacks, such as a factor of many levels.

    Parameters
    ----------
    counts, samples, size_factors, offsets, alpha, min_count
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

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib import differential
    >>> samples = pd.DataFrame({"group": ["control"] * 3 + ["treated"] * 3}, index=list("abcdef"))
    >>> rng = np.random.default_rng(1)
    >>> means = np.full((200, 6), 100.0)
    >>> means[:5, 3:] = 400  # five peaks open in the last three samples
    >>> counts = pd.DataFrame(rng.poisson(means), index=[f"p{i}" for i in range(200)], columns=samples.index)
    >>> table = differential.likelihood_ratio(counts, samples, "~ group", "~ 1")
    >>> int((table["padj"] < 0.05).sum())
    5
    """
    fitted = fit(counts, samples, design, size_factors=size_factors, offsets=offsets, min_count=min_count)
    smaller, _ = designs.conditioned(samples, reduced)
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
    stat, pvalue = _ratio(fitted.data, small, dropped, True)
    result.loc[fitted.tested, "stat"], result.loc[fitted.tested, "pvalue"] = stat, pvalue
    result["padj"] = _adjusted(result, fitted, alpha, True)
    return result


def direction(result: pd.DataFrame, alpha: float, any_difference: bool = False) -> np.ndarray:
    """Call each peak `up` or `down` where padj < alpha, `untested` without a padj, else `none`.

    Where any difference counts there is no up or down, and such peaks are `changed`.
    """
    sign = np.where(result["log2FoldChange"] > 0, "up", "down")
    called = np.where(result["padj"] < alpha, "changed" if any_difference else sign, "none")
    return np.where(result["padj"].isna(), "untested", called)


def untestable(question: Contrast, samples: pd.DataFrame) -> str | None:
    """Why a contrast gives fold changes and no tests: too few samples in a cell, no residual freedom."""
    if len(question.matrix) <= question.matrix.shape[1]:
        return "the design leaves no residual degree of freedom"
    if question.form.pairs:
        sizes = {name: int(members.sum()) for name, members in question.form.cells(samples).items()}
        if min(sizes.values()) < 2:
            return ", ".join(f"{n} sample(s) in {name}" for name, n in sizes.items())
    return None


def _answer(
    fitted: Fit,
    question: Contrast,
    alpha: float,
    min_abs_log2fc: float,
    shrink: bool,
    independent_filtering: bool = True,
    cooks: bool = True,
) -> pd.DataFrame:
    """The table of one contrast."""
    form, own = question.form, question.matrix.to_numpy()
    # the same question in the coding of the fit, whose columns span the same space
    into_fit = np.linalg.pinv(own) @ fitted.matrix.to_numpy()
    counts, tested = fitted.counts, fitted.tested
    result = pd.DataFrame({"peak": counts.index, **dict.fromkeys(COLUMNS[1:], np.nan)}, index=counts.index)
    result["baseMean"] = fitted.base_mean
    result["shrunk_sign_differs"] = False
    reason = untestable(question, fitted.samples)
    if reason is not None:
        log.warning("no test: %s", reason)
        result["log2FoldChange"] = _plain_fold_change(counts / fitted.factors, fitted.samples, question)
    elif fitted.data is not None:
        if form.pairs and min(n.sum() for n in form.cells(fitted.samples).values()) == 2:
            log.warning("two samples in a group: dispersions lean on the trend, outliers go unnoticed")
        absent = (counts.to_numpy()[:, form.compared(fitted.samples)][tested] == 0).all(axis=1)
        vector = _rounded(question.shown @ into_fit)
        least = 0.0 if form.any else min_abs_log2fc / _span(question, fitted.samples)
        found = _wald(fitted.data, vector, absent, least, cooks)
        if form.any:
            found["stat"], found["pvalue"] = _ratio(
                fitted.data, question.reduced, len(question.weights), cooks
            )
        result.loc[tested, list(found)] = np.column_stack(list(found.values()))
        result["padj"] = _adjusted(result, fitted, alpha, independent_filtering)
        if shrink and not form.any:
            shrunk = shrinkage.shrunken(fitted.data, own, question.vector, found)
            result.loc[tested, "log2FoldChange_shrunk"] = shrunk
            differs = np.sign(shrunk) * np.sign(found["log2FoldChange"]) < 0
            result.loc[tested, "shrunk_sign_differs"] = differs
            if differs.any():
                log.warning("%d peaks: the shrunken fold change has the other sign", differs.sum())
    result["direction"] = direction(result, alpha, form.any)
    return result.reset_index(drop=True)


def _rounded(vector: np.ndarray) -> np.ndarray:
    """Weights without what rounding left of zeros."""
    return np.where(np.abs(vector) < 1e-10 * np.abs(vector).max(), 0.0, vector)


def _span(question: Contrast, samples: pd.DataFrame) -> float:
    """Units over which a threshold on the fold change holds: a slope's range, else one."""
    if not question.form.is_slope:
        return 1.0
    return float(np.ptp(samples[question.form.variables[0]].to_numpy(float))) or 1.0


def _plain_fold_change(normed: pd.DataFrame, samples: pd.DataFrame, question: Contrast) -> np.ndarray:
    """log2 fold change of mean normalised counts, each with 0.5 added; else of a least-squares fit."""
    form = question.form
    cells = form.cells(samples)
    if form.pairs and all(members.any() for members in cells.values()):
        change = np.zeros(len(normed))
        for i, members in enumerate(cells.values()):  # the control of each column comes first
            sign = (-1) ** (len(form.variables) - bin(i).count("1"))
            change += sign * np.log2(normed.loc[:, members].mean(axis=1).to_numpy() + 0.5)
        return change
    weights = question.shown @ np.linalg.pinv(question.matrix.to_numpy())
    return np.log2(normed.to_numpy() + 0.5) @ weights


def _ratio(
    data: dataset.DataSet, reduced: np.ndarray, dropped: int, cooks: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Statistic and p-value of the likelihood ratio against a reduced design, of the tested peaks."""
    full = data.obsm["design_matrix"].to_numpy()
    stat = 2 * (_fitted_likelihood(data, full) - _fitted_likelihood(data, reduced))
    pvalue = chdtrc(dropped, np.maximum(stat, 0))
    nowhere = data.var["_normed_means"].to_numpy() == 0
    stat[nowhere], pvalue[nowhere] = 0.0, 1.0
    if cooks:
        pvalue[data.cooks_outlier()] = np.nan
    return stat, pvalue


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
        data.fitted_means(),
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
        return bh(pvalues)
    padj = np.full(len(pvalues), np.nan)
    seen = fitted.in_filter
    padj[seen] = filtering.adjust(pvalues[seen], result["baseMean"].to_numpy()[seen], alpha)
    return padj


def _fitted_likelihood(data: dataset.DataSet, design: np.ndarray) -> np.ndarray:
    """Log likelihood of every peak under a design, at the dispersions of the data set."""
    chosen = data.obs["size_factors"].to_numpy()
    counts, disp = data.fitted_counts(), data.var["dispersions"].to_numpy()
    if not design.shape[1]:
        mu = np.broadcast_to(data.factors, counts.shape)
    elif design.shape[1] == 1 and (design == 1).all():
        mu = data.factors * data.var["_normed_means"].to_numpy()
    else:
        _, mu, _, _ = data.inference.irls(counts, chosen, design, disp, data.inference.min_mu, data.beta_tol)
    return log_likelihood(counts, mu, disp)
