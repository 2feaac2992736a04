"""Drawing the two cuts of every fragment of one sample."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib.simulate.landscape import REACH
from workflow_lib.simulate.sequence import GAP, Genome

DUPLICATED = 9  # bp that a Tn5 event copies; a cut is the centre of them
HALF = DUPLICATED // 2
SHORTEST, LONGEST = 50, 900  # bp of a template: no read passes its end
PROPOSALS = 12
CLASSES = ("nucleosome_free", "mono", "di", "tri")
# shares of the size classes inside peaks and outside
IN_PEAKS = (0.62, 0.25, 0.10, 0.03)
OUTSIDE = (0.35, 0.42, 0.17, 0.06)


@dataclass(frozen=True)
class Tracks:
    """What governs cuts along the laid-out genome; one value a base.

    Attributes
    ----------
    preference : (total,) float array
        Tn5's own, 0 where it cannot cut.
    protection : dict of group to (total,) float array
        Factor of bound sites, 1 elsewhere.
    openness : (total,) float array
        Sum of the peaks' open cores, 1 at a lone summit, 0 far away.
    gc : (total,) float array
        GC share within 100 bp to either side.
    gaps : (total + 1,) int array
        Number of N before each base.
    contig : (total,) int8 array
    """

    preference: np.ndarray
    protection: dict[str, np.ndarray]
    openness: np.ndarray
    gc: np.ndarray
    gaps: np.ndarray
    contig: np.ndarray


def tracks(
    genome: Genome,
    summits: np.ndarray,
    cores: np.ndarray,
    preference: np.ndarray,
    protection: dict[str, np.ndarray],
) -> Tracks:
    """Gather the per-base arrays; summits are positions in the laid-out genome."""
    codes = genome.codes
    x = np.arange(-REACH, REACH + 1)
    openness = np.zeros(len(codes))
    np.add.at(openness, summits[:, None] + x, np.exp(-0.5 * (x / cores[:, None]) ** 2))
    strong = np.concatenate([[0], np.cumsum((codes == 1) | (codes == 2))])
    left = np.maximum(np.arange(len(codes)) - 100, 0)
    right = np.minimum(np.arange(len(codes)) + 101, len(codes))
    return Tracks(
        preference=preference,
        protection=protection,
        openness=openness,
        gc=(strong[right] - strong[left]) / (right - left),
        gaps=np.concatenate([[0], np.cumsum(codes == GAP)]),
        contig=np.repeat(np.arange(len(genome.lengths), dtype=np.int8), list(genome.lengths.values())),
    )


def size_classes() -> np.ndarray:
    """Densities of template length (50..900 bp) of the classes, with the 10.5-bp turn of the helix.

    Returns
    -------
    (4, 851) array of float, rows summing to 1
    """
    length = np.arange(SHORTEST, LONGEST + 1)
    turn = 1 + 0.25 * np.cos(2 * np.pi * length / 10.5) * np.exp(-((length - SHORTEST) / 150.0))
    short = (length - SHORTEST + 4) * np.exp(-(length - SHORTEST) / 22.0) * (length < 140)
    rows = [short] + [np.exp(-0.5 * ((length - m) / s) ** 2) for m, s in ((197, 22), (385, 34), (580, 45))]
    drawn = np.array(rows) * turn
    return drawn / drawn.sum(axis=1, keepdims=True)


def from_peaks(
    counts: np.ndarray,
    summits: np.ndarray,
    cores: np.ndarray,
    tracks: Tracks,
    group: str,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw the signal: `counts` fragments of each peak.

    Parameters
    ----------
    counts : (n_peaks,) integer array
    summits, cores : (n_peaks,) arrays
        Position in the laid-out genome; sd of the open core (bp).
    tracks : Tracks
    group : str
        Decides which bound sites protect.
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        left, right (cuts, laid-out), origin (row of the peak).
    """
    weight = tracks.preference * tracks.protection[group]
    x = np.arange(-REACH, REACH + 1)
    local = weight[summits[:, None] + x] * np.exp(-0.5 * (x / cores[:, None]) ** 2)
    chance = np.cumsum(local, axis=1)
    chance /= chance[:, -1:]
    origin = np.repeat(np.arange(len(counts)), counts)
    # one search over all peaks: peak i's distribution function runs from i to i + 1
    ladder = (chance + np.arange(len(counts))[:, None]).reshape(-1)
    at = np.searchsorted(ladder, origin + rng.random(len(origin)), side="right")
    first = summits[origin] + np.clip(at - origin * len(x), 0, len(x) - 1) - REACH
    return _close(first, origin, weight * (0.15 + tracks.openness), tracks, IN_PEAKS, rng)


def from_background(
    n: int, where: slice, tracks: Tracks, group: str, gc_slope: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw `n` fragments anywhere in a part of the laid-out genome; as :func:`from_peaks`, origin -1."""
    weight = tracks.preference * tracks.protection[group]
    chance = np.cumsum(weight[where] * gc_factor(tracks.gc[where], gc_slope))
    first = where.start + np.searchsorted(chance, rng.random(n) * chance[-1], side="right")
    return _close(first, np.full(n, -1), weight, tracks, OUTSIDE, rng)


def gc_factor(gc: np.ndarray, slope: float) -> np.ndarray:
    """Multiplier of coverage: exp(slope) for each 10 points of GC above 45 %, bounded at 4 such steps."""
    return np.exp(slope * np.clip((gc - 0.45) / 0.1, -4, 4))


def _close(
    first: np.ndarray,
    origin: np.ndarray,
    weight: np.ndarray,
    tracks: Tracks,
    shares: tuple[float, ...],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Give each first cut its second: of twelve lengths drawn from one class, one is taken by weight there.

    A cut that finds no second (all twelve would cross N or a contig end) is dropped.
    """
    density = np.cumsum(size_classes(), axis=1)
    kind = rng.choice(len(CLASSES), size=len(first), p=shares)
    length = np.empty((len(first), PROPOSALS), dtype=np.int64)
    for k in range(len(CLASSES)):
        rows = kind == k
        u = rng.random((np.count_nonzero(rows), PROPOSALS)) * density[k, -1]
        length[rows] = SHORTEST + np.searchsorted(density[k], u, side="right")
    direction = np.where(rng.random(len(first)) < 0.5, -1, 1)
    second = first[:, None] + direction[:, None] * (length - DUPLICATED)
    safe = np.clip(second, 0, len(weight) - 1)
    low = np.clip(np.minimum(first[:, None], second) - HALF, 0, len(weight))
    high = np.clip(np.maximum(first[:, None], second) + HALF + 1, 0, len(weight))
    valid = (safe == second) & (tracks.contig[safe] == tracks.contig[first][:, None])
    valid &= tracks.gaps[high] == tracks.gaps[low]
    chance = np.cumsum(np.where(valid, weight[safe], 0.0), axis=1)
    pick = (chance <= (rng.random(len(first)) * chance[:, -1])[:, None]).sum(axis=1)
    found = chance[:, -1] > 0
    other = second[np.arange(len(first)), np.minimum(pick, PROPOSALS - 1)]
    return pd.DataFrame(
        {
            "left": np.minimum(first, other)[found],
            "right": np.maximum(first, other)[found],
            "origin": origin[found],
        }
    )
