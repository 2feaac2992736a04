"""Readers of what people write by hand: YAML and sample sheets."""

import os
import re
from pathlib import Path
from shlex import quote

import yaml

from workflow_lib.errors import InputError
from workflow_lib.io.text import is_gzipped, read_small, text_lines


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML in which a key may stand once only: of two, plain YAML silently keeps the last."""

    def construct_mapping(self, node, deep=False):
        seen: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key.value, str):
                continue
            if key.value in seen:
                raise InputError(
                    f"{self.name}, line {line}: key {key.value!r} stands there twice (first in line "
                    f"{seen[key.value]}) and the first would be lost: rename or remove one"
                )
            seen[key.value] = line
        return super().construct_mapping(node, deep)


def read_text(path: str | Path) -> str:
    """Read a small plain text file as UTF-8, without a byte-order mark.

    Raises
    ------
    InputError
        If there is no such file, or it is something else than UTF-8.
    """
    check_there(path)
    if is_gzipped(path):
        raise InputError(f"{path}: is compressed: unpack it (gunzip), as it is read by people too")
    return read_small(path, "text that people write")


def read_yaml(path: str | Path) -> dict:
    """Read a YAML mapping, such as a configuration or a schema.

    Raises
    ------
    InputError
        With the line: no YAML, a key that stands there twice, or something else than a mapping.
    """
    try:
        loader = _Loader(read_text(path))
        loader.name = str(path)
        content = loader.get_single_data()
    except InputError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        # What a tag such as !!int promises and the value does not hold, a date like 2020-13-45, deep nests.
        said = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: not readable as YAML ({said}): write plain keys and values") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        text = read_text(path).splitlines()
        if mark and mark.line < len(text) and text[mark.line][mark.column : mark.column + 1] == "\t":
            raise InputError(f"{path}{line}: a tab stands before a value or a key: write blanks") from None
        fix = "take away the tag" if "constructor for the tag" in problem else "check indents, colons, quotes"
        raise InputError(f"{path}{line}: not readable as YAML ({problem}): {fix}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError(
            f"{path}: not a mapping of keys to values: write lines of a key, a colon and a value"
        )
    return content


def read_rows(path: str | Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read a small tab-separated table as it stands: nothing is converted, rows may be of any length.

    A byte-order mark, Windows line ends, blank lines, blanks around a value, one pair of double quotes
    about it and a first line such as `sep=;`, which spreadsheets write for themselves, are let pass.

    Returns
    -------
    header : list of str
    rows : list of (line number from 1, list of str)

    Raises
    ------
    InputError
        A file that is missing, empty, not UTF-8, or separated by anything but tabs.
    """
    rows = [
        (number, [unquoted(value) for value in line.split("\t")])
        for number, line in enumerate(text_lines(read_text(path)), 1)
        if line.strip()
    ]
    told = bool(rows) and re.fullmatch("sep=.?", "".join(rows[0][1]), re.IGNORECASE) is not None
    rows = rows[told:]
    if not rows:
        raise InputError(
            f"{path}: is empty: write a header with the columns sample and group, then the samples"
        )
    line, header = rows[0]
    if len(header) == 1:
        for mark, name in ((",", "commas"), (";", "semicolons"), (" ", "blanks")):
            parts = header[0].split(mark)
            if len(parts) > 1:
                first = line if told else 1
                command = to_tabs(mark, path, first, quoted='"' in read_text(path))
                raise InputError(f"{path}, line {line}: columns are separated by {name}; {command}")
    again = next((number for number, values in rows[1:] if values == header), None)
    if again is not None:
        raise InputError(f"{path}, line {again}: is the header again: delete the line")
    n = len(header)  # without the empty columns that spreadsheets leave at the end
    while n > 1 and not header[n - 1] and not any(any(values[n - 1 :]) for _, values in rows[1:]):
        n -= 1
    return header[:n], [(number, [*values[:n], *values[len(header) :]]) for number, values in rows[1:]]


def to_tabs(mark: str, path: str | Path, first: int = 1, *, quoted: bool) -> str:
    """The command that separates columns by tabs, from line `first` on; quoted cells may hold the mark."""
    named = quote(str(path))
    unpacked = "gunzip -c" if is_gzipped(path) else ""
    if first > 1:
        lines = f"{unpacked} {named} | tail -n +{first} | " if unpacked else f"tail -n +{first} {named} | "
    else:
        lines = f"{unpacked} {named} | " if unpacked else ""
    source, made = "" if lines else f" < {named}", " > tabs.tsv"
    if mark == " ":
        return f"{lines}tr -s ' ' '\\t'{source}{made}"
    if not quoted:
        return f"{lines}tr '{mark}' '\\t'{source}{made}"
    rows = f"csv.reader(sys.stdin, delimiter='{mark}')"
    script = f"import csv, sys;csv.writer(sys.stdout, 'excel-tab', lineterminator='\\n').writerows({rows})"
    return f"{lines}python3 -c {quote(script)}{source}{made}"


def check_there(path: str | Path) -> None:
    """Refuse a file that is not there or may not be read, with what to do."""
    if Path(path).exists() and not os.access(path, os.R_OK):
        raise InputError(f"{path}: may not be read: chmod u+r, or ask its owner")
    if not Path(path).is_file():
        raise InputError(f"{path}: there is no such file: correct the path or put the file there")


def unquoted(value: str) -> str:
    """A value without blanks and one pair of double quotes around it."""
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
