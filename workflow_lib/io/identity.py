"""Whether a file still holds what it held: by its content, read only when its date or size has changed."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workflow_lib.io import checksums, state


class Identities:
    """Names for the contents of files, the same from start to start while the content is.

    A file whose size and date are as they were is not read. One that is new, or whose size or date changed,
    is read for its :func:`checksums.digest`. If that of a large file is as before, its checksum decides:
    against the one that the run has written down, or else the file counts as another.

    Parameters
    ----------
    path : str or Path
        Where they are kept.
    checksum : callable
        The SHA-256 that is known of a file's earlier content, by its path; None if it is not.
    """

    def __init__(self, path: str | Path, checksum: Callable[[str], str | None] = lambda path: None):
        self._path, self._checksum = path, checksum
        self._known: dict[str, list[Any]] = state.read(path)
        self._asked: dict[str, str] = {}
        self._changed = False

    def of(self, path: str | Path) -> str:
        """The name of what a file, or all files of a folder, hold now."""
        path = os.fspath(path)
        if path not in self._asked:
            if os.path.isdir(path):
                files = sorted(file.path for file in os.scandir(path) if file.is_file())
                self._asked[path] = " ".join(
                    f"{os.path.basename(file)}={self._of_file(file)}" for file in files
                )
            else:
                self._asked[path] = self._of_file(path)
        return self._asked[path]

    def save(self) -> None:
        """Keep them for the next start."""
        if self._changed:
            state.write(self._known, self._path)
            self._changed = False

    def _of_file(self, path: str) -> str:
        try:
            found = os.stat(path)
        except OSError:
            return "absent"
        size, date, name = self._known.get(path, (-1, -1, ""))
        if (size, date) == (found.st_size, found.st_mtime_ns):
            return str(name)
        new = checksums.digest(path)
        if size == found.st_size > checksums.WHOLE and name.split("+")[0] == new:
            whole = checksums.sha256(path)
            new = str(name) if whole == self._checksum(path) else f"{new}+{whole[:32]}"
        self._known[path] = [found.st_size, found.st_mtime_ns, new]
        self._changed = True
        return new


def known_checksums(table: str | Path) -> Callable[[str], str | None]:
    """Looks checksums up in the table of inputs that a run has written, if there is one."""
    rows: dict[str, str] = {}

    def find(path: str) -> str | None:
        if not rows and Path(table).is_file():
            rows.update(checksums.read(table))
        return rows.get(path)

    return find


def text_digest(text: str) -> str:
    """Sixteen hexadecimal digits that differ when a text does."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
