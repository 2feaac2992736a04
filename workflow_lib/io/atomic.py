"""Whole files or none: write under a temporary name, rename when complete."""

import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = ".partial-"
RANDOM = 8  # characters that make a temporary name


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` if the block succeeds, else remove it.

    The temporary name keeps the suffixes of `path`, since some writers choose their format by them. What a
    killed process left behind for the same `path` is removed first.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left_behind in path.parent.glob(f"{PREFIX}{'?' * RANDOM}-{glob.escape(path.name)}"):
        left_behind.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=PREFIX, suffix="-" + path.name, dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        umask = os.umask(0)
        os.umask(umask)
        partial.chmod(0o666 & ~umask)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
