"""Places where all samples have extreme cuts for their surroundings, such as satellites and rDNA.

Reads of sequence that the assembly holds fewer times than the genome pile up on what there is of it, in every
sample. Two marks tell such places from peaks: no peak of the study comes near them in height, or no base of
thousands is at the level of the background (between peaks it is).
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference

COLUMNS = ["chrom", "start", "end", "reason", "beside", "fold", "lowest_fold", "n_samples"]
HIGH = "higher than any peak"
WIDE = "raised throughout"

BIN = 250
WINDOW = 1000
TILE = 5000
AROUND = 500
"""Windows to either side that are the surroundings."""
LEAST_CUTS = 10_000
"""Nuclear cuts of a sample that is asked."""
RAISED = 10.0
"""Times the surroundings that four fifths of a tile's bins reach."""
ENRICHED = 4.0
"""Times the surroundings from which a window counts as one of a peak."""
LEAST_PEAKS = 500
"""Enriched windows, or peaks of a matrix, that the law of heights needs."""
TAIL, LEAST_TAIL, TRIMMED = 0.01, 50, 0.2
"""Share of the peaks whose heights give the law, least number, and the share of these not believed."""
EXPECTED = 0.05
"""Peaks that may be expected beyond the bound, over the whole study."""
SLACK = 4.0
"""No sample may be below so much less than the bound that the median of samples has to reach."""
GAP = 5000
"""How far an end of a contig or a gap of the assembly may be to be told, and the distance that is bridged."""

log = logging.getLogger("atacdiff")


@dataclass(frozen=True)
class Depth:
    """Cuts of one sample over its surroundings.

    Attributes
    ----------
    windows : dict of str to float32 array
        Of each contig, cuts of each kb over those expected of its surroundings.
    tiles : dict of str to float32 array
        Of each 5 kb, its fourth lowest of twenty bins, likewise.
    """

    windows: dict[str, np.ndarray]
    tiles: dict[str, np.ndarray]


def find(
    stores: Iterable[FragmentStore],
    contigs: pd.Series,
    *,
    leave_out: Collection[str] = (),
    genome: reference.Genome | None = None,
) -> pd.DataFrame:
    """Places where all samples have extreme cuts for their surroundings.

    Parameters
    ----------
    stores : iterable of FragmentStore
        Taken one after another. Samples with fewer than 10,000 nuclear cuts are not asked.
    contigs : Series
        Lengths by name, in genome order.
    leave_out : collection of str
        Contigs that are not looked at, such as the mitochondrial one.
    genome : Genome, optional
        To tell which places lie beside a gap of the assembly.

    Returns
    -------
    DataFrame
        chrom, start, end (0-based, half-open, whole kb, in genome order); reason (`higher than any peak` or
        `raised throughout`); beside (`assembly gap`, `end of contig` or empty); fold (cuts of its highest kb
        over the surroundings, median of samples), lowest_fold (least of samples); n_samples (asked).

    Notes
    -----
    The surroundings are 500 kb to either side: their mean of cuts a kb, windows above twice the genome's
    upper quartile counting as that, and what lies beyond a contig as the genome's mean; kept within
    half of and four times that mean. So a chromosome in more copies is no such place, a satellite contig is.

    *Raised throughout*: four fifths of the 250-bp bins of 5 kb reach ten times the surroundings (median of
    samples; in no sample a fourth of that). *Higher than any peak*: null is that log heights of peaks fall
    off exponentially (a Pareto tail of heights, the heaviest that is seen), at the rate of the highest 1 %
    of which the top fifth is censored; called is what fewer than 0.05 peaks of the study are expected to
    reach. It is not asked of fewer than 500 enriched windows. What one group alone has is not called: it may
    be biology.

    Limits: amplified sequence of more than some forty copies is called; where background is below about one
    cut in 250 bp, weak artefacts are not.

    References
    ----------
    The problem: Amemiya 2019, Scientific Reports 9:9354, which needs many libraries of input DNA. Tails: Hill
    1975, Annals of Statistics 3:1163.
    """
    names = [name for name in contigs.index if name not in leave_out]
    depths = [depth for store in stores if (depth := _depth(store, contigs[names])) is not None]
    if not depths:
        log.warning("no sample has %d nuclear cuts: places with extreme cuts are not looked for", LEAST_CUTS)
        return _none()
    middle = {name: np.median([one.windows[name] for one in depths], axis=0) for name in names}
    least = {name: np.min([one.windows[name] for one in depths], axis=0) for name in names}
    wide = {name: _wide([one.tiles[name] for one in depths], middle[name], least[name]) for name in names}
    heights = np.concatenate([middle[name][~wide[name]] for name in names] or [np.zeros(0)])
    bound = highest_expected(heights[heights >= ENRICHED])
    log.info("%d samples; a peak may reach %.4g times its surroundings", len(depths), bound)
    parts = []
    for name in names:
        high = (middle[name] >= bound) & (least[name] >= bound / SLACK)
        parts.append(_runs(name, high | wide[name], wide[name], middle[name], least[name], contigs[name]))
    found = pd.concat([_none(), *[part for part in parts if len(part)]], ignore_index=True)
    found["n_samples"] = len(depths)
    found["beside"] = _beside(found, contigs, genome)
    return found[COLUMNS]


