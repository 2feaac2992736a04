"""Intervals in BED and its relatives."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from workflow_lib.errors import InputError
from workflow_lib.io.atomic import replacing
from workflow_lib.io.tables import write_text
from workflow_lib.io.text import line_chunks

HEADERS = (b"#", b"track ", b"track\t", b"browser ", b"browser\t")
NARROWPEAK_COLUMNS = 10
NO_SUMMIT = -1
BED_SCORE_MAX = 1000
NO_BREAK = "\N{NO-BREAK SPACE}".encode()
MOST_DIGITS = 18  # of a number in 64 bits
_WHOLE = re.compile(rb" *[-+]?[0-9]{1,%d} *" % MOST_DIGITS)
BLOCK = 1_000_000  # intervals written at a time


def read(path: str | Path, *, columns: int | None = None) -> pd.DataFrame:
    """Read a BED (three columns or more) or narrowPeak (ten), plain or gzipped.

    Comments, `track` and `browser` lines and carriage returns are passed over.

    Parameters
    ----------
    path : str or Path
    columns : int, optional
        So many are read, of more.

    Returns
    -------
    DataFrame
        chrom, start, end, score, summit, line; in file order, maybe empty. `score` is the fifth column of a
        BED (NaN where it is no number, or there is none) and in a narrowPeak the first of pValue, qValue,
        signalValue and score that the file fills in. `summit` is the 0-based base of a narrowPeak's summit,
        -1 where there is none. `line` is the number of the line in the file.

    Raises
    ------
    InputError
        Naming a malformed line, the first with that fault.
    """
    rows: list[list[bytes]] = []
    numbers: list[int] = []
    for first, lines in line_chunks(path):
        for number, line in enumerate(lines, first):
            fields = line.rstrip(b"\r").split(b"\t")
            if len(fields) < 3:
                fields = line.split()
            if not fields or not line.strip() or line.startswith(HEADERS):
                continue
            if rows and len(fields[:columns]) != len(rows[0]):
                raise _fault(path, number, f"{len(fields)} columns, the first interval has {len(rows[0])}")
            if len(fields) < 3:
                raise _fault(path, number, "fewer than the three columns chrom, start, end")
            rows.append(fields[:columns])
            numbers.append(number)
    if not rows:
        types = {"chrom": object, "start": int, "end": int, "score": float, "summit": int, "line": int}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
    cells = [_bare(column) for column in zip(*rows, strict=True)]
    while len(cells) > 3 and not any(cells[-1]):
        cells.pop()  # a spreadsheet's
    names = _contig_names(path, numbers, cells[0])
    start, end = (_whole_numbers(path, numbers, cells[i], name) for i, name in ((1, "start"), (2, "end")))
    _check(path, numbers, start < 0, "its start is negative")
    _check(path, numbers, end <= start, "its end is not after its start (BED is 0-based and half-open)")
    summit = np.full(len(start), NO_SUMMIT)
    score = np.full(len(start), np.nan)
    if len(cells) == NARROWPEAK_COLUMNS:
        offset = _whole_numbers(path, numbers, cells[9], "summit (column 10)")
        _check(path, numbers, offset >= end - start, "its summit (column 10) lies outside the peak")
        summit = np.where(offset < 0, NO_SUMMIT, start + offset)
        score = _significance(cells)
    elif len(cells) >= 5:
        score = _numbers(cells[4])
    return pd.DataFrame(
        {
            "chrom": pd.Series([names[name] for name in cells[0]], dtype=object),
            "start": start,
            "end": end,
            "score": score,
            "summit": summit,
            "line": np.array(numbers, dtype=np.int64),
        }
    )


def write_bed(peaks: pd.DataFrame, path: str | Path) -> None:
    """Write peaks as BED6, name = peak, without strand.

    Parameters
    ----------
    peaks : DataFrame
        peak, chrom, start, end, score. Scores are scaled so that the table's greatest is 1000, as browsers
        want it; peaks without a chrom are left out.
    path : str or Path
    """
    peaks = peaks[peaks["chrom"].notna()]
    top = peaks["score"].max() if len(peaks) else 0
    shown = np.rint(peaks["score"] / top * BED_SCORE_MAX) if top > 0 else peaks["score"] * 0
    table = peaks[["chrom", "start", "end", "peak"]].assign(score=shown.astype(int), strand=".")
    table = table.astype({"start": int, "end": int})
    write_text(table.to_csv(sep="\t", header=False, index=False, lineterminator="\n"), path)


def write_regions(table: pd.DataFrame, path: str | Path) -> None:
    """Write places (chrom, start, end, reason) as BED4; an empty file if there is none."""
    columns = ["chrom", "start", "end", "reason"]
    write_text(table[columns].to_csv(sep="\t", header=False, index=False, lineterminator="\n"), path)


def write_cuts(contigs: Iterable[tuple[str, np.ndarray]], path: str | Path) -> int:
    """Write cuts as BED6 intervals of one base on the plus strand, for a peak caller.

    The strand of the read says nothing any more: cuts of both strands stand at the middle of their event, and
    a caller that takes the 5' end of a plus interval takes `start`, the cut itself.

    Parameters
    ----------
    contigs : iterable of (contig, positions)
        0-based.
    path : str or Path

    Returns
    -------
    int
        Number of lines.
    """
    rest = {"name": ".", "score": "0", "strand": "+"}
    blocks = ((name, {"start": cuts, "end": cuts + 1}) for name, cuts in contigs)
    return _write_blocks(blocks, rest, path)


def write_fragments(contigs: Iterable[tuple[str, tuple[np.ndarray, np.ndarray]]], path: str | Path) -> int:
    """Write fragments (chrom, start, end: the BEDPE of MACS) from their first and last cuts; their number."""
    blocks = ((name, {"start": first, "end": last + 1}) for name, (first, last) in contigs)
    return _write_blocks(blocks, {}, path)


def write_narrowpeak(peaks: pd.DataFrame, path: str | Path) -> None:
    """Write the ten columns of a narrowPeak as they are; an empty file if there is no peak."""
    write_text(peaks.to_csv(sep="\t", header=False, index=False, lineterminator="\n"), path)


def _write_blocks(blocks, rest: dict[str, str], path: str | Path) -> int:
    """Intervals of one contig after the other, with columns that are the same in every line."""
    names = ["chrom", "start", "end", *rest]
    schema = pa.schema([(name, pa.int64() if name in ("start", "end") else pa.string()) for name in names])
    options = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    n_lines = 0
    with replacing(path) as partial, csv.CSVWriter(partial, schema, write_options=options) as writer:
        for name, places in blocks:
            n_lines += len(places["start"])
            for first in range(0, len(places["start"]), BLOCK):
                part = {key: pa.array(at[first : first + BLOCK], pa.int64()) for key, at in places.items()}
                n = len(part["start"])
                same = {key: pa.repeat(value, n) for key, value in ({"chrom": name} | rest).items()}
                writer.write_batch(pa.RecordBatch.from_pydict({**same, **part}, schema=schema))
    return n_lines


def _significance(columns: list[tuple[bytes, ...]]) -> np.ndarray:
    """The first of pValue, qValue, signalValue and score that is filled in (not -1, not 0 throughout)."""
    for i in (7, 8, 6):
        values = _numbers(columns[i])
        if (values >= 0).all() and (values > 0).any():
            return values
    return _numbers(columns[4])


def _numbers(texts: tuple[bytes, ...]) -> np.ndarray:
    try:
        values = np.array(texts).astype(float)
    except ValueError:
        shown = pd.Series(texts).str.decode("ascii", "replace")
        values = pd.to_numeric(shown, errors="coerce").to_numpy(float)
    return np.where(np.isfinite(values), values, np.nan)


def _bare(cells: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Cells without blanks and one pair of quotes around them, as spreadsheets leave them."""
    together = b"".join(cells)
    if not any(sign in together for sign in (b" ", b'"', NO_BREAK)):
        return cells
    found = (cell.replace(NO_BREAK, b" ").strip() for cell in cells)
    return tuple(
        cell[1:-1].strip() if len(cell) > 1 and cell[:1] == cell[-1:] == b'"' else cell for cell in found
    )


