"""Logging of one job to its own file."""

import logging
import sys
from pathlib import Path

from workflow_lib.errors import InputError


def to_file(path: str) -> logging.Logger:
    """Send log records, warnings and uncaught exceptions of this process to a file and to stderr.

    Parameters
    ----------
    path : str
        The log file; it is begun afresh.

    Returns
    -------
    logging.Logger
        The logger that scripts write to.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    form = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    root = logging.getLogger()
    for handler in (logging.FileHandler(path, mode="w", encoding="utf-8"), logging.StreamHandler()):
        handler.setFormatter(form)
        root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    log = logging.getLogger("atacdiff")
    log.setLevel(logging.INFO)

    def show(kind, error, trace):
        if issubclass(kind, InputError):
            log.error("%s", error)
        else:
            log.error("uncaught exception", exc_info=(kind, error, trace))

    sys.excepthook = show
    return log
