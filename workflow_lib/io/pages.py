"""The place in a finished report that says which exports are missing, filled and emptied after the run."""

import html
import os
import re
from collections.abc import Mapping
from pathlib import Path

from workflow_lib.io import atomic

PLACE = re.compile(r'<p id="missing-exports"[^>]*>.*?</p>', re.DOTALL)
EMPTY = '<p id="missing-exports" hidden></p>'
FAULT = re.compile(
    r"^(?:\d\d:\d\d:\d\d ERROR |(?=\w*(?:Error|Exception)\b))(?!uncaught)(\S.*)$", re.MULTILINE
)


def tell_missing(page: str | Path, reasons: Mapping[str, str]) -> None:
    """Say in a report which files could not be written, and why; nothing if all were.

    The page keeps its date, since it describes the same results as before.

    Parameters
    ----------
    page : str or Path
    reasons : mapping of file name to reason
    """
    path = Path(page)
    if not path.is_file():
        return
    before = path.stat()
    text = path.read_text(encoding="utf-8")
    said = [f"{name} ({reason.rstrip('.')})" for name, reason in reasons.items()]
    sentence = f"Not written: {'; '.join(said)}. Run again to write it; all else is complete."
    place = (
        f'<p id="missing-exports" role="alert"><strong>{html.escape(sentence)}</strong></p>'
        if said
        else EMPTY
    )
    new = PLACE.sub(lambda _: place, text, count=1)
    if new != text:
        with atomic.replacing(path) as partial:
            partial.write_text(new, encoding="utf-8")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def reason(log: str | Path) -> str:
    """The last error that a job's log tells, or where to look."""
    path = Path(log)
    found = FAULT.findall(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else []
    return found[-1] if found else f"see {log}"
