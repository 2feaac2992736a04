"""The command `atacdiff`: check a configuration, and ask a finished run."""

import argparse
import importlib
import pkgutil
import signal
import sys
from collections.abc import Sequence

import workflow_lib
from workflow_lib.errors import InputError
from workflow_lib.questions import commands

RESULTS = "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one question on standard output; 2 for bad input, as argparse has it."""
    if arguments is None and hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` closes the pipe early, which is no fault
    asked = parser().parse_args(arguments)
    asked.results_given = asked.results is not None
    asked.results = asked.results or RESULTS
    try:
        print(asked.answer(asked))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """One part for each module of `questions.commands`; `--results` may stand before it or after."""
    made = argparse.ArgumentParser(
        prog="atacdiff",
        description="Check a configuration before a run, and ask a finished run.",
    )
    made.add_argument("--version", action="version", version=f"atacdiff {workflow_lib.__version__}")
    told = f"results folder of the run (default: {RESULTS})"
    made.add_argument("--results", metavar="FOLDER", help=told)
    questions = made.add_subparsers(dest="question", required=True, metavar="QUESTION")
    for module in pkgutil.iter_modules(commands.__path__):
        question = importlib.import_module(f"{commands.__name__}.{module.name}")
        part = questions.add_parser(module.name, help=question.__doc__, description=question.__doc__)
        # without a default of its own, so that it does not undo what stood before
        about = getattr(question, "RESULTS", told)
        part.add_argument("--results", metavar="FOLDER", default=argparse.SUPPRESS, help=about)
        question.add_arguments(part)
        part.set_defaults(answer=question.answer)
    return made


if __name__ == "__main__":
    sys.exit(main())
