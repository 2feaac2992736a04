"""Matrices of counts and of expression, as people and other programs write them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from shlex import quote

import numpy as np
import pandas as pd

from workflow_lib import intervals, near
from workflow_lib.errors import InputError
from workflow_lib.io import foreign_tables, sheets, tables
from workflow_lib.io.text import is_gzipped, line_chunks, text_lines

COORDINATES = ("chrom", "start", "end")
MOST_COMMENTS = 1000  # lines before a header


def read_count_table(
    path: str | Path, *, header_only: bool = False, row: str = "peak", samples: Sequence[str] = ()
) -> pd.DataFrame:
    """Read a matrix of counts as it stands: the first column is the index, all others are kept unchecked.

    Parameters
    ----------
    path : str or Path
        Tab-separated with a header, plain or gzip, or parquet (.parquet, .pq). Forms of other programs
        are read too (:mod:`workflow_lib.io.foreign_tables`).
    header_only : bool
        Read the names of the columns only; the table has no rows.
    row : str
        What messages call that which has a row each.
    samples : sequence of str
        Of the sheet, for a message on a file without a header.

    Returns
    -------
    DataFrame
        Without the rows of HTSeq and STAR that are none; :func:`left_out` has their names.

    Raises
    ------
    InputError
        A file that is missing, empty or not a table.
    """
    sheets.check_there(path)
    if str(path).endswith((".parquet", ".pq")):
        table = _read_parquet(path, header_only)
    else:
        skipped, header = _checked_header(path, row, samples)
        text = dict.fromkeys([header[0], "chrom", *foreign_tables.CONTIG_NAMES, "Chr", "#'chr'"], str)
        # Content decides on compression, not the name.
        packed = "gzip" if is_gzipped(path) else None
        n_rows = 0 if header_only else None
        options = {"nrows": n_rows, "compression": packed, "skiprows": skipped, "skip_blank_lines": False}
        table = tables.read_table(path, index=None, ours=False, dtype=text, low_memory=False, **options)
        table, lines = _without_blanks(table, path, header, skipped + 2)
        table = foreign_tables.made_ours(table, path, row)
        table.attrs["lines"] = lines
    apart = foreign_tables.unassigned(table.iloc[:, 0])
    if apart.any():
        rows = np.arange(len(table))[~apart]
        named = table.iloc[apart, 0].tolist()
        lines = [line_of(table, row) for row in rows]
        table = table[~apart].infer_objects()
        table.attrs.update({"lines": lines, "left_out": named})
    if table.shape[1] < 2:
        raise InputError(
            f"{path}: has one column only: give a {row} column, then one column a sample, separated by tabs"
        )
    return table.set_index(table.columns[0])


def count_faults(table: pd.DataFrame, samples: Sequence[str]) -> list[tuple[str, str, str]]:
    """What is wrong with a matrix of counts: (row or column, what, fix) for each fault.

    Parameters
    ----------
    table : DataFrame
        From :func:`read_count_table`; without rows only its columns are looked at.
    samples : sequence of str
        Samples that need a column.

    Returns
    -------
    list of (str, str, str)
        One for each column or kind of fault, naming the first row at fault and how many there are.
    """
    columns = [str(name) for name in table.columns]
    faults = []
    for name in samples:
        if name not in columns:
            like = near.nearest(name, ignored_columns(table, samples))
            fix = (
                f"rename column {like} to {name}" if like else f"add it, or drop sample {name} from the sheet"
            )
            faults.append((f"column {name}", "is missing", fix))
    partial = [name for name in COORDINATES if name in columns]
    if 0 < len(partial) < 3:
        absent = [name for name in COORDINATES if name not in columns]
        faults.append(
            (f"column {absent[0]}", f"is missing beside {', '.join(partial)}", "give all three or none")
        )
    if faults or not len(table):
        return faults
    ids = table.index

    def where(bad: np.ndarray) -> str:
        return place(table, bad)

    bad = ids.isna()
    if bad.any():
        faults.append((where(bad), "the peak has no name", "name it, such as chr1:100-600"))
    bad = np.asarray(ids.duplicated()) & ~bad
    if bad.any():
        faults.append((where(bad), "the peak stands there more than once", "give each peak one row"))
    for name in samples:
        faults += _column_faults(table[name], where)
    if len(partial) == 3:
        faults += _coordinate_faults(table, where)
    elif not faults and (named := count_peaks(table)) is not None:
        faults += _coordinate_faults(named, where)
    return faults


def ignored_columns(table: pd.DataFrame, samples: Iterable[str]) -> list[str]:
    """Columns of a matrix of counts that are neither coordinates nor samples of the sheet."""
    known = {*COORDINATES, *samples}
    return [str(name) for name in table.columns if str(name) not in known]


def left_out(table: pd.DataFrame) -> list[str]:
    """Names of rows that :func:`read_count_table` has left out: they count reads of no peak or gene."""
    return table.attrs.get("left_out", [])


def count_peaks(table: pd.DataFrame) -> pd.DataFrame | None:
    """Where the peaks of a matrix of counts lie.

    Returns
    -------
    DataFrame or None
        chrom, start, end in the order of `table`, indexed by `chrom:start-end`: from the columns of these
        names, else from identifiers of that form or `chrom-start-end`; None if there is neither.
    """
    if set(COORDINATES) <= set(table.columns):
        peaks = table[list(COORDINATES)].astype({"chrom": str, "start": np.int64, "end": np.int64})
        return peaks.set_axis(intervals.peak_ids(*(peaks[name] for name in COORDINATES)))
    try:
        return intervals.parse_peak_ids(table.index)
    except ValueError:
        peaks = foreign_tables.placed(table.index)
    return (
        None if peaks is None else peaks.set_axis(intervals.peak_ids(*(peaks[name] for name in COORDINATES)))
    )


def read_counts(path: str | Path, samples: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Read a matrix of counts for the samples of the sheet.

    Parameters
    ----------
    path : str or Path
        As :func:`read_count_table`.
    samples : sequence of str
        Columns to read; others are left out.

    Returns
    -------
    counts : (n_peaks, n_samples) DataFrame of int64
        Rows as in the file, columns as `samples`. The index `peak` is `chrom:start-end` where coordinates are
        known, else what the file calls the peak.
    peaks : (n_peaks, 3) DataFrame or None
        As :func:`count_peaks`.

    Raises
    ------
    InputError
        Naming file, row and column of the first fault: columns missing or doubled, peaks doubled, values
        that are missing, not whole or negative.
    """
    table = foreign_tables.sample_names(read_count_table(path, samples=samples), samples)
    faults = count_faults(table, samples)
    if faults:
        where, what, fix = faults[0]
        more = f" (and {len(faults) - 1} more faults)" if len(faults) > 1 else ""
        raise InputError(f"{path}, {where}: {what}{more}: {fix}")
    if not len(table):
        raise InputError(f"{path}: has a header and no peak: give one row a peak")
    peaks = count_peaks(table)
    counts = table[list(samples)].apply(pd.to_numeric).astype(np.int64)
    index = pd.Index(table.index, name="peak") if peaks is None else peaks.index
    return counts.set_axis(index.rename("peak")), peaks


