"""Lines of evidence made into one p, and what a cluster must pass besides to be called.

Two kinds of tests must agree. Those of *peaks* (enrichment in called peaks, enrichment in the wide set, and
the regression of the peaks' statistic) see no variation between samples; those of *samples* (activity) call
whatever follows a programme of peaks. For each motif the p of either kind is a Cauchy combination, and of
both the larger counts (intersection-union, Berger 1982). From four residual degrees of freedom on the
samples' p counts half of itself: both are small by chance together less often than either. Footprint depth
joins at half weight.

The samples' p rests on a prior over all motifs, which is right on average and too sure of the one factor that
varies by itself and was even within groups by luck. So clusters that peaks call must pass by their own
variation too (:meth:`Evidence.by_samples`). It is asked of those few only, so that a t with few degrees of
freedom has the power for it; but peaks call what differs most, so that alone it is not enough either. That
choice weighs most where samples are few: below four residual degrees of freedom this p counts 1.5 times.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import bdtrc

from workflow_lib.factors.clusters import Sides
from workflow_lib.stats.combination import SMALLEST, cauchy
from workflow_lib.stats.multiple_testing import bh

WEIGHTS = {"enrichment": 1.0, "chromvar": 1.0, "depth": 0.5}
"""Weights of the lines of evidence that count where activities are not known."""

OF_PEAKS, SITES = ("enrichment", "wide", "along"), {"sites": 1.0, "depth": 0.5}
"""Lines whose unit is the peak; and the weights of accessibility of sites and of footprints."""

SLACK, SLACK_DF = 0.5, 4
"""The samples' p counts this part of itself, from so many residual degrees of freedom on."""

FEW = 1.5
"""With fewer the p by a cluster's own variation counts so many times."""

OTHER_WAY = 0.01
"""p of enrichment on the weaker side below which a motif is of peaks that change to either side."""


@dataclass(frozen=True)
class Evidence:
    """Lines of evidence of motifs, and how they are put together.

    Attributes
    ----------
    lines : mapping of name to Sides
        One-sided log10 p-values of every motif.
    grouping : (most, n_clusters) array
        Of :func:`workflow_lib.factors.clusters.members`.
    weights : (n_motifs,) array
        Of motifs within their cluster.
    df_residual : float
        Of the samples' tests.
    any_difference : bool
        Whether evidence has no sides, and stands in `rises`.
    """

    lines: Mapping[str, Sides]
    grouping: np.ndarray
    weights: np.ndarray
    df_residual: float
    any_difference: bool = False

    @property
    def of_motifs(self) -> Sides:
        """All evidence on each motif."""
        return _weighted(*self._counted())

    @property
    def of_clusters(self) -> Sides:
        """All evidence on each cluster: of its members line by line, then of the lines."""
        counted, weights = self._counted()
        return _weighted({name: self._combined(sides) for name, sides in counted.items()}, weights)

    def by_samples(self, alpha: float) -> tuple[np.ndarray, np.ndarray]:
        """What clusters that peaks call have by their own variation between samples, and which these are.

        Returns
        -------
        (n_clusters,) array of float
            Adjusted (BH) over clusters that peaks call, half as much again below four residual degrees of
            freedom; NaN for others.
        (n_clusters,) array of bool
        """
        none = np.full(self.grouping.shape[1], np.nan)
        if "own" not in self.lines:
            return none, np.zeros(len(none), bool)
        peaks = self._combined(self._of_peaks())
        called = 10.0 ** bh(peaks.change(self.any_difference), log10=True) < alpha
        counted = {"sites": self._combined(self.lines["own"])}
        counted |= {name: self._combined(self.lines[name]) for name in ("depth",) if name in self.lines}
        own = _weighted(counted, SITES)
        rises = np.nan_to_num(peaks.rises, nan=0.0) <= np.nan_to_num(peaks.falls, nan=0.0)
        log10p = np.where(rises, own.rises, own.falls)
        if not self.any_difference:
            log10p = np.minimum(log10p + np.log10(2), 0.0)
        few = FEW if self.df_residual < SLACK_DF else 1.0
        padj = np.minimum(few * 10.0 ** bh(np.where(called, log10p, np.nan), log10=True), 1.0)
        return np.where(called, np.maximum(padj, SMALLEST), np.nan), called

    def _of_peaks(self) -> Sides:
        return _weighted(self.lines, dict.fromkeys(OF_PEAKS, 1.0))

    def _counted(self) -> tuple[dict[str, Sides], Mapping[str, float]]:
        """Lines that count, and their weights."""
        if "activity" not in self.lines:
            return dict(self.lines), WEIGHTS
        slack = float(np.log10(SLACK)) if self.df_residual >= SLACK_DF else 0.0
        counted = {"sites": self._of_peaks().and_also(self.lines["activity"], slack)}
        return counted | {name: self.lines[name] for name in ("depth",) if name in self.lines}, SITES

    def _combined(self, sides: Sides) -> Sides:
        return sides.combined(self.grouping, self.weights)


