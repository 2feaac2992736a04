"""Moderated t and F: a linear model for each feature, with variances shrunk towards each other."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from workflow_lib.errors import InputError
from workflow_lib.stats import blocks, contrasts, variances
from workflow_lib.stats.multiple_testing import bh

COLUMNS = (
    "coef",
    "t",
    "pvalue",
    "padj",
    "df_total",
    "sigma",
    "s2_post",
    "df_residual",
    "ci_low",
    "ci_high",
    "df_prior",
    "s2_prior",
)
RANK_TOLERANCE = 1e-9
ROUNDING = 1e-13
"""Residuals below this share of the scores are what rounding leaves of an exact fit."""


class Fit(NamedTuple):
    """Least-squares fits of many features; each field is an (n_features,) array.

    `coef` is the contrast's estimate, `unscaled` its standard error for sigma = 1 (both NaN where the
    observed samples cannot tell it), `variance` the residual variance (NaN without `df_residual`),
    `quadratic` the numerator of F: the mean square of the contrast's rows in units of their error for
    sigma = 1.
    """

    coef: np.ndarray
    unscaled: np.ndarray
    variance: np.ndarray
    df_residual: np.ndarray
    quadratic: np.ndarray


def test(
    scores: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    robust: bool = False,
    block: str | None = None,
) -> pd.DataFrame:
    """Moderated t-test, or F-test where any difference counts, of one contrast in every feature.

    Model: scores of a feature are normal around the design's prediction with a variance of its own; the
    variances come from a scaled inverse chi-square distribution, estimated from all features (empirical
    Bayes). Null: the contrast is 0; then t follows Student's t with `df_total` degrees of freedom. Where any
    difference counts the null is that all of the contrast's rows are 0, and F follows the F distribution with
    as many and `df_total` degrees of freedom. Assumes independent samples; features may depend on each other,
    which BH tolerates if positive.

    Parameters
    ----------
    scores : (n_features, n_samples) DataFrame of float
        Columns are the samples of the sheet, in any order. NaN is missing: the feature is fitted on the
        samples that it has.
    samples : DataFrame indexed by sample
    design : str
        Formula, as :func:`workflow_lib.stats.designs.matrix`.
    contrast : mapping
        Any form that :func:`workflow_lib.stats.forms.parse` reads.
    robust : bool
        Let variances come from any distribution in place of the inverse chi-square, so that a feature that
        varies by itself among quiet ones is not judged by their noise; see
        :func:`workflow_lib.stats.variances.posterior`. The p-value is then the normal (chi-square) tail,
        averaged over what the feature's variance may be; s2_post is the harmonic mean of that, df_total
        df_residual, df_prior and s2_prior NaN.
    block : str, optional
        Column of the sheet whose equal values are samples of one subject. They are alike by one correlation
        of all features (:func:`workflow_lib.stats.blocks.correlation`), and fitted by generalised least
        squares; `attrs["correlation"]` of the result holds it.

    Returns
    -------
    (n_features, 12) DataFrame, indexed as `scores`
        coef (what the contrast asks for, in units of the scores; where any difference counts, the last level
        less the first one), t, pvalue (two-sided), padj (BH), df_total,
        sigma (residual standard deviation), s2_post (shrunken variance), df_residual, ci_low, ci_high (95 %),
        df_prior and s2_prior (the same in every row). Where no feature has a residual degree of freedom,
        all but coef and df_residual is NaN; where the observed samples cannot estimate the contrast,
        so is coef. Where any difference counts t is NaN, and a column F is added.

    Raises
    ------
    InputError
        If scores and sheet name different samples, a score is infinite, or as
        :func:`workflow_lib.stats.contrasts.solve`.

    Notes
    -----
    df_total is at most the sum of all features' residual degrees of freedom. Equals limma's lmFit and eBayes,
    with two exceptions on purpose: a contrast that a feature's observed samples cannot tell is NaN (limma
    reports it if the other of two aliased coefficients comes later); and when more than half of the variances
    are 0, the scale of the prior comes from the others.

    References
    ----------
    Smyth 2004, Stat Appl Genet Mol Biol 3:3. Smyth, Michaud & Scott 2005, Bioinformatics
    21:2067. Ritchie et al. 2015, Nucleic Acids Res 43:e47 (limma).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib import moderated
    >>> samples = pd.DataFrame({"group": ["control"] * 3 + ["treated"] * 3}, index=list("abcdef"))
    >>> rng = np.random.default_rng(1)
    >>> scores = pd.DataFrame(rng.normal(size=(50, 6)), columns=samples.index)
    >>> scores.iloc[0, 3:] += 10  # the first feature differs
    >>> contrast = {"variable": "group", "experiment": "treated", "control": "control"}
    >>> table = moderated.test(scores, samples, "~ group", contrast)
    >>> table.index[table["padj"] < 0.05].tolist()
    [0]
    """
    question = contrasts.solve(samples, design, contrast)
    matrix = question.matrix.to_numpy()
    values = _values(scores, samples)
    alike = None
    if block is not None:
        blocks_of = blocks.of_samples(samples, block)
        consensus = blocks.correlation(values, matrix, blocks_of).consensus
        alike = blocks.covariance(blocks_of, consensus)
    fit = least_squares(values, matrix, question.shown, question.weights, alike)
    df_prior, s2_prior = variance_prior(fit.variance, fit.df_residual)
    table = pd.DataFrame(np.nan, index=scores.index, columns=list(COLUMNS))
    table["coef"] = fit.coef
    table["sigma"] = np.sqrt(fit.variance)
    table["df_residual"] = fit.df_residual
    table["df_prior"] = df_prior
    table["s2_prior"] = s2_prior
    if alike is not None:
        table.attrs["correlation"] = consensus
    if question.form.any:
        table["F"] = np.nan
    if np.isnan(df_prior):
        return table
    if robust:
        return _by_mixture(table, fit, len(question.weights), question.form.any)
    s2_post = _posterior(fit.variance, fit.df_residual, df_prior, s2_prior)
    df_total = np.minimum(fit.df_residual + df_prior, fit.df_residual.sum())
    error = fit.unscaled * np.sqrt(s2_post)
    t = np.full(error.shape, np.nan)
    np.divide(fit.coef, error, out=t, where=error > 0)
    if question.form.any:
        table["F"] = np.divide(fit.quadratic, s2_post, out=np.full(error.shape, np.nan), where=error > 0)
        table["pvalue"] = _f_tail(table["F"].to_numpy(), len(question.weights), df_total)
    else:
        table["t"] = t
        table["pvalue"] = 2 * special.stdtr(df_total, -np.abs(t))
    table["padj"] = bh(table["pvalue"])
    table["df_total"] = df_total
    table["s2_post"] = s2_post
    reach = special.stdtrit(df_total, 0.975) * error
    table["ci_low"], table["ci_high"] = fit.coef - reach, fit.coef + reach
    return table


test.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's


def _by_mixture(table: pd.DataFrame, fit: Fit, rows: int, any_difference: bool) -> pd.DataFrame:
    """The table with what a prior without a form says."""
    table[["df_prior", "s2_prior"]] = np.nan
    known = (fit.df_residual > 0) & (fit.variance > 0) & np.isfinite(fit.unscaled)
    grid, weights = variances.posterior(fit.variance[known], fit.df_residual[known])
    s2_post, log10_p = np.full((2, len(table)), np.nan)
    s2_post[known] = 1 / (weights / grid).sum(axis=1)
    square = fit.quadratic if any_difference else (fit.coef / fit.unscaled) ** 2
    log10_p[known] = variances.log10_tail(square[known], rows, grid, weights)
    error = fit.unscaled * np.sqrt(s2_post)
    if any_difference:
        table["F"] = fit.quadratic / s2_post
    else:
        table["t"] = fit.coef / error
    table["pvalue"] = np.maximum(10.0**log10_p, np.finfo(float).tiny)
    table["padj"] = bh(table["pvalue"])
    table["df_total"] = np.where(known, fit.df_residual, np.nan)
    table["s2_post"] = s2_post
    reach = special.stdtrit(fit.df_residual, 0.975) * error
    table["ci_low"], table["ci_high"] = fit.coef - reach, fit.coef + reach
    return table


def statistic(table: pd.DataFrame) -> pd.Series:
    """The statistic of a table of :func:`test`: t, or F where any difference counts."""
    return table["F"] if "F" in table else table["t"]


def _f_tail(f: np.ndarray, rows: int, df: np.ndarray) -> np.ndarray:
    """Upper tail of F; of chi-square where the variance is as good as known."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(df), special.chdtrc(rows, f * rows), special.fdtrc(rows, df, f))