def _read_parquet(path: str | Path, header_only: bool) -> pd.DataFrame:
    import pyarrow
    import pyarrow.parquet

    try:
        if header_only:
            table = pyarrow.parquet.read_schema(path).empty_table().to_pandas()
        else:
            table = pyarrow.parquet.read_table(path).to_pandas()
    except (pyarrow.ArrowException, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        said = " ".join(str(error).split())
        raise InputError(f"{path}: not a readable parquet file ({said}): write it again") from error
    if not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index()
    table = table.set_axis(table.columns.map(str), axis=1)
    for i, name in enumerate(table.columns):
        if i == 0 or not pd.api.types.is_numeric_dtype(table[name].dtype):
            table[name] = [_as_text(value) for value in table[name]]
    return table


def _as_text(value: object) -> str | None:
    """What is no number in a parquet file, as text on one line: names, but times and lists too."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return " ".join(text.split()) or None


def _checked_header(path: str | Path, row: str, samples: Sequence[str]) -> tuple[int, list[str]]:
    """Lines of comments before it, and the names of the columns.

    Refuses what pandas would misread: commas, doubled names, R's short header, no header.
    """
    chunk = next(line_chunks(path), (1, []))[1]
    try:
        text = b"\n".join(chunk[:MOST_COMMENTS]).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text ({error}): write it again as .tsv or .tsv.gz") from error
    lines = text_lines(text)
    told = (i for i, line in enumerate(lines) if line.strip() and not line.startswith(("# ", "##")))
    skipped = next(told, 0)
    header, first = [*[line for line in lines[skipped:] if line.strip()][:2], "", ""][:2]
    if not header:
        raise InputError(f"{path}: is empty: give a header, then one row a {row}")
    for mark, name in ((",", "commas"), (";", "semicolons"), (" ", "blanks")):
        if "\t" not in header and header.strip(mark).count(mark) and first.count(mark):
            command = sheets.to_tabs(mark, path, skipped + 1, quoted='"' in header + first)
            raise InputError(f"{path}, line {skipped + 1}: columns are separated by {name}: {command}")
    if first and first == header:
        raise InputError(f"{path}, line {skipped + 2}: is the header again: delete the line")
    reading = f"{'gunzip -c' if is_gzipped(path) else 'cat'} {quote(str(path))}"
    if first.endswith("\t") and first.count("\t") > header.count("\t"):
        raise InputError(
            f"{path}, line {skipped + 2}: ends in a tab that the header does not have: "
            f"{reading} | sed 's/[[:space:]]*$//' > tabs.tsv"
        )
    if first and first.count("\t") == header.count("\t") + 1:
        raise InputError(
            f"{path}, line 1: the header has one column less than the rows (R's row names have no header): "
            f"put '{row}' and a tab before it (in R: write.table(..., sep='\\t', quote=FALSE, col.names=NA))"
        )
    names = [sheets.unquoted(name) for name in header.split("\t")]
    foreign_tables.check_header(path, names, samples)
    twice = next((name for i, name in enumerate(names) if name and name in names[:i]), None)
    if twice is not None:
        raise InputError(
            f"{path}, line 1: column {twice!r} stands there more than once: remove or rename one"
        )
    return skipped, names


def _without_blanks(
    table: pd.DataFrame, path: str | Path, header: list[str], first_line: int
) -> tuple[pd.DataFrame, list[int] | range]:
    """The table without what spreadsheets leave, and the line of each row.

    Empty lines, empty columns without a name, and blanks around names and values are left out.

    Raises
    ------
    InputError
        If a column has values and no name.
    """
    if len(header) != table.shape[1]:  # quotes about a tab
        header = [str(name) for name in table.columns]
    names = [name or str(old) for name, old in zip(header, table.columns, strict=True)]
    table = table.set_axis(names, axis=1)
    for i, (name, dtype) in enumerate(table.dtypes.items()):
        if pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype):
            stripped = [value.strip() or np.nan if isinstance(value, str) else value for value in table[name]]
            table = table.assign(**{str(name): pd.Series(stripped, table.index, dtype=dtype)})
        if i and not header[i] and table[name].notna().any():
            raise InputError(
                f"{path}, line {first_line - 1}: column {i + 1} has values and no name: name it, or remove it"
            )
    table = table.drop(columns=[names[i] for i in range(1, len(names)) if not header[i]])
    told = table.notna().any(axis=1).to_numpy()
    if told.all():
        return table, range(first_line, first_line + len(table))
    return table[told].infer_objects(), (np.flatnonzero(told) + first_line).tolist()


def line_of(table: pd.DataFrame, row: int) -> int:
    """The line of a file in which a row of its table stands."""
    lines = table.attrs.get("lines")
    return row + 2 if lines is None else lines[row]


def place(table: pd.DataFrame, bad: np.ndarray, row: str = "peak") -> str:
    """The first of the rows at fault: its line, and its name if it has one."""
    first = int(np.argmax(bad))
    name = table.index[first]
    return f"line {line_of(table, first)}" + ("" if pd.isna(name) else f" ({row} {name})")


def _column_faults(column: pd.Series, where) -> list[tuple[str, str, str]]:
    """Faults of one sample's counts: the first kind that holds."""
    name = column.name
    fix = "give raw counts: whole numbers, none missing, not normalised"
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    tests = (
        (column.isna().to_numpy(), "has no value"),
        (np.full(len(column), pd.api.types.is_bool_dtype(column)), "is not a number"),
        (np.isnan(numbers), "is not a number"),
        (~np.isfinite(numbers), "is not finite"),
        (numbers < 0, "is negative"),
        (numbers != np.rint(numbers), "is not a whole number"),
        (numbers > 2**53, "is too large to be a count"),
    )
    for bad, what in tests:
        if bad.any():
            value = column.iloc[int(np.argmax(bad))]
            given = "" if pd.isna(value) else f" {value}"
            more = f" (and {int(bad.sum()) - 1} more of this sample)" if bad.sum() > 1 else ""
            return [(f"{where(bad)}, column {name}", f"count{given} {what}{more}", fix)]
    if not (numbers > 0).any():
        return [
            (f"column {name}", "all counts are zero", "drop the sample from the sheet or correct the column")
        ]
    return []


def _coordinate_faults(table: pd.DataFrame, where) -> list[tuple[str, str, str]]:
    fix = "give 0-based, half-open intervals as BED does: 0 <= start < end"
    start, end = (pd.to_numeric(table[name], errors="coerce").to_numpy(float) for name in ("start", "end"))
    bad = table["chrom"].isna().to_numpy() | np.isnan(start) | np.isnan(end)
    bad |= (start != np.rint(start)) | (end != np.rint(end))
    if bad.any():
        return [(where(bad), "chrom, start or end is missing or no whole number", fix)]
    bad = (start < 0) | (end <= start) | (end > 2**53)
    if bad.any():
        i = int(np.argmax(bad))
        return [(where(bad), f"{table['chrom'].iloc[i]}:{start[i]:.0f}-{end[i]:.0f} is no interval", fix)]
    bad = table.duplicated(list(COORDINATES)).to_numpy()
    if bad.any():
        return [(where(bad), "another row has the same interval", "give each peak one row")]
    return []