def _weighted(lines: Mapping[str, Sides], weights: Mapping[str, float]) -> Sides:
    """Cauchy combination of lines of evidence, for each side."""
    counted = {name: sides for name, sides in lines.items() if name in weights}
    shares = np.array([weights[name] for name in counted])
    stacked = (np.stack([getattr(sides, way) for sides in counted.values()]) for way in ("rises", "falls"))
    return Sides(*(cauchy(values, shares) for values in stacked))


def told(
    found: Mapping[str, pd.DataFrame],
    grouping: np.ndarray,
    lead: np.ndarray,
    rises: np.ndarray,
    alpha: float,
) -> dict[str, np.ndarray]:
    """What leading clusters explain, and what goes to both directions; and the padj that leaves at least."""
    nothing = np.full(grouping.shape[1], np.nan)
    known = {"least_padj": nothing, "given_padj": nothing, "both": np.zeros(len(nothing), bool)}
    known["explained_by"] = np.full(len(nothing), None, object)
    if "activity" not in found:
        return known
    table = found["activity"]
    if "given_pvalue" in table:
        known["given_padj"] = table["given_pvalue"].to_numpy(float)[lead]
        known["explained_by"] = table["explained_by"].to_numpy(object)[lead]
    lopsided, both = _lopsided(found, lead, rises, alpha)
    known["both"] = both
    known["least_padj"] = np.fmax(known["given_padj"], np.where(both, lopsided, np.nan))
    return known


def _lopsided(
    found: Mapping[str, pd.DataFrame], lead: np.ndarray, rises: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """p of more changed peaks on the side of the change than on the other; whether both sides are enriched.

    Of the motif's changed peaks as many as expected open, or more (binomial; its chance from what either
    enrichment expects).
    """
    counted = {}
    for way in ("up", "down"):
        table = found[way].iloc[lead]
        if "background_hits" not in table:
            return np.full(len(lead), np.nan), np.zeros(len(lead), bool)
        share = table["background_hits"].to_numpy(float) / table["background_size"].to_numpy(float)
        counted[way] = (
            table["foreground_hits"].to_numpy(float),
            share * table["foreground_size"].to_numpy(float),
        )
    (up, up_expected), (down, down_expected) = counted["up"], counted["down"]
    pairs = [(found["up"]["log10_pvalue"], found["down"]["log10_pvalue"])]
    if "wide_up_log10p" in found["activity"]:
        pairs.append((found["activity"]["wide_up_log10p"], found["activity"]["wide_down_log10p"]))
    both = np.any([_enriched_twice(*pair, alpha) for pair in pairs], axis=0)[lead]
    chance = np.where(both, up_expected / np.maximum(up_expected + down_expected, 1e-12), 0.5)
    n, k = np.nan_to_num(up + down), np.nan_to_num(np.where(rises, up, down))
    p = bdtrc(k - 1, n.astype(int), np.where(rises, chance, 1 - chance))
    return np.minimum(2 * p, 1.0), both


def _enriched_twice(up: pd.Series, down: pd.Series, alpha: float) -> np.ndarray:
    """Whether motifs are enriched in opened and in closed peaks: one by adjusted p, both by p."""
    log10p = np.stack([up.to_numpy(float), down.to_numpy(float)])
    adjusted = 10.0 ** np.stack([bh(row, log10=True) for row in log10p])
    with np.errstate(invalid="ignore"):
        return (np.fmin(*adjusted) < alpha) & (np.maximum(*log10p) < np.log10(OTHER_WAY))
