"""From counts and sequences to the table of factors, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib import chromvar, differential
from workflow_lib.differential import size_factors as factors_of_size
from workflow_lib.factors import activity, evidence, leading
from workflow_lib.motifs import background as matching
from workflow_lib.motifs import matched
from workflow_lib.motifs.library import MotifLibrary
from workflow_lib.motifs.scan import scan

LEAST_COUNT = 10
"""Peaks with fewer counts in all samples are not tested, as the workflow's default has it."""


@dataclass(frozen=True)
class FactorEvidence:
    """What :func:`from_counts` finds.

    Attributes
    ----------
    table : DataFrame
        Of :func:`workflow_lib.factors.evidence.rank`: a row a cluster of motifs.
    differential : DataFrame
        Of :func:`workflow_lib.differential.test`: a row a peak.
    enrichment : mapping of "up" and "down" to DataFrame
        Of :func:`workflow_lib.motifs.matched.test`: a row a motif.
    chromvar : DataFrame
        Of :func:`workflow_lib.chromvar.compare_groups`: a row a motif.
    activity : DataFrame
        Of :func:`test`: a row a motif.
    """

    table: pd.DataFrame
    differential: pd.DataFrame
    enrichment: Mapping[str, pd.DataFrame]
    chromvar: pd.DataFrame
    activity: pd.DataFrame


def from_counts(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping,
    *,
    sequences: Mapping[str, str],
    library: MotifLibrary,
    width=501,
    matches=None,
    size_factors=None,
    alpha: float = 0.05,
    seed: int = 42,
) -> FactorEvidence:
    """Which factors changed, from counts and a sequence for each peak.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers, indexed by peak
    samples : DataFrame indexed by sample
    design : str
    contrast : mapping
        As :func:`workflow_lib.differential.test`.
    sequences : mapping of peak to the sequence around its summit
        Of all peaks; looked up by name.
    library : MotifLibrary
        With thresholds and, for a row a cluster, clusters.
    width : int or (n_peaks,) array
        Of the peaks in bp.
    matches : (n_peaks, n_motifs) sparse matrix, optional
        Number of hits; sequences are scanned if not given.
    size_factors : optional
        As :func:`workflow_lib.differential.test`.
    alpha : float
    seed : int
        Kept for what may draw at random; nothing does now.

    Returns
    -------
    FactorEvidence

    Raises
    ------
    InputError
        As :func:`workflow_lib.differential.test`.
    ValueError
        If a peak has no sequence, or `matches` has other peaks or motifs.
    """
    missing = [peak for peak in counts.index if peak not in sequences]
    if missing:
        raise ValueError(f"{len(missing)} peaks have no sequence, such as {missing[0]!r}")
    ordered = {str(peak): sequences[peak] for peak in counts.index}
    matches = sparse.csr_array(_scanned(ordered, library) if matches is None else matches)
    if matches.shape != (len(counts), len(library)):
        raise ValueError(
            f"matches are {matches.shape[0]} x {matches.shape[1]}, "
            f"but there are {len(counts)} peaks and {len(library)} motifs"
        )
    found = differential.test(
        counts,
        samples,
        design,
        contrast,
        size_factors=size_factors,
        alpha=alpha,
        min_count=LEAST_COUNT,
        shrink=False,
    )
    motifs = library.table()
    widths = np.broadcast_to(width, len(counts)).tolist()
    covariates = matching.covariates(list(ordered.values()), widths, found["baseMean"])
    enriched = enrichment(matches, found["direction"].to_numpy(object), covariates, motifs)
    counts = counts[list(samples.index)]
    sizes = _sizes(counts, size_factors)
    tested = test(
        counts, matches, covariates, samples, design, contrast, sizes, motifs, found, enriched, alpha=alpha
    )
    scores = chromvar.moments(counts, matches, chromvar.gc_content(ordered.values()))
    deviations = pd.DataFrame(scores.deviations, index=motifs["motif_id"], columns=counts.columns)
    moved = chromvar.compare_groups(deviations, scores.background, samples, design, contrast, alpha)
    moved = moved.rename_axis("motif_id").reset_index()
    table = evidence.rank(motifs, enriched["up"], enriched["down"], moved, activity=tested, alpha=alpha)
    return FactorEvidence(table, found, enriched, moved, tested)


def enrichment(
    matches, direction: np.ndarray, covariates: pd.DataFrame, motifs: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Every motif in peaks that opened and in those that closed, against unchanged ones."""
    unchanged = direction == "none"
    return {
        way: matched.test(matches, direction == way, unchanged, covariates, motifs) for way in ("up", "down")
    }


def test(
    counts: pd.DataFrame,
    matches,
    covariates: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping,
    size_factors,
    motifs: pd.DataFrame,
    differential: pd.DataFrame,
    enriched: Mapping[str, pd.DataFrame],
    *,
    alpha: float = 0.05,
    block: str | None = None,
) -> pd.DataFrame:
    """Activity of every motif by sample, along the peaks' statistic, and given the motifs that lead.

    Parameters
    ----------
    counts, matches, covariates, samples, design, contrast, size_factors
        As :func:`workflow_lib.factors.activity.test`.
    motifs : DataFrame
        The library's table.
    differential : DataFrame
        stat and direction of each peak, in order.
    enriched : mapping of "up" and "down" to DataFrame
        As :func:`enrichment` has it.
    alpha : float
    block : str, optional
        Column of subjects of several samples.

    Returns
    -------
    DataFrame
        A row a motif: motif_id, name; slope, slope_z (:func:`workflow_lib.factors.activity.along`); n_peaks,
        activity, activity_pvalue, focused_pvalue, df_residual, rise_log10p, fall_log10p
        (:func:`workflow_lib.factors.activity.test`); given_pvalue, explained_by
        (:func:`workflow_lib.factors.leading.explain`).
    """
    statistic = differential["stat"].to_numpy(float)
    asked = (samples, design, contrast, size_factors)
    by_sample = activity.test(counts, matches, covariates, *asked, block=block)
    along = activity.along(statistic, matches, covariates)
    peaks = leading.Peaks(
        sparse.csr_array(matches), covariates, statistic, differential["direction"].to_numpy(object)
    )
    given = leading.explain(motifs, enriched["up"], enriched["down"], along, peaks, alpha)
    named = motifs[["motif_id", "name"]].reset_index(drop=True)
    return pd.concat([named, along, by_sample, given], axis=1)


test.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's


def _scanned(sequences: Mapping[str, str], library: MotifLibrary) -> sparse.csr_array:
    """Number of hits of each motif in each sequence."""
    known = library.calibration
    hits = scan(sequences, library, known.pvalue, known.background)
    shape = (len(sequences), len(library))
    row = pd.Index(list(sequences)).get_indexer(hits["name"].astype(str))
    column = pd.Index(library.ids).get_indexer(hits["motif_id"].astype(str))
    return sparse.csr_array(
        sparse.coo_array((np.ones(len(hits), dtype=np.int64), (row, column)), shape=shape)
    )


def _sizes(counts: pd.DataFrame, given) -> np.ndarray:
    """Size factors in the order of the samples: those given, or medians of ratios."""
    if given is None:
        return factors_of_size.ratio(counts).to_numpy(float)
    if isinstance(given, (Mapping, pd.Series)):
        return pd.Series(given).loc[list(counts.columns)].to_numpy(float)
    return np.asarray(given, dtype=float)
