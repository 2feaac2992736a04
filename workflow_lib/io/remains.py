"""A run's files from one start to the next: their dates after a copy, those that nothing makes any more."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from workflow_lib.io import state

LARGE = 1_000_000  # bytes; of smaller files Snakemake compares the content where dates do not fit
STAMP = ".snakemake_timestamp"
"""The file whose date Snakemake takes for that of a folder of results."""
FOLDERS = ("results", "resources")


class Dates:
    """Dates of large results, which are put back in a copy of the folder.

    `cp -r` gives all files new dates, in the order in which they are copied, so that every large result seems
    older or newer than what it was made from. A folder that was copied is told by its own number on the disk.

    Parameters
    ----------
    path : str or Path
        Where they are kept, in the folder that they are about.
    """

    def __init__(self, path: str | Path):
        self._path = Path(path)

    def put_back(self) -> int:
        """Give files that have kept their size the dates they had before a copy; how many got another."""
        known = state.read(self._path)
        if not known or known.get("folder") == self._folder():
            return 0
        n_changed = 0
        for name, (size, date) in known["files"].items():
            found = _stat(name)
            if found is not None and found.st_size == size and found.st_mtime_ns != date:
                os.utime(name, ns=(date, date))
                n_changed += 1
        self.keep()
        return n_changed

    def keep(self) -> None:
        """Write down the dates as they are."""
        files = {name: [found.st_size, found.st_mtime_ns] for name, found in _large_files()}
        if files or self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            state.write({"folder": self._folder(), "files": files}, self._path)

    def _folder(self) -> int:
        found = _stat(self._path.parent)
        return 0 if found is None else found.st_ino


def _large_files() -> Iterator[tuple[str, os.stat_result]]:
    for folder in FOLDERS:
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)
                found = _stat(path)
                if found is not None and (found.st_size > LARGE or name == STAMP):
                    yield path, found


def _stat(path: str | Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


class Made:
    """What runs have made in the folder of results, so that what no rule makes any more can be taken away.

    Parameters
    ----------
    path : str or Path
        Where it is kept.
    """

    def __init__(self, path: str | Path):
        self._path = path
        self._files: list[str] = state.read(path).get("files", [])

    def add(self, files: Iterable[str]) -> None:
        """Write down what a run makes."""
        files = sorted({*self._files, *files})
        if files != self._files:
            self._files = files
            state.write({"files": files}, self._path)

    def left_over(self, needed: Callable[[str], bool]) -> list[str]:
        """Results of earlier runs that are not needed any more: of a sample that was dropped, say."""
        inside = f"results{os.sep}"
        return [
            file
            for file in self._files
            if file.startswith(inside) and os.path.exists(file) and not needed(file)
        ]

    def remove(self, files: Iterable[str]) -> None:
        """Remove files and folders, and folders that are empty then."""
        for file in files:
            path = Path(file)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder.name in ("results", "") or any(folder.iterdir()):
                    break
                folder.rmdir()
        self._files = [file for file in self._files if os.path.lexists(file)]
        state.write({"files": self._files}, self._path)
