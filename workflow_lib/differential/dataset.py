"""pydeseq2's data set with R's way of fitting trend, prior and dispersions, and of telling outliers."""

import logging
import warnings

import numpy as np
import pandas as pd
from pydeseq2.dds import DeseqDataSet
from pydeseq2.utils import n_or_more_replicates, trimmed_mean
from scipy.special import fdtri

from workflow_lib.differential import prior, trend
from workflow_lib.differential.inference import BlockInference

log = logging.getLogger("atacdiff")


class DataSet(DeseqDataSet):
    """pydeseq2's data set with the steps replaced in which it differs from R."""

    curve = None

    @property
    def factors(self) -> np.ndarray:
        """Normalisation factors: (n_samples, n_peaks), or (n_samples, 1) where all peaks share them."""
        own = self.inference.factors
        return self.obs["size_factors"].to_numpy()[:, None] if own is None else own

    def _replace_outliers(self) -> None:
        """As pydeseq2; where peaks have factors of their own, the trimmed mean is multiplied by these."""
        super()._replace_outliers()
        if self.inference.factors is None or not self.var["replaced"].any():
            return
        rows = self.var["replaced"].to_numpy()
        factors = self.factors[:, rows]
        cutoff = fdtri(self.obsm["design_matrix"].shape[1], self._df_residual, 0.99)
        far = self.layers["cooks"][:, rows] > cutoff
        usual = trimmed_mean(self.X[:, rows] / factors, trim=0.2, axis=0)
        at = self.obs["replaceable"].to_numpy()[:, None] & far
        counts = self.X[:, rows].copy()
        counts[at] = (np.asarray(usual) * factors).astype(int)[at]
        self.counts_to_refit.X = counts

    @property
    def _df_residual(self) -> int:
        return int(np.subtract(*self.obsm["design_matrix"].shape))

    def _fit_parametric_dispersion_trend(self, vst: bool = False) -> None:
        means = self.var["_normed_means"].to_numpy()
        genewise = self.var["genewise_dispersions"].to_numpy()
        wanted = self.uns["wanted_trend"]
        coefficients = trend.parametric(means, genewise) if wanted == "parametric" else None
        if coefficients is None:
            if wanted == "parametric":
                log.warning("the parametric dispersion trend does not fit; using the local one, as R does")
            self.curve = trend.Local(means, genewise)
            self.uns["disp_function_type"] = "local"
        else:
            self.uns["trend_coeffs"] = pd.Series(coefficients, index=["a0", "a1"])
            self.uns["disp_function_type"] = "parametric"
        self.var["fitted_dispersions"] = self.disp_function(means)

    def disp_function(self, x):
        """Trend at these means."""
        x = np.asarray(x, dtype=float)
        if self.uns["disp_function_type"] == "local":
            assert self.curve is not None
            return np.clip(self.curve(x), self.min_disp, None)
        return super().disp_function(x)

    def fit_dispersion_prior(self) -> None:
        """Variance of log dispersions about the trend."""
        genewise = self.var["genewise_dispersions"].to_numpy()
        use = genewise >= 100 * self.min_disp
        residuals = np.log(genewise[use]) - np.log(self.var["fitted_dispersions"].to_numpy()[use])
        n_samples, n_coefficients = self.obsm["design_matrix"].shape
        observed, variance = prior.variance(residuals, n_samples - n_coefficients)
        self.uns["_squared_logres"], self.uns["prior_disp_var"] = observed, np.float64(variance)

    def fit_MAP_dispersions(self) -> None:
        """Dispersions shrunken towards the trend, starting from the gene-wise ones."""
        genewise = self.var["genewise_dispersions"].to_numpy()
        fitted = self.var["fitted_dispersions"].to_numpy()
        self.var["MAP_dispersions"], _ = self.inference.alpha_mle(
            counts=self.X,
            design_matrix=self.obsm["design_matrix"].to_numpy(),
            mu=self.layers["_mu_hat"],
            alpha_hat=fitted,
            min_disp=self.min_disp,
            max_disp=self.max_disp,
            prior_disp_var=float(self.uns["prior_disp_var"]),
            prior_reg=True,
            start=genewise,
        )
        del self.layers["_mu_hat"]
        outlier = np.log(genewise) > np.log(fitted) + 2 * np.sqrt(self.uns["_squared_logres"])
        self.var["_outlier_genes"] = outlier
        self.var["dispersions"] = np.where(outlier, genewise, self.var["MAP_dispersions"])

    def _refit_without_outliers(self) -> None:
        """Fit the peaks with replaced counts anew, under the same trend and prior."""
        empty = (self.counts_to_refit.X == 0).all(axis=0)
        self.var["refitted"] = self.var["replaced"].copy()
        self.var.loc[self.var["replaced"], "refitted"] = ~empty
        gone = self.counts_to_refit.var_names[empty]
        self.var.loc[gone, "_normed_means"] = 0.0
        self.varm["LFC"].loc[gone, :] = 0.0
        if empty.all():
            return
        counts = pd.DataFrame(
            self.counts_to_refit.X[:, ~empty],
            index=self.obs_names,
            columns=self.counts_to_refit.var_names[~empty],
        )
        rows = np.flatnonzero(self.var["replaced"])[~empty]
        again = _prepared(
            counts,
            self.obs,
            self.obsm["design_matrix"],
            self.obs["size_factors"],
            None if self.inference.factors is None else self.factors[:, rows],
        )
        for key in ("disp_function_type", "trend_coeffs", "_squared_logres", "prior_disp_var"):
            if key in self.uns:
                again.uns[key] = self.uns[key]
        again.curve = self.curve
        again.fit_genewise_dispersions()
        again.var["fitted_dispersions"] = again.disp_function(again.var["_normed_means"])
        again.fit_MAP_dispersions()
        again.fit_LFC()
        rows = self.var["refitted"].to_numpy()
        columns = [
            *("_normed_means", "genewise_dispersions", "fitted_dispersions", "MAP_dispersions"),
            *("dispersions", "_outlier_genes"),
        ]
        for column in columns:
            self.var.loc[rows, column] = again.var[column].to_numpy()
        self.varm["LFC"].loc[rows, :] = again.varm["LFC"].to_numpy()
        self.replacement = again

    def fitted_counts(self) -> np.ndarray:
        """Counts as fitted (samples x peaks): outliers replaced."""
        counts = self.X.astype(float)
        if self.var["refitted"].any():
            counts[:, self.var["refitted"].to_numpy()] = self.replacement.X
        counts[:, self.var["_normed_means"].to_numpy() == 0] = 0.0
        return counts

    def fitted_means(self) -> np.ndarray:
        """Fitted means (samples x peaks)."""
        eta = self.obsm["design_matrix"].to_numpy() @ self.varm["LFC"].to_numpy().T
        return self.factors * np.exp(np.minimum(eta, 700))

    def cooks_outlier(self) -> np.ndarray:
        """Peaks with an outlying count in a cell of three or more samples that was not replaced.

        With one factor of two levels a peak stays in if three counts are larger than the outlying one.
        """
        matrix = self.obsm["design_matrix"]
        cutoff = fdtri(matrix.shape[1], len(matrix) - matrix.shape[1], 0.99)
        use = n_or_more_replicates(matrix, 3).to_numpy()
        if self.var["refitted"].any():
            use = use & ~self.obs["replaceable"].to_numpy()
        distances = self.layers["cooks"]
        outlier = (distances[use] > cutoff).any(axis=0)
        if self.uns["two_levels"]:
            at = np.flatnonzero(outlier)
            counts = self.X[:, at]
            worst = counts[distances[:, at].argmax(axis=0), np.arange(len(at))]
            outlier[at] = (counts > worst).sum(axis=0) < 3
        return outlier


