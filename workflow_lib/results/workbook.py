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

from workflow_lib import intervals
from workflow_lib.io import catalogue
from workflow_lib.io.atomic import replacing
from workflow_lib.results.run import Run
from workflow_lib.stats.forms import CALLED

PLACE = {"chrom": "contig", "start": "first base, counted from 0", "end": "base after the last"}
MOST_ROWS = 1_048_575  # of a sheet, beside its heading
LONGEST_NAME = 31  # letters in a sheet's name
LONGEST_TEXT = 32_767  # letters in a cell
LONGEST_HINT = 255  # letters that a cell can show when it is chosen
LONGEST_TITLE = 32  # letters above them
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


def sheets(run: Run) -> list[Sheet]:
    """The sheets of what a run made.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of Sheet
        In the order of their `place` in the catalogue, then of the contrasts. Differential tables have the
        peak's place in columns of its own, and peaks that were called first.
    """
    made: list[Sheet] = []
    entries = [(entry, entry.sheet) for entry in catalogue.entries().values() if entry.sheet is not None]
    for entry, form in sorted(entries, key=lambda pair: pair[1].get("place", len(entries))):
        if not run.has(entry.key):
            continue
        for names in _files(run, entry):
            table = run.table(entry.key, **names)
            if "sort" in form:
                table = _sorted(table, form["sort"])
            if entry.key == "differential":
                table = _placed(table)
            label = " ".join([form["name"], *(names[name] for name in reversed(entry.wildcards))])
            words = catalogue.of_direction(form.get("words", entry.what), names.get("direction"))
            if "contrast" in names:
                words = f"{names['contrast']}: {words}"
            path = str(run.path(entry.key, **names))
            title = unique(label, [sheet.name for sheet in made])
            made.append(Sheet(title, words, table, path, entry.key))
    return made


def columns(found: Sequence[Sheet]) -> pd.DataFrame:
    """What each column of the sheets means: table, column, type, unit, meaning; each table once."""
    rows: dict[tuple[str, str], tuple[str, str, str]] = {}
    for sheet in found:
        entry = catalogue.get(sheet.key)
        if entry.sheet is None:
            continue
        for name in map(str, sheet.table.columns):
            column = entry.column(name)
            if column is not None:
                said = column.what + (f" ({', '.join(entry.words[name])})" if name in entry.words else "")
                rows.setdefault((entry.sheet["name"], name), (column.type, column.unit, said))
            elif name in PLACE:
                rows.setdefault(
                    (entry.sheet["name"], name), ("text" if name == "chrom" else "integer", "", PLACE[name])
                )
    return pd.DataFrame(
        [(*key, *said) for key, said in rows.items()], columns=["sheet", "column", "type", "unit", "meaning"]
    )


def _files(run: Run, entry: catalogue.Result) -> list[dict[str, str]]:
    """Names of a table's files by direction, then in the order of the contrasts."""
    order = {name: i for i, name in enumerate(run.contrasts)}
    found = [names for names in run.found(entry.key) if names.get("contrast", "") in ("", *order)]
    ways = ["up", "down"]
    return sorted(
        found,
        key=lambda names: (
            ways.index(names["direction"]) if names.get("direction") in ways else len(ways),
            order.get(names.get("contrast", ""), 0),
        ),
    )


def _sorted(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Called rows first where a table has directions, then by p-value, missing last; ties stay in order."""
    called = table["direction"].isin(CALLED) if "direction" in table else pd.Series(False, table.index)
    keys = pd.DataFrame({"quiet": ~called, "key": table[key]})
    return table.loc[keys.sort_values(["quiet", "key"], kind="stable", na_position="last").index]


def _placed(table: pd.DataFrame) -> pd.DataFrame:
    """The place of each peak (0-based, half-open) in columns after its id, if ids tell it."""
    try:
        places = intervals.parse_peak_ids(table["peak"]).reset_index(drop=True).set_axis(table.index)
    except ValueError:  # peaks of a matrix of counts that are called something else
        return table
    return pd.concat([table[["peak"]], places, table.drop(columns="peak")], axis=1)


def write(path: str | Path, sheets: Sequence[Sheet], columns: pd.DataFrame | None = None) -> None:
    """Write an .xlsx file with a list of contents and one sheet a table; the same tables give the same bytes.

    The names in the list are links to their sheets. `columns`, if given, says what each column of the sheets
    means: it has the second sheet, and a heading shows its meaning when its cell is chosen.

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
            "link": book.add_format({"font_color": "#0563C1", "underline": 1}),
        }
        contents = book.add_worksheet("Contents")
        _fill(contents, _contents(sheets, columns is not None), forms, links=True)
        if columns is not None:
            _fill(book.add_worksheet("Columns"), columns, forms)
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            _fill(page, sheet.table.head(MOST_ROWS), forms)
            _explain(page, sheet, columns)
        book.close()


def _explain(page, sheet: Sheet, columns: pd.DataFrame | None) -> None:
    """Meaning of a column, shown when the cell of its heading is chosen."""
    entry = catalogue.get(sheet.key) if sheet.key else None
    if columns is None or entry is None or entry.sheet is None:
        return
    own = columns[columns["sheet"] == entry.sheet["name"]]
    said = {
        row.column: f"{row.meaning} [{row.unit}]" if row.unit else row.meaning
        for row in own.itertuples(index=False)
    }
    for i, name in enumerate(map(str, sheet.table.columns)):
        if said.get(name):
            hint = {"input_title": name[:LONGEST_TITLE], "input_message": said[name][:LONGEST_HINT]}
            page.data_validation(0, i, 0, i, {"validate": "any"} | hint)


def _contents(sheets: Sequence[Sheet], explained: bool) -> pd.DataFrame:
    rows = []
    for sheet in sheets:
        n = len(sheet.table)
        cut = f"; only the first {MOST_ROWS:,} of {n:,} rows fit" if n > MOST_ROWS else ""
        rows.append((sheet.name, sheet.words + cut, n, sheet.source))
    if explained:
        rows.append(("Columns", "what each column of these sheets means", pd.NA, ""))
    return pd.DataFrame(rows, columns=["sheet", "content", "rows", "file"])


def _fill(page, table: pd.DataFrame, forms: Mapping[str, Any], *, links: bool = False) -> None:
    """A heading that stays in sight, filters, and the values column by column's kind.

    With `links` the first column holds names of sheets, which lead there.
    """
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
            if links and column == 0:
                quoted = value.replace("'", "''")
                page.write_url(row, 0, f"internal:'{quoted}'!A1", forms["link"], value)
            else:
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
    """A name that Excel allows: without []:*?/\\ and outer quotes, short, unlike all others in any case.

    Of a name that is too long the middle is left out: contrasts often begin alike.
    """
    clean = re.sub(r"[\[\]:*?/\\]", "_", label).strip("'") or "sheet"
    names = {name.casefold() for name in (*taken, *OWN, "history")}
    name, n = _shortened(clean, LONGEST_NAME), 1
    while name.casefold() in names:
        n += 1
        name = f"{_shortened(clean, LONGEST_NAME - len(str(n)) - 1)} {n}"
    return name


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    end = (longest - 1) // 2
    return f"{text[: longest - 1 - end].rstrip()}…{text[-end:]}"
