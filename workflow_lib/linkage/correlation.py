"""Partial correlations of expression and accessibility: what is taken out of both sides, and what is left."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from scipy import special

from workflow_lib.stats import designs, levels

FEWEST_SAMPLES = 5
"""With fewer, four points at most, a straight line is common by chance."""
BLOCK = 2**18


def nuisance(whole: pd.DataFrame, tested: Collection[str], adjust: str) -> tuple[np.ndarray, str]:
    """What is taken out of both sides before they are correlated.

    Parameters
    ----------
    whole : (n_samples, n_coefficients) DataFrame
        The design matrix.
    tested : collection of str
        Columns of the sheet that contrasts compare.
    adjust : str
        `nuisance` (terms without these columns), the whole `design`, or `none`.

    Returns
    -------
    basis : (n_samples, k) array
        Orthonormal, of the constant and those terms; of the constant alone where fewer than four dimensions
        would be left.
    names : str
        Of the terms, in words.
    """
    constant = np.full((len(whole), 1), len(whole) ** -0.5)
    names = [name for name in whole.columns if name != "Intercept"]
    if adjust == "nuisance":
        names = [name for name in names if not any(levels.involves(name, column) for column in tested)]
    if adjust == "none" or not names:
        return constant, "nothing"
    basis = basis_of(whole[names].to_numpy(float))
    if len(whole) - basis.shape[1] < FEWEST_SAMPLES - 1:
        return constant, "nothing (too few samples)"
    return basis, ", ".join(names)


def adjusted(
    values: pd.DataFrame, samples: pd.DataFrame, design: str, tested: Collection[str], adjust: str
) -> pd.DataFrame:
    """Values (rows x samples) without what :func:`link` takes out; each row keeps its mean."""
    basis, _ = nuisance(designs.matrix(samples.loc[list(values.columns)], design), tested, adjust)
    left = values - (values.to_numpy() @ basis) @ basis.T
    return left.add(values.mean(axis=1), axis=0)


def unit_rows(values: np.ndarray, basis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows without what a basis explains, scaled to length 1; and which rows have anything left.

    Parameters
    ----------
    values : (n, n_samples) array
    basis : (n_samples, k) array
        Orthonormal columns that span the constant.

    Returns
    -------
    (n, n_samples) array
        Zeros where nothing is left.
    (n,) bool array
    """
    left = values - (values @ basis) @ basis.T
    length = np.linalg.norm(left, axis=1)
    varies = length > 1e-9 * np.linalg.norm(values, axis=1)
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=varies)
    return left * scale[:, None], varies


def products(a: np.ndarray, b: np.ndarray, found: pd.DataFrame) -> np.ndarray:
    """Correlation of each pair of rows (gene of a, peak of b) of length 1; NaN where one is all zeros."""
    gene, peak = found["gene"].to_numpy(), found["peak"].to_numpy()
    result = np.empty(len(found))
    for first in range(0, len(found), BLOCK):
        part = slice(first, first + BLOCK)
        result[part] = np.einsum("ij,ij->i", a[gene[part]], b[peak[part]])
    missing = ~(a != 0).any(axis=1)[gene] | ~(b != 0).any(axis=1)[peak]
    return np.where(missing, np.nan, np.clip(result, -1, 1))


def plain_pvalues(correlation: np.ndarray, df: int) -> np.ndarray:
    """Two-sided t-test of a (partial) correlation; NaN without degrees of freedom."""
    if df < 1:
        return np.full(len(correlation), np.nan)
    r = np.clip(correlation, -1 + 1e-15, 1 - 1e-15)
    return 2 * special.stdtr(df, -np.abs(r) * np.sqrt(df / (1 - r**2)))


def correlate(
    found: pd.DataFrame, active: np.ndarray, accessible: np.ndarray, basis: np.ndarray, model: pd.DataFrame
) -> int:
    """Add pearson, spearman, pearson_within and pvalue_within to pairs of genes and peaks.

    Parameters
    ----------
    found : DataFrame
        gene (row of `active`), peak (row of `accessible`); columns are added.
    active, accessible : (n_genes, n_samples), (n_peaks, n_samples) arrays
        On a log scale.
    basis : (n_samples, k) array
        Of :func:`nuisance`: taken out of values (pearson), or of their ranks (spearman).
    model : (n_samples, n_coefficients) DataFrame
        The design matrix, taken out of both sides `within`.

    Returns
    -------
    int
        Degrees of freedom within.
    """
    found["pearson"] = _correlations(active, accessible, basis, found)
    found["spearman"] = _correlations(_ranks(active), _ranks(accessible), basis, found)
    whole = basis_of(model.to_numpy(float))
    df = max(len(model) - whole.shape[1] - 1, 0)
    within = _correlations(active, accessible, whole, found)
    found["pearson_within"] = within if df else np.nan
    found["pvalue_within"] = plain_pvalues(within, df)
    return df


def basis_of(matrix: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span the constant and those of a matrix."""
    columns = np.column_stack([np.ones(len(matrix)), matrix])
    length = np.linalg.norm(columns, axis=0)
    u, s, _ = np.linalg.svd(columns / np.where(length > 0, length, 1.0), full_matrices=False)
    return u[:, s > 1e-9 * s[0]]


def _correlations(a: np.ndarray, b: np.ndarray, basis: np.ndarray, found: pd.DataFrame) -> np.ndarray:
    return products(unit_rows(a, basis)[0], unit_rows(b, basis)[0], found)


def _ranks(values: np.ndarray) -> np.ndarray:
    return pd.DataFrame(values).rank(axis=1).to_numpy()