def among_counts(counts: pd.DataFrame, coordinates: pd.DataFrame | None) -> pd.DataFrame:
    """Peaks of a matrix whose counts are extreme in all samples: as :func:`find`, among peaks alone.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of int
    coordinates : DataFrame or None
        chrom, start, end of the rows; without them nothing is listed.

    Returns
    -------
    DataFrame
        As :func:`find`; folds are over the mean of the sample's peaks, and `beside` is empty.
    """
    values = counts.to_numpy(float)
    asked = values.sum(axis=0) >= LEAST_CUTS
    if coordinates is None or not asked.any():
        return _none()
    folds = values[:, asked] / values[:, asked].mean(axis=0)
    middle, least = np.median(folds, axis=1), folds.min(axis=1)
    bound = highest_expected(middle[middle > 0])
    high = (middle >= bound) & (least >= bound / SLACK)
    table = coordinates[["chrom", "start", "end"]][high].reset_index(drop=True)
    table = table.assign(reason=HIGH, beside="", fold=middle[high], lowest_fold=least[high])
    return table.assign(n_samples=int(asked.sum()))[COLUMNS]


def highest_expected(heights: np.ndarray) -> float:
    """The height that fewer than 0.05 of these peaks are expected to reach; infinite for too few to say.

    Parameters
    ----------
    heights : (n,) array of positive float
    """
    if len(heights) < LEAST_PEAKS:
        return np.inf
    n_tail = max(round(TAIL * len(heights)), LEAST_TAIL)
    tail = np.sort(np.log(heights))[-n_tail - 1 :]
    beyond = tail[1:] - tail[0]
    seen = n_tail - round(n_tail * TRIMMED)  # the highest may be artefacts: only that they are higher is used
    mean = (beyond[:seen].sum() + (n_tail - seen) * beyond[seen - 1]) / seen
    mean *= 1 + 1 / np.sqrt(seen)  # a standard error on the safe side
    return float(np.exp(tail[0] + mean * np.log(n_tail / EXPECTED)))


def outside(peaks: pd.DataFrame, regions: pd.DataFrame) -> np.ndarray:
    """Whether each peak of a matrix shares no base with any of some regions.

    Parameters
    ----------
    peaks, regions : DataFrame
        chrom, start, end.

    Raises
    ------
    InputError
        If no peak is left.
    """
    kept = reference.count_overlaps(peaks, regions) == 0 if len(regions) else np.ones(len(peaks), bool)
    if len(peaks) and not kept.any():
        raise InputError(f"no peak is left: all {len(peaks)} lie in the blacklist")
    return kept


