"""Motif files of bare numbers: JASPAR's, with a row a base, and those with a row a position.

GimmeMotifs, HOCOMOCO (.pcm, .pfm) and Cluster-Buster write four numbers a position. Which is which is decided
for the whole file: by letters, by rows that are no four, and where every matrix is four by four by the sums
of its rows and columns, since those of positions are equal.
"""

import re
from pathlib import Path

import numpy as np

from workflow_lib.io.motif_records import BASES, NO_DNA, Motif, numbers, of_matrix, without_matrix, wrong

TIMES_MORE_EQUAL = 3.0
"""So much more alike the sums one way must be than the other way."""

_LABELLED = re.compile(r"\s*([A-Za-z])(?=[\s\[|:=])")
_ROW = re.compile(r"\s*[ACGTacgt]?\s*[\[|:=]?\s*[-+.\d]")
_UNIPROBE_ROW = re.compile(r"[ACGT]:\s")

Record = tuple[int, str, list[int]]
"""Line of the header, header, lines of the rows."""


def is_row(text: str) -> bool:
    """Whether a line can be one row of a matrix."""
    return bool(_ROW.match(text))


def is_uniprobe(content: list[str]) -> bool:
    """Whether a line of words comes before rows `A:`, `C:`, `G:`, `T:`."""
    return len(content) > 1 and not is_row(content[0]) and bool(_UNIPROBE_ROW.match(content[1]))


def read(path, lines: list[str]) -> list[tuple[int, Motif]]:
    """Records of `>id name` and rows; rows alone are one motif, named by the file."""
    records: list[Record] = []
    for i, line in enumerate(lines):
        if line.startswith(">"):
            records.append((i, line[1:].strip(), []))
        elif line.strip() and not line.startswith("#"):
            if not records:
                records.append((i, Path(path).name.split(".")[0], []))
            records[-1][2].append(i)
    return _motifs(path, lines, records)


def uniprobe(path, lines: list[str]) -> list[tuple[int, Motif]]:
    """Records of a line such as `Protein: Cbf1  Seed k-mer: ...` and rows `A:`, `C:`, `G:`, `T:`."""
    records: list[Record] = []
    for i, line in enumerate(lines):
        if is_row(line) and records:
            records[-1][2].append(i)
        elif line.strip() and not line.startswith("#"):
            first = line.split("\t")[0]
            records.append((i, first.partition(":")[2].strip() or first.strip(), []))
    return _motifs(path, lines, records)


def _motifs(path, lines: list[str], records: list[Record]) -> list[tuple[int, Motif]]:
    by_position = _by_position(path, lines, records)
    return [_motif(path, lines, *record, by_position=by_position) for record in records]


def _by_position(path, lines: list[str], records: list[Record]) -> bool:
    """Whether rows are positions: what one matrix says holds for all of the file.

    Raises
    ------
    InputError
        If every matrix is four by four, without letters, and its sums do not tell.
    """
    square = []
    for record in records:
        rows = record[2]
        if any(_LABELLED.match(lines[i]) for i in rows):
            return False
        widths = {len(lines[i].strip(" \t[|:=]").split()) for i in rows}
        if widths == {4} and len(rows) == 4:
            square.append(record)
        elif rows:
            return widths == {4}
    for _, _, rows in square:
        matrix = np.array([numbers(path, i, lines[i].strip(" \t[|:=]")) for i in rows])
        across, down = _unequal(matrix.sum(axis=1)), _unequal(matrix.sum(axis=0))
        if across * TIMES_MORE_EQUAL < down:
            return True
        if down * TIMES_MORE_EQUAL < across:
            return False
    if not square:
        return False
    what = "rows may be bases or positions: each matrix has four of either, and sums do not tell"
    raise wrong(path, square[0][0], f"{what}; begin the row of each base with its letter (A, C, G or T)")


def _unequal(sums: np.ndarray) -> float:
    mean = abs(sums.mean())
    return float(np.ptp(sums) / mean) + 1e-6 if mean > 0 else 0.0


def _motif(path, lines, start, header, row_lines, *, by_position: bool) -> tuple[int, Motif]:
    if not header:
        raise wrong(path, start, "a motif without an identifier; expected `>id name`")
    identifier, _, name = header.replace("\t", " ").partition(" ")
    if not row_lines:
        raise without_matrix(path, start, identifier)
    if by_position:
        rows = [numbers(path, i, lines[i]) for i in row_lines]
        odd = next((i for i, row in zip(row_lines, rows, strict=True) if len(row) != len(BASES)), None)
        if odd is not None:
            raise wrong(path, odd, f"a position of motif {identifier} needs four numbers, for A, C, G, T")
        return of_matrix(path, start, identifier, name, np.array(rows).T)
    return of_matrix(path, start, identifier, name, _bases(path, lines, identifier, start, row_lines))


def _bases(path, lines, identifier, start, row_lines) -> np.ndarray:
    """Rows of the four bases, in order of the alphabet."""
    rows: dict[str, list[float]] = {}
    for i in row_lines:
        text = lines[i].strip()
        labelled = _LABELLED.match(text)
        label = labelled[1] if labelled else None
        text = text[len(label or "") :].lstrip()
        text = (text[1:] if text[:1] in tuple("[|:=") else text).removesuffix("]")
        base = (label or BASES[min(len(rows), 3)]).upper()
        if base == "U":
            raise wrong(path, i, f"motif {identifier} is of RNA (U): {NO_DNA}")
        if base not in BASES or (base in rows and (label or len(rows) < 4)):
            raise wrong(path, i, f"row {base!r} of motif {identifier}; give one row each for A, C, G, T")
        if len(rows) == 4:
            raise wrong(path, i, f"motif {identifier} has more than four rows; give one each for A, C, G, T")
        rows[base] = numbers(path, i, text)
        n, n_first = len(rows[base]), len(next(iter(rows.values())))
        if n != n_first:
            raise wrong(path, i, f"row {base} of motif {identifier} has {n} counts, its first row {n_first}")
    if len(rows) < 4:
        raise wrong(path, start, f"motif {identifier} has {len(rows)} rows; give one each for A, C, G, T")
    return np.array([rows[base] for base in BASES])
