"""Cuts and Tn5's preference at every base around sites, some megabases at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.footprints.tn5_bias import REACH, Preference, fetch_padded
from workflow_lib.genome.reference import Genome

BASES = 4_000_000
"""Bases laid out at once, which take some 60 bytes each."""
NEARBY = 250
"""Bases to either side of a site, at least, whose cuts say how open it is: about a peak."""


@dataclass(frozen=True)
class Windows:
    """Merged windows around sites of one contig, laid out one after the other.

    Attributes
    ----------
    rows : (n_sites,) int array
        Sites that these windows serve.
    centre : (n_sites,) int array
        Where the centre of each stands in the layout.
    shift : (n_sites,) int array
        What turns a place of the contig, near the site, into one of the layout.
    cuts : (length,) float array
        Cuts at each base; 0 where the weight is.
    weight : (length,) float array
        Tn5's preference; 0 where it is unknown, which includes all beyond the contig.
    nearby : (n_sites,) int array
        Cuts within `NEARBY` bases of the centre of each, or within the flank where that is wider.
    """

    rows: np.ndarray
    centre: np.ndarray
    shift: np.ndarray
    cuts: np.ndarray
    weight: np.ndarray
    nearby: np.ndarray


def around(
    cuts: np.ndarray, contig: str, centre: np.ndarray, flank: int, genome: Genome, preference: Preference
) -> Iterator[Windows]:
    """Lay out the windows of all sites of a contig, block by block.

    Parameters
    ----------
    cuts : sorted int array
        Of one sample, on this contig.
    contig : str
    centre : (n_sites,) int array, rising
    flank : int
        Bases to either side of a centre that are wanted.
    genome : Genome
    preference : Preference
    """
    if not len(centre):
        return
    starts, ends, owner = intervals.union(centre - flank, centre + flank + 1)
    starts, ends = starts - REACH, ends + REACH
    block = (np.cumsum(ends - starts) - 1) // BASES
    bounds = np.flatnonzero(np.r_[True, np.diff(block) > 0, True])
    reach = max(flank, NEARBY)
    nearby = np.searchsorted(cuts, centre + reach + 1) - np.searchsorted(cuts, centre - reach)
    for low, high in pairwise(bounds):
        rows = np.arange(*np.searchsorted(owner, [low, high]))
        table = pd.DataFrame({"chrom": contig, "start": starts[low:high], "end": ends[low:high]})
        weight = preference.weights(np.concatenate(fetch_padded(genome, table))).astype(float)
        offset = np.cumsum(ends[low:high] - starts[low:high]) - (ends - starts)[low:high] - starts[low:high]
        counted = _counted(cuts, starts[low:high], ends[low:high], offset, len(weight))
        shift = offset[owner[rows] - low]
        yield Windows(
            rows=rows,
            centre=centre[rows] + shift,
            shift=shift,
            cuts=np.where(weight > 0, counted, 0.0),
            weight=weight,
            nearby=nearby[rows],
        )


def sums(values: np.ndarray) -> np.ndarray:
    """Running totals from 0, so that a stretch [a, b) adds up to totals[b] - totals[a]."""
    totals = np.zeros(len(values) + 1)
    np.cumsum(values, out=totals[1:])
    return totals


def by_contig(sites: pd.DataFrame, contigs: Mapping[int, str]) -> Iterator[tuple[str, np.ndarray]]:
    """Name of each contig that has sites, and their rows; sites are in order of contig."""
    number = sites["contig"].to_numpy()
    bounds = np.flatnonzero(np.r_[True, np.diff(number) != 0, True]) if len(number) else np.zeros(1, int)
    for low, high in pairwise(bounds):
        yield contigs[int(number[low])], np.arange(low, high)


def _counted(cuts, starts, ends, offset, length) -> np.ndarray:
    """Cuts at each base of the layout."""
    first, last = np.searchsorted(cuts, starts), np.searchsorted(cuts, ends)
    n = last - first
    at = np.repeat(first - np.cumsum(n) + n, n) + np.arange(n.sum())
    return np.bincount(cuts[at] + np.repeat(offset, n), minlength=length)