def least_squares(
    values: np.ndarray,
    matrix: np.ndarray,
    vector: np.ndarray,
    rows: np.ndarray | None = None,
    covariance: np.ndarray | None = None,
) -> Fit:
    """Least-squares fit of every feature on the samples that it has.

    Parameters
    ----------
    values : (n_features, n_samples) array, NaN where missing
    matrix : (n_samples, n_coefficients) array
    vector : (n_coefficients,) array
        The contrast to estimate.
    rows : (n_rows, n_coefficients) array, optional
        Those that `quadratic` is of; `vector` if not given.
    covariance : (n_samples, n_samples) array, optional
        Of the samples, up to a factor: the fit is by generalised least squares. Independent if not given.
    """
    rows = vector[None] if rows is None else rows
    n_features = len(values)
    blank = np.full(n_features, np.nan)
    fit = Fit(blank, blank.copy(), blank.copy(), np.zeros(n_features), blank.copy())
    if not n_features:
        return fit
    observed = ~np.isnan(values)
    patterns, first, pattern = np.unique(
        np.packbits(observed, axis=1), axis=0, return_index=True, return_inverse=True
    )
    order = np.argsort(pattern.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(pattern.ravel(), minlength=len(patterns)))
    for k, features in enumerate(np.split(order, ends[:-1])):
        seen = observed[first[k]]
        model, y = matrix[seen], values[np.ix_(features, seen)]
        if covariance is not None:  # in these coordinates samples are independent
            root = np.linalg.cholesky(covariance[np.ix_(seen, seen)])
            model, y = np.linalg.solve(root, model), np.linalg.solve(root, y.T).T
        # Columns of unit length, so that neither rank nor estimability depends on a covariate's unit.
        length = np.linalg.norm(model, axis=0)
        length[length == 0] = 1.0
        u, size, vt = np.linalg.svd(model / length, full_matrices=False)
        keep = size > RANK_TOLERANCE
        u, size, vt = u[:, keep], size[keep], vt[keep]
        target = vector / length
        along = vt @ target
        effects = y @ u
        df = int(seen.sum()) - len(size)
        fit.df_residual[features] = df
        if df > 0:
            squares = ((y - effects @ u.T) ** 2).sum(axis=1)
            squares[squares <= (y**2).sum(axis=1) * ROUNDING**2] = 0.0
            fit.variance[features] = squares / df
        if np.linalg.norm(target - along @ vt) <= RANK_TOLERANCE * np.linalg.norm(target):
            fit.coef[features] = effects @ (along / size)
            fit.unscaled[features] = np.linalg.norm(along / size)
        towards = rows / length @ vt.T  # (n_rows, rank)
        missed = np.linalg.norm(rows / length - towards @ vt, axis=1)
        if (missed <= RANK_TOLERANCE * np.linalg.norm(rows / length, axis=1)).all():
            # an orthonormal basis of the rows' errors: its squares add up to the quadratic form
            basis, _ = np.linalg.qr((towards / size).T)
            fit.quadratic[features] = ((effects @ basis) ** 2).mean(axis=1)
    return fit


