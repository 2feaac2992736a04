"""One motif as a file gives it, and what all forms of motif files check alike."""

import re
from dataclasses import dataclass

import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.io import factor_names

BASES = "ACGT"
PROBABILITY_SITES = 20  # what MEME takes for nsites where a file of probabilities does not say
FORMS = "JASPAR, MEME, TRANSFAC, HOMER, CIS-BP, UniPROBE, STAMP or Cluster-Buster form"
NO_DNA = "only DNA (ACGT) motifs can be scanned; name a file of those"

# Patterns meet lines of any length: none may take more than one way through the same text.
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True, eq=False)
class Motif:
    """One motif as its file gives it.

    Attributes
    ----------
    id : str
        Unique in its library.
    name : str
        What people call it; dimers as `A::B`.
    counts : (4, length) array of float
        Rows A, C, G, T. Probabilities are scaled to their number of sites.
    family, motif_class, species : str
        Empty where unknown; several values joined by "; ". Species as the source gives them (JASPAR: NCBI
        taxonomy numbers).
    synonyms : tuple of str
        Other names of its factors.
    sites_known : bool
        Whether `counts` sum to a number of sites. If not, the source gave probabilities alone, and 20 sites
        stand in (for pseudocounts).
    """

    id: str
    name: str
    counts: np.ndarray
    family: str = ""
    motif_class: str = ""
    species: str = ""
    synonyms: tuple[str, ...] = ()
    sites_known: bool = True

    @property
    def length(self) -> int:
        """Number of columns."""
        return self.counts.shape[1]

    @property
    def tf_names(self) -> tuple[str, ...]:
        """Symbols of its factors; see :func:`workflow_lib.io.factor_names.of_motif`."""
        return factor_names.of_motif(self.name)


def wrong(path, line: int, what: str) -> InputError:
    """The error of a line, counted from 0."""
    return InputError(f"{path}:{line + 1}: {what}")


def motif(path, line, identifier, name, rows, scale=1.0, **more) -> tuple[int, Motif]:
    """Check the matrix (4 rows of equal length) whose record began on `line`."""
    identifier, name = ("_".join((identifier or "").split()), " ".join((name or "").split()))
    if not identifier:
        raise wrong(path, line, "a motif without an identifier")
    if not (identifier + name).isprintable():
        raise wrong(path, line, f"motif {identifier!r} has control characters in its identifier or name")
    counts = np.array(rows, dtype=float) * scale
    if counts.shape[1] == 0:
        raise without_matrix(path, line, identifier)
    if not np.isfinite(counts).all():
        raise wrong(path, line, f"motif {identifier} has an endless count")
    if (counts < 0).any():
        what = f"motif {identifier} has negative numbers, so these are weights"
        raise wrong(path, line, f"{what}; give its counts (.pcm) or probabilities (.pfm, .ppm)")
    empty = np.flatnonzero(counts.sum(axis=0) == 0)
    if empty.size:
        what = f"column {empty[0] + 1} of motif {identifier} is all zero"
        raise wrong(path, line, f"{what}; if any base may stand there, write 1 for each")
    name = (name or identifier).removeprefix(identifier + ".")
    return line, Motif(identifier, name, counts, **more)


def of_matrix(path, line, identifier, name, matrix, **more) -> tuple[int, Motif]:
    """A motif of counts, or of shares where no number is above 1 and some are fractions: 20 sites stand in.

    Shares must add up in each column; sums of counts differ even in JASPAR.
    """
    matrix = np.asarray(matrix, dtype=float)
    if not matrix.size or not np.isfinite(matrix).all() or matrix.max() > 1 or not (matrix % 1).any():
        return motif(path, line, identifier, name, matrix, **more)
    for i, total in enumerate(matrix.sum(axis=0), 1):
        if matrix.min() >= 0 and not 0.95 < total < 1.05:
            what = f"column {i} of motif {identifier} sums to {total:g}; give counts, or probabilities"
            raise wrong(path, line, f"{what} that sum to 1")
    return motif(path, line, identifier, name, matrix, PROBABILITY_SITES, **{"sites_known": False, **more})


def without_matrix(path, line: int, identifier: str) -> InputError:
    """The error of a motif that has no matrix, in whichever form."""
    return wrong(path, line, f"motif {identifier} has no matrix; remove it, or the file if it holds no other")


def numbers(path, line, text) -> list[float]:
    """Numbers between blanks."""
    words = text.split()
    for word in words:
        if not NUMBER.fullmatch(word):
            raise wrong(path, line, f"{word!r} is not a number")
    return [float(word) for word in words]


def probabilities(path, i, line, identifier) -> list[float]:
    """One position of a matrix of probabilities."""
    values = numbers(path, i, line)
    if len(values) != 4:
        raise wrong(path, i, f"{len(values)} numbers in motif {identifier}; give four, for A, C, G, T")
    if min(values) < 0 or not 0.95 < sum(values) < 1.05:
        raise wrong(path, i, f"probabilities of motif {identifier} sum to {sum(values):g}, not 1")
    return values
