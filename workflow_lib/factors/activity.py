"""Do a motif's peaks open and close from sample to sample, and with the contrast? The sample is the unit."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import fdtrc, log_ndtr

from workflow_lib.motifs.matches import presence
from workflow_lib.stats import blocks, combination, contrasts, moderated, variances
from workflow_lib.stats.propensity import standardised

PRIOR_COUNT = 2.0
NOISE = 0.1
"""Variance of a log2 count that no depth takes away, for the weights of peaks."""
NEIGHBOURS = 201
"""Peaks of about one depth, whose variation is that of an ordinary peak."""
LARGEST_EXCESS = 30.0
LEAST_PEAKS = 3
LEAST_VARIANCE = 0.5
"""Of the median over motifs: what a motif's own variance is taken for where it is less, by luck."""
RESULTS = (
    *("activity", "activity_pvalue", "focused_pvalue", "df_residual", "rise_log10p", "fall_log10p"),
    *("own_rise_log10p", "own_fall_log10p"),
)
LEAST_FOCUSED = 4
"""Residual degrees of freedom from which on the focused activity counts: with fewer a factor that varies by
itself is too often even within groups by luck, and few peaks are quiet enough to tell."""


def test(
    counts: pd.DataFrame,
    matches,
    covariates: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping,
    size_factors,
    *,
    block: str | None = None,
) -> pd.DataFrame:
    """Test the activity of every motif for the contrast, with the variation between samples in its error.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame
    matches : (n_peaks, n_motifs) sparse matrix
    covariates : (n_peaks, n_covariates) DataFrame
        What accessibility may follow in a sample without any factor: composition, width, depth.
    samples, design, contrast, block
        As :func:`workflow_lib.stats.moderated.test`.
    size_factors : (n_samples,) array, in the order of `samples`

    Returns
    -------
    DataFrame
        A row a motif: n_peaks; activity (log2 change of its peaks beyond comparable ones), activity_pvalue,
        focused_pvalue (both two-sided); df_residual of the design; rise_log10p, fall_log10p (log10 of the
        one-sided p of both together, :func:`workflow_lib.stats.combination.cauchy`); own_rise_log10p,
        own_fall_log10p (the same by the motif's own variance alone). Where any difference counts, activity
        is the last level less the first, and both sides have the whole p. NaN where samples leave no residual
        degree of freedom.

    Notes
    -----
    In every sample log2 counts are regressed on the motif's presence beside the covariates, by weighted
    least squares: the coefficient is the motif's activity there, free of that sample's GC content and depth
    curves. Activities in units of their noise over peaks are tested by the design
    (:func:`workflow_lib.stats.moderated.test` with `robust`). Null: the mean activity is alike.

    A second, *focused* activity weighs each peak by its excess of variation over all samples, whatever their
    labels: residual variance under the design without the contrast, over that of peaks of its depth, less 1.
    Where a few of many sites change, they alone speak. Under the null of exchangeable samples such weights
    know nothing of the contrast (Bourgon, Gentleman & Huber 2010, Proc Natl Acad Sci USA 107:9546). It counts
    from four residual degrees of freedom on.

    The prior makes one test of hundreds strong, and judges by the others a factor that varies but happened to
    be even within the groups. The *own* p takes no prior: Student's t (or F) with the motif's own residual
    variance, at least half the median motif's. It holds for a factor that varies, however few do.

    With `block` samples of a subject are alike by one correlation of all motifs, and the focused activity is
    left out, since weights from all samples know something of the contrast then.

    Assumes that a factor's sites move together within a sample, and that samples (or subjects) are
    independent given the design. It cannot tell relatives that share their sites.

    References
    ----------
    Gerbaldo et al. 2024, PLoS Comput Biol 20:e1011971 (linear models of motifs in each sample, then limma:
    first of their league). Balwierz et al. 2014, Genome Res 24:869 (motif activities).
    """
    present = sparse.csr_array(presence(matches).astype(float))
    n_motifs = present.shape[1]
    table = pd.DataFrame({"n_peaks": np.bincount(present.indices, minlength=n_motifs)})
    question = contrasts.solve(samples, design, contrast)
    if not len(counts):
        return table.assign(**dict.fromkeys(RESULTS, np.nan))
    values, weight = accessibility(counts[list(samples.index)], np.asarray(size_factors, dtype=float))
    x = standardised(covariates.to_numpy(dtype=float))
    excess = weight * _excess(values, question.reduced)
    sides, alone = [], []
    for name, own in (("activity", weight), ("focused", excess)):
        raw, noise = activities(values, present, x, own, weight)
        scores = raw / noise[:, None]
        found, by_itself = _tested(scores, question, _alike(scores, question, samples, block))
        enough = block is None and len(samples) - question.matrix.shape[1] >= LEAST_FOCUSED
        if name == "activity" or enough:
            sides.append(found)
            alone.append(by_itself)
        if name == "activity":
            table["activity"] = found.coef * noise
        table[f"{name}_pvalue"] = np.maximum(10.0**found.log10_p, combination.SMALLEST)
    table["df_residual"] = len(samples) - question.matrix.shape[1]
    for start, all_of in (("", sides), ("own_", alone)):
        table[f"{start}rise_log10p"] = combination.cauchy(np.stack([found.rises for found in all_of]))
        table[f"{start}fall_log10p"] = combination.cauchy(np.stack([found.falls for found in all_of]))
    return table


