"""Motif files that say which number is which: MEME, HOMER, TRANSFAC with its relatives, STAMP, CIS-BP."""

import re

import numpy as np

from workflow_lib.io.motif_records import (
    BASES,
    NO_DNA,
    NUMBER,
    PROBABILITY_SITES,
    Motif,
    motif,
    numbers,
    of_matrix,
    probabilities,
    without_matrix,
    wrong,
)

HOMER_HEADER = re.compile(rf">[^\t]*\t[^\t]+\t *{NUMBER.pattern} *(\t|$)")
CISBP_HEADER = re.compile(r"Pos\s+A\s+C\s+G\s+[TU]\s*$")
_STATED = re.compile(r"\b(\w++)\s*+=\s*+(\S+)")
_NAMED_ALPHABET = re.compile(r'ALPHABET\s+"([^"]*)"|ALPHABET\s+(DNA|RNA|PROTEIN)')


def meme(path, lines) -> list[tuple[int, Motif]]:
    """Motifs of MEME's text form, each with the number of its line; `path` is for messages."""
    found = []
    start, identifier, name = 0, "", ""
    i = 0
    while i < len(lines):
        line = lines[i]
        if line.startswith("ALPHABET"):
            named = _NAMED_ALPHABET.match(line)
            letters = line.partition("=")[2].split("#")[0].strip() if named is None else named[1] or named[2]
            if letters and letters.upper() not in (BASES, "DNA"):
                raise wrong(path, i, f"alphabet {letters!r}: {NO_DNA}")
        elif re.match(r"MOTIF\s", line):
            words = line.split()
            if identifier:
                raise without_matrix(path, start, identifier)
            start, identifier = i, words[1] if len(words) > 1 else ""
            name = words[2] if len(words) > 2 and "=" not in words[2] and words[2] != "width" else ""
        elif line.startswith("letter-probability matrix"):
            if not identifier:
                raise wrong(path, i, "a matrix without a MOTIF line before it")
            stated = dict(_STATED.findall(line))
            sites = numbers(path, i, stated.get("nsites", "0"))[0]
            if sites < 0:
                raise wrong(path, i, f"motif {identifier} says nsites={sites:g}; write 0 if it is unknown")
            rows, i = _meme_rows(path, lines, i, identifier, stated)
            scale = sites if sites > 0 else PROBABILITY_SITES
            matrix = np.array(rows).T.reshape(4, -1)
            found.append(motif(path, start, identifier, name, matrix, scale, sites_known=sites > 0))
            identifier = ""
            continue
        i += 1
    if identifier:
        raise without_matrix(path, start, identifier)
    return found


def _meme_rows(path, lines, header, identifier, stated) -> tuple[list[list[float]], int]:
    """The rows below a matrix header, and the line that follows them."""
    rows: list[list[float]] = []
    i = header + 1
    while i < len(lines) and not lines[i].startswith(("MOTIF", "URL", "---", "***")):
        if lines[i].strip():
            rows.append(probabilities(path, i, lines[i], identifier))
        elif rows:
            break
        i += 1
    if "w" in stated and stated["w"] != str(len(rows)):
        raise wrong(path, header, f"motif {identifier} says w={stated['w']} but has {len(rows)} rows")
    return rows, i


def homer(path, lines) -> list[tuple[int, Motif]]:
    """Records of `>consensus name threshold ...`; names are `factor(family)/experiment/source`."""
    records: list[tuple[int, str, list[list[float]]]] = []  # line of the header, identifier, rows
    for i, line in enumerate(lines):
        if line.startswith(">"):
            if not HOMER_HEADER.match(line):
                raise wrong(
                    path, i, "not a HOMER header; write >consensus, name, threshold with tabs between"
                )
            records.append((i, "_".join(line.split("\t")[1].split()), []))
        elif line.strip() and not line.startswith("#"):
            if not records:
                raise wrong(path, i, "a matrix without a header before it")
            records[-1][2].append(probabilities(path, i, line, records[-1][1]))
    found = []
    for i, identifier, rows in records:
        short = identifier.split("/")[0]
        name, family = re.fullmatch(r"([^(]*)(?:\((.*?)\))?.*", short).groups()  # type: ignore[union-attr]
        more = {"family": (family or "").strip("?"), "sites_known": False}
        matrix = np.array(rows).T.reshape(4, -1)
        found.append(motif(path, i, identifier, name or identifier, matrix, PROBABILITY_SITES, **more))
    return found