def variance_prior(variance: np.ndarray, df: np.ndarray) -> tuple[float, float]:
    """Degrees of freedom and scale of the prior that the features' variances share.

    Moments of log variance, as Smyth 2004, section 6.2. Variances below 1e-5 of their median are raised to
    that, so that a feature that happens to be constant does not decide the prior.

    Parameters
    ----------
    variance, df : (n_features,) arrays
        Residual variances and their degrees of freedom; features with df = 0 are left out.

    Returns
    -------
    df_prior, s2_prior : float
        df_prior is infinite when the variances differ no more than chance has it, 0 when there is a single
        variance; both are NaN when there is none, or none above 0.
    """
    told = df > 0
    s2, df = variance[told], df[told]
    if not (s2 > 0).any():
        return np.nan, np.nan
    if s2.size == 1:
        return 0.0, float(s2[0])
    middle = np.median(s2)
    if middle == 0:
        middle = np.median(s2[s2 > 0])
    s2 = np.maximum(s2, 1e-5 * middle)
    e = np.log(s2) - special.digamma(df / 2) + np.log(df / 2)
    excess = e.var(ddof=1) - special.polygamma(1, df / 2).mean()
    if excess <= 0:
        return np.inf, float(s2.mean())
    half = trigamma_inverse(excess)
    return 2 * half, float(np.exp(e.mean() + special.digamma(half) - np.log(half)))


def trigamma_inverse(value: float) -> float:
    """The x > 0 with trigamma(x) = value, by Newton's steps on 1 / trigamma (Smyth 2004, appendix)."""
    if value > 1e7:
        return float(1 / np.sqrt(value))
    if value < 1e-6:
        return float(1 / value)
    x = 0.5 + 1 / value
    # 1 / trigamma is convex, so the steps come from one side and cannot overshoot.
    for _ in range(50):
        trigamma = special.polygamma(1, x)
        step = trigamma * (1 - trigamma / value) / special.polygamma(2, x)
        x += step
        if -step / x < 1e-12:
            break
    return float(x)


def _posterior(variance: np.ndarray, df: np.ndarray, df_prior: float, s2_prior: float) -> np.ndarray:
    if np.isinf(df_prior):
        return np.full(variance.shape, s2_prior)
    own = np.where(df > 0, variance * df, 0.0)
    total = df + df_prior
    posterior = np.full(variance.shape, np.nan)
    np.divide(own + df_prior * s2_prior, total, out=posterior, where=total > 0)
    return posterior


def _values(scores: pd.DataFrame, samples: pd.DataFrame) -> np.ndarray:
    """Scores with columns in the order of the sheet."""
    for there, here, name in (
        (scores.columns, samples.index, "the scores have no column"),
        (samples.index, scores.columns, "the sample sheet has no row"),
    ):
        missing = [sample for sample in here if sample not in there]
        if missing:
            raise InputError(f"{name} for sample {missing[0]!r}; both must name the same samples")
    values = scores[list(samples.index)].to_numpy(dtype=float)
    infinite = np.isinf(values)
    if infinite.any():
        row, column = np.argwhere(infinite)[0]
        raise InputError(
            f"score of {scores.index[row]!r} in sample {samples.index[column]!r} is infinite; "
            "write NaN for a missing score"
        )
    return values
