"""Samples as wholes: log-normalised counts, principal components and what explains them."""

import numpy as np
import pandas as pd
from scipy import special

LABELS = ("group", "batch", "pair")  # even where they are numbers


def log_counts(counts: pd.DataFrame, size_factors: pd.Series) -> pd.DataFrame:
    """log2(count / size factor + 1), peaks x samples.

    Parameters
    ----------
    counts : DataFrame, peaks x samples
    size_factors : Series indexed by sample
        Positive; larger for deeper samples.

    Returns
    -------
    DataFrame of the shape of `counts`
    """
    return np.log2(counts / size_factors.reindex(counts.columns).to_numpy() + 1)


TOP = 2000
"""Most variable peaks that components are made of."""
LEAST_VARIANCE = 1e-12


def principal_components(values: pd.DataFrame, n_top: int = TOP) -> tuple[pd.DataFrame, np.ndarray]:
    """Principal components of samples, from the most variable peaks, centred but not scaled.

    Parameters
    ----------
    values : DataFrame, peaks x samples
        Log-normalised counts.
    n_top : int
        How many of the most variable peaks to use; peaks that do not vary are never used.

    Returns
    -------
    scores : DataFrame, samples x components (PC1, PC2, ...)
        In each component the first sample that lies at least a tenth as far out as the farthest one is
        positive, since the sign of a component means nothing but has to be the same in every run.
        No column if nothing varies or there is one sample.
    shares : (n_components,) array
        Share of the used peaks' total variance.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib.stats import ordination
    >>> values = pd.DataFrame(np.random.default_rng(1).normal(size=(100, 4)), columns=list("abcd"))
    >>> scores, shares = ordination.principal_components(values)
    >>> scores.shape[0], float(shares.sum().round(6))
    (4, 1.0)
    """
    matrix = values.to_numpy(float)
    if matrix.shape[1] < 2 or not len(matrix):
        return pd.DataFrame(index=values.columns), np.empty(0)
    variance = matrix.var(axis=1)
    order = np.argsort(-variance, kind="stable")[:n_top]
    chosen = matrix[order[variance[order] > LEAST_VARIANCE]]
    if not len(chosen):
        return pd.DataFrame(index=values.columns), np.empty(0)
    centred = (chosen - chosen.mean(axis=1, keepdims=True)).T
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    kept = singular > 1e-9 * singular[0]
    scores = left[:, kept] * singular[kept]
    size = np.abs(scores)
    first = np.argmax(size >= 0.1 * size.max(axis=0), axis=0)
    scores = scores * np.sign(scores[first, np.arange(scores.shape[1])])
    # The last digits of a decomposition vary with the number of threads; figures should not.
    scores = np.round(scores / singular[0], 9) * np.round(singular[0], 6)
    names = [f"PC{i + 1}" for i in range(scores.shape[1])]
    shares = singular[kept] ** 2 / np.sum(singular**2)
    return pd.DataFrame(scores, index=values.columns, columns=names), shares


def components(values: pd.DataFrame, scores: pd.DataFrame, shares: np.ndarray) -> pd.DataFrame:
    """A row for each component and sample.

    Parameters
    ----------
    values : DataFrame, peaks x samples
    scores, shares
        Of :func:`principal_components` of these values.

    Returns
    -------
    DataFrame
        component, share, n_peaks, sample, score; components in order, then samples.
    """
    used = min(TOP, int((values.to_numpy(float).var(axis=1) > LEAST_VARIANCE).sum())) if len(shares) else 0
    names = np.repeat(list(scores.columns), len(scores))
    return pd.DataFrame(
        {
            "component": names.astype(object),
            "share": np.repeat(np.round(shares, 9), len(scores)),
            "n_peaks": used,
            "sample": np.tile(scores.index.to_numpy(object), len(shares)),
            "score": scores.to_numpy(float).T.ravel(),
        }
    )