TRANSFAC_COMMENTS = {"tf_family": "family", "tf_class": "motif_class", "tax_id": "species"}


def transfac(path, lines) -> list[tuple[int, Motif]]:
    """Motifs of TRANSFAC's records, each with the number of its line; `path` is for messages."""
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
            order = "".join(text.split()[:4]).upper()  # SwissRegulon's go on: cons inf
            if sorted(order) != list(BASES):
                raise wrong(
                    path, i, f"matrix columns {text!r}, expected A C G T; put the columns in this order"
                )
        elif order and tag.isdigit():
            words = text.split()
            if len(words) not in (4, 5, 6):
                raise wrong(path, i, "a matrix row needs four counts, then perhaps the consensus letter")
            rows.append(numbers(path, i, " ".join(words[:4])))
        elif tag in ("AC", "ID", "NA"):
            fields[tag] = text
        elif tag == "CC" and text.partition(":")[0] in TRANSFAC_COMMENTS:
            key, _, value = text.partition(":")
            more[TRANSFAC_COMMENTS[key]] = value.strip()
    identifier = fields.get("AC") or fields.get("ID") or fields.get("NA")
    if not identifier and not order:
        return []
    if not identifier:
        raise wrong(path, start, "a record without AC, ID or NA line")
    if not order:
        raise without_matrix(path, start, identifier)
    name = fields.get("NA") or fields.get("ID")
    matrix = np.array(rows).reshape(-1, 4).T[[order.index(base) for base in BASES]]
    return [of_matrix(path, start, identifier, name, matrix, **more)]


def stamp(path, lines) -> list[tuple[int, Motif]]:
    """Records of `DE name`, rows `number A C G T consensus`, `XX`, as STAMP's familial profiles have them."""
    found: list[tuple[int, Motif]] = []
    start, name = 0, ""
    rows: list[list[float]] = []
    for i, line in enumerate([*lines, "XX"]):
        words = line.split()
        if words[:1] == ["DE"]:
            start, name, rows = i, " ".join(words[1:]), []
        elif name and words and words[0].isdigit():
            rows.append(_row(path, i, words))
        elif name and words[:1] == ["XX"]:
            found.append(of_matrix(path, start, name, name, np.array(rows).reshape(-1, 4).T))
            name = ""
    return found


def cisbp(path, lines, name: str) -> list[tuple[int, Motif]]:
    """A header `Pos A C G T`, then a row a position; fields such as `Motif M0001_2.00` may come before.

    A file of one motif has its name from the file.
    """
    fields: dict[str, str] = {}
    records: list[tuple[int, dict[str, str], list[list[float]]]] = []
    for i, line in enumerate(lines):
        words = line.split()
        if CISBP_HEADER.match(line):
            if words[4] == "U":
                raise wrong(path, i, f"the columns are of RNA (U): {NO_DNA}")
            records.append((i, fields, []))
            fields = {}
        elif words and words[0].isdigit() and records and not fields:
            records[-1][2].append(_row(path, i, words))
        elif words and "\t" in line:
            key, _, value = line.partition("\t")
            fields[key.strip()] = value.strip()
        elif words:
            raise wrong(path, i, f"not a line of CIS-BP's form: {line[:40]!r}")
    if len(records) > 1 and not all(found.get("Motif") for _, found, _ in records):
        raise wrong(path, records[0][0], "several motifs in one file, and no line `Motif` that names each")
    made = []
    for start, found, rows in records:
        identifier = found.get("Motif") or name
        more = {"family": found.get("Family", ""), "species": found.get("Species", "").replace("_", " ")}
        matrix = np.array(rows).reshape(-1, 4).T
        made.append(of_matrix(path, start, identifier, found.get("TF Name") or identifier, matrix, **more))
    return made


def _row(path, i: int, words: list[str]) -> list[float]:
    """Four numbers after a row's own, and perhaps more (a consensus letter, an information content)."""
    if len(words) < 5:
        raise wrong(path, i, "a matrix row needs four numbers for A, C, G, T")
    return numbers(path, i, " ".join(words[1:5]))
