"""Several p-values of one hypothesis made into one, in logarithms, whatever their dependence."""

import numpy as np

HIGHEST = 0.9
"""p-values above this count as this: see :func:`cauchy`."""

SMALLEST = float(np.finfo(float).tiny)
LARGE = 1e8  # beyond this statistic the Cauchy tail is 1 / (pi T) to sixteen digits


def cauchy(log10_pvalues, weights=None, *, axis: int = 0) -> np.ndarray:
    """log10 of the Cauchy combination of p-values.

    Parameters
    ----------
    log10_pvalues : array of float, <= 0
        NaN marks a test that was not made: it takes no part, and its weight goes to the others.
    weights : array of positive float, optional
        (n,), of the values along `axis`, or of the shape of `log10_pvalues`; fixed before any test was made.
        None: all equal.
    axis : int

    Returns
    -------
    array of float, without `axis`
        <= 0, finite, never log10(0); NaN where nothing was tested.

    Notes
    -----
    T = sum w tan(pi (1/2 - p)) with weights that add up to 1; the combined p is the upper tail of the
    standard Cauchy distribution at T. If each p is uniform, T is Cauchy where they are independent or all the
    same, and for any correlation (of normal statistics) in the limit of small p; at moderate p and
    correlation 0.5 of three tests the level is exceeded by up to 14 % of itself.

    A p-value of 1, as Fisher's test gives wherever a motif has no hit, makes T minus infinity and would undo
    any other evidence. p-values above 0.9 therefore count as 0.9 (a truncated Cauchy combination): small
    combined p-values hardly change, since they come from single large terms, and with two or three
    continuous p-values the level changes by less than a thirtieth of itself. A result of 0.9 or more is given
    as 1.

    References
    ----------
    Liu and Xie 2020, J Am Stat Assoc 115:393. Gui, Mao, Wang and Wang 2025, arXiv:2508.05818 (truncation,
    validity under dependence).

    Examples
    --------
    >>> import numpy as np
    >>> from workflow_lib.stats.combination import cauchy
    >>> float((10 ** cauchy(np.log10([0.001, 0.4]))).round(4))
    0.002
    """
    log10p = np.moveaxis(np.asarray(log10_pvalues, dtype=float), axis, 0)
    if (log10p > 0).any():
        raise ValueError("log10 p-values must not be above 0")
    w = np.ones(len(log10p)) if weights is None else np.asarray(weights, dtype=float)
    own = np.moveaxis(w, axis, 0) if w.shape == np.shape(log10_pvalues) else w
    share = np.where(np.isnan(log10p), 0.0, own.reshape(*own.shape, *[1] * (log10p.ndim - own.ndim)))
    total = share.sum(axis=0)
    tested = total > 0
    share = share / np.where(tested, total, 1.0)
    log10p = np.where(np.isnan(log10p), 0.0, np.minimum(log10p, np.log10(HIGHEST)))
    # cot(pi p) is 1 / (pi p) for small p: kept as a logarithm, which does not overflow.
    small = log10p < -8
    p = 10.0 ** np.where(small, -1.0, log10p)
    moderate = (share * np.where(small, 0.0, 1 / np.tan(np.pi * p))).sum(axis=0)
    with np.errstate(divide="ignore"):
        terms = np.where(small, np.log10(share) - log10p - np.log10(np.pi), -np.inf)
    top = terms.max(axis=0, initial=-np.inf)
    shift = np.maximum(top, 0.0)  # T = 10 ** shift * scaled
    scaled = (10.0 ** (terms - shift)).sum(axis=0) + moderate * 10.0**-shift
    large = (shift > np.log10(LARGE)) & (scaled > 0)
    log10_tail = -shift - np.log10(np.pi * np.where(large, scaled, 1.0))
    exact = np.log10(_upper_tail(np.where(large, 0.0, scaled * 10.0 ** np.where(large, 0.0, shift))))
    result = np.where(large, log10_tail, exact)
    result = np.where(result > np.log10(HIGHEST) - 1e-9, 0.0, result)
    return np.where(tested, result, np.nan)


def one_sided(pvalues, effects) -> tuple[np.ndarray, np.ndarray]:
    """log10 p of an effect above 0, and of one below 0, from two-sided p-values of a symmetric test.

    Parameters
    ----------
    pvalues, effects : (n,) arrays
        A p-value of 0 counts as the smallest normal float; NaN in either gives NaN.
    """
    p, effect = np.asarray(pvalues, dtype=float), np.asarray(effects, dtype=float)
    p = np.where(np.isnan(effect), np.nan, np.maximum(p, SMALLEST))
    near, far = np.log10(p / 2), np.log1p(-p / 2) / np.log(10)
    middle = np.full(p.shape, np.log10(0.5)) + 0 * p  # an effect of 0 favours neither
    return (
        np.where(effect > 0, near, np.where(effect < 0, far, middle)),
        np.where(effect < 0, near, np.where(effect > 0, far, middle)),
    )


def either(rises: np.ndarray, falls: np.ndarray) -> np.ndarray:
    """log10 p of a change in either direction: the smaller of two one-sided ones, doubled (Bonferroni)."""
    return np.minimum(np.fmin(rises, falls) + np.log10(2), 0.0)


def _upper_tail(statistic: np.ndarray) -> np.ndarray:
    """Upper tail of the standard Cauchy distribution, without loss of digits at large values."""
    return np.arctan2(1.0, statistic) / np.pi
