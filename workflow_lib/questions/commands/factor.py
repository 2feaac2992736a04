"""Short for `explain factor NAME`."""

import argparse

from workflow_lib.questions.commands import explain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the question."""
    parser.add_argument("name", help="factor (TCF7, p53), motif name (FOS::JUN) or id (MA0139); any case")
    parser.add_argument("--html", metavar="FILE", help="write one page that needs nothing beside it")


def answer(asked: argparse.Namespace) -> str:
    """What `explain` says of the factor."""
    asked.kind = "factor"
    return explain.answer(asked)
