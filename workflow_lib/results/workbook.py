"""What a run made, as sheets of a workbook."""

from collections.abc import Sequence

import pandas as pd

from workflow_lib import intervals
from workflow_lib.io import catalogue, workbook
from workflow_lib.io.workbook import Sheet
from workflow_lib.results.run import Run
from workflow_lib.stats.forms import CALLED

PLACE = {"chrom": "contig", "start": "first base, counted from 0", "end": "base after the last"}


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
            words = form.get("words", entry.what)
            if "contrast" in names:
                words = f"{names['contrast']}: {words}"
            path = str(run.path(entry.key, **names))
            title = workbook.unique(label, [sheet.name for sheet in made])
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
