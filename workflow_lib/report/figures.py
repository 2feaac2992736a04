"""Figures of a run as the report shows them: caption and alternative text are the catalogue's."""

import re
from collections.abc import Mapping

import pandas as pd

from workflow_lib.io import catalogue, images
from workflow_lib.report import packed
from workflow_lib.report.content import Figure
from workflow_lib.results.run import Run

HALF = 120  # mm: a wider picture would not be readable in half the page
FEW = 4  # contrasts up to which a page shows all pictures of each


def figure(
    run: Run, key: str, contrast: str | None = None, *, wide: bool | None = None, **said: object
) -> Figure:
    """A figure that the run drew.

    Parameters
    ----------
    run : Run
    key : str
        Of the catalogue.
    contrast : str, optional
    wide : bool, optional
        Whether it needs the page's width; by default as wide as it is drawn.
    **said
        Wildcards of the path, and what caption and alternative text name besides.
    """
    names = {"contrast": contrast} | said
    path = run.path(key, **{name: str(value) for name, value in names.items() if value is not None})
    return of_file(run, key, path, wide=wide, **names)


def room(run: Run, n: int) -> int:
    """How many of n pictures of places or motifs a contrast's chapter shows; links lead to the rest."""
    return n if len(run.contrasts) <= FEW else max(1, n * FEW // len(run.contrasts))


def of_file(run: Run, key: str, path, *, wide: bool | None = None, **said: object) -> Figure:
    """A picture in a file of its own name, with the words that the catalogue has for its kind."""
    entry = catalogue.get(key)
    alt, caption = entry.alt.format(**said), entry.caption.format(**said)
    drawing = images.svg_text(path)
    if wide is None:
        wide = width > HALF if (width := _width(drawing)) else entry.wide
    if ". " in caption:  # sentences end as sentences do
        caption = f"{caption.removesuffix('.')}."
    data = _data(run, entry, said)
    return Figure("", alt, caption, run.address(path), wide, packed.text(drawing), data)


def _width(drawing: str) -> float:
    """Millimetres that an SVG is wide; 0 where it says nothing."""
    found = re.search(r'<svg[^>]*?\swidth="([\d.]+)mm"', drawing)
    return float(found[1]) if found else 0


def _data(run: Run, entry: catalogue.Result, said: Mapping[str, object]) -> str:
    """Address of the table that a figure draws; empty if the run has none."""
    if not entry.data:
        return ""
    needed = re.findall(r"\{(\w+)\}", catalogue.get(entry.data).path)
    names = {name: str(said[name]) for name in needed if said.get(name) is not None}
    if len(names) < len(needed) or not run.has(entry.data, **names):
        return ""
    return run.address(run.path(entry.data, **names))


def logos(run: Run, *shown: pd.DataFrame) -> set[str]:
    """Motifs of some tables whose logos the page can draw."""
    return {motif for table in shown for motif in table["motif_id"]} if run.has("meme") else set()