def _depth(store: FragmentStore, contigs: pd.Series) -> Depth | None:
    """None for a sample with too few cuts."""
    if store.n_cuts(contigs.index) < LEAST_CUTS:
        return None
    windows, tiles = {}, {}
    for name, length in contigs.items():
        n_tiles = -(-int(length) // TILE)
        cuts = np.minimum(np.concatenate(store.ends(name)) // BIN, n_tiles * (TILE // BIN) - 1)
        bins = np.bincount(cuts, minlength=n_tiles * (TILE // BIN))
        windows[name] = bins.reshape(-1, WINDOW // BIN).sum(axis=1)[: -(-int(length) // WINDOW)]
        # of a contig's last tile what there is of it
        tiles[name] = _fourth_lowest(bins, int(length))
    every = np.concatenate(list(windows.values()))
    cap = max(2 * np.quantile(every, 0.75), 1.0)
    mean = np.minimum(every, cap).mean()
    folds, floors = {}, {}
    for name, counts in windows.items():
        expected = np.clip(_surroundings(np.minimum(counts, cap), mean), mean / 2, 4 * mean)
        folds[name] = (counts / expected).astype(np.float32)
        at = np.minimum(np.arange(len(tiles[name])) * (TILE // WINDOW), len(expected) - 1)
        floors[name] = (tiles[name] * (WINDOW / BIN) / expected[at]).astype(np.float32)
    return Depth(folds, floors)


def _fourth_lowest(bins: np.ndarray, length: int) -> np.ndarray:
    """Of each whole tile the fourth lowest bin; of a rest the like share, and 0 below half a tile."""
    per = TILE // BIN
    table = bins.reshape(-1, per)
    found = np.partition(table, per // 5 - 1, axis=1)[:, per // 5 - 1]
    rest = (length % TILE) // BIN
    if length % TILE:
        found[-1] = np.sort(table[-1, :rest])[max(rest // 5 - 1, 0)] if rest >= per // 2 else 0
    return found


def _surroundings(values: np.ndarray, mean: float) -> np.ndarray:
    """Mean of each value and 500 to either side, those beyond the ends of the contig counting as the mean."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=float)])
    at = np.arange(len(values))
    low, high = np.maximum(at - AROUND, 0), np.minimum(at + AROUND + 1, len(values))
    full = 2 * AROUND + 1
    return (total[high] - total[low] + (full - (high - low)) * mean) / full


def _wide(tiles: list[np.ndarray], middle: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Windows of tiles that are raised throughout, and those next to them that are as high."""
    raised = (np.median(tiles, axis=0) >= RAISED) & (np.min(tiles, axis=0) >= RAISED / SLACK)
    found = np.repeat(raised, TILE // WINDOW)[: len(middle)]
    high = (middle >= RAISED) & (least >= RAISED / SLACK)
    if not found.any():
        return found
    run = np.cumsum(np.diff((high | found).astype(np.int8), prepend=0) == 1)
    with_tile = np.unique(run[found])
    return found | (high & np.isin(run, with_tile))


def _runs(name, chosen, wide, middle, least, length: int) -> pd.DataFrame:
    """Chosen windows of a contig as places, those with less than 5 kb between them as one."""
    at = np.flatnonzero(chosen)
    if not len(at):
        return _none()
    breaks = np.flatnonzero(np.diff(at) > GAP // WINDOW)
    first, last = at[np.concatenate([[0], breaks + 1])], at[np.concatenate([breaks, [len(at) - 1]])]
    highest = [low + int(np.argmax(middle[low : high + 1])) for low, high in zip(first, last, strict=True)]
    is_wide = [bool(wide[low : high + 1].any()) for low, high in zip(first, last, strict=True)]
    return pd.DataFrame(
        {
            "chrom": name,
            "start": first * WINDOW,
            "end": np.minimum((last + 1) * WINDOW, length),
            "reason": np.where(is_wide, WIDE, HIGH),
            "fold": middle[highest].astype(float),
            "lowest_fold": least[highest].astype(float),
        }
    )


def _beside(found: pd.DataFrame, contigs: pd.Series, genome: reference.Genome | None) -> list[str]:
    """What lies within 5 kb of each place, if it is a gap of the assembly or the end of a contig."""
    length = found["chrom"].map(contigs)
    at_end = (found["start"] < GAP) | (found["end"] > length - GAP)
    said = np.where(at_end, "end of contig", "").astype(object)
    if genome is not None and len(found):
        around = found[["chrom"]].assign(
            start=(found["start"] - GAP).clip(lower=0), end=np.minimum(found["end"] + GAP, length).astype(int)
        )
        gaps = np.array(["N" * 50 in sequence for sequence in genome.fetch(around)])
        said[gaps & ~at_end.to_numpy()] = "assembly gap"
    return said.tolist()


def _none() -> pd.DataFrame:
    types = {"chrom": object, "start": np.int64, "end": np.int64, "reason": object, "beside": object}
    numbers = {"fold": float, "lowest_fold": float, "n_samples": np.int64}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in (types | numbers).items()})
