"""Large text files as lines of bytes, whether plain, gzipped or bgzipped."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from workflow_lib.errors import InputError

CHUNK_BYTES = 1 << 22


def is_gzipped(path: str | Path) -> bool:
    """Whether a file begins with gzip's magic number, whatever its name."""
    with open(path, "rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def is_bgzipped(path: str | Path) -> bool:
    """Whether a file is compressed in blocks that can be read from the middle (bgzip), not merely gzip."""
    with open(path, "rb") as stream:
        begin = stream.read(18)
    return begin[:4] == b"\x1f\x8b\x08\x04" and begin[12:14] == b"BC"


def line_chunks(path: str | Path) -> Iterator[tuple[int, list[bytes]]]:
    """Lines of a file, many at a time, without their newline (a carriage return before it stays).

    Yields
    ------
    (int, list of bytes)
        The 1-based number of the first line, and the lines; an empty last line is left out.

    Raises
    ------
    InputError
        If the file cannot be opened, or its compressed data are cut short or corrupt.
    """
    try:
        stream = cast(BinaryIO, gzip.open(path, "rb") if is_gzipped(path) else open(path, "rb"))  # noqa: SIM115
        with stream:
            first, rest = 1, b""
            while block := stream.read(CHUNK_BYTES):
                lines = (rest + block).split(b"\n")
                rest = lines.pop()
                yield first, lines
                first += len(lines)
            if rest:
                yield first, [rest]
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read to its end ({error}); copy or download it again") from error
