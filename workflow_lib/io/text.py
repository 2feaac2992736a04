"""Large text files as lines of bytes, whether plain, gzipped or bgzipped; small ones whole."""

import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from workflow_lib.errors import InputError

CHUNK_BYTES = 1 << 22
LONGEST_LINE = 1 << 24  # of a table: what has longer ones is none, and would be held in memory whole
SMALL_BYTES = 1 << 28  # of a file that is read whole, unpacked
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
UTF_16_ZEROS = 8  # of the first bytes: ASCII in UTF-16 without a mark has every second one zero
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
NO_TEXT = {
    b"PK\x03\x04": ("a workbook or another zip archive", "save it as plain text"),
    bytes.fromhex("d0cf11e0a1b11ae1"): ("a workbook of an old Excel", "save it as plain text"),
    b"BAM\x01": ("a BAM, which holds reads", "name a table"),
    b"CRAM": ("a CRAM, which holds reads", "name a table"),
    b"\x89HDF\r\n": ("HDF5", "write it as a tab-separated table, and name that"),
}
"""How files begin that are no text, what they are, and what helps."""
_GZIP = b"\x1f\x8b"


def is_utf_16(begin: bytes) -> bool:
    """Whether text that begins so is UTF-16, with a mark or, where it is ASCII, without."""
    pairs = begin[: 2 * UTF_16_ZEROS]
    if begin[:2] in UTF_16:
        return True
    odd, even = pairs[1::2], pairs[::2]
    return len(pairs) == 2 * UTF_16_ZEROS and ((not any(odd) and all(even)) or (not any(even) and all(odd)))


def is_gzipped(path: str | Path) -> bool:
    """Whether a file begins with gzip's magic number, whatever its name."""
    with open(path, "rb") as stream:
        return stream.read(2) == _GZIP


def is_bgzipped(path: str | Path) -> bool:
    """Whether a file is compressed in blocks that can be read from the middle (bgzip), not merely gzip."""
    with open(path, "rb") as stream:
        begin = stream.read(18)
    return begin[:4] == b"\x1f\x8b\x08\x04" and begin[12:14] == b"BC"


def check_whole(path: str | Path) -> None:
    """Refuse a text file of ours that is cut short: plain ones end their last line, bgzip its blocks.

    For gzip there is nothing to be done here: its readers notice by themselves.

    Raises
    ------
    InputError
        Naming the file.
    """
    if is_bgzipped(path):
        end = BGZF_END
    elif is_gzipped(path):
        return
    else:
        end = b"\n"
    with open(path, "rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - len(end)))
        if size and stream.read() != end:
            raise InputError(f"{path}: is cut short: its end is missing; delete it and run again")


def blocks(path: str | Path, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Content of a file, unpacked, a few megabytes (or `size` bytes) at a time.

    Raises
    ------
    InputError
        If the file cannot be opened, or its compressed data are cut short or corrupt.
    """
    try:
        stream = cast(BinaryIO, gzip.open(path, "rb") if is_gzipped(path) else open(path, "rb"))  # noqa: SIM115
        with stream:
            while block := stream.read(size):
                yield block
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read to its end ({error}); copy or download it again") from error


def line_blocks(path: str | Path, size: int = CHUNK_BYTES) -> Iterator[tuple[int, bytes]]:
    """Whole lines of a file, unpacked, about `size` bytes at a time; a byte-order mark is passed over.

    Yields
    ------
    (int, bytes)
        The 1-based number of the first line, and the lines, each with its newline, which only the last of
        the file may lack.

    Raises
    ------
    InputError
        As :func:`blocks`, or if a line is longer than `LONGEST_LINE`.
    """
    first, rest = 1, b""
    for i, block in enumerate(blocks(path, size)):
        if i == 0:
            _refuse_no_text(path, block)
        text = rest + (block if i else block.removeprefix(BYTE_ORDER_MARK))
        end = text.rfind(b"\n") + 1
        # the other lines lie within one block
        if (text.find(b"\n") if end else len(text)) > LONGEST_LINE:
            raise InputError(
                f"{path}:{first}: the line is longer than {LONGEST_LINE >> 20} MB, which no table has; "
                "check what this file is"
            )
        if end:
            yield first, text[:end]
            first += text.count(b"\n")
        rest = text[end:]
    if rest:
        yield first, rest


def line_chunks(path: str | Path) -> Iterator[tuple[int, list[bytes]]]:
    """Lines of a file, many at a time, without their newline (a carriage return before it stays).

    Yields
    ------
    (int, list of bytes)
        The 1-based number of the first line, and the lines; an empty last line is left out.

    Raises
    ------
    InputError
        As :func:`line_blocks`.
    """
    for first, block in line_blocks(path):
        yield first, block.removesuffix(b"\n").split(b"\n")


def read_small(path: str | Path, what: str) -> str:
    """A small text file, plain or gzipped, as UTF-8 without a byte-order mark.

    Parameters
    ----------
    path : str or Path
    what : str
        What messages call it, such as `motif file`.

    Raises
    ------
    InputError
        If it cannot be read, is no UTF-8, or is so large (unpacked) that it is something else.
    """
    parts, n = [], 0
    for block in blocks(path):
        n += len(block)
        if n > SMALL_BYTES:
            raise InputError(
                f"{path}: is larger than {SMALL_BYTES >> 20} MB, so it is no {what}; name another"
            )
        parts.append(block)
    data = b"".join(parts)
    _refuse_no_text(path, data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}:{line}: is not UTF-8 text (byte 0x{data[error.start]:02x}); "
            "save it as plain text in UTF-8, not as a workbook, in Latin-1 or in UTF-16"
        ) from None


def _refuse_no_text(path: str | Path, begin: bytes) -> None:
    """Refuse by its name what people give for text: workbooks, files of reads, UTF-16."""
    for mark, (what, fix) in NO_TEXT.items():
        if begin.startswith(mark):
            raise InputError(f"{path}: is {what}; {fix}")
    if is_utf_16(begin):
        raise InputError(f"{path}: is UTF-16; save it as UTF-8")


def text_lines(text: str) -> list[str]:
    """Lines of a text that ends them as Unix, Windows or old Macs do, and by nothing else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
