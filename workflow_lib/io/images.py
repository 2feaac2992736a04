"""Images as text that a page can carry inside itself."""

import base64
from collections.abc import Mapping
from pathlib import Path

from workflow_lib.errors import InputError

KINDS = {".svg": "image/svg+xml", ".png": "image/png"}


def data_uri(path: str | Path) -> str:
    """The file as a `data:` address (base64), so that a page shows it without asking for anything.

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
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def data_uris(folder: str | Path, names: Mapping[str, str]) -> dict[str, str]:
    """Images of a folder as `data:` addresses, by what they show (`names` gives their files), if there."""
    found = {shown: Path(folder) / name for shown, name in names.items()}
    return {shown: data_uri(path) for shown, path in found.items() if path.is_file()}
