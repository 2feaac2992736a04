"""Checksums of input files, by which a reader can tell whether theirs are the same."""

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

COLUMNS = ["input", "path", "bytes", "sha256", "digest"]
WHOLE = 1 << 26  # bytes; digests of files up to that are of all they hold
SAMPLES, BLOCK = 64, 1 << 16  # of larger ones so many blocks of so many bytes, evenly spread


def table(paths: Mapping[str, str], threads: int = 1) -> pd.DataFrame:
    """Size and SHA-256 of every file, in the order given.

    Files are read whole, BAMs too: a header with a size would not notice a changed read. Hashing lets go of
    the interpreter's lock, so threads read several files at once.

    Parameters
    ----------
    paths : mapping of str to str
        What each input is called, by its path; each file of a folder is a row of its own.
    threads : int

    Returns
    -------
    DataFrame
        input, path, bytes, sha256 (hexadecimal), digest (as results carry it: :func:`digest`).
    """
    names, files = [], []
    for path, name in paths.items():
        found = _files(Path(path))
        names += [name] * len(found)
        files += found
    with ThreadPoolExecutor(max(1, threads)) as pool:
        sums, digests = list(pool.map(sha256, files)), list(pool.map(digest, files))
    sizes = [file.stat().st_size for file in files]
    columns = (names, map(str, files), sizes, sums, digests)
    return pd.DataFrame(dict(zip(COLUMNS, map(list, columns), strict=True)))


def read(table: str | Path) -> dict[str, str]:
    """SHA-256 of each file by its path, from a table that a run has written."""
    rows = pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False)
    return dict(zip(rows["path"], rows["sha256"], strict=True)) if {"path", "sha256"} <= set(rows) else {}


def digest(path: str | Path) -> str:
    """Digest of a file's content: of all of it up to 64 MB, else of its size and of 64 blocks of 64 kB.

    BAM and other compressed files differ in most of their blocks and in size after any change. A change in
    place of a large plain file may go unseen; see :mod:`workflow_lib.io.identity`.
    """
    path = Path(path)
    size = path.stat().st_size
    if size <= WHOLE:
        return sha256(path)[:32]
    total = hashlib.sha256(str(size).encode())
    with open(path, "rb") as file:
        for i in range(SAMPLES):
            file.seek((size - BLOCK) * i // (SAMPLES - 1))
            total.update(file.read(BLOCK))
    return total.hexdigest()[:32]


def sha256(path: str | Path) -> str:
    """SHA-256 of a file's bytes as hexadecimal digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
