"""How many rows a table has, roughly and at once: from its first megabytes and its size."""

import gzip
import os
import zlib
from pathlib import Path
from typing import BinaryIO

from workflow_lib.io.text import is_gzipped

SAMPLE_BYTES = 1 << 22


def estimate(path: str | Path) -> int:
    """Lines of a text file, plain or gzipped, or rows of a parquet file.

    Exact for parquet and for text of up to four megabytes; of longer text the first four tell how many lines
    there are to a byte of the file, compressed as it is. The same file gives the same number at all times. A
    file that cannot be unpacked counts as far as it can be: its reader says what is wrong with it.
    """
    if _is_parquet(path):
        from pyarrow import parquet

        return parquet.read_metadata(path).num_rows
    with open(path, "rb") as raw:
        content, whole = _unpacked(raw) if is_gzipped(path) else _begin(raw)
        used = raw.tell()
    lines = content.count(b"\n") + (1 if content and not content.endswith(b"\n") else 0)
    return lines if whole else round(lines * os.path.getsize(path) / used)


def _is_parquet(path: str | Path) -> bool:
    with open(path, "rb") as file:
        return file.read(4) == b"PAR1"


def _begin(raw: BinaryIO) -> tuple[bytes, bool]:
    """The first megabytes of a file, and whether that is all."""
    found = raw.read(SAMPLE_BYTES)
    return found, len(found) < SAMPLE_BYTES


def _unpacked(raw: BinaryIO) -> tuple[bytes, bool]:
    """As :func:`_begin`, of a gzipped file."""
    found = b""
    with gzip.GzipFile(fileobj=raw) as stream:
        try:
            while len(found) < SAMPLE_BYTES:
                more = stream.read(SAMPLE_BYTES - len(found))
                if not more:
                    return found, True
                found += more
        except (OSError, EOFError, zlib.error):
            return found, True
    return found, False
