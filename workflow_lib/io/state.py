"""What one start of the workflow remembers for the next: small JSON files in the folder of the run."""

import json
from pathlib import Path
from typing import Any

from workflow_lib.io import atomic


def read(path: str | Path) -> dict[str, Any]:
    """What :func:`write` wrote; nothing if it is not there or damaged: all of it can be found anew."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(what: dict[str, Any], path: str | Path) -> None:
    """Write, whole or not at all."""
    with atomic.replacing(path) as partial:
        partial.write_text(json.dumps(what, indent=0, ensure_ascii=False), encoding="utf-8")
