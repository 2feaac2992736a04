"""How to break clean inputs: a case, and the edits that cases are made of.

Each case breaks a copy of the clean inputs (clean_inputs.py) in one way. `said` is a part of the message
that must be there: docs/errors.md shows the messages whole, as document.py finds them.
"""

import gzip
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import clean_inputs as clean
import pysam
import yaml

from workflow_lib.fragments import store
from workflow_lib.motifs import library

START, READING = "start", "reading"
"""When it is found: before any job; by the first job, which reads all files to their ends; when used."""


@dataclass(frozen=True)
class Case:
    """One way to break the inputs, or (`legal`) to write them otherwise with the same meaning."""

    area: str
    name: str
    change: Callable[[], object]
    said: str = ""
    run: str = "reads"
    found: str = START


def edit(path: str, old: str, new: str, *, encoding: str = "utf-8") -> None:
    """Replace a text that stands in a file."""
    text = Path(path).read_text()
    assert old in text, (path, old)
    Path(path).write_bytes(text.replace(old, new).encode(encoding))


def rewrite(path: str, make: Callable[[bytes], bytes]) -> None:
    """Replace a file by what `make` makes of its bytes."""
    Path(path).write_bytes(make(Path(path).read_bytes()))


def put(path: str, content: str | bytes) -> None:
    """Write a file."""
    Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())


def config(text: str, run: str = "reads") -> None:
    """Set keys of a configuration, given as YAML: mappings are merged, all else is replaced."""

    def merge(old: dict, new: Mapping) -> dict:
        for key, value in new.items():
            both = isinstance(value, Mapping) and isinstance(old.get(key), dict) and value
            old[key] = merge(old[key], value) if both else value
        return old

    given = merge(clean.read_yaml(f"{run}.yaml"), yaml.safe_load(text))
    Path(f"{run}.yaml").write_text(yaml.safe_dump(given, allow_unicode=True))


def renamed(old: str, new: str, key: str) -> None:
    """Move a file, and name it in the configuration."""
    Path(new).parent.mkdir(parents=True, exist_ok=True)
    os.rename(old, new)
    config(yaml.safe_dump({key.split(".")[0]: {key.split(".")[1]: new}}))


def sparse(path: str, begin: bytes = b"", size: int = 5 << 30) -> None:
    """A file of five gigabytes that takes no room: one endless line after `begin`."""
    with open(path, "wb") as stream:
        stream.write(begin)
        stream.truncate(size)


def bomb(path: str, begin: bytes = b"", megabytes: int = 64) -> None:
    """A small gzip file that unpacks to hundreds of megabytes without a line end."""
    with gzip.open(path, "wb", compresslevel=9) as stream:
        stream.write(begin)
        for _ in range(megabytes):
            stream.write(b"1" * (1 << 20))


def raw(sample: str, at: int, value: bytes, *, mate: bool = False) -> None:
    """Write bytes into the first read (or its mate) of a BAM, unpacked, and pack it again."""
    data = bytearray(gzip.decompress(Path(f"{sample}.bam").read_bytes()))
    first = (data.rindex if mate else data.index)(b"r000000\0") - 36
    data[first + at : first + at + len(value)] = value
    with pysam.BGZFile(f"{sample}.bam", "wb", None) as out:
        out.write(bytes(data))


def middle(path: str) -> None:
    """Damage a file in its middle, so that both its ends are whole."""
    data = bytearray(Path(path).read_bytes())
    at = len(data) // 2
    data[at : at + 40] = b"\0" * 40
    Path(path).write_bytes(bytes(data))


def check(case: Case) -> None:
    """What the run does up to the point at which the fault is found."""
    config, samples, _ = clean.load(f"{case.run}.yaml")
    if case.found == READING:
        asked = config["motifs"]
        if asked["source"] == "jaspar":
            library.from_jaspar(asked["release"], asked["collection"], asked["tax_group"], asked["species"])
        store.from_file(samples.loc["t1", "bam"], min_mapq=config["reads"]["min_mapq"])