def _contig_names(path, numbers: list[int], contigs: tuple[bytes, ...]) -> dict[bytes, str]:
    names = {}
    for name in dict.fromkeys(contigs):
        try:
            names[name] = name.decode()
        except UnicodeDecodeError:
            names[name] = ""
        # What a FASTA or BAM could not call a contig: identifiers of peaks are made of these names.
        if not names[name] or name.split() != [name] or not names[name].isprintable():
            shown = name.decode("utf-8", "replace")
            at = numbers[contigs.index(name)]
            raise _fault(path, at, f"its contig is `{shown}`, which is no name (blanks, or not text)")
    return names


def _whole_numbers(path, numbers: list[int], texts: tuple[bytes, ...], name: str) -> np.ndarray:
    # int() alone would read 1_000, and fail on numbers beyond 64 bits.
    wrong = [i for i, text in enumerate(texts) if not (text.isdigit() and len(text) <= MOST_DIGITS)]
    for i in wrong:
        if not _WHOLE.fullmatch(texts[i]):
            shown = texts[i][:40].decode("utf-8", "replace")
            raise _fault(path, numbers[i], f"its {name} is `{shown}`, not a whole number")
    return np.array(list(map(int, texts)), dtype=np.int64)


def _check(path, numbers: list[int], bad: np.ndarray, fault: str) -> None:
    if bad.any():
        raise _fault(path, numbers[int(np.argmax(bad))], fault)


def _fault(path, number: int, fault: str) -> InputError:
    return InputError(f"{path}:{number}: {fault}; correct or delete the line")
