"""One set of peaks against its background: every motif's enrichment, and how the two sets differ."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib.motifs import matched, matching

log = logging.getLogger("atacdiff")


@dataclass(frozen=True)
class Comparison:
    """What :func:`with_peaks` and :func:`with_windows` find.

    Attributes
    ----------
    table : DataFrame
        Of :func:`workflow_lib.motifs.matched.test`.
    balance : DataFrame
        Of :func:`workflow_lib.motifs.matching.balance`.
    weights : DataFrame
        peak, weight of each background peak (or window) that balance is shown with; the test takes none.
    """

    table: pd.DataFrame
    balance: pd.DataFrame
    weights: pd.DataFrame


def with_peaks(
    matches,
    foreground,
    background,
    sequences: Mapping[str, str],
    width,
    mean_count,
    motifs: pd.DataFrame,
) -> Comparison:
    """Compare peaks with other peaks, by propensity of sequence composition, width and mean count.

    Parameters
    ----------
    matches : (n_peaks, n_motifs) sparse matrix
    foreground, background : (n_peaks,) arrays of bool
    sequences : mapping of peak to its scanned sequence, in order
    width, mean_count : (n_peaks,) arrays
    motifs : DataFrame
        The library's table.
    """
    values = matching.covariates(list(sequences.values()), width, mean_count)
    return of_covariates(list(sequences), matches, foreground, background, values, motifs)


def with_windows(
    matches,
    foreground,
    sequences: Mapping[str, str],
    window_matches,
    window_sequences: Mapping[str, str],
    motifs: pd.DataFrame,
) -> Comparison:
    """Compare peaks with windows of the genome, by propensity of sequence composition.

    Parameters
    ----------
    matches, window_matches : (n_peaks, n_motifs) and (n_windows, n_motifs) sparse matrices
    foreground : (n_peaks,) array of bool
    sequences, window_sequences : mapping of name to scanned sequence, in order
    motifs : DataFrame
        The library's table.
    """
    chosen = np.flatnonzero(foreground)
    names, texts = list(sequences), list(sequences.values())
    values = matching.covariates([*(texts[i] for i in chosen), *window_sequences.values()])
    stacked = sparse.vstack([sparse.csr_array(matches)[chosen], sparse.csr_array(window_matches)], "csr")
    inside = np.arange(len(values)) < len(chosen)
    return of_covariates(
        [*(names[i] for i in chosen), *window_sequences], stacked, inside, ~inside, values, motifs
    )


def of_covariates(
    names: Sequence[str],
    matches,
    foreground,
    background,
    covariates: pd.DataFrame,
    motifs: pd.DataFrame,
) -> Comparison:
    """Compare two sets of sequences, given what else may decide which set one is in.

    Parameters
    ----------
    names : sequence of str
    matches : (n, n_motifs) sparse matrix
    foreground, background : (n,) arrays of bool
    covariates : (n, n_covariates) DataFrame
        Of :func:`workflow_lib.motifs.matching.covariates`.
    motifs : DataFrame
        The library's table.
    """
    weights = matching.weights(covariates, foreground, background)
    balance = matching.balance(covariates, foreground, background, weights)
    before, after = matching.worst(balance)
    sizes = balance.iloc[0]
    log.info(
        "%d peaks against %d (%.0f by weights); largest standardised difference %.3f before, %.3f after",
        sizes["n_foreground"], sizes["n_background"], sizes["n_effective"], before, after,
    )  # fmt: skip
    apart = balance["smd_after"].abs().sort_values(ascending=False, kind="stable")
    apart = apart[apart > matching.BALANCED]
    if len(apart):
        worst = ", ".join(f"{balance['feature'][i]} {balance['smd_after'][i]:+.2f}" for i in apart.index[:5])
        log.warning("%d covariates differ by more than %g: %s", len(apart), matching.BALANCED, worst)
    table = matched.test(matches, foreground, background, covariates, motifs)
    weighted = pd.DataFrame({"peak": names, "weight": weights})[background & ~foreground]
    return Comparison(table, balance, weighted)
