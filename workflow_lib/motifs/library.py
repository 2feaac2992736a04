"""The motif library: matrices, what they are called, and the score that makes a hit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import factor_names, jaspar
from workflow_lib.io import motifs as files
from workflow_lib.io.motifs import Motif
from workflow_lib.motifs import pwm

__all__ = ["Motif", "MotifLibrary", "Thresholds", "from_jaspar", "read", "read_all", "write"]

SHORT_MOTIFS = ("best_word", "exclude", "error")
"""What may be done with motifs too short to reach the p-value; see `MotifLibrary.with_short_motifs`."""


@dataclass(frozen=True, eq=False)
class Thresholds:
    """Scores that make a hit, one a motif in library order, and for what they were computed.

    Attributes
    ----------
    pvalue : float
        Asked for: the probability of a hit at one position of one strand of random sequence.
    background : (4,) array
        Base probabilities of that sequence, also those of the log-odds.
    score : (n_motifs,) array
        Thresholds in bits; see :func:`workflow_lib.motifs.pwm.threshold`.
    attained : (n_motifs,) array
        Probabilities that they have; above `pvalue` for motifs too short to reach it.
    """

    pvalue: float
    background: np.ndarray
    score: np.ndarray
    attained: np.ndarray

    def are_for(self, pvalue: float, background) -> bool:
        """Whether they answer this p-value on this background."""
        return pvalue == self.pvalue and np.array_equal(pwm.check_background(background), self.background)

    @property
    def reached(self) -> np.ndarray:
        """(n_motifs,) array of bool: whether a hit is as unlikely as the p-value asks."""
        return self.attained <= self.pvalue * (1 + 1e-6)  # beyond what the order of a sum can do


@dataclass(frozen=True, eq=False)
class MotifLibrary:
    """Motifs in a fixed order; `calibrated` adds their thresholds.

    Attributes
    ----------
    motifs : tuple of Motif
        With unique identifiers.
    stored : Thresholds, optional
        Kept with the library so that each part of a scan uses the very same scores.
    clusters : tuple of str, optional
        The cluster of each motif; see :func:`workflow_lib.motifs.clusters.assign`.
    """

    motifs: tuple[Motif, ...]
    stored: Thresholds | None = None
    clusters: tuple[str, ...] | None = None

    def __post_init__(self):
        object.__setattr__(self, "motifs", tuple(self.motifs))
        if len(self._column) != len(self.motifs):
            raise ValueError("motif identifiers of a library must be unique")

    def __len__(self) -> int:
        return len(self.motifs)

    def __iter__(self) -> Iterator[Motif]:
        return iter(self.motifs)

    def __getitem__(self, motif_id: str) -> Motif:
        return self.motifs[self._column[motif_id]]

    @cached_property
    def _column(self) -> dict[str, int]:
        return {motif.id: i for i, motif in enumerate(self.motifs)}

    @property
    def calibration(self) -> Thresholds:
        """The stored thresholds.

        Raises
        ------
        ValueError
            If there are none yet.
        """
        if self.stored is None:
            raise ValueError("the library has no thresholds yet: call calibrated(pvalue, background) first")
        return self.stored

    @property
    def ids(self) -> list[str]:
        """Motif identifiers in library order."""
        return [motif.id for motif in self.motifs]

    def weights(self, background) -> list[np.ndarray]:
        """Log-odds matrices (4, length) in bits, in library order."""
        return [pwm.weights(motif.counts, background) for motif in self.motifs]

    def calibrated(self, pvalue: float, background) -> MotifLibrary:
        """The same library with its thresholds for a p-value on a background."""
        if self.stored is not None and self.stored.are_for(pvalue, background):
            return self
        background = pwm.check_background(background)
        found = [pwm.threshold(matrix, background, pvalue) for matrix in self.weights(background)]
        score, attained = np.array(found, dtype=float).reshape(-1, 2).T
        return replace(self, stored=Thresholds(float(pvalue), background, score, attained))

    def with_short_motifs(self, policy: str) -> MotifLibrary:
        """What a policy makes of motifs of a calibrated library that are too short to reach the p-value.

        Parameters
        ----------
        policy : {"best_word", "exclude", "error"}
            Keep them: their best word alone is a hit, at the p-value that `attained` says. Or leave them
            out, as tools do that drop what they cannot score. Or refuse the library.

        Raises
        ------
        InputError
            With "error", if there is one.
        """
        if policy not in SHORT_MOTIFS:
            raise ValueError(f"policy must be one of {', '.join(SHORT_MOTIFS)}, not {policy!r}")
        known = self.calibration
        if policy == "best_word" or known.reached.all():
            return self
        if policy == "error":
            short = [motif.id for motif, reached in zip(self, known.reached, strict=True) if not reached]
            raise InputError(
                f"motifs.short_motifs: error, and {len(short)} of {len(self)} motifs are too short to reach "
                f"motifs.pvalue = {known.pvalue:g}: {', '.join(short[:5])}{', ...' if short[5:] else ''}; "
                "raise the p-value, or set short_motifs to best_word or exclude"
            )
        kept = np.flatnonzero(known.reached)
        if not kept.size:
            raise InputError(
                f"motifs.short_motifs: exclude leaves none of {len(self)} motifs: all are too short to reach "
                f"motifs.pvalue = {known.pvalue:g}; raise the p-value"
            )
        return MotifLibrary(
            tuple(self.motifs[i] for i in kept),
            replace(known, score=known.score[kept], attained=known.attained[kept]),
            None if self.clusters is None else tuple(self.clusters[i] for i in kept),
        )

    def thresholds(self, pvalue: float, background) -> dict[str, float]:
        """The lowest score in bits that is a hit, by motif id.

        Parameters
        ----------
        pvalue : float
            P(score >= threshold) of a random word on one strand is at most this, and the threshold the
            lowest for which that holds. A motif too short for that gets its best word's score.
        background : (4,) base probabilities A, C, G, T

        See Also
        --------
        workflow_lib.motifs.pwm.threshold : exactness and notes
        """
        scores = self.calibrated(pvalue, background).calibration.score
        return dict(zip(self.ids, scores.tolist(), strict=True))

    def find_factor(self, name: str) -> list[str]:
        """Ids of the motifs of a transcription factor and its dimers; none if unknown.

        Parameters
        ----------
        name : str
            A symbol, previous symbol, alias or family such as AP-1, the whole name of a motif, or a synonym
            that the motif's source gives; see :func:`workflow_lib.io.factor_names.find`.
        """
        named = {motif.id: (motif.name, *motif.tf_names, *motif.synonyms) for motif in self.motifs}
        return factor_names.find(name, named)

    def factors(self) -> pd.DataFrame:
        """Which factors the motifs are of.

        Returns
        -------
        DataFrame
            tf_name, motif_id: a row for each factor of each motif, by factor, then library order. synonyms:
            further names that the database has for the motif's factor or, of a dimer, for one of them,
            joined by ";". reaches_pvalue, of a calibrated library: as in :meth:`table`.
        """
        reached = [True] * len(self) if self.stored is None else self.stored.reached.tolist()
        rows = [
            (tf, motif.id, ";".join(motif.synonyms) or None, long_enough)
            for motif, long_enough in zip(self.motifs, reached, strict=True)
            for tf in motif.tf_names
        ]
        table = pd.DataFrame(rows, columns=["tf_name", "motif_id", "synonyms", "reaches_pvalue"])
        if self.stored is None:
            table = table.drop(columns="reaches_pvalue")
        return table.sort_values("tf_name", kind="stable", ignore_index=True)

    def table(self) -> pd.DataFrame:
        """One row a motif of a calibrated library.

        Returns
        -------
        DataFrame
            motif_id, name, tf_names (joined by ";"), family, class, species, length, information_content
            (bits: expected score of a site, the relative entropy to the background), threshold,
            pvalue_attained, cluster (NA: motifs are not grouped by similarity), reaches_pvalue (false: the
            motif is too short for the p-value asked for, its best word alone counts, at pvalue_attained).
        """
        background = self.calibration.background
        content = [
            float((2.0**matrix * background[:, None] * matrix).sum()) for matrix in self.weights(background)
        ]
        table = pd.DataFrame(
            {
                "motif_id": self.ids,
                "name": [motif.name for motif in self.motifs],
                "tf_names": [";".join(motif.tf_names) for motif in self.motifs],
                "family": [motif.family for motif in self.motifs],
                "class": [motif.motif_class for motif in self.motifs],
                "species": [motif.species for motif in self.motifs],
                "length": [motif.length for motif in self.motifs],
                "information_content": content,
                "threshold": self.calibration.score,
                "pvalue_attained": self.calibration.attained,
            }
        )
        texts = ["name", "tf_names", "family", "class", "species"]
        table[texts] = table[texts].replace("", None)
        return table.assign(cluster=self.clusters, reaches_pvalue=self.calibration.reached)

    def without(self, others: MotifLibrary) -> pd.DataFrame:
        """Rows of :meth:`table` of the motifs that another library does not have."""
        table = self.table()
        return table[~table["motif_id"].isin(others.ids)].reset_index(drop=True)


def read(path: str | Path) -> MotifLibrary:
    """Read motifs from a file, or from all files of a folder by name.

    A file is in JASPAR, MEME, TRANSFAC or HOMER form (recognised by content), or one that `write` wrote.

    Raises
    ------
    InputError
        Naming file and line, if a file is of another kind or broken.
    """
    return read_all(files.listed(path))


def read_all(paths: Sequence[str | Path]) -> MotifLibrary:
    """Read several files as one library; a single file that `write` wrote keeps its thresholds."""
    if len(paths) != 1 or not files.is_library(paths[0]):
        return MotifLibrary(tuple(files.read_all(paths)))
    known = files.read_library(paths[0])
    numbers = (known.background, known.threshold, known.attained)
    background, score, attained = (np.array(each, dtype=float) for each in numbers)
    return MotifLibrary(known.motifs, Thresholds(known.pvalue, background, score, attained), known.clusters)


def write(library: MotifLibrary, path: str | Path) -> None:
    """Write a calibrated library as JSON at machine precision; `read` gives it back unchanged."""
    c = library.calibration
    stored = files.StoredLibrary(
        library.motifs, c.pvalue, tuple(c.background), tuple(c.score), tuple(c.attained), library.clusters
    )
    files.write_library(path, stored)


def from_jaspar(
    release: str = "JASPAR2026",
    collection: str = "CORE",
    tax_group: str | Sequence[str] | None = "vertebrates",
    species: str | int | Sequence[str | int] | None = None,
) -> MotifLibrary:
    """The newest version of each JASPAR matrix of one or several taxonomic groups and species, by id.

    Parameters
    ----------
    release : str
        As pyjaspar names it, JASPAR2014 to JASPAR2026; the database comes with the package.
    collection : str
        CORE, UNVALIDATED, ...
    tax_group : str, list of str, or None
        vertebrates, plants, insects, nematodes, fungi, urochordates, ...; None for all.
    species : str, int, list of either, or None
        NCBI taxonomy numbers or names as the database has them (9606, "Homo sapiens"); None for all.

    Raises
    ------
    InputError
        If the release, the collection, a group or a species is unknown (the known ones are named), or no
        matrix is of all that is asked for.
    """
    return MotifLibrary(tuple(jaspar.fetch(release, collection, tax_group, species)))
