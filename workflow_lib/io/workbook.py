"""The main tables of a run as one Excel workbook."""

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from workflow_lib.io.atomic import replacing

MOST_ROWS = 1_048_575  # of a sheet, beside its heading
LONGEST_NAME = 31  # letters in a sheet's name
LONGEST_TEXT = 32_767  # letters in a cell
OWN = ("contents", "columns")  # sheets about the others
MADE = datetime.datetime(2000, 1, 1)  # in every file, so that its bytes depend on the tables alone


@dataclass(frozen=True)
class Sheet:
    """A table with its name in the workbook, what it holds, and the file that it comes from."""

    name: str
    words: str
    table: pd.DataFrame
    source: str
    key: str = ""  # of the catalogue


def write(path: str | Path, sheets: Sequence[Sheet], columns: pd.DataFrame | None = None) -> None:
    """Write an .xlsx file with a list of contents and one sheet a table; the same tables give the same bytes.

    `columns`, if given, says what each column of the sheets means, and has the second sheet.

    Text is written as text, so that no gene name turns into a date and nothing into a formula or a link.
    Missing values are empty cells. Of a table longer than a sheet can be, the first rows are written, and
    the contents say so.
    """
    # Rows go to disk as they come: a workbook of large tables needs little memory.
    options = {
        "constant_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with replacing(path) as partial:
        book = xlsxwriter.Workbook(str(partial), options)
        book.set_properties({"title": "atacdiff: main tables", "created": MADE})
        forms = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "pvalue": book.add_format({"num_format": "0.0E+00"}),
            "float": book.add_format({"num_format": "0.000"}),
        }
        _fill(book.add_worksheet("Contents"), _contents(sheets), forms)
        if columns is not None:
            _fill(book.add_worksheet("Columns"), columns, forms)
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.name), sheet.table.head(MOST_ROWS), forms)
        book.close()


def _contents(sheets: Sequence[Sheet]) -> pd.DataFrame:
    rows = []
    for sheet in sheets:
        n = len(sheet.table)
        cut = f"; only the first {MOST_ROWS:,} of {n:,} rows fit" if n > MOST_ROWS else ""
        rows.append((sheet.name, sheet.words + cut, n, sheet.source))
    return pd.DataFrame(rows, columns=["sheet", "content", "rows", "file"])


def _fill(page, table: pd.DataFrame, forms: Mapping[str, Any]) -> None:
    """A heading that stays in sight, filters, and the values column by column's kind."""
    texts = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    for i, name in enumerate(table.columns):
        longest = table[name].astype(str).str.len().head(200).max() if name in texts and len(table) else 0
        page.set_column(
            i, i, min(60, max(len(str(name)), longest, 8) + 2), forms.get(_kind(str(name), table))
        )
        page.write_string(0, i, str(name), forms["head"])
    page.freeze_panes(1, 1)
    if len(table):
        page.autofilter(0, 0, len(table), len(table.columns) - 1)
    columns = [table[name].tolist() for name in table.columns]
    for row, values in enumerate(zip(*columns, strict=True), 1):
        for column, value in enumerate(values):
            _put(page, row, column, value)


def _kind(name: str, table: pd.DataFrame) -> str:
    """The form of a column of numbers."""
    if re.search(r"(^|_)(pvalue|padj)$", name) and "log10" not in name:
        return "pvalue"
    return "float" if pd.api.types.is_float_dtype(table[name]) and not _whole(table[name]) else ""


def _whole(column: pd.Series) -> bool:
    values = column.dropna().to_numpy()
    return bool(np.isfinite(values).all() and (values == np.round(values)).all())


def _put(page, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool | np.bool_):
        page.write_boolean(row, column, bool(value))
    elif isinstance(value, str):
        page.write_string(row, column, value[:LONGEST_TEXT])
    elif value is None or value is pd.NA or math.isnan(value):
        return
    elif math.isinf(value):
        page.write_string(row, column, "inf" if value > 0 else "-inf")
    else:
        page.write_number(row, column, value)


def unique(label: str, taken: Sequence[str]) -> str:
    """A name that Excel allows: without []:*?/\\ and outer quotes, short, unlike all others in any case."""
    clean = re.sub(r"[\[\]:*?/\\]", "_", label).strip("'") or "sheet"
    names = {name.casefold() for name in (*taken, *OWN, "history")}
    name, n = clean[:LONGEST_NAME], 1
    while name.casefold() in names:
        n += 1
        name = f"{clean[: LONGEST_NAME - len(str(n)) - 1]} {n}"
    return name
