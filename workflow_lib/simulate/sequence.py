"""A genome that looks like one: isochores, CpG depletion, islands, repeats in lower case, gaps."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

LETTERS = np.frombuffer(b"ACGTN", dtype=np.uint8)
COMPLEMENT = np.array([3, 2, 1, 0, 4], dtype=np.uint8)
GAP = 4  # code of N
SEGMENT = 100  # bp that share one composition

# Odds of a dinucleotide over chance, rows first base, columns second, both ACGT. Symmetric under reverse
# complement; CpG apart, close to what the human genome shows (Karlin & Burge 1995, Trends Genet 11:283).
DINUCLEOTIDES = np.array(
    [[1.12, 0.84, 1.17, 0.87], [1.21, 1.19, 1.00, 1.17], [1.02, 1.00, 1.19, 0.84], [0.74, 1.02, 1.21, 1.12]]
)


@dataclass(frozen=True)
class Genome:
    """Contigs laid end to end, in FASTA order.

    Attributes
    ----------
    lengths : dict of contig name to length (bp)
    codes : (total,) uint8 array
        0..3 for A, C, G, T and 4 for N.
    masked : (total,) bool array
        Bases written in lower case.
    """

    lengths: dict[str, int]
    codes: np.ndarray
    masked: np.ndarray

    @property
    def names(self) -> list[str]:
        """Contig names in order."""
        return list(self.lengths)

    @property
    def offsets(self) -> np.ndarray:
        """(n_contigs + 1,) array: where each contig begins in `codes`, then the total."""
        return np.concatenate([[0], np.cumsum(list(self.lengths.values()))])

    def text(self, contig: str, start: int = 0, end: int | None = None) -> str:
        """Upper-case sequence of a stretch of one contig."""
        i = self.names.index(contig)
        first, last = self.offsets[i], self.offsets[i + 1]
        return LETTERS[self.codes[first:last][start:end]].tobytes().decode()

    def fasta(self, width: int = 60) -> str:
        """The whole genome as FASTA, repeats in lower case."""
        letters = LETTERS[self.codes] + np.where(self.masked, np.uint8(32), np.uint8(0))
        parts = []
        for i, name in enumerate(self.names):
            text = letters[self.offsets[i] : self.offsets[i + 1]].tobytes().decode()
            lines = [text[j : j + width] for j in range(0, len(text), width)]
            parts.append("\n".join([f">{name}", *lines, ""]))
        return "".join(parts)


def isochores(length: int, rng: np.random.Generator, *, block: int = 80_000) -> np.ndarray:
    """GC share of each 100-bp segment of a contig: long blocks of one level, with local wobble.

    Returns
    -------
    (ceil(length / 100),) array of float
    """
    n = -(-length // SEGMENT)
    edges = np.sort(rng.integers(0, max(n, 1), size=max(1, length // block)))
    levels = rng.choice([0.37, 0.40, 0.44, 0.50], p=[0.35, 0.3, 0.2, 0.15], size=len(edges) + 1)
    return levels[np.searchsorted(edges, np.arange(n), side="right")] + rng.normal(0.0, 0.02, size=n)


def draw_codes(gc: np.ndarray, cpg: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bases from a first-order Markov chain whose composition changes every 100 bp.

    Segments are drawn side by side, so the chain starts afresh at each.

    Parameters
    ----------
    gc : (n_segments,) array
        GC share that the chain aims at.
    cpg : (n_segments,) array
        Odds of CpG over chance: about 0.2 in bulk, 0.8 in an island.
    rng : numpy.random.Generator

    Returns
    -------
    (n_segments * 100,) uint8 array of codes 0..3
    """
    base = np.stack([(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2], axis=1)
    odds = np.repeat(DINUCLEOTIDES[None], len(gc), axis=0)
    odds[:, 1, 2] = cpg
    step = np.cumsum(base[:, None, :] * odds, axis=2)
    step /= step[:, :, -1:]
    rows = np.arange(len(gc))
    codes = np.empty((len(gc), SEGMENT), dtype=np.uint8)
    current = np.cumsum(base, axis=1)
    for i in range(SEGMENT):
        codes[:, i] = (rng.random(len(gc))[:, None] > current[:, :3]).sum(axis=1)
        current = step[rows, codes[:, i]]
    return codes.reshape(-1)


def add_repeats(codes: np.ndarray, keep: np.ndarray, rng: np.random.Generator, *, every: int) -> np.ndarray:
    """Write microsatellites into `codes`, where `keep` allows, and choose what is lower case.

    Parameters
    ----------
    codes : (length,) uint8 array, changed in place
    keep : (length,) bool array
        Bases that must not change (peaks).
    rng : numpy.random.Generator
    every : int
        Mean distance of microsatellites (bp).

    Returns
    -------
    (length,) bool array
        The microsatellites, and stretches of 50-600 bp over about a third of the contig.
    """
    masked = np.zeros(len(codes), dtype=bool)
    units = [np.array(unit, np.uint8) for unit in ([0], [3], [1, 0], [2, 0], [3, 3, 3, 0], [2, 2, 0, 0])]
    for start in rng.integers(0, len(codes), size=len(codes) // every):
        unit, length = units[rng.integers(len(units))], int(rng.integers(15, 60))
        end = min(start + length, len(codes))
        if not keep[start:end].any():
            codes[start:end] = np.resize(unit, end - start)
            masked[start:end] = True
    starts = rng.integers(0, len(codes), size=len(codes) // 800)
    edges = np.zeros(len(codes) + 1, dtype=np.int32)
    np.add.at(edges, starts, 1)
    np.add.at(edges, np.minimum(starts + rng.integers(50, 600, size=len(starts)), len(codes)), -1)
    return masked | (np.cumsum(edges)[:-1] > 0)


def draw_genome(
    lengths: Mapping[str, int],
    islands: np.ndarray,
    centres: np.ndarray,
    gaps: np.ndarray,
    rng: np.random.Generator,
) -> Genome:
    """Draw every contig, richer in GC around given places, with N in given gaps.

    Parameters
    ----------
    lengths : mapping of contig to bp
    islands, centres : arrays of positions in the laid-out genome
        CpG islands (about 600 bp, GC 0.63) and distal peaks (about 400 bp, GC + 0.05).
    gaps : (n, 2) array of start, end in the laid-out genome
    rng : numpy.random.Generator
    """
    offsets = np.concatenate([[0], np.cumsum(list(lengths.values()))])
    codes, masked = [], []
    for i, length in enumerate(lengths.values()):
        gc = isochores(length, rng)
        cpg = np.full(len(gc), 0.22)
        middle = np.arange(len(gc)) * SEGMENT + SEGMENT // 2 + offsets[i]
        gc[_near(middle, centres, 200)] += 0.05
        island = _near(middle, islands, 300)
        gc[island] = np.maximum(gc[island], 0.63)
        cpg[island] = 0.8
        contig = draw_codes(gc, cpg, rng)[:length]
        keep = _near(np.arange(length) + offsets[i], np.concatenate([islands, centres]), 300)
        masked.append(add_repeats(contig, keep, rng, every=5000))
        codes.append(contig)
    genome = Genome(dict(lengths), np.concatenate(codes), np.concatenate(masked))
    for start, end in gaps:
        genome.codes[start:end] = GAP
        genome.masked[start:end] = False
    return genome


def _near(positions: np.ndarray, places: np.ndarray, distance: int) -> np.ndarray:
    """Whether each position lies within `distance` of one of the places."""
    if len(places) == 0:
        return np.zeros(len(positions), dtype=bool)
    places = np.sort(places)
    after = np.searchsorted(places, positions)
    left = np.abs(positions - places[np.maximum(after - 1, 0)])
    right = np.abs(positions - places[np.minimum(after, len(places) - 1)])
    return np.minimum(left, right) <= distance
