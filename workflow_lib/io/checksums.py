"""Checksums of input files, by which a reader can tell whether theirs are the same."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

COLUMNS = ["path", "bytes", "sha256"]


def table(paths: Iterable[str], threads: int = 1) -> pd.DataFrame:
    """Size and SHA-256 of every file, in the order given.

    Files are read whole, BAMs too: a header with a size would not notice a changed read. Hashing lets go of
    the interpreter's lock, so threads read several files at once.

    Parameters
    ----------
    paths : iterable of str
        Files; each file of a folder is a row of its own.
    threads : int

    Returns
    -------
    DataFrame
        path, bytes, sha256 (hexadecimal).
    """
    files = [file for path in paths for file in _files(Path(path))]
    with ThreadPoolExecutor(max(1, threads)) as pool:
        sums = list(pool.map(sha256, files))
    rows = [(str(file), file.stat().st_size, digest) for file, digest in zip(files, sums, strict=True)]
    return pd.DataFrame(rows, columns=COLUMNS)


def read(table: str | Path) -> dict[str, str]:
    """SHA-256 of each file by its path, from a table that a run has written."""
    rows = pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False)
    return dict(zip(rows["path"], rows["sha256"], strict=True)) if {"path", "sha256"} <= set(rows) else {}


def sha256(path: str | Path) -> str:
    """SHA-256 of a file's bytes as hexadecimal digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
