"""What changed between two runs: sets, ranks, parameters, versions."""

import argparse
from pathlib import Path

from workflow_lib.errors import InputError
from workflow_lib.io import tables

RESULTS = "results folder that takes the place of RUN_B (default: results)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the question."""
    parser.add_argument("run_a", help="results folder of a run, or the project folder that holds it")
    parser.add_argument(
        "run_b",
        nargs="?",
        help="the same of the other run: what it gained and lost against the first (default: --results)",
    )
    parser.add_argument("--html", metavar="FILE", help="write one page that needs nothing beside it")


def answer(asked: argparse.Namespace) -> str:
    """The text; with a page, where it is.

    Raises
    ------
    InputError
        If one of the folders holds no results, or three are named.
    """
    if asked.run_b is not None and asked.results_given:
        raise InputError(
            f"compare: {asked.run_a}, {asked.run_b} and --results {asked.results} are three runs; name two"
        )
    from workflow_lib.questions import comparison  # what it needs to draw pages would slow down all questions
    from workflow_lib.report import page, plain
    from workflow_lib.results.run import Run

    target = None if asked.html is None else Path(asked.html)
    content = comparison.compare(
        *(Run.finished(_results(Path(path)), target) for path in (asked.run_a, asked.run_b or asked.results))
    )
    if target is None:
        return plain.text(content)
    tables.write_text(page.render(content), target)
    return f"{target}: {content.title}"


def _results(folder: Path) -> Path:
    """The results folder itself, or the one inside a project's folder."""
    inside = folder / "results"
    return inside if (inside / "differential").is_dir() else folder
