"""Whether motifs are in more foreground peaks than in others of the same composition and depth."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import log_ndtr, ndtri, ndtri_exp

from workflow_lib.motifs import clusters, matching
from workflow_lib.motifs.fisher import CONFIDENCE, RESULTS, SMALLEST_PVALUE
from workflow_lib.motifs.matches import presence
from workflow_lib.stats import poisson_binomial, propensity
from workflow_lib.stats.multiple_testing import bh

LEAST_LEFT = 0.05
"""Share of a motif's variance that covariates may leave at the least: below, it is one of them."""


def against(
    matches,
    foreground,
    background,
    *,
    sequences: Mapping[str, str],
    width,
    mean_count,
    motifs: pd.DataFrame,
) -> pd.DataFrame:
    """Test each motif for enrichment in foreground peaks against others matched by propensity.

    Parameters
    ----------
    matches : (n_peaks, n_motifs) sparse matrix
        Number of hits; a peak counts once.
    foreground, background : (n_peaks,) arrays of bool
        A peak in both counts as foreground; those in neither are left out.
    sequences : mapping of peak to its scanned sequence, in order
    width, mean_count : (n_peaks,) arrays
    motifs : DataFrame
        The library's table.

    Returns
    -------
    DataFrame
        As :func:`test`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from scipy import sparse
    >>> from workflow_lib.motifs import enrichment
    >>> rng = np.random.default_rng(1)
    >>> opened = np.arange(400) < 80
    >>> has = np.c_[rng.random(400) < np.where(opened, 0.5, 0.2), rng.random(400) < 0.2]
    >>> sequences = {f"p{i}": "".join(rng.choice(list("ACGT"), 60)) for i in range(400)}
    >>> motifs = pd.DataFrame({"motif_id": ["M1", "M2"], "name": ["enriched", "not"]})
    >>> table = enrichment.against(
    ...     sparse.csr_array(has.astype(int)),
    ...     opened,
    ...     ~opened,
    ...     sequences=sequences,
    ...     width=np.full(400, 60),
    ...     mean_count=rng.uniform(20, 200, 400),
    ...     motifs=motifs,
    ... )
    >>> table.loc[table["padj"] < 0.05, "name"].tolist()
    ['enriched']
    """
    covariates = matching.covariates(list(sequences.values()), width, mean_count)
    return test(matches, foreground, background, covariates, motifs)


def test(matches, foreground, background, covariates: pd.DataFrame, motifs: pd.DataFrame) -> pd.DataFrame:
    """Test each motif: do more of its peaks belong to the foreground than their covariates say?

    Parameters
    ----------
    matches, foreground, background, motifs
        As :func:`against`.
    covariates : (n_peaks, n_covariates) DataFrame
        As :func:`workflow_lib.motifs.matching.covariates`.

    Returns
    -------
    DataFrame
        Columns of :func:`workflow_lib.motifs.fisher.test`. background_size is the number of background
        peaks, background_hits that of them which would have a hit if they were composed as the foreground
        is: the expected share, which is not a whole number. Where either set is empty all results are NA.

    Notes
    -----
    Each peak has a propensity to be in the foreground, by a logistic model of covariates alone
    (:func:`workflow_lib.stats.propensity.of`). Null: the motif says nothing more. Then the number of a
    motif's peaks that are in the foreground is a sum of independent events of known probability, and p its
    upper-tail mid-p, exact or to 0.5 % of itself (:mod:`workflow_lib.stats.poisson_binomial`). Propensities
    are fitted to the same foreground, so that the number varies less than such a sum: p is taken to a normal
    deviate, and that multiplied by the root of the sum's variance over the score's (Rao 1948), which leaves
    out what the covariates explain. No peak is weighted, so that a foreground of a third of all peaks costs
    nothing. Peaks count as independent: variation of a factor between samples is not in p.

    The odds ratio is that common to all peaks with the motif beyond their propensities, with a Wald
    interval.

    References
    ----------
    Rosenbaum & Rubin 1983, Biometrika 70:41 (propensities). Daniels 1987, Int Stat Rev 55:37. Lancaster 1961,
    J Am Stat Assoc 56:223 (mid-p).
    """
    present = sparse.csc_array(presence(matches).astype(float))
    n_peaks, n_motifs = present.shape
    foreground, background = (np.asarray(each, dtype=bool) for each in (foreground, background))
    if foreground.shape != (n_peaks,) or background.shape != (n_peaks,):
        raise ValueError(f"foreground and background must be {n_peaks} booleans, one a peak")
    if len(motifs) != n_motifs:
        raise ValueError(f"matches have {n_motifs} columns, but there are {len(motifs)} motifs")
    background = background & ~foreground
    used = foreground | background
    size, others = int(foreground.sum()), int(background.sum())
    carried = sparse.csc_array(sparse.csr_array(present)[used])
    member = foreground[used].astype(float)
    hits = np.rint(member @ carried).astype(np.int64)
    table = pd.DataFrame(
        {
            "motif_id": motifs["motif_id"].to_numpy(),
            "name": motifs["name"].to_numpy(),
            "foreground_hits": hits,
            "foreground_size": size,
            "background_hits": np.nan,
            "background_size": others,
        }
    )
    if size and others:
        known = covariates.loc[used].reset_index(drop=True)
        table = table.assign(**_results(carried, member, hits, known, size, others))
    else:
        table[RESULTS] = np.nan
    for column in ("cluster", "representative"):
        table[column] = motifs[column].to_numpy() if column in motifs else None
    if "reaches_pvalue" in motifs:
        table["reaches_pvalue"] = motifs["reaches_pvalue"].to_numpy()
    if table["cluster"].notna().any():
        table["representative"] = clusters.representatives(table)
    return table


