"""Motifs and the sites planted in peaks."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib.simulate.sequence import COMPLEMENT, Genome

SPAN = 60  # bp to either side of the summit that hold sites
SHARPNESS = 2.5  # power of the probabilities: sites are better than the average bound sequence

ROLES = {
    "driver_up": "treated",
    "driver_down": "control",
    "footprint_only": "both",
    "decoy": "none",
}  # and where each role's bound sites are bound


@dataclass(frozen=True)
class PlantedMotif:
    """One motif and how often it is planted.

    Attributes
    ----------
    motif_id, name : str
    role : str
        driver_up, driver_down, footprint_only or decoy.
    probabilities : (4, length) array
        Rows A, C, G, T; columns sum to 1.
    share : float
        Share of the peaks with a site; for a driver, of the peaks that change its way.
    elsewhere : float
        For a driver, the share of all other peaks; its sites there are not bound.
    """

    motif_id: str
    name: str
    role: str
    probabilities: np.ndarray
    share: float
    elsewhere: float = 0.06

    @property
    def length(self) -> int:
        """Width in bp."""
        return self.probabilities.shape[1]


# name, role, share
DEMO_MOTIFS = (
    ("TCF7", "driver_up", 0.65),
    ("SPI1", "driver_down", 0.65),
    ("CTCF", "footprint_only", 0.22),
    ("NRF1", "decoy", 0.10),
    ("HNF1A", "decoy", 0.10),
    ("RFX3", "decoy", 0.10),
)


def jaspar_motifs(choice: Sequence[tuple[str, str, float]] = DEMO_MOTIFS, *, release: str = "JASPAR2026"):
    """The named vertebrate CORE motifs of a JASPAR release, from the copy that pyjaspar carries.

    A name is matched as given, in capitals and capitalised; of several matrices, that with the lowest base
    identifier is taken, in its newest version.

    Parameters
    ----------
    choice : sequence of (name, role, share)
    release : str

    Returns
    -------
    list of PlantedMotif

    Raises
    ------
    ValueError
        If the release has no motif of a name.
    """
    from Bio import BiopythonWarning
    from pyjaspar import jaspardb

    database = jaspardb(release=release)
    planted = []
    for name, role, share in choice:
        spellings = sorted({name, name.upper(), name.capitalize()})  # as for man or for mouse
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BiopythonWarning)  # on finding none, which is an error below
            found = database.fetch_motifs(collection="CORE", tax_group="vertebrates", tf_name=spellings)
        if not found:
            raise ValueError(f"{release} CORE vertebrates has no motif named {name}")
        motif = min(found, key=lambda m: m.matrix_id)
        counts = np.array([motif.counts[base] for base in "ACGT"], dtype=float)
        planted.append(PlantedMotif(motif.matrix_id, motif.name, role, counts / counts.sum(axis=0), share))
    return planted


def plant(
    genome: Genome, peaks: pd.DataFrame, motifs: Sequence[PlantedMotif], rng: np.random.Generator
) -> pd.DataFrame:
    """Choose peaks and places for the sites and write the sites into the genome.

    The 120 bp around a summit are cut into one slot a motif, so that sites of a peak never overlap.

    Parameters
    ----------
    genome : Genome
        `codes` is changed in place.
    peaks : DataFrame
        Columns chrom, summit, change; index peak.
    motifs : sequence of PlantedMotif
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        chrom, start, end, strand, motif_id, peak, bound (none, control, treated or both: the groups in
        which the factor sits there and keeps Tn5 out); in genome order.

    Raises
    ------
    ValueError
        If a motif is longer than a slot.
    """
    slot = 2 * SPAN // max(len(motifs), 1)
    place = rng.permuted(np.tile(np.arange(len(motifs)), (len(peaks), 1)), axis=1)
    origin = dict(zip(genome.names, genome.offsets, strict=False))
    tables = []
    for k, motif in enumerate(motifs):
        if motif.length > slot:
            raise ValueError(
                f"{motif.motif_id} has {motif.length} bp; {len(motifs)} motifs leave room for {slot}"
            )
        chance, bound = _chances(motif, peaks["change"].to_numpy())
        rows = np.flatnonzero(rng.random(len(peaks)) < chance)
        offset = place[rows, k] * slot + rng.integers(0, slot - motif.length + 1, size=len(rows)) - SPAN
        start = peaks["summit"].to_numpy()[rows] + offset
        minus = rng.random(len(rows)) < 0.5
        sites = draw_sites(motif.probabilities, len(rows), rng)
        sites[minus] = COMPLEMENT[sites[minus]][:, ::-1]
        chrom = peaks["chrom"].to_numpy()[rows]
        first = start + np.array([origin[c] for c in chrom], dtype=np.int64)
        genome.codes[first[:, None] + np.arange(motif.length)] = sites
        tables.append(
            pd.DataFrame(
                {
                    "chrom": chrom,
                    "start": start,
                    "end": start + motif.length,
                    "strand": np.where(minus, "-", "+"),
                    "motif_id": motif.motif_id,
                    "peak": peaks.index.to_numpy()[rows],
                    "bound": np.where(bound[rows], ROLES[motif.role], "none"),
                }
            )
        )
    columns = ["chrom", "start", "end", "strand", "motif_id", "peak", "bound"]
    if not tables:
        return pd.DataFrame(columns=columns)
    sites = pd.concat(tables, ignore_index=True)
    rank = sites["chrom"].map({name: i for i, name in enumerate(genome.names)})
    return sites.iloc[np.lexsort([sites["start"], rank])].reset_index(drop=True)


def draw_sites(probabilities: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Sequences from a sharpened motif: (n, length) uint8 codes, plus strand."""
    sharp = probabilities**SHARPNESS
    cumulative = np.cumsum(sharp / sharp.sum(axis=0), axis=0)[:3]
    draws = rng.random((n, probabilities.shape[1]))
    return (draws[:, None, :] > cumulative[None]).sum(axis=1).astype(np.uint8)


def _chances(motif: PlantedMotif, change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each peak's chance of a site, and whether a site there would be bound."""
    if motif.role in ("driver_up", "driver_down"):
        own = change == motif.role.removeprefix("driver_")
        return np.where(own, motif.share, motif.elsewhere), own
    return np.full(len(change), motif.share), np.full(len(change), motif.role == "footprint_only")
