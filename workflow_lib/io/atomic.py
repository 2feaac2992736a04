"""Whole files or none: write under a temporary name, rename when complete."""

import glob
import os
import shutil
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


@contextmanager
def replacing_from_memory(path: str | Path) -> Iterator[Path]:
    """As :func:`replacing`, for a library that is silent about a full disk, or crashes: it writes to memory.

    The bytes are copied to the disk when all are there, which does report it. Memory: the size of the file.
    """
    with replacing(path) as partial, _memory() as file:
        yield file
        shutil.copyfile(file, partial)


@contextmanager
def _memory() -> Iterator[Path]:
    """The path of a file in memory; where the system has none, of one in the folder of temporary files."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / "file"
        return
    handle = os.memfd_create("atacdiff")
    try:
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)
