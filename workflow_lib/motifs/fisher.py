"""Whether motifs occur in more peaks of one set than of another, by Fisher's exact test."""

import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp, ndtri

from workflow_lib.motifs.matches import presence
from workflow_lib.motifs.matching import effective_size
from workflow_lib.stats.multiple_testing import bh

CONFIDENCE = 0.95
SMALLEST_PVALUE = float(np.finfo(float).tiny)  # what `pvalue` stops at; log10_pvalue goes on
TAIL_SD = 40  # standard deviations beyond the mean after which hypergeometric terms no longer count
ROUNDING = 1e-6  # of effective numbers of peaks
RESULTS = ["log2_enrichment", "odds_ratio", "ci_low", "ci_high", "pvalue", "log10_pvalue", "padj"]


def test(
    matches, foreground, background, weights=None, *, motifs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Test each motif for enrichment in foreground peaks, by Fisher's exact test on peaks with a hit.

    Parameters
    ----------
    matches : (n_peaks, n_motifs) sparse matrix
        Number of hits; a peak counts once, however many it has.
    foreground, background : (n_peaks,) array of bool
        A peak that is in both counts as foreground. Peaks in neither are left out.
    weights : (n_peaks,) array of non-negative float, optional
        Of the background peaks, such as make its composition that of the foreground (elsewhere they are
        not looked at). None: all equal.
    motifs : DataFrame, optional
        motif_id and name, and perhaps cluster and representative, one row a column of `matches`. Without
        it, motif_id and name are the column's number.

    Returns
    -------
    DataFrame
        A row for each motif, in column order:

        motif_id, name
        foreground_hits, foreground_size : peaks with a hit, and all peaks
        background_hits, background_size : the same; with weights the effective numbers (see Notes)
        log2_enrichment : log2 of the share of foreground peaks with a hit over that of background peaks
        odds_ratio, ci_low, ci_high : sample odds ratio with Woolf's 95 % interval
        pvalue, log10_pvalue : one-sided, of enrichment; `pvalue` is never below 2.2e-308, its log10 is
        padj : Benjamini and Hochberg over all motifs
        cluster, representative : of `motifs`, else NA
        reaches_pvalue : of `motifs`, if there

        With an empty foreground or background everything tested is NA.

    Raises
    ------
    ValueError
        If shapes disagree or a weight is negative.

    Notes
    -----
    Null: given how many peaks have the motif, those of the foreground are a random draw from all peaks of
    both sets. It fails, and p-values are too small, if the sets differ in GC, width or depth and the motif
    follows these: that is what `weights` are for. Peaks count as independent.

    Where a cell of the table is zero, 0.5 is added to all four (Haldane 1956, Anscombe 1956) for the odds
    ratio and its interval, and to both hits (1 to both sizes) for log2_enrichment: both stay finite. The
    test takes the counts as they are.

    With weights w, the background stands for n = (sum w)^2 / sum w^2 peaks (Kish 1965), of which the
    weighted share has a hit. The test rounds n down and the number with a hit up to whole peaks, which can
    only make p larger. The weights count as fixed: that they were estimated is not in p.
    """
    present = presence(matches)
    n_peaks, n_motifs = present.shape
    foreground, background = (_peak_set(each, n_peaks) for each in (foreground, background))
    background = background & ~foreground
    weights = _background_weights(weights, background)
    if motifs is None:
        motifs = pd.DataFrame({"motif_id": np.arange(n_motifs), "name": np.arange(n_motifs)})
    if len(motifs) != n_motifs:
        raise ValueError(f"matches have {n_motifs} columns, but there are {len(motifs)} motifs")

    size = int(foreground.sum())
    hits = _weighted_hits(present, foreground.astype(float)).round().astype(np.int64)
    effective = effective_size(weights)
    share = _weighted_hits(present, weights) / weights.sum() if effective else np.zeros(n_motifs)
    background_hits = share * effective

    table = pd.DataFrame(
        {
            "motif_id": motifs["motif_id"].to_numpy(),
            "name": motifs["name"].to_numpy(),
            "foreground_hits": hits,
            "foreground_size": size,
            "background_hits": _whole(background_hits),
            "background_size": _whole(np.full(n_motifs, effective)),
        }
    )
    if size and effective + ROUNDING >= 1:
        table = table.assign(**_effect(hits, size, background_hits, effective))
        table = table.assign(**_fisher(hits, size, background_hits, effective))
    else:
        table[RESULTS] = np.nan
    for column in ("cluster", "representative"):
        table[column] = motifs[column].to_numpy() if column in motifs else None
    if "reaches_pvalue" in motifs:
        table["reaches_pvalue"] = motifs["reaches_pvalue"].to_numpy()
    return table


def _fisher(hits, size, background_hits, background_size) -> dict[str, np.ndarray]:
    """p-values, with the background's effective numbers rounded to whole peaks on the safe side."""
    whole_size = int(np.floor(background_size + ROUNDING))
    whole_hits = np.minimum(np.ceil(background_hits - ROUNDING).astype(np.int64), whole_size)
    log10p = log10_fisher(hits, size, whole_hits, whole_size)
    # 10 ** -1e-12 is 1: p-values near one lose nothing here.
    pvalues = {"pvalue": 10.0**log10p, "padj": 10.0 ** bh(log10p, log10=True)}
    pvalues = {name: np.maximum(values, SMALLEST_PVALUE) for name, values in pvalues.items()}
    return {"pvalue": pvalues["pvalue"], "log10_pvalue": log10p, "padj": pvalues["padj"]}


def log10_fisher(hits, size: int, background_hits, background_size: int) -> np.ndarray:
    """log10 of P(at least `hits` of the foreground's peaks have a hit), all margins fixed.

    Parameters
    ----------
    hits, background_hits : (n,) arrays of int
        Peaks with a hit, in the foreground and in the background.
    size, background_size : int
        Peaks of either set.

    Returns
    -------
    (n,) array of float, <= 0 and finite

    Notes
    -----
    The upper tail of the hypergeometric distribution, summed in logarithms: it does not underflow, and a
    tail next to one is not one minus something. Terms more than 40 standard deviations (and 40 peaks) beyond
    the larger of `hits` and the mean are left out: they are far below what rounding leaves of the sum.
    """
    hits = np.asarray(hits, dtype=np.int64)
    successes = hits + np.asarray(background_hits, dtype=np.int64)
    population = size + background_size
    log_all = _log_choose(population, size)
    result = np.zeros(hits.size)
    for i, (least, good) in enumerate(zip(hits.tolist(), successes.tolist(), strict=True)):
        if least <= max(0, good - background_size):
            continue  # cannot be fewer: p is one
        mean = size * good / population
        spread = np.sqrt(mean * (1 - good / population) * background_size / max(population - 1, 1))
        most = min(good, size, int(max(least, mean) + TAIL_SD * spread) + TAIL_SD)
        x = np.arange(least, most + 1)
        terms = _log_choose(good, x) + _log_choose(population - good, size - x) - log_all
        result[i] = logsumexp(terms)
    return np.minimum(result / np.log(10), 0.0)


def _log_choose(n, k):
    """Logarithm of the binomial coefficient."""
    return gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)


