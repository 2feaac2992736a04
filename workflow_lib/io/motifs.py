"""Motif files of any form, and our own library at machine precision."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.io import motif_forms, motif_rows
from workflow_lib.io.motif_records import BASES, FORMS, PROBABILITY_SITES, Motif, wrong
from workflow_lib.io.motif_records import motif as check
from workflow_lib.io.tables import write_text
from workflow_lib.io.text import read_small, text_lines

__all__ = ["BASES", "PROBABILITY_SITES", "Motif"]

LIBRARY_FORMAT = "atacdiff motif library 2"


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
        raise InputError(f"{path}: the folder holds no file; put motifs into it, in {FORMS}")
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
    """Read a motif file, plain or gzipped; its content decides the format.

    JASPAR (`>id name`, four rows with or without letters and brackets; or four bare rows, which take the
    file's name); the same with a row a position (GimmeMotifs, HOCOMOCO's .pcm and .pfm, Cluster-Buster); MEME
    (any version's text with letter-probability matrices); TRANSFAC and SwissRegulon (AC/ID/NA/P0 records);
    HOMER (`>consensus name threshold`, tab-separated, then a row of probabilities a position; its threshold
    is not used); CIS-BP, UniPROBE and STAMP; or a library that :func:`write_library` wrote. Shares instead of
    counts count as 20 sites.

    Raises
    ------
    InputError
        Naming file and line, if the file is not one of these, holds no motif, or a matrix is broken.
    """
    lines = _lines(path)
    content = [line for line in lines if line.strip() and not line.startswith("#")]
    if not content:
        raise wrong(path, 0, f"the file is empty; give motifs in {FORMS}")
    if content[0].lstrip().startswith("{"):
        return list(read_library(path).motifs)
    if any(line.startswith(("MEME version", "letter-probability matrix")) for line in content):
        found = motif_forms.meme(path, lines)
    elif any(re.match(r"P[0O]\s", line) for line in content):
        found = motif_forms.transfac(path, lines)
    elif any(map(motif_forms.CISBP_HEADER.match, content)):
        found = motif_forms.cisbp(path, lines, Path(path).name.removesuffix(".gz").removesuffix(".txt"))
    elif motif_forms.HOMER_HEADER.match(content[0]):
        found = motif_forms.homer(path, lines)
    elif content[0].startswith(">") or motif_rows.is_row(content[0]):
        found = motif_rows.read(path, lines)
    elif content[0].startswith("DE"):
        found = motif_forms.stamp(path, lines)
    elif motif_rows.is_uniprobe(content):
        found = motif_rows.uniprobe(path, lines)
    else:
        raise wrong(path, lines.index(content[0]), f"not a motif file in {FORMS}; name one")
    motifs: list[Motif] = []
    seen: dict[str, int] = {}
    for line, motif in found:
        if motif.id in seen:
            raise wrong(
                path,
                line,
                f"motif {motif.id} was there already, on line {seen[motif.id]}; rename or remove one",
            )
        seen[motif.id] = line + 1
        motifs.append(motif)
    if not motifs:
        raise wrong(path, 0, "the file holds no motif; name another")
    return motifs


def _lines(path) -> list[str]:
    if not Path(path).is_file():
        raise InputError(f"{path}: no such motif file")
    return text_lines(read_small(path, "motif file"))


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
            check(path, 0, motif.id, motif.name, motif.counts)
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
