"""Motif files: JASPAR, MEME, TRANSFAC, HOMER, and our own library at machine precision."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.io import factor_names
from workflow_lib.io.tables import write_text
from workflow_lib.io.text import read_small, text_lines

BASES = "ACGT"
PROBABILITY_SITES = 20  # what MEME takes for nsites where a file of probabilities does not say
LIBRARY_FORMAT = "atacdiff motif library 2"
FORMS = "JASPAR, MEME, TRANSFAC or HOMER form"

# Patterns meet lines of any length: none may take more than one way through the same text.
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_HOMER_HEADER = re.compile(rf">[^\t]*\t[^\t]+\t *{_NUMBER.pattern} *(\t|$)")
_STATED = re.compile(r"\b(\w++)\s*+=\s*+(\S+)")
_ROW_LABEL = re.compile(r"([A-Za-z])(?=[\s\[|:=])")


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


def listed(path: str | Path) -> list[str]:
    """The motif files that a path names: itself, or the files of a folder by name, hidden ones left out.

    Raises
    ------
    InputError
        If the folder holds no file.
    """
    folder = Path(path)
    if not folder.is_dir():
        return [str(path)]
    found = sorted(str(file) for file in folder.iterdir() if file.is_file() and file.name[0] != ".")
    if not found:
        raise InputError(f"{path}: the folder holds no file; expected motifs in {FORMS}")
    return found


def read_all(paths: Iterable[str | Path]) -> list[Motif]:
    """Motifs of several files (:func:`read_motifs`), whose identifiers must differ between files too."""
    motifs: list[Motif] = []
    seen: dict[str, str | Path] = {}
    for path in paths:
        for motif in read_motifs(path):
            if motif.id in seen:
                raise InputError(f"{path}: motif {motif.id} is in {seen[motif.id]} too; rename or remove one")
            seen[motif.id] = path
            motifs.append(motif)
    return motifs


def read_motifs(path: str | Path) -> list[Motif]:
    """Read a motif file; its content decides the format.

    JASPAR (`>id name`, four rows with or without letters and brackets; or four bare rows, which take the
    file's name), MEME (any version's text with letter-probability matrices), TRANSFAC (AC/ID/NA/P0
    records), HOMER (`>consensus name threshold`, tab-separated, then a row of probabilities a position; its
    threshold is not used), or a library that :func:`write_library` wrote. Plain or gzipped.

    Raises
    ------
    InputError
        Naming file and line, if the file is not one of these, holds no motif, or a matrix is broken.
    """
    lines = _lines(path)
    content = [line for line in lines if line.strip() and not line.startswith("#")]
    if not content:
        raise InputError(f"{path}:1: the file is empty; expected motifs in {FORMS}")
    if content[0].lstrip().startswith("{"):
        return list(read_library(path).motifs)
    if any(line.startswith(("MEME version", "letter-probability matrix")) for line in content):
        found = _meme(path, lines)
    elif any(re.match(r"P[0O]\s", line) for line in content):
        found = _transfac(path, lines)
    elif _HOMER_HEADER.match(content[0]):
        found = _homer(path, lines)
    elif content[0].startswith(">") or _is_row(content[0]):
        found = _jaspar(path, lines)
    else:
        raise _wrong(path, lines.index(content[0]), f"not a motif file in {FORMS}")
    motifs: list[Motif] = []
    seen: dict[str, int] = {}
    for line, motif in found:
        if motif.id in seen:
            raise _wrong(path, line, f"motif {motif.id} was there already, on line {seen[motif.id]}")
        seen[motif.id] = line + 1
        motifs.append(motif)
    if not motifs:
        raise _wrong(path, 0, "the file holds no motif")
    return motifs


def _lines(path) -> list[str]:
    if not Path(path).is_file():
        raise InputError(f"{path}: no such motif file")
    return text_lines(read_small(path, "motif file"))


def _wrong(path, line: int, what: str) -> InputError:
    """The error of a line, counted from 0."""
    return InputError(f"{path}:{line + 1}: {what}")


def _motif(path, line, identifier, name, rows, scale=1.0, **more) -> tuple[int, Motif]:
    """Check the matrix (4 rows of equal length) whose record began on `line`."""
    identifier, name = ("_".join((identifier or "").split()), " ".join((name or "").split()))
    if not identifier:
        raise _wrong(path, line, "a motif without an identifier")
    if not (identifier + name).isprintable():
        raise _wrong(path, line, f"motif {identifier!r} has control characters in its identifier or name")
    counts = np.array(rows, dtype=float) * scale
    if counts.shape[1] == 0:
        raise _wrong(path, line, f"motif {identifier} has no columns")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise _wrong(path, line, f"motif {identifier} has a negative or endless count")
    empty = np.flatnonzero(counts.sum(axis=0) == 0)
    if empty.size:
        raise _wrong(path, line, f"column {empty[0] + 1} of motif {identifier} is all zero")
    name = (name or identifier).removeprefix(identifier + ".")
    return line, Motif(identifier, name, counts, **more)


def _numbers(path, line, text) -> list[float]:
    words = text.split()
    for word in words:
        if not _NUMBER.fullmatch(word):
            raise _wrong(path, line, f"{word!r} is not a number")
    return [float(word) for word in words]


def _is_row(text: str) -> bool:
    """Whether a line can be one base of a count matrix."""
    return bool(re.match(r"\s*[ACGTacgt]?\s*[\[|:=]?\s*[-+.\d]", text))


def _jaspar(path, lines) -> list[tuple[int, Motif]]:
    records: list[tuple[int, str, list[int]]] = []  # line of the header, header, lines of the rows
    for i, line in enumerate(lines):
        if line.startswith(">"):
            records.append((i, line[1:].strip(), []))
        elif line.strip() and not line.startswith("#"):
            if not records:
                records.append((i, Path(path).name.split(".")[0], []))
            records[-1][2].append(i)
    return [_jaspar_record(path, lines, *record) for record in records]


def _jaspar_record(path, lines, start, header, row_lines) -> tuple[int, Motif]:
    if not header:
        raise _wrong(path, start, "a motif without an identifier; expected `>id name`")
    identifier, _, name = header.replace("\t", " ").partition(" ")
    rows: dict[str, list[float]] = {}
    for i in row_lines:
        numbers = lines[i].strip()
        labelled = _ROW_LABEL.match(numbers)
        label = labelled[1] if labelled else None
        numbers = numbers[len(label or "") :].lstrip()
        numbers = (numbers[1:] if numbers[:1] in tuple("[|:=") else numbers).removesuffix("]")
        base = (label or BASES[min(len(rows), 3)]).upper()
        if base not in BASES or (base in rows and (label or len(rows) < 4)):
            raise _wrong(path, i, f"row {base!r} of motif {identifier}; expected one row each for A, C, G, T")
        if len(rows) == 4:
            raise _wrong(path, i, f"motif {identifier} has more than four rows; expected A, C, G, T")
        rows[base] = _numbers(path, i, numbers)
        n, n_first = len(rows[base]), len(next(iter(rows.values())))
        if n != n_first:
            raise _wrong(path, i, f"row {base} of motif {identifier} has {n} counts, its first row {n_first}")
    if len(rows) < 4:
        raise _wrong(path, start, f"motif {identifier} has {len(rows)} rows; give one each for A, C, G, T")
    matrix = np.array([rows[base] for base in BASES])
    if not matrix.size or matrix.max() > 1 or not (matrix % 1).any():
        return _motif(path, start, identifier, name, matrix)
    # Shares and no counts, so each column must add up; sums of counts differ even in JASPAR.
    for i, total in enumerate(matrix.sum(axis=0), 1):
        if not 0.95 < total < 1.05:
            what = f"column {i} of motif {identifier} sums to {total:g}; give counts, or probabilities"
            raise _wrong(path, start, f"{what} that sum to 1")
    return _motif(path, start, identifier, name, matrix, PROBABILITY_SITES, sites_known=False)


def _meme(path, lines) -> list[tuple[int, Motif]]:
    found = []
    start, identifier, name = 0, "", ""
    i = 0
    while i < len(lines):
        line = lines[i]
        if line.startswith("ALPHABET"):
            letters = line.partition("=")[2].split("#")[0].strip()
            if letters and letters != BASES:
                raise _wrong(path, i, f"alphabet {letters!r}; only DNA (ACGT) motifs can be scanned")
        elif re.match(r"MOTIF\s", line):
            words = line.split()
            start, identifier = i, words[1] if len(words) > 1 else ""
            name = words[2] if len(words) > 2 and "=" not in words[2] and words[2] != "width" else ""
        elif line.startswith("letter-probability matrix"):
            if not identifier:
                raise _wrong(path, i, "a matrix without a MOTIF line before it")
            stated = dict(_STATED.findall(line))
            sites = _numbers(path, i, stated.get("nsites", "0"))[0]
            if sites < 0:
                raise _wrong(path, i, f"motif {identifier} says nsites={sites:g}; write 0 if it is unknown")
            rows, i = _meme_rows(path, lines, i, identifier, stated)
            scale = sites if sites > 0 else PROBABILITY_SITES
            matrix = np.array(rows).T.reshape(4, -1)
            found.append(_motif(path, start, identifier, name, matrix, scale, sites_known=sites > 0))
            identifier = ""
            continue
        i += 1
    if identifier:
        raise _wrong(path, start, f"motif {identifier} has no letter-probability matrix")
    return found


def _meme_rows(path, lines, header, identifier, stated) -> tuple[list[list[float]], int]:
    """The rows below a matrix header, and the line that follows them."""
    rows: list[list[float]] = []
    i = header + 1
    while i < len(lines) and not lines[i].startswith(("MOTIF", "URL", "---", "***")):
        if lines[i].strip():
            rows.append(_probabilities(path, i, lines[i], identifier))
        elif rows:
            break
        i += 1
    if "w" in stated and stated["w"] != str(len(rows)):
        raise _wrong(path, header, f"motif {identifier} says w={stated['w']} but has {len(rows)} rows")
    return rows, i


def _probabilities(path, i, line, identifier) -> list[float]:
    """One position of a matrix of probabilities."""
    values = _numbers(path, i, line)
    if len(values) != 4:
        raise _wrong(path, i, f"{len(values)} numbers in motif {identifier}; expected A, C, G, T")
    if min(values) < 0 or not 0.95 < sum(values) < 1.05:
        raise _wrong(path, i, f"probabilities of motif {identifier} sum to {sum(values):g}, not 1")
    return values


def _homer(path, lines) -> list[tuple[int, Motif]]:
    """Records of `>consensus name threshold ...`; names are `factor(family)/experiment/source`."""
    records: list[tuple[int, str, list[list[float]]]] = []  # line of the header, identifier, rows
    for i, line in enumerate(lines):
        if line.startswith(">"):
            if not _HOMER_HEADER.match(line):
                raise _wrong(
                    path, i, "not a HOMER header; expected >consensus, name, threshold with tabs between"
                )
            records.append((i, "_".join(line.split("\t")[1].split()), []))
        elif line.strip() and not line.startswith("#"):
            if not records:
                raise _wrong(path, i, "a matrix without a header before it")
            records[-1][2].append(_probabilities(path, i, line, records[-1][1]))
    found = []
    for i, identifier, rows in records:
        short = identifier.split("/")[0]
        name, family = re.fullmatch(r"([^(]*)(?:\((.*?)\))?.*", short).groups()  # type: ignore[union-attr]
        more = {"family": (family or "").strip("?"), "sites_known": False}
        matrix = np.array(rows).T.reshape(4, -1)
        found.append(_motif(path, i, identifier, name or identifier, matrix, PROBABILITY_SITES, **more))
    return found


_TRANSFAC_COMMENTS = {"tf_family": "family", "tf_class": "motif_class", "tax_id": "species"}


def _transfac(path, lines) -> list[tuple[int, Motif]]:
    found: list[tuple[int, Motif]] = []
    start = 0
    for i, line in enumerate([*lines, "//"]):
        if line.startswith("//"):
            found.extend(_transfac_record(path, lines, start, i))
            start = i + 1
    return found


def _transfac_record(path, lines, start, end) -> list[tuple[int, Motif]]:
    """The motif in lines start to end; none if it is a header or blank."""
    fields: dict[str, str] = {}
    more: dict[str, str] = {}
    rows: list[list[float]] = []
    order = ""
    for i in range(start, end):
        tag, *rest = lines[i].split(None, 1) or [""]
        text = rest[0].strip() if rest else ""
        if tag in ("P0", "PO"):
            order = "".join(text.split()).upper()
            if sorted(order) != list(BASES):
                raise _wrong(path, i, f"matrix columns {text!r}; expected A C G T")
        elif order and tag.isdigit():
            words = text.split()
            if len(words) not in (4, 5):
                raise _wrong(path, i, "a matrix row needs four counts, then perhaps the consensus letter")
            rows.append(_numbers(path, i, " ".join(words[:4])))
        elif tag in ("AC", "ID", "NA"):
            fields[tag] = text
        elif tag == "CC" and text.partition(":")[0] in _TRANSFAC_COMMENTS:
            key, _, value = text.partition(":")
            more[_TRANSFAC_COMMENTS[key]] = value.strip()
    identifier = fields.get("AC") or fields.get("ID")
    if not identifier and not order:
        return []
    if not identifier:
        raise _wrong(path, start, "a record without AC or ID line")
    if not order:
        raise _wrong(path, start, f"record {identifier} has no matrix (no P0 line); complete or remove it")
    name = fields.get("NA") or fields.get("ID")
    matrix = np.array(rows).reshape(-1, 4).T[[order.index(base) for base in BASES]]
    return [_motif(path, start, identifier, name, matrix, **more)]


@dataclass(frozen=True, eq=False)
class StoredLibrary:
    """What a library file holds: motifs, and of each threshold, attained p-value and cluster."""

    motifs: tuple[Motif, ...]
    pvalue: float
    background: tuple[float, ...]
    threshold: tuple[float, ...]
    attained: tuple[float, ...]
    clusters: tuple[str, ...] | None = None


def write_library(path, library: StoredLibrary) -> None:
    """Write motifs and their thresholds as JSON, every number at machine precision."""
    entries = [
        {
            "id": motif.id,
            "name": motif.name,
            "family": motif.family,
            "class": motif.motif_class,
            "species": motif.species,
            "synonyms": list(motif.synonyms),
            "sites_known": motif.sites_known,
            "threshold": float(t),
            "pvalue_attained": float(p),
            "cluster": cluster,
            "counts": motif.counts.tolist(),
        }
        for motif, t, p, cluster in zip(
            library.motifs,
            library.threshold,
            library.attained,
            library.clusters or [None] * len(library.motifs),
            strict=True,
        )
    ]
    head = {
        "format": LIBRARY_FORMAT,
        "pvalue": library.pvalue,
        "background": [float(b) for b in library.background],
        "clustered": library.clusters is not None,
    }
    body = ",\n".join(json.dumps(entry) for entry in entries)
    write_text(f'{json.dumps(head)[:-1]}, "motifs": [\n{body}\n]}}\n', path)


def is_library(path) -> bool:
    """Whether a file is JSON, so :func:`read_library`'s business."""
    return next((line for line in _lines(path) if line.strip()), "").lstrip().startswith("{")