test.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's


def accessibility(counts: pd.DataFrame, size_factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log2 normalised counts, (n_peaks, n_samples), and the weight of each peak, of mean 1."""
    normed = counts.to_numpy(dtype=float) / size_factors
    weight = 1 / (1 / (normed.mean(axis=1) + PRIOR_COUNT) + NOISE)
    return np.log2(normed + PRIOR_COUNT), weight / weight.mean() if len(weight) else weight


def activities(
    values: np.ndarray, present: sparse.csr_array, x: np.ndarray, weight: np.ndarray, precision: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficient of each motif's presence in each sample, and its noise where peaks are independent.

    Parameters
    ----------
    values : (n_peaks, n_samples) array
    present : (n_peaks, n_motifs) sparse array of 0 and 1
    x : (n_peaks, n_covariates) array
    weight, precision : (n_peaks,) arrays
        Weights of the fit, 0 leaves a peak out; and 1 over the peaks' variances, up to a factor.

    Returns
    -------
    (n_motifs, n_samples) array, (n_motifs,) array
        NaN for motifs in fewer than three of the peaks, and those that covariates determine.
    """
    used = weight > 0
    values, x, w, precision = values[used], x[used], weight[used], precision[used]
    carried = sparse.csc_array(present[used])
    weighted = x.T * w
    inverse = np.linalg.pinv(weighted @ x)
    across = weighted @ carried
    left = w @ carried - np.einsum("kj,kj->j", across, inverse @ across)
    spread = (w**2 / np.maximum(precision, 1e-12)) @ carried
    known = (np.diff(carried.indptr) >= LEAST_PEAKS) & (left > 1e-6 * (w @ carried))
    residual = values - x @ (inverse @ (weighted @ values))
    sums = carried.T @ (w[:, None] * residual)
    raw, noise = np.full(sums.shape, np.nan), np.full(len(left), np.nan)
    raw[known] = sums[known] / left[known, None]
    noise[known] = np.sqrt(spread[known]) / left[known]
    return raw, noise


class Tested:
    """One- and two-sided log10 p-values of a contrast, and its estimate."""

    def __init__(self, coef: np.ndarray, log10_p: np.ndarray, directed: bool):
        self.coef, self.log10_p = coef, log10_p
        near = log10_p - np.log10(2)
        far = np.log1p(-np.minimum(10.0**log10_p, 1 - 1e-12) / 2) / np.log(10)
        # where any difference counts there are no sides: both have the whole p
        self.rises = np.where(coef > 0, near, far) if directed else log10_p
        self.falls = np.where(coef > 0, far, near) if directed else log10_p


def _alike(
    scores: np.ndarray, question: contrasts.Contrast, samples: pd.DataFrame, block: str | None
) -> np.ndarray | None:
    """Correlations of the samples where some are of one subject."""
    if block is None:
        return None
    of = blocks.of_samples(samples, block)
    found = blocks.correlation(scores, question.matrix.to_numpy(), of)
    return blocks.covariance(of, found.consensus)


def _tested(
    scores: np.ndarray, question: contrasts.Contrast, covariance: np.ndarray | None = None
) -> tuple[Tested, Tested]:
    """Scores of motifs tested with a prior of variances without a form, and each by its own variance."""
    matrix = question.matrix.to_numpy()
    fit = moderated.least_squares(scores, matrix, question.shown, question.weights, covariance)
    rows = len(question.weights)
    square = fit.quadratic if question.form.any else (fit.coef / fit.unscaled) ** 2
    known = np.isfinite(square) & (fit.df_residual > 0) & (fit.variance > 0)
    log10_p, own = np.full(len(scores), np.nan), np.full(len(scores), np.nan)
    if known.any():
        variance, freedom = fit.variance[known], fit.df_residual[known]
        grid, weights = variances.posterior(variance, freedom)
        log10_p[known] = variances.log10_tail(square[known], rows, grid, weights)
        least = LEAST_VARIANCE * np.median(variance)
        with np.errstate(divide="ignore"):
            own[known] = np.log10(fdtrc(rows, freedom, square[known] / np.maximum(variance, least)))
    directed = not question.form.any
    return Tested(fit.coef, log10_p, directed), Tested(fit.coef, own, directed)


def _excess(values: np.ndarray, reduced: np.ndarray) -> np.ndarray:
    """How much more each peak varies than others of its depth, whatever the labels; from 0 to 30."""
    basis, _ = np.linalg.qr(reduced) if reduced.shape[1] else (np.zeros((len(reduced), 0)), None)
    freedom = values.shape[1] - basis.shape[1]
    if freedom < 1 or not len(values):
        return np.zeros(len(values))
    residual = values - (values @ basis) @ basis.T
    log_variance = np.log((residual**2).sum(axis=1) / freedom + 1e-6)
    order = np.argsort(values.mean(axis=1), kind="stable")
    usual = np.empty(len(values))
    width = min(NEIGHBOURS, 2 * ((len(values) - 1) // 2) + 1)
    around = np.pad(log_variance[order], width // 2, mode="edge")
    usual[order] = pd.Series(around).rolling(width).median().to_numpy()[width - 1 :]
    return np.clip(np.expm1(np.minimum(log_variance - usual, 10.0)), 0.0, LARGEST_EXCESS)


def along(
    statistic: np.ndarray, matches, covariates: pd.DataFrame, given: np.ndarray | None = None
) -> pd.DataFrame:
    """Regress the peaks' statistic on each motif's presence beside covariates: no threshold decides.

    Parameters
    ----------
    statistic : (n_peaks,) array
        Wald's, signed; NaN for peaks that were not tested, which are left out.
    matches : (n_peaks, n_motifs) sparse matrix
    covariates : (n_peaks, n_covariates) DataFrame
    given : (n_peaks, k) array, optional
        Further covariates, such as the presence of leading motifs.

    Returns
    -------
    DataFrame
        A row a motif: slope (mean statistic of its peaks beyond comparable ones) and slope_z, NaN for motifs
        in fewer than ten tested peaks.

    Notes
    -----
    Null: peaks with the motif have the statistic that their covariates say. The error is the larger of the
    model's and one that lets each peak's variance differ (White 1980), so that a motif of peaks that change
    to either side is not called. Peaks count as independent: variation of a factor between samples is not in
    it, which :func:`test` is for.

    References
    ----------
    White 1980, Econometrica 48:817.
    """
    used = np.isfinite(statistic)
    carried = sparse.csc_array(sparse.csr_array(presence(matches).astype(float))[used])
    n_motifs = carried.shape[1]
    blank = pd.DataFrame({"slope": np.nan, "slope_z": np.nan}, index=range(n_motifs))
    if not used.any():
        return blank
    columns = covariates.to_numpy(dtype=float)[used]
    x = standardised(columns if given is None else np.hstack([columns, given[used]]))
    y = statistic[used]
    freedom = len(y) - x.shape[1] - 1
    if freedom < 1:
        return blank
    inverse = np.linalg.pinv(x.T @ x)
    across = x.T @ carried
    part = inverse @ across
    n_peaks = np.diff(carried.indptr)
    left = n_peaks - np.einsum("kj,kj->j", across, part)
    residual = y - x @ (inverse @ (x.T @ y))
    squared = residual**2
    own = squared @ carried
    mixed = np.einsum("kj,kj->j", (x * squared[:, None]).T @ carried, part)
    rest = np.einsum("kj,kj->j", part, ((x * squared[:, None]).T @ x) @ part)
    known = (n_peaks >= 10) & (left > 1e-6 * np.maximum(n_peaks, 1))
    safe = np.where(known, left, 1.0)
    slope = (residual @ carried) / safe
    model = np.sqrt(squared.sum() / freedom / safe)
    sandwich = np.sqrt(np.maximum(own - 2 * mixed + rest, 0.0)) / safe
    error = np.maximum(model, sandwich)
    z = np.divide(slope, error, out=np.full(n_motifs, np.nan), where=known & (error > 0))
    return pd.DataFrame({"slope": np.where(known, slope, np.nan), "slope_z": z})


def one_sided(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log10 p of a rise and of a fall from normal deviates."""
    return log_ndtr(-z) / np.log(10), log_ndtr(z) / np.log(10)
