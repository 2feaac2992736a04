"""DESeq2's negative binomial model fitted by pydeseq2, with R's trend and prior and block-wise kernels."""

import logging
import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd
from pydeseq2.dds import DeseqDataSet
from pydeseq2.ds import DeseqStats

from workflow_lib import design as designs
from workflow_lib.differential import size_factors as factors
from workflow_lib.differential import trend
from workflow_lib.differential.inference import BlockInference
from workflow_lib.errors import InputError

log = logging.getLogger("atacdiff")

COLUMNS = ["peak", "baseMean", "log2FoldChange", "lfcSE", "stat", "pvalue", "padj", "log2FoldChange_shrunk"]


def test(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    size_factors: pd.Series | None = None,
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
    size_factors : Series, optional
        Indexed by sample; median of ratios if not given.
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
    (n_peaks, 9) DataFrame
        A row for every peak, in order: peak, baseMean (mean normalised count), log2FoldChange (maximum
        likelihood), lfcSE, stat (Wald), pvalue (NA for outliers by Cook's distance and untested peaks), padj
        (Benjamini-Hochberg; NA also where independent filtering left the peak out), log2FoldChange_shrunk
        (apeglm; NA for contrasts that are not one coefficient), direction (up, down, none or untested).

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
    absent = samples.index.difference(counts.columns)
    if len(absent):
        raise InputError(f"count matrix: no column for sample {', '.join(map(str, absent))}")
    counts = counts[list(samples.index)]
    matrix, vector = designs.contrast(samples, design, contrast)
    tested = (counts.sum(axis=1) >= max(min_count, 1)).to_numpy()
    chosen = factors.ratio(counts[tested]) if size_factors is None else size_factors[counts.columns]
    result = pd.DataFrame({"peak": counts.index, **dict.fromkeys(COLUMNS[1:], np.nan)}, index=counts.index)
    result["baseMean"] = (counts / chosen).mean(axis=1)
    replicates = samples[contrast["variable"]].astype(str).value_counts()
    sizes = replicates[[str(contrast["experiment"]), str(contrast["control"])]]
    if sizes.min() < 2 or len(matrix) <= matrix.shape[1]:
        log.warning("no test: %s", ", ".join(f"{n} sample(s) in {level}" for level, n in sizes.items()))
        result["log2FoldChange"] = _plain_fold_change(counts / chosen, samples, contrast)
    elif tested.any():
        fitted = _fit(counts[tested], samples, matrix, chosen)
        members = samples[contrast["variable"]].astype(str).isin(sizes.index).to_numpy()
        absent_in_both = (counts.loc[tested, members] == 0).all(axis=1).to_numpy()
        found = _contrast(fitted, vector, absent_in_both, alpha, min_abs_log2fc, shrink)
        result.loc[tested, found.columns] = found.to_numpy()
    result["direction"] = direction(result, alpha)
    return result.reset_index(drop=True)


def direction(result: pd.DataFrame, alpha: float) -> np.ndarray:
    """Call each peak `up` or `down` where padj < alpha, `untested` without a padj, else `none`."""
    sign = np.where(result["log2FoldChange"] > 0, "up", "down")
    called = np.where(result["padj"] < alpha, sign, "none")
    return np.where(result["padj"].isna(), "untested", called)


def _plain_fold_change(normed: pd.DataFrame, samples: pd.DataFrame, contrast: Mapping[str, str]) -> pd.Series:
    level = samples[contrast["variable"]].astype(str)
    experiment = normed.loc[:, (level == str(contrast["experiment"])).to_numpy()].mean(axis=1)
    control = normed.loc[:, (level == str(contrast["control"])).to_numpy()].mean(axis=1)
    return np.log2((experiment + 0.5) / (control + 0.5))


class _DataSet(DeseqDataSet):
    """pydeseq2's data set with R's way of fitting the dispersion trend and its prior."""

    def _fit_parametric_dispersion_trend(self, vst: bool = False) -> None:
        means = self.var["_normed_means"].to_numpy()
        genewise = self.var["genewise_dispersions"].to_numpy()
        usable = np.isfinite(genewise)
        coefficients = trend.parametric(means[usable], genewise[usable])
        if coefficients is None:
            log.warning("the parametric dispersion trend does not fit; using the local one, as R does")
            self._curve = trend.Local(means[usable], genewise[usable])
            self.uns["disp_function_type"] = "local"
        else:
            self.uns["trend_coeffs"] = pd.Series(coefficients, index=["a0", "a1"])
            self.uns["disp_function_type"] = "parametric"
        self.var["fitted_dispersions"] = np.nan
        self.var.loc[usable, "fitted_dispersions"] = self.disp_function(means[usable])

    def disp_function(self, x):
        """Trend at these means."""
        if self.uns["disp_function_type"] == "local":
            return self._curve(np.asarray(x, dtype=float))
        return super().disp_function(x)

    def fit_dispersion_prior(self) -> None:
        """Variance of log dispersions about the trend."""
        genewise = self.var["genewise_dispersions"].to_numpy()
        use = genewise >= 100 * self.min_disp
        residuals = np.log(genewise[use]) - np.log(self.var["fitted_dispersions"].to_numpy()[use])
        n_samples, n_coefficients = self.obsm["design_matrix"].shape
        observed, prior = trend.prior_variance(residuals, n_samples - n_coefficients)
        self.uns["_squared_logres"], self.uns["prior_disp_var"] = observed, np.float64(prior)


def _fit(
    counts: pd.DataFrame, samples: pd.DataFrame, matrix: pd.DataFrame, chosen: pd.Series
) -> DeseqDataSet:
    """Fit dispersions and coefficients; every peak has a count somewhere."""
    inference = BlockInference()
    data = _DataSet(
        counts=counts.T, metadata=samples, design=matrix, refit_cooks=True, inference=inference, quiet=True
    )
    data.obs["size_factors"] = chosen
    data.layers["normed_counts"] = data.X / chosen.to_numpy()[:, None]
    data.var["_normed_means"] = data.layers["normed_counts"].mean(axis=0)
    data.fit_genewise_dispersions()
    data.fit_dispersion_trend()
    data.fit_dispersion_prior()
    data.fit_MAP_dispersions()
    data.fit_LFC()
    data.calculate_cooks()
    data.refit()
    data.cooks_outlier()
    return data


def _contrast(
    data: DeseqDataSet,
    vector: np.ndarray,
    absent_in_both: np.ndarray,
    alpha: float,
    min_abs_log2fc: float,
    shrink: bool,
) -> pd.DataFrame:
    """Wald test of one contrast of a fitted model.

    Peaks without a count in either group of the contrast get no change and p = 1, as in R.
    """
    threshold = {"lfc_null": min_abs_log2fc, "alt_hypothesis": "greaterAbs"} if min_abs_log2fc else {}
    stats = DeseqStats(data, contrast=vector, alpha=alpha, inference=data.inference, quiet=True, **threshold)
    stats.run_wald_test()
    stats.statistics[absent_in_both], stats.p_values[absent_in_both] = 0.0, 1.0
    stats.summary()
    result = stats.results_df.copy()
    result.loc[absent_in_both, "log2FoldChange"] = 0.0
    result["log2FoldChange_shrunk"] = np.nan
    if shrink and np.count_nonzero(vector) == 1 and vector.max() == 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            stats.lfc_shrink(coeff=data.obsm["design_matrix"].columns[int(vector.argmax())])
        result["log2FoldChange_shrunk"] = stats.results_df["log2FoldChange"]
    return result
