"""Logging of one job to its own file, and how far a long step has come."""

import datetime
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from pathlib import Path
from typing import TypeVar

from workflow_lib.errors import InputError

NOT_IN_DIGESTS = "What is said on the way changes no result: no rule is run again for it."
NAME = "atacdiff"
PAUSE = 15.0  # seconds between two messages of progress; steps that are shorter say nothing
Item = TypeVar("Item")


def to_file(path: str) -> logging.Logger:
    """Send log records, warnings and uncaught exceptions of this process to a file and to stderr.

    Progress goes to the file, and to stderr only where that is a terminal.

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
    screen = logging.StreamHandler()
    screen.addFilter(lambda record: not hasattr(record, "progress") or screen.stream.isatty())
    for handler in (logging.FileHandler(path, mode="w", encoding="utf-8"), screen):
        handler.setFormatter(form)
        root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    log = logging.getLogger(NAME)
    log.setLevel(logging.INFO)

    def show(kind, error, trace):
        if issubclass(kind, InputError):
            log.error("%s", error)
        else:
            log.error("uncaught exception", exc_info=(kind, error, trace))

    sys.excepthook = show
    return log


def today() -> str:
    """The date as 2026-01-31; that of SOURCE_DATE_EPOCH (seconds) where it is set, so that bytes repeat."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    when = datetime.datetime.fromtimestamp(int(given) if given.isdigit() else time.time(), datetime.UTC)
    return when.date().isoformat()


class Progress:
    """Says in the log, at most every few seconds, how much of a step is done and how long the rest may take.

    Parameters
    ----------
    log : logging.Logger or None
        None: the job's. Where none was begun, nothing is said.
    total : int
        Of whatever is counted.
    what : str
        What is counted, in the plural, as in "`what`: 3 of 10".
    clock : callable
        Seconds, from any point in time.
    """

    def __init__(
        self, log: logging.Logger | None, total: int, what: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.total, self.what, self.done = total, what, 0
        self._log = logging.getLogger(NAME) if log is None else log
        self._clock = clock
        self._begun = self._said = clock()

    def advance(self, n: int = 1) -> None:
        """So many more are done."""
        self.done += n
        now = self._clock()
        ended = self.done >= self.total and self._said > self._begun  # a last word only after a first
        if now - self._said < PAUSE and not ended:
            return
        self._said = now
        passed = now - self._begun
        if self.done >= self.total:
            number = f"all {self.total:,}" if self.total else f"{self.done:,}"
            text = f"{self.what}: {number} in {duration(passed)}"
        else:
            left = duration(passed / self.done * (self.total - self.done)) if self.done else "unknown time"
            share = f"{100 * self.done / self.total:.0f} %"
            text = f"{self.what}: {self.done:,} of {self.total:,} ({share}), about {left} left"
        self._log.info("%s", text, extra={"progress": True})


def counted(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """The items one by one, with progress in the job's log once each is done with.

    `total` is needed where `items` do not know their number.
    """
    if total is None:
        total = len(items) if isinstance(items, Sized) else 0
    meter = Progress(None, total, what)
    for item in items:
        yield item
        meter.advance()


def duration(seconds: float) -> str:
    """Seconds in words: 45 s, 3 min, 2.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
