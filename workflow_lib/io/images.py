"""Images as text that a page can carry inside itself."""

import base64
import re
from pathlib import Path
from urllib.parse import quote

from workflow_lib.errors import InputError

KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
SAFE = " -_.~!*()=:/,;@$+?"  # stand for themselves in a data: address, and need no escape in HTML


def data_uri(path: str | Path) -> str:
    """The file as a `data:` address, so that a page shows it without asking for anything.

    SVG stands there as text, which takes a quarter less than base64, its paths to a hundredth of their unit.
    An image behind such an address is a document of its own: its element ids meet no others, and no script
    in it runs.

    Raises
    ------
    InputError
        If the file is neither SVG nor PNG, or empty.
    """
    path = Path(path)
    kind = KINDS.get(path.suffix.lower())
    content = path.read_bytes()
    if kind is None or not content:
        raise InputError(f"{path}: expected an SVG or PNG image with content")
    if path.suffix.lower() == ".svg":
        return f"data:{kind},{quote(svg_text(path), safe=SAFE)}"
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


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