test.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's


def _results(
    carried: sparse.csc_array,
    member: np.ndarray,
    hits: np.ndarray,
    covariates: pd.DataFrame,
    size: int,
    others: int,
) -> dict[str, np.ndarray]:
    """Effects and p-values of motifs among the peaks of both sets."""
    inside = member > 0
    chance = np.clip(propensity.of(covariates, inside, ~inside), 1e-9, 1 - 1e-9)
    each = carried.copy()
    each.data = chance[each.indices]
    expected = np.asarray(each.sum(axis=0)).ravel()
    log_p = poisson_binomial.log_mid_p(each, hits)
    ratio = _variance_ratio(carried, chance, covariates)
    log10_p = np.minimum(log_ndtr(ndtri_exp(np.minimum(log_p, -1e-12)) * np.sqrt(ratio)) / np.log(10), 0.0)
    log10_p[np.diff(carried.indptr) == 0] = 0.0
    log_odds, error = poisson_binomial.common_log_odds(each, hits)
    reach = ndtri(0.5 + CONFIDENCE / 2) * error
    half = np.where(np.minimum(hits, expected) < 1e-9, 0.5, 0.0)
    pvalues = {"pvalue": 10.0**log10_p, "padj": 10.0 ** bh(log10_p, log10=True)}
    return {
        "background_hits": np.minimum(expected / size, 1.0) * others,
        "log2_enrichment": np.log2(hits + half) - np.log2(expected + half),
        "odds_ratio": np.exp(np.nan_to_num(log_odds)),
        "ci_low": np.exp(np.where(np.isnan(reach), -np.inf, log_odds - reach)),
        "ci_high": np.exp(np.where(np.isnan(reach), np.inf, log_odds + reach)),
        **{name: np.maximum(values, SMALLEST_PVALUE) for name, values in pvalues.items()},
        "log10_pvalue": log10_p,
    }


def _variance_ratio(carried: sparse.csc_array, chance: np.ndarray, covariates: pd.DataFrame) -> np.ndarray:
    """Variance of the number of hits by propensities, over what covariates leave of it; at least 1."""
    design = propensity.standardised(covariates.to_numpy(dtype=float))
    spread = chance * (1 - chance)
    across = carried.T @ (design * spread[:, None])
    prior = np.full(design.shape[1], propensity.PRIOR_SD**-2)
    prior[0] = 0.0
    information = (design * spread[:, None]).T @ design + np.diag(prior)
    explained = np.einsum("ij,ij->i", across, np.linalg.solve(information, across.T).T)
    whole = spread @ carried
    left = np.clip(whole - explained, LEAST_LEFT * whole, None)
    return np.divide(whole, left, out=np.ones(len(whole)), where=left > 0)