def read_library(path) -> StoredLibrary:
    """What :func:`write_library` wrote."""
    try:
        stored = json.loads("\n".join(_lines(path)))
        if stored["format"] != LIBRARY_FORMAT:
            raise KeyError("format")
        entries = stored["motifs"]
        motifs = tuple(
            Motif(
                m["id"],
                m["name"],
                np.array(m["counts"], float),
                m["family"],
                m["class"],
                m["species"],
                tuple(m["synonyms"]),
                m["sites_known"],
            )
            for m in entries
        )
        for motif in motifs:
            if motif.counts.ndim != 2 or motif.counts.shape[0] != len(BASES):
                raise ValueError(f"motif {motif.id} has no matrix of four rows")
            _motif(path, 0, motif.id, motif.name, motif.counts)
        return StoredLibrary(
            motifs,
            stored["pvalue"],
            tuple(stored["background"]),
            tuple(m["threshold"] for m in entries),
            tuple(m["pvalue_attained"] for m in entries),
            tuple(m["cluster"] for m in entries) if stored["clustered"] else None,
        )
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}:{error.lineno}: not a whole motif library ({error.msg}); delete it and run again"
        ) from None
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise InputError(f"{path}: not a motif library of ours ({error}); build it again") from None


def write_meme(path, motifs: Iterable[Motif], background: Sequence[float]) -> None:
    """Write MEME minimal form, for people and other tools: probabilities without pseudocount."""
    parts = [
        "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\nBackground letter frequencies\n"
        + " ".join(f"{base} {b:.6g}" for base, b in zip(BASES, background, strict=True))
        + "\n"
    ]
    for motif in motifs:
        sites = motif.counts.sum(axis=0)
        rows = "\n".join(" ".join(f"{p:.6f}" for p in column) for column in (motif.counts / sites).T)
        size = f"alength= 4 w= {motif.length} nsites= {sites.mean():.6g} E= 0"
        name = motif.name.replace(" ", "_")
        parts.append(f"MOTIF {motif.id} {name}\nletter-probability matrix: {size}\n{rows}\n")
    write_text("\n".join(parts), path)
