"""Figures of a run as the report shows them: caption and alternative text are the catalogue's."""

import pandas as pd

from workflow_lib.io import catalogue, images
from workflow_lib.plots.logos import file_name
from workflow_lib.report.content import Figure
from workflow_lib.results.run import Run


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
        Whether it needs the page's width; by default as the catalogue says.
    **said
        Wildcards of the path, and what caption and alternative text name besides.
    """
    names = {"contrast": contrast} | said
    path = run.path(key, **{name: str(value) for name, value in names.items() if value is not None})
    return of_file(run, key, path, wide=wide, **names)


def of_file(run: Run, key: str, path, *, wide: bool | None = None, **said: object) -> Figure:
    """A picture in a file of its own name, with the words that the catalogue has for its kind."""
    entry = catalogue.get(key)
    alt, caption = entry.alt.format(**said), entry.caption.format(**said)
    wide = entry.wide if wide is None else wide
    return Figure(images.data_uri(path), alt, caption, run.address(path), wide)


def logos(run: Run, *shown: pd.DataFrame) -> dict[str, str]:
    """Logos of the motifs that tables show, as far as they were drawn."""
    if not run.has("logos"):
        return {}
    names = {motif: file_name(motif, compact=True) for table in shown for motif in table["motif_id"]}
    return images.data_uris(run.path("logos"), names)