def _prepared(counts, samples, matrix, chosen, factors) -> DataSet:
    """Data set with size factors, or normalisation factors of each count; both samples x peaks."""
    inference = BlockInference(factors)
    data = DataSet(
        counts=counts, metadata=samples, design=matrix, refit_cooks=True, inference=inference, quiet=True
    )
    data.obs["size_factors"] = chosen.to_numpy()
    data.layers["normed_counts"] = data.X / data.factors
    data.var["_normed_means"] = data.layers["normed_counts"].mean(axis=0)
    return data


def fitted(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    matrix: pd.DataFrame,
    chosen: pd.Series,
    dispersion_trend: str,
    factors: np.ndarray | None = None,
) -> DataSet:
    """Fit dispersions and coefficients.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame
        Every peak has a count somewhere.
    samples, matrix : DataFrames
        The sheet and the design matrix, rows as the columns of the counts.
    chosen : Series
        Size factors.
    dispersion_trend : str
        `parametric` or `local`.
    factors : (n_peaks, n_samples) array, optional
        Normalisation factors of each count, in place of the size factors.
    """
    data = _prepared(counts.T, samples, matrix, chosen, None if factors is None else factors.T)
    data.uns["wanted_trend"] = dispersion_trend
    data.uns["two_levels"] = matrix.shape[1] == 2 and "[T." in matrix.columns[1]
    data.fit_genewise_dispersions()
    data.fit_dispersion_trend()
    data.fit_dispersion_prior()
    data.fit_MAP_dispersions()
    data.fit_LFC()
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        data.calculate_cooks()
    data.refit()
    return data
