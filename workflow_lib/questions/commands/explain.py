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
        "id, a factor's name or a motif's name or id; any case",
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
    run = Run.finished(Path(asked.results), target)
    content = getattr(explain, asked.kind)(run, asked.name)
    if target is None:
        return plain.text(content)
    tables.write_text(page.render(content), target)
    return f"{target}: {content.title}"
