"""Digests of the code for new studies of tests, found once: each study would look for them for seconds."""

import functools
import tempfile
from pathlib import Path

from workflow_lib.io import provenance

ROOT = Path(__file__).resolve().parents[2]
PLACE = ".snakemake/atacdiff/code.json"
"""Where a start of the workflow leaves them for the next (STATE in rules/common.smk)."""


def remember(folder: Path) -> None:
    """Leave them in the folder of a run, as an earlier start would have done: other code makes them void."""
    path = folder / PLACE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_found())


@functools.cache
def _found() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "code.json")
        provenance.digests(ROOT, path)
        return path.read_bytes()
