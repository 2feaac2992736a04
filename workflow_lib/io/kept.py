"""What the start of a run has read of genome and annotation, kept for the jobs that need it (docs/adr/237).

Only the file that was read is taken for it: its path, size and date are written down. What is not there, or
of another file, is read anew. pyarrow, which many scripts that open the genome do not need, is imported late.
"""

import json
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_lib.io import state
from workflow_lib.io.atomic import replacing
from workflow_lib.io.headers import Lines
from workflow_lib.io.text import is_gzipped

if TYPE_CHECKING:
    from workflow_lib.io.features import Features

BLOCK_HEAD, BLOCK_SIZE, BLOCK_TAIL = 18, 16, 4
"""Bytes of a bgzip block's head; where its size stands there; bytes at its end that tell its content's."""
STATE, FAI, GZI, FEATURES = "genome.json", "genome.fai", "genome.gzi", "annotation.arrow"


def keep_index(
    fasta: str | Path, contigs: Mapping[str, int], places: Mapping[str, Lines], folder: Path
) -> None:
    """Write both indices of a FASTA that was read to its end."""
    rows = (
        f"{name}\t{length}\t{places[name].offset}\t{places[name].bases}\t{places[name].width}\n"
        for name, length in contigs.items()
    )
    with replacing(folder / FAI) as fai, replacing(folder / GZI) as gzi:
        fai.write_text("".join(rows), encoding="utf-8")
        starts = block_starts(fasta) if is_gzipped(fasta) else []
        gzi.write_bytes(
            struct.pack("<Q", len(starts)) + b"".join(struct.pack("<QQ", *each) for each in starts)
        )
    state.write({"of": _stand(fasta)}, folder / STATE)


def take_index(fasta: str | Path, folder: Path, fai: str | Path, gzi: str | Path) -> bool:
    """Copy the indices that are kept of a FASTA; whether there are any."""
    there = (folder / FAI).is_file() and (folder / GZI).is_file()
    if not there or state.read(folder / STATE).get("of") != _stand(fasta):
        return False
    with replacing(fai) as partial_fai, replacing(gzi) as partial_gzi:
        shutil.copyfile(folder / FAI, partial_fai)
        shutil.copyfile(folder / GZI, partial_gzi)
    return True


def block_starts(path: str | Path) -> list[tuple[int, int]]:
    """Where each block of a bgzip file but the first begins, in the file and unpacked; without empty ones."""
    starts, at, unpacked = [], 0, 0
    with open(path, "rb") as stream:
        while len(head := stream.read(BLOCK_HEAD)) == BLOCK_HEAD:
            size = int.from_bytes(head[BLOCK_SIZE:], "little") + 1
            stream.seek(at + size - BLOCK_TAIL)
            content = int.from_bytes(stream.read(BLOCK_TAIL), "little")
            if at and content:
                starts.append((at, unpacked))
            at, unpacked = at + size, unpacked + content
    return starts


def keep_features(annotation: str | Path, found: "Features", folder: Path) -> None:
    """Write the lines of an annotation, as they were read."""
    import pyarrow as pa

    packed = pa.ipc.IpcWriteOptions(compression="lz4")
    said = {"of": _stand(annotation), "contigs": found.contigs, "notes": found.notes}
    with replacing(folder / FEATURES) as partial, pa.OSFile(str(partial), "wb") as out:
        for table in (found.lines, found.genes, found.transcripts):
            rows = pa.Table.from_pandas(table, preserve_index=False)
            rows = rows.replace_schema_metadata({**(rows.schema.metadata or {}), "said": json.dumps(said)})
            with pa.ipc.new_stream(out, rows.schema, options=packed) as stream:
                stream.write_table(rows)


def features(annotation: str | Path, folder: Path) -> "Features | None":
    """The lines that are kept of an annotation; None if there are none of it."""
    path = folder / FEATURES
    if not path.is_file():
        return None
    import pyarrow as pa

    from workflow_lib.io.features import Features

    tables = []
    with pa.OSFile(str(path)) as kept:
        for _ in range(3):
            with pa.ipc.open_stream(kept) as stream:
                said = json.loads(stream.schema.metadata[b"said"])
                if said["of"] != _stand(annotation):
                    return None
                tables.append(stream.read_pandas())
    lines, genes, transcripts = tables
    return Features(lines, said["contigs"], genes, transcripts, tuple(said["notes"]))


def drop_features(folder: Path) -> None:
    """Keep no lines any longer: of a human annotation they take some 30 MB."""
    (folder / FEATURES).unlink(missing_ok=True)


def _stand(path: str | Path) -> list:
    """What tells a file from another one, as JSON has it."""
    found = Path(path).stat()
    return [str(path), found.st_size, found.st_mtime_ns]
