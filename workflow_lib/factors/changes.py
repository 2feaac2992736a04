"""What is known of the peaks' change, for the tests of motifs whose unit is the peak."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri_exp

from workflow_lib.factors import activity
from workflow_lib.factors.clusters import Sides
from workflow_lib.motifs import matched
from workflow_lib.stats.combination import cauchy

WIDE = 0.2
"""False discovery rate of the wide set of peaks. A fifth of false ones costs an enrichment little, and where
changes are weak most of those there are lie among peaks that a few replicates leave undecided."""

Enriched = Mapping[str, pd.DataFrame]
"""Of "up" and "down", a table of :func:`workflow_lib.motifs.matched.test`."""


@dataclass(frozen=True)
class Change:
    """The change of every peak.

    Attributes
    ----------
    statistic : (n_peaks,) array
        Wald's, signed; where any difference counts, the normal deviate of p, large where a peak changes. NaN
        for peaks that were not tested.
    direction, wide : (n_peaks,) arrays of str
        up, down, none or untested: of called peaks, and of those at a false discovery rate of `WIDE`. Where
        any difference counts, up is changed, and nothing is down.
    any : bool
        Whether any difference counts: there are no sides then.
    """

    statistic: np.ndarray
    direction: np.ndarray
    wide: np.ndarray
    any: bool = False


def of(differential: pd.DataFrame, any_difference: bool = False) -> Change:
    """Read the change of peaks from the table of :func:`workflow_lib.differential.test`.

    Parameters
    ----------
    differential : DataFrame
        stat, pvalue, padj, direction.
    any_difference : bool
        Whether the contrast has `test: any`.
    """
    direction = differential["direction"].to_numpy(object)
    statistic = differential["stat"].to_numpy(float)
    if any_difference:
        direction = np.where(direction == "changed", "up", direction)
        with np.errstate(divide="ignore"):
            log_p = np.log(differential["pvalue"].to_numpy(float))
        statistic = -ndtri_exp(np.clip(log_p, -700.0, -1e-12))
    passes = differential["padj"].to_numpy(float) < WIDE
    side = np.where((statistic > 0) | any_difference, "up", "down")
    wide = np.where(direction == "untested", "untested", np.where(passes, side, "none"))
    return Change(statistic, direction, wide, any_difference)


def enrichment(
    matches, direction: np.ndarray, covariates: pd.DataFrame, motifs: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Every motif in peaks that opened and in those that closed, against unchanged ones."""
    unchanged = direction == "none"
    return {
        way: matched.test(matches, direction == way, unchanged, covariates, motifs) for way in ("up", "down")
    }


def together(enriched: Enriched, wide: Enriched, along: pd.DataFrame, any_difference: bool) -> Sides:
    """Both enrichments and the regression of each motif as one p, by side.

    Parameters
    ----------
    enriched, wide : mapping of "up" and "down" to DataFrame
        In called peaks, and in the wide set.
    along : DataFrame
        Of :func:`workflow_lib.factors.activity.along`.
    any_difference : bool
        Then only a rise counts, of peaks that change.
    """
    rise, fall = activity.one_sided(along["slope_z"].to_numpy(float))
    if any_difference:
        fall = np.full(len(fall), np.nan)
    found = (
        cauchy(np.stack([*(each[way]["log10_pvalue"].to_numpy(float) for each in (enriched, wide)), slope]))
        for way, slope in (("up", rise), ("down", fall))
    )
    return Sides(*found)