def correlation(values: pd.DataFrame) -> pd.DataFrame:
    """Pearson correlation of each pair of samples over all peaks.

    Parameters
    ----------
    values : DataFrame, peaks x samples
        Log-normalised counts.

    Returns
    -------
    DataFrame
        sample, other, pearson (NaN where one of them does not vary), n_peaks; similar samples side by side,
        by average linkage of 1 - r.
    """
    r = correlations(values)
    order = _similar_order(r)
    names = values.columns.to_numpy(object)[order]
    return pd.DataFrame(
        {
            "sample": np.repeat(names, len(names)),
            "other": np.tile(names, len(names)),
            "pearson": r[np.ix_(order, order)].ravel(),
            "n_peaks": len(values),
        }
    )


def correlations(values: pd.DataFrame) -> np.ndarray:
    """Pearson correlation of each pair of columns; NaN where one does not vary. Rounded to 9 decimals."""
    if not len(values):
        return np.full((values.shape[1],) * 2, np.nan)
    centred = values.to_numpy(float)
    centred = centred - centred.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (centred.T @ centred) / np.outer(length, length)
    return np.where(np.outer(length, length) > 0, np.round(np.clip(r, -1, 1), 9), np.nan)


def _similar_order(r: np.ndarray) -> np.ndarray:
    """Leaves of average linkage on 1 - r; the given order if a correlation is missing."""
    if len(r) < 3 or not np.isfinite(r).all():
        return np.arange(len(r))
    return _leaves(np.clip(1 - (r + r.T) / 2, 0, None)[np.triu_indices(len(r), 1)])


def alike_together(rows: np.ndarray) -> np.ndarray:
    """Order of rows by average linkage; last digits are cut so that it is the same everywhere."""
    return _leaves(np.round(rows, 6)) if len(rows) > 2 else np.arange(len(rows))


def _leaves(given: np.ndarray) -> np.ndarray:
    """Leaves of a tree of rows, or of pairs' distances."""
    from scipy.cluster.hierarchy import leaves_list, linkage  # half a second that others can spare

    return leaves_list(linkage(given, "average"))


def associations(scores: pd.DataFrame, shares: np.ndarray, covariates: pd.DataFrame) -> pd.DataFrame:
    """How much of each principal component a covariate of the samples explains, one covariate at a time.

    Parameters
    ----------
    scores : DataFrame, samples x components
    shares : (n_components,) array
        Of the variance.
    covariates : DataFrame indexed by sample
        Numbers are quantities, all else labels. Those that do not vary, or tell every sample apart so that
        they would explain anything, are left out.

    Returns
    -------
    DataFrame
        component, share, covariate, r2 (of least squares of component on covariate), pvalue (F-test; null:
        the covariate explains nothing; normal errors assumed; for orientation, not corrected). The first
        five components, covariates in their order.
    """
    rows = []
    for name in covariates:
        values = covariates[name].reindex(scores.index)
        known = values.notna().to_numpy()
        is_number = pd.api.types.is_numeric_dtype(values) and name not in LABELS
        terms = (
            values[known].astype(float).to_frame() if is_number else pd.get_dummies(values[known].astype(str))
        )
        design = np.column_stack([np.ones(known.sum()), terms.to_numpy(float)])
        n_free = int(np.linalg.matrix_rank(design)) - 1 if len(design) else 0
        n_left = len(design) - n_free - 1
        if not n_free or n_left < 1:
            continue
        for component, share in list(zip(scores.columns, shares, strict=True))[:5]:
            y = scores[component].to_numpy()[known]
            y = y - y.mean()
            residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
            # The last digits vary with the number of threads; files should not.
            r2 = round(float(np.clip(1 - (residual @ residual) / (y @ y), 0, 1)), 9) if y @ y > 0 else np.nan
            f = (r2 / n_free) / ((1 - r2) / n_left) if r2 < 1 else np.inf
            row = {"component": component, "share": round(float(share), 9), "covariate": name, "r2": r2}
            rows.append(row | {"pvalue": float(special.fdtrc(n_free, n_left, f))})
    return pd.DataFrame(rows, columns=["component", "share", "covariate", "r2", "pvalue"])
