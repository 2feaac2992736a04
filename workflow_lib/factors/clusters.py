"""Motifs put together by cluster: who is in which, and their p-values as one."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib.stats.combination import cauchy, either


@dataclass(frozen=True)
class Sides:
    """What speaks for a rise of activity from control to experiment, and for a fall.

    log10 of one-sided p-values of motifs or clusters; of `counted` and `tested`, numbers of motifs.
    """

    rises: np.ndarray
    falls: np.ndarray

    def combined(self, over: np.ndarray, weights: np.ndarray) -> "Sides":
        """Cauchy combination over rows of `over`, (most, n) row numbers, -1 for none; a weight a row."""
        own = np.nan_to_num(padded(weights, over), nan=1.0)
        return Sides(*(cauchy(padded(side, over), own) for side in (self.rises, self.falls)))

    def counted(self, over: np.ndarray) -> "Sides":
        """How many of the rows of `over` are true."""
        return Sides(
            *(np.nansum(padded(side, over), axis=0).astype(int) for side in (self.rises, self.falls))
        )

    def tested(self, over: np.ndarray) -> "Sides":
        """How many of the rows of `over` have a value."""
        return Sides(~np.isnan(self.rises), ~np.isnan(self.falls)).counted(over)

    def change(self, any_difference: bool = False) -> np.ndarray:
        """log10 p of a change to either side; the rise's own where any difference counts and has no sides."""
        return self.rises if any_difference else either(self.rises, self.falls)

    def and_also(self, other: "Sides", slack: float = 0.0) -> "Sides":
        """The larger of two p-values by side, `other` times 10 ** slack; NaN where either is."""
        return Sides(
            *(
                np.minimum(np.maximum(own, its + slack), 0.0)
                for own, its in ((self.rises, other.rises), (self.falls, other.falls))
            )
        )


def members(library: pd.DataFrame) -> np.ndarray:
    """(most, n_clusters) rows of the library in each cluster, -1 for none; clusters by their first motif."""
    own = library["motif_id"]
    group, _ = pd.factorize(library["cluster"].fillna(own) if "cluster" in library else own)
    n = int(group.max(initial=-1)) + 1
    place = pd.Series(group).groupby(group).cumcount().to_numpy(dtype=np.int64)
    rows = np.full((int(place.max(initial=-1)) + 1, n), -1)
    rows[place, group] = np.arange(len(library))
    return rows


def padded(values: np.ndarray, grouping: np.ndarray) -> np.ndarray:
    """Values of the members of each cluster, NaN for none."""
    return (
        np.where(grouping < 0, np.nan, values[grouping]) if len(values) else np.full(grouping.shape, np.nan)
    )


def lead(grouping: np.ndarray, log10p: np.ndarray) -> np.ndarray:
    """Row of each cluster's member with the smallest p; without any, its first."""
    best = np.argmin(np.where(np.isnan(log10p), np.inf, log10p), axis=0) if grouping.size else []
    return grouping[best, np.arange(grouping.shape[1])]
