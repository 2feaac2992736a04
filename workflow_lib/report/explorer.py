"""Differential peaks to look around in: a table with filters, tied to volcano and MA plot."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workflow_lib.plots import style
from workflow_lib.report import format
from workflow_lib.report.content import Axis, Explorer, Field, Figure, Gallery, Plot, Table
from workflow_lib.stats.forms import CALLED

LISTED, LISTED_AT_LEAST, LISTED_IN_ALL = 4000, 400, 9_000
BEHIND = 2000
SMALLEST_PVALUE = 1e-300
DIGITS = 6  # significant ones, of numbers that the page carries: enough to round only once; the file has all
NEEDED = {"peak", "direction", "log2FoldChange", "baseMean"}  # even where nothing is known of any peak
FIELDS = (
    Field("peak", "peak", "name"),
    Field("gene_name", "gene", "name"),
    Field("feature", "feature", "choice"),
    Field("tss_distance", "nearest TSS (bp)", "number", 0),
    Field("direction", "direction", "choice"),
    Field("log2FoldChange", "log₂ FC", "number", 2),
    Field("lfcSE", "s.e.", "number", 2, extra=True),
    Field("padj", "adjusted p", "pvalue"),
    Field("pvalue", "p", "pvalue", extra=True),
    Field("baseMean", "mean count", "number"),
    Field("log2FoldChange_shrunk", "log₂ FC, shrunk", "number", 2, extra=True),
)


def peaks(
    name: str,
    table: pd.DataFrame,
    over: str,
    stand_ins: tuple[Sequence[Figure], Table | None],
    href: str = "",
    *,
    n_contrasts: int = 1,
    lead: Figure | None = None,
) -> Explorer:
    """A contrast's peaks as table, volcano and MA plot.

    All changed peaks are listed, and then the others by p-value, up to a number that keeps the page small:
    4,000 a contrast, fewer where there are more than two contrasts. Where peaks are left out, the plots
    show 2,000 of them in grey, evenly spaced by rank.

    Parameters
    ----------
    name : str
        The contrast.
    table : DataFrame
        Its differential table.
    over : str
        `experiment / control`, for the axes.
    stand_ins : (figures, table or None)
        For paper and for readers without script.
    href : str
    n_contrasts : int
        How many such tables the page carries.
    lead : Figure, optional
        Shown above the plots.
    """
    ranked = rank(table)
    limit = max(LISTED_AT_LEAST, min(LISTED, LISTED_IN_ALL // max(n_contrasts, 1)))
    listed, rest = ranked.iloc[:limit], ranked.iloc[limit:]
    drawn = rest.iloc[np.unique(np.linspace(0, len(rest) - 1, min(BEHIND, len(rest))).astype(int))]
    fields = tuple(
        field
        for field in FIELDS
        if field.name in table and (field.name in NEEDED or table[field.name].notna().any())
    )
    fold = Axis("log2FoldChange", style.fold_axis(over))
    mean = Axis("baseMean", "mean normalised count", "log")
    plots = []
    called = table.loc[table["direction"].isin(CALLED), "pvalue"]
    if table["pvalue"].notna().any():
        evidence = Axis("pvalue", "\N{MINUS SIGN}log₁₀ p-value", "minuslog10")
        level = -np.log10(max(called.max(), SMALLEST_PVALUE)) if len(called) else None
        plots.append(Plot("Volcano plot", fold, evidence, None if level is None else round(level, DIGITS)))
    plots.append(Plot("MA plot", mean, fold))
    shown = {axis.field for plot in plots for axis in (plot.x, plot.y)}
    return Explorer(
        name=format.anchor("peaks", name),
        caption=caption(name, len(table), len(listed), len(called), len(drawn)),
        fields=fields,
        rows={field.name: values(listed[field.name]) for field in fields},
        backdrop={column: values(drawn[column]) for column in sorted(shown)},
        plots=tuple(plots),
        colour="direction",
        strict="padj" if table["padj"].notna().any() else None,
        size="log2FoldChange",
        begin=begin(table["direction"]),
        table=stand_ins[1],
        gallery=Gallery(tuple(stand_ins[0])),
        href=href,
        lead=lead,
    )


def begin(directions: pd.Series) -> tuple[str, ...]:
    """Directions that are shown at first: those of the changed peaks, all where none changed."""
    if directions.eq("changed").any():
        return ("changed",)
    return ("up", "down") if directions.isin(CALLED).any() else ()


def rank(table: pd.DataFrame) -> pd.DataFrame:
    """Peaks with the changed ones first, then by p-value and by size of the change; untested ones last."""
    called = table["direction"].isin(CALLED).to_numpy()
    size = table["log2FoldChange"].abs().fillna(0).to_numpy()
    pvalue = table["pvalue"].fillna(np.inf).to_numpy()
    return table.iloc[np.lexsort([np.arange(len(table)), -size, pvalue, ~called])]


def caption(name: str, n: int, n_listed: int, n_called: int, n_drawn: int) -> str:
    """Which peaks are listed, in words."""
    if n_listed == n:
        return f"All {n:,} peaks of {name}, {n_called:,} of them changed"
    rest = f"; of the rest the plots show {n_drawn:,} in grey, evenly spaced by rank"
    if n_called > n_listed:
        return f"The {n_listed:,} strongest of {n_called:,} changed peaks of {name}, by p-value{rest}"
    others = f"the {n_listed - n_called:,} strongest others of {n:,}"
    return f"All {n_called:,} changed peaks of {name} and {others}{rest}"


def values(column: pd.Series) -> tuple:
    """Text, whole numbers, or numbers in a few digits; None where missing or not finite."""
    if not pd.api.types.is_numeric_dtype(column) or column.dtype == bool:
        return tuple(None if pd.isna(value) else str(value) for value in column)
    return tuple(
        None
        if not np.isfinite(value)
        else int(value)
        if value == int(value)
        else float(f"{value:.{DIGITS}g}")
        for value in column.astype(float)
    )


def payload(explorer: Explorer, colours: dict[str, str]) -> dict:
    """What the page's script is told of a table to explore."""
    return {
        "fields": [vars(field) for field in explorer.fields],
        "rows": {name: list(column) for name, column in explorer.rows.items()},
        "backdrop": {name: list(column) for name, column in (explorer.backdrop or {}).items()},
        "plots": [{**vars(plot), "x": vars(plot.x), "y": vars(plot.y)} for plot in explorer.plots],
        "colour": explorer.colour,
        "colours": colours,
        "strict": explorer.strict,
        "size": explorer.size,
        "begin": list(explorer.begin),
        "file": explorer.name,
    }
