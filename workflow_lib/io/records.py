"""What a run was: its settings, samples, versions, as JSON beside its results."""

import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow_lib.errors import InputError
from workflow_lib.io import tables
from workflow_lib.renamed import renamed

NAME = "run.json"


def write(
    path: str | Path,
    *,
    settings: Mapping[str, Any],
    samples: Mapping[str, Mapping[str, Any]],
    versions: Mapping[str, str],
    results: Sequence[str] = (),
    skipped: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
) -> None:
    """Write the record; no time, no machine, so that the same run gives the same bytes.

    Parameters
    ----------
    path : path
    settings : mapping
        The configuration with all defaults, paths as they were given.
    samples : mapping of sample to its row of the sheet
    versions : mapping of package to version
        Python's own is added.
    results : sequence of str
        Keys of the results that the run makes; files of others in its folder are left over.
    skipped : sequence of (stage, reason)
    notes : sequence of str
    """
    record = {
        "settings": settings,
        "samples": samples,
        "versions": {**versions, "python": platform.python_version()},
        "results": results,
        "skipped": skipped,
        "notes": notes,
    }
    tables.write_text(json.dumps(plain(record), indent=1, ensure_ascii=False, allow_nan=False) + "\n", path)


def read(path: str | Path) -> dict[str, Any]:
    """What :func:`write` wrote, settings by today's names of their keys.

    Raises
    ------
    InputError
        If the file is not such a record.
    """
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not the record of a run ({error}); run the workflow again") from error
    if not isinstance(record, dict):
        raise InputError(f"{path}: not the record of a run; run the workflow again")
    if isinstance(record.get("settings"), dict):
        record["settings"] = renamed(record["settings"]).settings
    return record


def plain(value: Any) -> Any:
    """As JSON has it: plain containers and numbers, null for missing values, all else as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value:
        return None
    return value if isinstance(value, bool | int | float | str) else str(value)
