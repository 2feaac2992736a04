"""Shrunken fold changes by apeglm's prior."""

from collections.abc import Mapping

import numpy as np
from scipy.optimize import brentq

from workflow_lib.differential import dataset

OTHERS_SD = 15
"""Standard deviation (natural log) of the prior of all coefficients that are not shrunken."""
WIDEST = 1
"""Largest scale of the Cauchy prior, natural log."""


def shrunken(
    data: dataset.DataSet, design: np.ndarray, vector: np.ndarray, found: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Shrunken log2 fold changes of one contrast: modes of its posterior under a Cauchy prior.

    Parameters
    ----------
    data : DataSet
        With dispersions and size factors; counts as fitted, outliers replaced.
    design : (n_samples, n_coefficients) array
        Of the space that the data set was fitted in.
    vector : (n_coefficients,) array
        Weights of its coefficients that make the contrast.
    found : mapping
        log2FoldChange and lfcSE, (n_peaks,) arrays, of maximum likelihood.

    Returns
    -------
    (n_peaks,) array

    Notes
    -----
    The contrast takes the place of one of its coefficients, so that it is a coefficient itself. The Cauchy's
    scale is the root of :func:`prior_variance`, at most 1 (natural log); other coefficients have a normal
    prior of standard deviation 15. Quantities are taken in units of the spread they have, so that a slope
    does not depend on its unit. Assumes that most peaks change little.

    References
    ----------
    Zhu, Ibrahim & Love 2019, Bioinformatics 35:2084.
    """
    index = int(np.abs(vector).argmax())
    others = np.eye(len(vector))
    others[index] = vector
    design = design @ np.linalg.inv(others)
    # of labels the spread is at most 1, and left as it is
    unit = max(float(np.ptp(design[:, index])), 1.0)
    design = design.copy()
    design[:, index] /= unit
    size = np.log(2) * unit
    variance = prior_variance(found["log2FoldChange"] * size, found["lfcSE"] * size)
    beta, _, _ = data.inference.lfc_shrink_nbinom_glm(
        design,
        data.fitted_counts(),
        1 / data.var["dispersions"].to_numpy(),
        np.log(data.factors),
        OTHERS_SD,
        min(np.sqrt(variance), WIDEST),
        None,
        index,
    )
    return beta[:, index] / size


def prior_variance(change: np.ndarray, se: np.ndarray) -> float:
    """Variance of the true fold changes, by apeglm's moment equation; between 1e-6 and 400.

    Parameters
    ----------
    change, se : (n_peaks,) arrays
        Natural log fold changes and their standard errors; NaN is left out.
    """
    known = np.isfinite(change) & np.isfinite(se)
    square, noise = change[known] ** 2, se[known] ** 2

    def excess(variance):
        weight = 1 / (variance + noise) ** 2
        return ((square - noise) * weight).sum() / weight.sum() - variance

    if not known.any() or excess(1e-6) < 0:
        return 1e-6
    return 400.0 if excess(400.0) > 0 else float(brentq(excess, 1e-6, 400.0))
