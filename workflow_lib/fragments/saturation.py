"""Would more reads find more peaks: what parts of a sample's cuts would find of the peaks of all."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from scipy import special

from workflow_lib.fragments.store import FragmentStore

FRACTIONS = np.arange(1, 11) / 10
PVALUE = 1e-5
COLUMNS = ("fraction", "n_cuts", "n_peaks")


def curve(store: FragmentStore, peaks: pd.DataFrame, contigs: Collection[str]) -> pd.DataFrame:
    """How many peaks each part of a sample's cuts would find.

    A peak is found if its cuts are more than a Poisson background of the sample's own rate outside peaks
    would give (p < 1e-5), as in the first step of MACS (Zhang 2008). For a part f of the cuts the expected
    number of such peaks follows without drawing: each cut of a peak stays with probability f.

    Assumes that cuts are independent; where they are not, the curve rises too early. It counts among the
    peaks of the run, which other samples may have found, and so says nothing of peaks that no sample has.

    Parameters
    ----------
    store : FragmentStore
    peaks : DataFrame
        chrom, start, end (0-based, half-open).
    contigs : collection of str
        Those that count: the nuclear ones.

    Returns
    -------
    DataFrame
        fraction (0.1 to 1), n_cuts, n_peaks (expected, found); n_peaks is 0 where there is no cut outside.
    """
    counts, widths, total, bases = [], [], 0, 0
    for contig in contigs:
        cuts = store.cuts(contig)
        here = peaks[peaks["chrom"] == contig]
        start, end = here["start"].to_numpy(), here["end"].to_numpy()
        counts.append(np.searchsorted(cuts, end) - np.searchsorted(cuts, start))
        widths.append(end - start)
        total += len(cuts)
        bases += store.contigs[contig]
    count, width = (np.concatenate([np.zeros(0, np.int64), *parts]) for parts in (counts, widths))
    outside, room = total - count.sum(), bases - width.sum()
    rate = outside / room if room > 0 and outside > 0 else np.nan
    found = [found_by(count, width * rate, fraction) for fraction in FRACTIONS]
    return pd.DataFrame(
        {"fraction": FRACTIONS, "n_cuts": np.rint(FRACTIONS * total).astype(np.int64), "n_peaks": found}
    )


def by_half(found: pd.DataFrame) -> float:
    """Share of the peaks found by all cuts that half of them find; NaN where none is found."""
    n_peaks = found.set_index("fraction")["n_peaks"]
    return float(n_peaks[0.5] / n_peaks[1.0]) if n_peaks[1.0] else np.nan


def found_by(count: np.ndarray, background: np.ndarray, fraction: float) -> float:
    """Expected number of peaks that a part of the cuts finds.

    Parameters
    ----------
    count : (n,) array of int
        Cuts in each peak.
    background : (n,) array of float
        Cuts that the background puts there.
    fraction : float
        Above 0, at most 1.
    """
    if not len(count) or not np.isfinite(background).all():
        return 0.0
    most = _poisson_quantile(1 - PVALUE, fraction * background)
    in_reach = most < count
    return float(special.bdtrc(most[in_reach], count[in_reach], fraction).sum())


def _poisson_quantile(share: float, mean: np.ndarray) -> np.ndarray:
    """The smallest numbers that a Poisson variable of these means does not exceed with this probability."""
    above = np.ceil(special.pdtrik(share, mean))
    below = np.maximum(above - 1, 0)
    return np.where(special.pdtr(below, mean) >= share, below, above)
