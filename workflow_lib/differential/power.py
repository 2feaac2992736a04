"""Power of the test of differential peaks: how many samples, or reads, a change of a given size needs.

Source
    The variance of a log fold change between two groups under the negative binomial model (Hart et al. 2013,
    Journal of Computational Biology 20:970, equation 1), averaged over the study's own peaks, at the p-value
    that controls the false discovery rate (Benjamini & Hochberg 1995; Jung 2005, Bioinformatics 21:3097,
    relates that p-value to the share of features that change).
Null
    None: nothing is tested. The table says what the study's test would find if a share `changed` of all
    peaks changed by one and the same fold.
Assumptions
    Two groups of equal size; samples to come vary as those at hand do (each peak's dispersion as used by the
    test); more reads scale each peak's mean and leave its dispersion; Wald statistics are normal.
Limits
    With two samples a group dispersions are estimated poorly, and the power that is reached varies from
    study to study. Covariates cost degrees of freedom that are not counted. Peaks that more reads would add
    are not counted either. It says nothing about the calls of this study: it is for the next one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

REPLICATES = (2, 3, 4, 5, 6, 8, 10, 12, 16, 24)
READS = (0.5, 1.0, 2.0, 4.0)
FOLD_CHANGES = (1.25, 1.5, 2.0, 3.0)
CHANGED = 0.05
AT_MOST = 2000  # peaks that the average runs over, evenly spaced in the order of their means
STEPS = 60  # halvings of the range of log p-values
SMALLEST = 1e-16


def replicates(groups: Iterable[str]) -> int:
    """Samples in each of two equal groups worth as much as the study's: the harmonic mean of its groups.

    Parameters
    ----------
    groups : iterable of str
        The group of each sample.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> replicates(["a", "a", "b", "b", "b", "b", "b", "b"])
    3
    """
    sizes = Counter(groups).values()
    return max(1, round(len(sizes) / sum(1 / size for size in sizes))) if sizes else 1


def standard_error(mean, dispersion, fold_change, replicates, reads=1.0):
    """Standard error of the natural log of a fold change between two groups of equal size.

    Parameters
    ----------
    mean : array of float
        Mean normalised count over both groups, at the reads of the study.
    dispersion : array of float
        Negative binomial dispersion: the variance is ``mean + dispersion * mean ** 2``.
    fold_change : float
        Above 1; the groups' means lie its square root above and below the mean.
    replicates : int
        Samples in each group.
    reads : float
        Reads of a sample over those of the study.

    Returns
    -------
    array of float

    Examples
    --------
    >>> float(standard_error(100.0, 0.04, 1.0, 4))
    0.15811388300841897
    """
    half = np.sqrt(fold_change)
    lower, upper = mean * reads / half, mean * reads * half
    return np.sqrt((1 / lower + 1 / upper + 2 * np.asarray(dispersion)) / replicates)


def of_peaks(errors, fold_change, threshold):
    """Probability that a two-sided Wald test at a p-value finds a change.

    Parameters
    ----------
    errors : array of float
        Standard errors of the natural log fold change.
    fold_change : float
    threshold : float
        p-value below which a peak is called.

    Returns
    -------
    array of float
        At a fold change of 1 the threshold itself.
    """
    distance = np.log(fold_change) / errors
    cut = -ndtri(threshold / 2)
    return ndtr(distance - cut) + ndtr(-distance - cut)


def threshold(errors, fold_change, alpha, changed) -> float:
    """The p-value at which Benjamini and Hochberg's method stops, on average.

    Parameters
    ----------
    errors : array of float
        Standard errors of the natural log fold change, one a peak.
    fold_change : float
    alpha : float
        False discovery rate.
    changed : float
        Share of all peaks that change, between 0 and 1.

    Returns
    -------
    float
        The largest p for which ``p = alpha * (share of peaks below p)``; 0 where there is none.
    """
    grid = np.linspace(np.log(SMALLEST), np.log(alpha), 80)
    share = [_called(np.exp(p), errors, fold_change, changed) for p in grid]
    fits = alpha * np.array(share) >= np.exp(grid)
    if not fits.any():
        return 0.0
    last = int(np.flatnonzero(fits)[-1])
    if last == len(grid) - 1:
        return float(alpha)
    low, high = grid[last], grid[last + 1]
    for _ in range(STEPS):
        middle = (low + high) / 2
        inside = alpha * _called(np.exp(middle), errors, fold_change, changed) >= np.exp(middle)
        low, high = (middle, high) if inside else (low, middle)
    return float(np.exp(low))


def _called(p: float, errors, fold_change: float, changed: float) -> float:
    """Share of all peaks with a p-value below p."""
    return changed * float(of_peaks(errors, fold_change, p).mean()) + (1 - changed) * p


def table(
    dispersions: pd.DataFrame,
    replicates: int,
    *,
    alpha: float = 0.05,
    changed: float = CHANGED,
    numbers: Sequence[int] = REPLICATES,
    reads: Sequence[float] = READS,
    fold_changes: Sequence[float] = FOLD_CHANGES,
) -> pd.DataFrame:
    """Power for numbers of samples, amounts of reads and sizes of change.

    Parameters
    ----------
    dispersions : DataFrame
        Columns `baseMean`, `used` (the dispersion that the test uses). Peaks without either are left out.
    replicates : int
        Samples in each group of the study; it and its double are rows of the table whatever `numbers` says.
    alpha : float
        False discovery rate.
    changed : float
        Share of the peaks that change.
    numbers, reads, fold_changes : sequences
        What the table runs over.

    Returns
    -------
    DataFrame
        Columns `replicates`, `reads`, `fold_change`, `changed`, `n_peaks`, `threshold` (p-value), `power`
        (share of the changed peaks that are found), `power_weak`, `power_medium`, `power_strong` (the same in
        thirds of the peaks by mean count), `study` (whether samples and reads are those of the study).
        Without peaks, no row.

    Raises
    ------
    ValueError
        If `changed` or `alpha` is not between 0 and 1, or a fold change is not above 1.
    """
    if not (0 < changed < 1 and 0 < alpha < 1):
        raise ValueError(f"changed ({changed}) and alpha ({alpha}) must lie between 0 and 1")
    if min(fold_changes) <= 1:
        raise ValueError("a fold change must be above 1")
    peaks = dispersions[["baseMean", "used"]].dropna()
    peaks = peaks[peaks["baseMean"] > 0].sort_values("baseMean", kind="stable")
    rows = []
    if len(peaks):
        places = np.unique(np.linspace(0, len(peaks) - 1, min(AT_MOST, len(peaks))).round().astype(int))
        mean, dispersion = peaks.to_numpy()[places].T
        third = np.array_split(np.arange(len(mean)), 3)
        sizes = sorted({*numbers, replicates, 2 * replicates} - {0, 1})
        for size in sizes:
            for amount in reads:
                for fold in fold_changes:
                    errors = standard_error(mean, dispersion, fold, size, amount)
                    cut = threshold(errors, fold, alpha, changed)
                    found = of_peaks(errors, fold, cut) if cut else np.zeros(len(errors))
                    thirds = [found[part].mean() if len(part) else np.nan for part in third]
                    own = size == replicates and amount == 1
                    rows.append((size, amount, fold, changed, len(peaks), cut, found.mean(), *thirds, own))
    columns = ["replicates", "reads", "fold_change", "changed", "n_peaks", "threshold", "power"]
    columns += ["power_weak", "power_medium", "power_strong", "study"]
    return pd.DataFrame(rows, columns=columns)


def sentences(power: pd.DataFrame, fold_change: float | None = None) -> list[str]:
    """What the table says of the study, and of twice the samples against twice the reads.

    Parameters
    ----------
    power : DataFrame
        As :func:`table` makes it.
    fold_change : float, optional
        One of the table's; by default that of which the study finds a share nearest to one half, where what
        samples and reads add shows best.

    Returns
    -------
    list of str
        Empty where the table has no row for the study.
    """
    folds = power[power["study"]]
    if folds.empty:
        return []
    replicates = int(folds["replicates"].iloc[0])
    if fold_change is None:
        fold_change = float(folds.loc[(folds["power"] - 0.5).abs().idxmin(), "fold_change"])
    rows = power.set_index(["replicates", "reads", "fold_change"])["power"]
    own, samples, reads = (
        rows[(size, amount, fold_change)]
        for size, amount in ((replicates, 1.0), (2 * replicates, 1.0), (replicates, 2.0))
    )
    by_size = ", ".join(f"{percent(row.power)} at {row.fold_change:g}-fold" for row in folds.itertuples())
    changed = percent(power["changed"].iloc[0])
    return [
        f"With {replicates} samples in each group, a study like this one finds this share of the regions "
        f"that change: {by_size}. This assumes that {changed} of all regions change.",
        f"For {fold_change:g}-fold changes, twice the samples would raise that share from {percent(own)} "
        f"to {percent(samples)}, twice the reads of each sample to {percent(reads)}. "
        f"{_advice(own, samples, reads)}",
    ]


def percent(share: float) -> str:
    """A share in whole percent; what is nearly nothing or nearly all says so."""
    if 0 < share < 0.01:
        return "less than 1 %"
    return "more than 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def _advice(own: float, samples: float, reads: float) -> str:
    more_samples, more_reads = samples - own, reads - own
    if max(more_samples, more_reads) < 0.05:
        return "Neither would change much."
    if more_samples > 1.25 * more_reads:
        return "More samples help more than more reads."
    if more_reads > 1.25 * more_samples:
        return "More reads help more than more samples."
    return "More samples and more reads help alike."
