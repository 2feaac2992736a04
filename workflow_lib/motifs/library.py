"""The motif library: matrices, what they are called, and the score that makes a hit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import motifs as files
from workflow_lib.io.motifs import Motif
from workflow_lib.motifs import pwm

__all__ = ["Motif", "MotifLibrary", "Thresholds", "from_jaspar", "read", "write"]


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


@dataclass(frozen=True, eq=False)
class MotifLibrary:
    """Motifs in a fixed order; `calibrated` adds their thresholds.

    Attributes
    ----------
    motifs : tuple of Motif
        With unique identifiers.
    stored : Thresholds, optional
        Kept with the library so that each part of a scan uses the very same scores.
    """

    motifs: tuple[Motif, ...]
    stored: Thresholds | None = None

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
        """Ids of the motifs of a transcription factor, whatever the case of its name; none if unknown."""
        wanted = name.strip().casefold()
        return [m.id for m in self.motifs if wanted in {tf.casefold() for tf in (*m.tf_names, m.name)}]

    def factors(self) -> pd.DataFrame:
        """Columns tf_name, motif_id: a row for each factor of each motif, by factor, then library order."""
        rows = [(tf, motif.id) for motif in self.motifs for tf in motif.tf_names]
        table = pd.DataFrame(rows, columns=["tf_name", "motif_id"])
        return table.sort_values("tf_name", kind="stable", ignore_index=True)

    def table(self) -> pd.DataFrame:
        """One row a motif of a calibrated library.

        Returns
        -------
        DataFrame
            motif_id, name, tf_names (joined by ";"), family, class, species, length, information_content
            (bits: expected score of a site, the relative entropy to the background), threshold,
            pvalue_attained (above the p-value asked for: the motif is too short, its best word alone
            counts), cluster (NA: motifs are not grouped by similarity).
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
        return table.assign(cluster=None)


def read(path: str | Path) -> MotifLibrary:
    """Read a library from a JASPAR, MEME or TRANSFAC file (told by content), or one that `write` wrote.

    Raises
    ------
    InputError
        Naming file and line, if the file is of another kind or broken.
    """
    if not files.is_library(path):
        return MotifLibrary(tuple(files.read_motifs(path)))
    motifs, pvalue, background, score, attained = files.read_library(path)
    stored = Thresholds(pvalue, np.array(background), np.array(score, float), np.array(attained, float))
    return MotifLibrary(tuple(motifs), stored)


def write(library: MotifLibrary, path: str | Path) -> None:
    """Write a calibrated library as JSON at machine precision; `read` gives it back unchanged."""
    c = library.calibration
    files.write_library(path, library.motifs, c.pvalue, c.background, c.score, c.attained)


def from_jaspar(
    release: str = "JASPAR2026",
    collection: str = "CORE",
    tax_group: str | Sequence[str] | None = "vertebrates",
) -> MotifLibrary:
    """The newest version of each JASPAR matrix of one or several taxonomic groups, by id.

    Parameters
    ----------
    release : str
        As pyjaspar names it, JASPAR2014 to JASPAR2026; the database comes with the package.
    collection : str
        CORE, UNVALIDATED, ...
    tax_group : str, list of str, or None
        vertebrates, plants, insects, nematodes, fungi, urochordates, ...; None for all.

    Raises
    ------
    InputError
        If the release, the collection or a group is unknown; the known ones are named.
    """
    import pyjaspar  # here, since only this door needs it: it opens a database

    if release not in pyjaspar.jaspar_releases:
        raise _unknown("release", release, pyjaspar.jaspar_releases)
    database = pyjaspar.jaspardb(release=release)
    groups = [tax_group] if isinstance(tax_group, str) else tax_group
    groups = None if groups is None else [group.strip().lower() for group in groups]
    try:
        known = database.conn.execute("select distinct COLLECTION from MATRIX").fetchall()
        if (collection.upper(),) not in known:
            raise _unknown("collection", collection, (value for (value,) in known))
        tax_groups = "select distinct VAL from MATRIX_ANNOTATION where TAG = 'tax_group'"
        known = database.conn.execute(tax_groups).fetchall()
        for group in groups or ():
            if (group,) not in known:
                raise _unknown("tax_group", group, (value for (value,) in known))
        records = database.fetch_motifs(collection=collection, tax_group=groups)
    finally:
        database.conn.close()
    motifs = (
        Motif(
            record.matrix_id,
            record.name,
            np.array([record.counts[base] for base in files.BASES], dtype=float),
            _joined(record.tf_family),
            _joined(record.tf_class),
            _joined(record.species),
        )
        for record in records
    )
    return MotifLibrary(tuple(sorted(motifs, key=lambda motif: motif.id)))


def _joined(values: Iterable | None) -> str:
    """Distinct values as one text; pyjaspar gives lists, or None."""
    return "; ".join(dict.fromkeys(str(value) for value in values or () if value))


def _unknown(key: str, value: str, known: Iterable[str]) -> InputError:
    return InputError(f"motifs: {key}: JASPAR has no {value!r}; it has {', '.join(sorted(known))}")
