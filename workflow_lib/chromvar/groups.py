"""Does a motif's accessibility differ between groups, and more than that of peaks like its own?"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from workflow_lib.chromvar.background import ROUNDING
from workflow_lib.chromvar.deviation import Background
from workflow_lib.stats import contrasts, forms, moderated
from workflow_lib.stats.multiple_testing import bh

MIN_PEAKS = 10
"""Of a motif in fewer peaks nothing can be said beyond what these very peaks do."""


def differential(
    deviations: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    scale: np.ndarray | None = None,
    block: str | None = None,
) -> pd.DataFrame:
    """Moderated t-test of bias-corrected deviations between two levels of the design.

    Null: the motif's mean deviation is the same in both. It says nothing of other motifs: that of a motif in
    two peaks is false as soon as these peaks change.

    Parameters
    ----------
    deviations : (n_motifs, n_samples) DataFrame
        Of all samples of the sheet, those of other groups among them: they take part in the fit.
    samples : DataFrame indexed by sample
    design : str
    contrast : mapping
        Any form that :func:`workflow_lib.stats.forms.parse` reads.
    scale : (n_motifs,) array, optional
        The unit of each motif's deviations in which their variances are alike, such as
        :func:`background_sd`; by default the same for all. NaN: the motif is not tested.
    block : str, optional
        Column of the sheet that names subjects of several samples.

    Returns
    -------
    (n_motifs, 4) DataFrame indexed as `deviations`
        delta (difference of deviations, experiment - control, other covariates held equal), stat
        (moderated t), pvalue, padj (BH). stat and p-values are NaN without replicates.

    See Also
    --------
    workflow_lib.stats.moderated.test : model, null and assumptions.

    References
    ----------
    Gerbaldo et al. 2024, PLoS Comput Biol 20:e1011971: chromVAR with limma is among the best of many
    methods. They test z-scores that are scaled in each sample; deviations keep their unit, a relative change.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib import chromvar
    >>> samples = pd.DataFrame({"group": ["control"] * 3 + ["treated"] * 3}, index=list("abcdef"))
    >>> rng = np.random.default_rng(1)
    >>> deviations = pd.DataFrame(rng.normal(0, 0.1, (50, 6)), columns=samples.index)
    >>> deviations.iloc[0, 3:] += 1  # the first motif's peaks open
    >>> contrast = {"variable": "group", "experiment": "treated", "control": "control"}
    >>> table = chromvar.differential(deviations, samples, "~ group", contrast)
    >>> table.index[table["padj"] < 0.05].tolist()
    [0]
    """
    unit = np.ones(len(deviations)) if scale is None else np.asarray(scale, dtype=float)
    result = moderated.test(deviations.div(unit, axis=0), samples, design, contrast, block=block)
    result["coef"] *= unit
    result["t"] = moderated.statistic(result)
    return result[["coef", "t", "pvalue", "padj"]].rename(columns={"coef": "delta", "t": "stat"})


def welch(deviations: pd.DataFrame, samples: pd.DataFrame, contrast: Mapping[str, str]) -> pd.DataFrame:
    """Welch's t-test of two groups' deviations, as the original tool compares two groups.

    It knows no other covariate and no other motif; with three samples a group its power is low.

    Returns
    -------
    (n_motifs, 3) DataFrame indexed as `deviations`
        stat, pvalue, padj (BH); NaN where a group has fewer than two deviations, or neither varies.

    References
    ----------
    Welch 1947, Biometrika 34:28. Schep et al. 2017, differentialDeviations of chromVAR.
    """
    means, errors, degrees = [], [], []
    for members in forms.parse(contrast).sides(samples).values():
        values = deviations[list(samples.index[members])]
        n = values.notna().sum(axis=1).to_numpy(float)
        n[n < 2] = np.nan
        means.append(values.mean(axis=1).to_numpy())
        errors.append(values.var(axis=1, ddof=1).to_numpy() / n)
        degrees.append(n - 1)
    error = errors[0] + errors[1]
    error[~(error > 0)] = np.nan
    df = error**2 / (errors[0] ** 2 / degrees[0] + errors[1] ** 2 / degrees[1])
    table = pd.DataFrame({"stat": (means[0] - means[1]) / np.sqrt(error)}, index=deviations.index)
    table["pvalue"] = 2 * special.stdtr(df, -np.abs(table["stat"]))
    table["padj"] = bh(table["pvalue"])
    return table


def background_sd(deviations: pd.DataFrame, background: Background) -> np.ndarray:
    """Root mean square over samples of the background deviations' sd, (n_motifs,); NaN where it is 0.

    About what counting and the choice of peaks leave of a motif's deviations: large for few or shallow peaks.
    """
    variance = np.diagonal(background.covariance, axis1=1, axis2=2).copy()
    variance[deviations.isna().to_numpy()] = np.nan
    seen = np.isfinite(variance)
    total = np.where(seen, variance, 0.0).sum(axis=1)
    mean = np.divide(total, seen.sum(axis=1), out=np.full(len(total), np.nan), where=seen.any(axis=1))
    return np.sqrt(np.where(mean > ROUNDING**2, mean, np.nan))


def competitive(
    deviations: pd.DataFrame,
    background: Background,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
) -> pd.DataFrame:
    """The same difference against that of background peaks, as many and alike in count and GC.

    Null: the motif's peaks are any peaks of their count and GC. Every iteration of the background is such a
    set of peaks, with its own difference between the groups; delta in units of these differences' standard
    deviation follows Student's t with iterations - 1 degrees of freedom (times sqrt(1 + 1 / iterations),
    since their mean is estimated), as far as a mean over peaks is normal. Assumes that peaks change
    independently of each other but for count, GC and the motif. Conservative where peaks draw themselves.

    Parameters
    ----------
    deviations : (n_motifs, n_samples) DataFrame
    background : Background
        Its samples are the columns of `deviations`.
    samples, design, contrast
        As :func:`differential`.

    Returns
    -------
    (n_motifs, 3) DataFrame indexed as `deviations`
        delta, delta_z (delta over the background's sd of it), pvalue. Needs no replicates.

    References
    ----------
    Goeman & Bühlmann 2007, Bioinformatics 23:980, for the two kinds of null.
    """
    order = deviations.columns.get_indexer(samples.index)
    values = deviations.to_numpy(float)[:, order]
    seen = ~np.isnan(values)
    question = contrasts.solve(samples, design, contrast)
    matrix = question.matrix.to_numpy()
    weights = _weights(seen, matrix, question.shown)
    covariance = background.covariance[:, order][:, :, order]
    covariance = np.where(seen[:, :, None] & seen[:, None, :], covariance, 0.0)  # of no weight, and maybe NaN
    delta = (weights * np.nan_to_num(values)).sum(axis=1)
    variance = np.einsum("ms,mst,mt->m", weights, covariance, weights)
    sd = np.sqrt(np.where(variance > ROUNDING**2, variance, np.nan))
    iterations = background.iterations
    t = np.abs(delta) / sd / np.sqrt(1 + 1 / iterations)
    pvalue = 2 * special.stdtr(iterations - 1, -t) if iterations > 1 else np.full(len(t), np.nan)
    if question.form.any:
        rows = [_weights(seen, matrix, row) for row in question.weights]
        pvalue = _hotelling(np.stack(rows, axis=1), np.nan_to_num(values), covariance, iterations)
    return pd.DataFrame({"delta": delta, "delta_z": delta / sd, "pvalue": pvalue}, index=deviations.index)


def compare_groups(
    deviations: pd.DataFrame,
    background: Background,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    alpha: float = 0.05,
    block: str | None = None,
) -> pd.DataFrame:
    """Both questions at once: a motif differs if its peaks change, and change more than comparable peaks.

    The moderated t (with variances in units of the background's, :func:`background_sd`) takes samples as the
    units that vary, the competitive test peaks. The larger p-value tests that both nulls are false
    (intersection-union test, Berger 1982): valid at its level whichever of them holds.

    Parameters
    ----------
    deviations, background, samples, design, contrast
        As :func:`competitive`.
    alpha : float
        Of `direction`.
    block : str, optional
        Column of the sheet that names subjects of several samples: the moderated t takes these for alike.
        The competitive test, whose units are peaks, does not ask.

    Returns
    -------
    DataFrame indexed as `deviations`
        delta, stat, pvalue, padj (moderated t), n_peaks, delta_z, competitive_pvalue, joint_pvalue and
        joint_padj (BH; both NaN for motifs in fewer than MIN_PEAKS peaks), direction (up, down or none by
        joint_padj; untested; changed where any difference counts, with F for t and Hotelling's T squared for
        the competitive test), welch_pvalue (NA but for levels of one column).
    """
    table = differential(deviations, samples, design, contrast, background_sd(deviations, background), block)
    against = competitive(deviations, background, samples, design, contrast)
    table["delta"] = against["delta"]
    table["n_peaks"] = background.n_peaks
    table["delta_z"] = against["delta_z"]
    table["competitive_pvalue"] = against["pvalue"]
    joint = np.maximum(table["pvalue"], against["pvalue"])  # NaN where either is
    table["joint_pvalue"] = joint.where(table["n_peaks"] >= MIN_PEAKS)
    table["joint_padj"] = bh(table["joint_pvalue"])
    form = forms.parse(contrast)
    way = "changed" if form.any else np.where(table["delta"] > 0, "up", "down")
    called = np.where(table["joint_padj"] < alpha, way, "none")
    table["direction"] = np.where(table["joint_padj"].isna(), "untested", called)
    table["welch_pvalue"] = welch(deviations, samples, contrast)["pvalue"] if form.is_difference else np.nan
    return table


def _hotelling(
    weights: np.ndarray, values: np.ndarray, covariance: np.ndarray, iterations: float
) -> np.ndarray:
    """p-values that all of several differences are those of background peaks: Hotelling's T squared.

    Parameters
    ----------
    weights : (n_motifs, n_rows, n_samples) array
    values : (n_motifs, n_samples) array
    covariance : (n_motifs, n_samples, n_samples) array
        Of background deviations over `iterations` draws, infinite where it is known.

    References
    ----------
    Hotelling 1931, Ann Math Stat 2:360.
    """
    n_rows = weights.shape[1]
    pvalue = np.full(len(weights), np.nan)
    variance = np.einsum("mks,mst,mlt->mkl", weights, covariance, weights)
    size = np.diagonal(variance, axis1=1, axis2=2)
    told = (np.isfinite(size) & (size > ROUNDING**2)).all(axis=1)
    if iterations <= n_rows or not told.any():
        return pvalue
    delta = np.einsum("mks,ms->mk", weights[told], values[told])
    solved = np.einsum("mkl,ml->mk", np.linalg.pinv(variance[told], hermitian=True), delta)
    squared = (delta * solved).sum(axis=1) / (1 + 1 / iterations)
    if np.isinf(iterations):  # a covariance that is known and not drawn
        pvalue[told] = special.chdtrc(n_rows, squared)
        return pvalue
    f = squared * (iterations - n_rows) / (n_rows * (iterations - 1))
    pvalue[told] = special.fdtrc(n_rows, iterations - n_rows, f)
    return pvalue


def _weights(seen: np.ndarray, matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Weight of each sample in the contrast's estimate, (n_motifs, n_samples); 0 where not seen.

    A row is NaN where the samples seen cannot tell the contrast.
    """
    weights = np.full(seen.shape, np.nan)
    patterns, pattern = np.unique(seen, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    for k, present in enumerate(patterns):
        # The estimate is linear: what it gives for a score of 1 in one sample is that sample's weight.
        units = np.where(present, np.eye(len(present)), np.nan)[present]
        row = np.zeros(len(present))
        row[present] = moderated.least_squares(units, matrix, vector).coef
        weights[pattern == k] = row if present.any() and np.isfinite(row).all() else np.nan
    return weights
