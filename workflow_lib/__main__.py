"""`python -m workflow_lib QUESTION ...`: ask a finished run."""

import argparse
import importlib
import pkgutil
import signal
import sys

from workflow_lib.errors import InputError
from workflow_lib.questions import commands


def main(arguments: list[str] | None = None) -> int:
    """Answer one question on standard output; 2 for bad input, as argparse has it."""
    parser = argparse.ArgumentParser(prog="python -m workflow_lib", description="Ask a finished run.")
    parser.add_argument("--results", default="results", help="results folder of the run (default: results)")
    questions = parser.add_subparsers(dest="question", required=True)
    for module in pkgutil.iter_modules(commands.__path__):
        question = importlib.import_module(f"workflow_lib.questions.commands.{module.name}")
        part = questions.add_parser(module.name, help=question.__doc__, description=question.__doc__)
        question.add_arguments(part)
        part.set_defaults(answer=question.answer)
    asked = parser.parse_args(arguments)
    try:
        print(asked.answer(asked))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` closes the pipe early, which is no fault
    sys.exit(main())
