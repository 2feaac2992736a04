"""Images as text that a page can carry inside itself."""

import re
from pathlib import Path

from workflow_lib.errors import InputError


def svg_text(path: str | Path) -> str:
    """An SVG file's text, its paths to a hundredth of their unit.

    Raises
    ------
    InputError
        If the file is empty.
    """
    content = Path(path).read_bytes()
    if not content:
        raise InputError(f"{path}: expected an SVG image with content")
    text = re.sub(r'(?<=\sd=")[^"]*', _shortened, content.decode("utf-8"))
    return " ".join(text.split())


def _shortened(path: re.Match) -> str:
    """The coordinates of a path with two decimals at most."""
    return re.sub(r"(\.\d\d)\d+", r"\1", path.group())
