"""All that the run knows of one peak, gene or factor, as text or as one page."""

import argparse
from pathlib import Path

from workflow_lib.io import tables

KINDS = ("peak", "gene", "factor")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the question."""
    parser.add_argument("kind", choices=KINDS, help="what to explain")
    parser.add_argument(
        "name",
        help="a peak's id or a region (chr1:10,001-10,500, from 1; peaks that overlap it), a gene's name or "
        "id, a factor's name (TCF7, p53) or a motif's name or id (FOS::JUN, MA0139); any case",
    )
    parser.add_argument("--html", metavar="FILE", help="write one page that needs nothing beside it")


def answer(asked: argparse.Namespace) -> str:
    """The text; with a page, where it is.

    Raises
    ------
    InputError
        If the run has no results, or nothing of that name.
    """
    from workflow_lib.questions import explain  # what it needs to draw pages would slow down all questions
    from workflow_lib.report import page, plain
    from workflow_lib.results.run import Run

    target = None if asked.html is None else Path(asked.html)
    open_run = Run if asked.kind == "factor" else Run.finished  # a factor is found as soon as motifs are read
    content = getattr(explain, asked.kind)(open_run(Path(asked.results), target), asked.name)
    if target is None:
        return plain.text(content)
    tables.write_text(page.render(content), target)
    return f"{target}: {content.title}"