def _effect(hits, size, background_hits, background_size) -> dict[str, np.ndarray]:
    """log2 enrichment, odds ratio and its interval; finite whatever the counts."""
    a, b = hits.astype(float), size - hits.astype(float)
    c, d = background_hits, np.maximum(background_size - background_hits, 0.0)
    half = np.where(np.minimum.reduce([a, b, c, d]) < 1e-9, 0.5, 0.0)
    a, b, c, d = a + half, b + half, c + half, d + half
    log_odds = np.log(a) + np.log(d) - np.log(b) - np.log(c)
    reach = ndtri(0.5 + CONFIDENCE / 2) * np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    absent = np.where(np.minimum(hits, background_hits) < 1e-9, 0.5, 0.0)
    shares = [(x + absent) / (n + 2 * absent) for x, n in ((hits, size), (background_hits, background_size))]
    return {
        "log2_enrichment": np.log2(shares[0]) - np.log2(shares[1]),
        "odds_ratio": np.exp(log_odds),
        "ci_low": np.exp(log_odds - reach),
        "ci_high": np.exp(log_odds + reach),
    }


def _background_weights(weights, background: np.ndarray) -> np.ndarray:
    """Weights of the background peaks, all 1 if there are none; 0 elsewhere."""
    weights = np.ones(len(background)) if weights is None else np.asarray(weights, dtype=float)
    if weights.shape != background.shape:
        raise ValueError(f"weights must be one number for each of {len(background)} peaks")
    weights = np.where(background, weights, 0.0)
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("weights of background peaks must be finite and not negative")
    return weights


def _weighted_hits(present, weights) -> np.ndarray:
    """Sum of the weights of the peaks that have each motif."""
    return np.asarray(weights @ present, dtype=float).ravel()


def _whole(values: np.ndarray) -> np.ndarray:
    """As integers if all are (up to rounding), else as they are."""
    nearest = np.rint(values)
    return nearest.astype(np.int64) if np.allclose(values, nearest, rtol=0, atol=1e-6) else values


def _peak_set(members, n_peaks) -> np.ndarray:
    """A boolean array of one value a peak."""
    members = np.asarray(members)
    if members.shape != (n_peaks,) or members.dtype != bool:
        raise ValueError(f"foreground and background must be {n_peaks} booleans, one a peak")
    return members
