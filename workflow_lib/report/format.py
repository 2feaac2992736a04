"""From numbers to the text of table cells."""

import math
import re
from collections.abc import Collection

import pandas as pd

from workflow_lib.io import catalogue
from workflow_lib.report.content import Cell, Column, Table

PVALUES = {"pvalue", "padj"}
DECIMALS = {
    "log2FoldChange": 2,
    "log2FoldChange_shrunk": 2,
    "lfcSE": 2,
    "stat": 2,
    "log2_enrichment": 2,
    "odds_ratio": 2,
    "variability": 2,
    "delta": 3,
    "median_log2fc_error": 2,
    "frip": 3,
    "pct_dup": 1,
    "pct_mito": 1,
    "tss_enrichment": 2,
    "size factor": 3,
}
HEADINGS = {
    "peak": "peak",
    "direction": "direction",
    "gene_name": "gene",
    "feature": "feature",
    "tss_distance": "nearest TSS (bp)",
    "nearest_gene_name": "nearest TSS of",
    "baseMean": "mean count",
    "log2FoldChange": "log₂ FC",
    "lfcSE": "s.e.",
    "log2FoldChange_shrunk": "log₂ FC, shrunk",
    "stat": "statistic",
    "pvalue": "p",
    "padj": "adjusted p",
    "motif_id": "motif",
    "name": "name",
    "family": "family",
    "log2_enrichment": "log₂ enrichment",
    "odds_ratio": "odds ratio",
    "variability": "variability",
    "delta": "difference",
    "n_reads": "reads",
    "n_fragments": "fragments",
    "pct_dup": "duplicates (%)",
    "pct_mito": "mitochondrial (%)",
    "frip": "cuts in peaks",
    "tss_enrichment": "TSS enrichment",
    "tn5_shift": "Tn5 shift",
    "tn5_evidence": "shift found by",
}


def number(value: float | int | None, name: str = "") -> str:
    """A number as a table shows it; missing as NA.

    p-values below 0.001 appear as 1.2e-05, columns named in `DECIMALS` with that many decimals, others in
    three significant digits; whole numbers, and any from 1,000 on, with thousands separators alone.
    """
    if value is None or pd.isna(value):
        return "NA"
    value = float(value)
    if not math.isfinite(value):
        return "∞" if value > 0 else "\N{MINUS SIGN}∞"
    if name.split("_")[0] in PVALUES:
        if value == 0:
            return "< 1e-300"
        return f"{value:.1e}" if value < 0.001 else f"{value:.3g}"
    if name in DECIMALS:
        return f"{round(value, DECIMALS[name]) + 0.0:,.{DECIMALS[name]}f}"  # + 0.0: no minus before zero
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2e}" if abs(value) < 0.001 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share as a percentage with one decimal; NA if missing."""
    return "NA" if pd.isna(share) else f"{100 * share:.1f} %"


def cell(value, name: str = "") -> Cell:
    """A cell of a value from a result table; directions get their colour."""
    if isinstance(value, Cell):
        return value
    if isinstance(value, str):
        return Cell(value, tone=value if value in ("up", "down") else "")
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    return Cell(number(value, name))


def sort_value(cell: Cell) -> str:
    """What a cell of a column of numbers is sorted by: its own order, else the number its text begins with.

    Missing values are empty, which sorts before any number.
    """
    if cell.order is not None:
        return f"{cell.order:.8g}"
    text = cell.text.replace(",", "").replace("\N{MINUS SIGN}", "-")
    if text.lstrip("-+").startswith("∞"):
        return "-1e308" if text.startswith("-") else "1e308"
    found = re.match(r"(?:< )?([-+]?\d+(?:\.\d+)?(?:e[-+]\d+)?)", text)
    return found.group(1) if found else ""


def table(
    rows: pd.DataFrame,
    caption: str,
    *,
    href: str = "",
    headings: dict[str, str] | None = None,
    folded: bool = False,
    main: Collection[str] = (),
) -> Table:
    """A report table of a DataFrame: one heading a column, one formatted cell a value.

    Parameters
    ----------
    rows : DataFrame
        Values may be numbers, text or finished :class:`Cell` objects.
    caption : str
    href : str
        Where the whole table is.
    headings : dict, optional
        Headings that differ from the usual ones.
    folded : bool
        Whether the rows stay hidden until asked for.
    main : collection of str
        Columns that decide, besides the first: the others are shown on demand. All are shown if it is empty.
    """
    known = {**HEADINGS, **(headings or {})}
    columns = tuple(
        Column(
            heading=known.get(name, str(name)),
            hint=hint(str(name), known.get(name, str(name)), href),
            numeric=_is_numeric(rows[name]),
            extra=bool(main) and i > 0 and name not in main,
        )
        for i, name in enumerate(rows.columns)
    )
    cells = (rows[name].tolist() for name in rows.columns)
    formatted = [
        [cell(value, name) for value in values] for name, values in zip(rows.columns, cells, strict=True)
    ]
    cells_by_row = tuple(zip(*formatted, strict=True))
    return Table(caption=caption, columns=columns, rows=cells_by_row, href=href, folded=folded)


def hint(name: str, heading: str, href: str = "") -> str:
    """What a column means: its name in the result file, and what the catalogue says of it.

    Parameters
    ----------
    name, heading : str
    href : str
        Address of the result file, which tells whose column it is.
    """
    entry = catalogue.of_path(href) or catalogue.of_path(f"{catalogue.FOLDER}/{href}")
    column = entry.column(name) if entry is not None else None
    others = catalogue.headings()
    own = others.get(f"{entry.key}.{heading}") if entry is not None else None
    meaning = own or others.get(heading) or others.get(heading.partition(" (")[0], "")
    if column is not None:
        meaning = column.what + (f" ({column.unit})" if column.unit else "")
    shown = [name] if heading != name else []
    return ": ".join([*shown, *([meaning] if meaning else [])])


def _is_numeric(values: pd.Series) -> bool:
    """Whether a column is read from the right: numbers, or finished cells that begin with a digit."""
    if values.dtype == object:
        texts = [value.text for value in values if isinstance(value, Cell)]
        return bool(texts) and all(
            text == "NA" or text[:1].isdigit() or text[1:2].isdigit() for text in texts
        )
    return pd.api.types.is_numeric_dtype(values) and values.dtype != bool


def anchor(kind: str, name: str) -> str:
    """An element id from a contrast's name, another for each name that a configuration may give."""
    return f"{kind}-" + "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in name)
