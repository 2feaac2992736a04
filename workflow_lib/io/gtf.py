"""Gene annotation on disk: GTF as users bring it, and the parquet table that rules hand on.

Only what peaks are annotated with is read: gene, transcript, exon, CDS and stop_codon lines. UTR lines are
passed over: they follow from exons and CDS, and mean different things in GENCODE (one kind, with the stop
codon) and in Ensembl (two kinds, without it).
"""

import re
from array import array
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from workflow_lib.errors import InputError
from workflow_lib.io.atomic import replacing
from workflow_lib.io.text import line_chunks

GENE, TRANSCRIPT, EXON, CODING = range(4)
KINDS = {b"gene": GENE, b"transcript": TRANSCRIPT, b"exon": EXON, b"CDS": CODING, b"stop_codon": CODING}
STRANDS = {b"+", b"-", b".", b"?"}
MOST_DIGITS = 18  # of a number in 64 bits
USUAL = b' transcript_id "'  # as nearly every file writes it; the pattern below finds the other spellings


def _attribute(name: bytes) -> re.Pattern:
    return re.compile(rb"(?:^|;)\s*(?:" + name + rb')[ \t]+(?:"([^"]*)"|([^\s;"]+))')


GENE_ID, TRANSCRIPT_ID = _attribute(b"gene_id"), _attribute(b"transcript_id")
GENE_NAME, GENE_TYPE = _attribute(b"gene_name"), _attribute(b"gene_type|gene_biotype")


@dataclass(frozen=True)
class Features:
    """The lines of a GTF that matter.

    Attributes
    ----------
    lines : DataFrame
        kind (GENE, TRANSCRIPT, EXON or CODING), contig (row in `contigs`), start, end (0-based, half-open),
        strand (`+`, `-`, `.` or `?`, as bytes), owner (row in `genes` for gene lines, else in `transcripts`);
        in file order.
    contigs : list of str
        In order of first appearance.
    genes : DataFrame
        gene_id, gene_name, gene_type (None where the file gives none).
    transcripts : DataFrame
        transcript_id, gene (row in `genes`).
    """

    lines: pd.DataFrame
    contigs: list[str]
    genes: pd.DataFrame
    transcripts: pd.DataFrame


class _Reader:
    """Codes for contigs, genes and transcripts, growing as lines come in."""

    def __init__(self, path: str | Path):
        self.path = path
        self.contigs: dict[bytes, int] = {}
        self.genes: dict[bytes, int] = {}
        self.gene_names: list[bytes | None] = []
        self.gene_types: list[bytes | None] = []
        self.transcripts: dict[bytes, int] = {}
        self.transcript_genes = array("i")

    def read_lines(self, first: int, lines: list[bytes]) -> dict[str, np.ndarray]:
        """Columns of :class:`Features` for some lines, the first of which has number `first`."""
        kinds, contigs, owners = array("b"), array("i"), array("i")
        starts, ends, strands = [], [], []
        known_contigs, known_transcripts = self.contigs, self.transcripts
        for number, line in enumerate(lines, first):
            try:
                contig, _, feature, start, end, _, strand, _, attributes = line.split(b"\t", 8)
            except ValueError:
                self._check_not_a_feature(number, line)
                continue
            kind = KINDS.get(feature)
            if kind is None:
                continue
            if contig not in known_contigs:
                if contig.startswith(b"#"):
                    continue
                known_contigs[contig] = len(known_contigs)
            if kind == GENE:
                owner = self._gene(number, attributes)
            else:
                at = attributes.find(USUAL)
                if at >= 0:
                    at += len(USUAL)
                    transcript_id = attributes[at : attributes.find(b'"', at)]
                else:
                    transcript_id = _value(TRANSCRIPT_ID, attributes)
                owner = known_transcripts.get(transcript_id, -1)
                if owner < 0:
                    owner = self._new_transcript(number, transcript_id, attributes)
            kinds.append(kind)
            contigs.append(known_contigs[contig])
            owners.append(owner)
            starts.append(start)
            ends.append(end)
            strands.append(strand)
        # int() alone would read 1_000, and fail on numbers beyond 64 bits.
        if not all(map(_is_place, starts)) or not all(map(_is_place, ends)):
            self._refuse(first, lines, lambda fields: not (_is_place(fields[3]) and _is_place(fields[4])))
        first_base = np.array(list(map(int, starts)), dtype=np.int64)
        last_base = np.array(list(map(int, ends)), dtype=np.int64)
        if ((first_base < 1) | (last_base < first_base)).any():
            self._refuse(first, lines, lambda fields: not 1 <= int(fields[3]) <= int(fields[4]))
        signs = b"".join(strands)
        if not set(strands) <= STRANDS:
            self._refuse(first, lines, lambda fields: fields[6] not in STRANDS)
        return {
            "kind": np.frombuffer(kinds, dtype=np.int8),
            "contig": np.frombuffer(contigs, dtype=np.int32),
            "start": first_base - 1,
            "end": last_base,
            "strand": np.frombuffer(signs, dtype="S1"),
            "owner": np.frombuffer(owners, dtype=np.int32),
        }

    def _gene(self, number: int, attributes: bytes) -> int:
        gene_id = _value(GENE_ID, attributes)
        if not gene_id:
            raise InputError(self._missing("gene_id", number, attributes))
        code = self.genes.get(gene_id)
        if code is None:
            code = self.genes[gene_id] = len(self.genes)
            self.gene_names.append(None)
            self.gene_types.append(None)
        self.gene_names[code] = self.gene_names[code] or _value(GENE_NAME, attributes) or None
        self.gene_types[code] = self.gene_types[code] or _value(GENE_TYPE, attributes) or None
        return code

    def _new_transcript(self, number: int, transcript_id: bytes, attributes: bytes) -> int:
        if not transcript_id:
            raise InputError(self._missing("transcript_id", number, attributes))
        self.transcript_genes.append(self._gene(number, attributes))
        self.transcripts[transcript_id] = len(self.transcripts)
        return self.transcripts[transcript_id]

    def _check_not_a_feature(self, number: int, line: bytes) -> None:
        if line.startswith(b"##gff-version") and line.split()[-1].startswith(b"3"):
            raise InputError(_gff3(self.path))
        if line.strip() and not line.startswith(b"#"):
            found = line.count(b"\t") + 1
            raise InputError(
                f"{self.path}:{number}: a GTF line has 9 tab-separated columns, this one has {found}; "
                "check that the file is GTF and that its download is complete"
            )

    def _missing(self, name: str, number: int, attributes: bytes) -> str:
        if b'"' not in attributes and re.match(rb"\s*[A-Za-z_]+=", attributes):
            return _gff3(self.path)
        return f"{self.path}:{number}: no {name} in column 9; give a GTF in which every feature has one"

    def _refuse(self, first: int, lines: list[bytes], is_bad) -> NoReturn:
        """Name the first line with a bad start, end or strand."""
        for number, line in enumerate(lines, first):
            fields = line.split(b"\t", 8)
            if len(fields) == 9 and fields[2] in KINDS and not line.startswith(b"#") and is_bad(fields):
                start, end, strand = (fields[i][:40].decode("utf-8", "replace") for i in (3, 4, 6))
                raise InputError(
                    f"{self.path}:{number}: start {start}, end {end}, strand {strand}; expected "
                    "whole numbers, 1 <= start <= end, and + or -; correct or delete the line"
                )
        raise AssertionError(f"{self.path}: lines {first} and following have no fault after all")


def read(path: str | Path) -> Features:
    """Read a GTF (plain, gzip or bgzip), sorted or not, by any of the usual makers.

    Three million GENCODE lines take about ten seconds of one core.

    Raises
    ------
    InputError
        If the file is GFF3, is cut short or has no gene, transcript or exon; or naming the first malformed
        line.
    """
    reader = _Reader(path)
    parts = [reader.read_lines(first, lines) for first, lines in line_chunks(path)]
    if not reader.genes:
        raise InputError(_nothing(path))
    lines = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Features(
        lines=pd.DataFrame(lines),
        contigs=_texts(reader.contigs),
        genes=pd.DataFrame(
            {
                "gene_id": _texts(reader.genes),
                "gene_name": _texts(reader.gene_names),
                "gene_type": _texts(reader.gene_types),
            },
            dtype=object,
        ),
        transcripts=pd.DataFrame(
            {
                "transcript_id": pd.Series(_texts(reader.transcripts), dtype=object),
                "gene": np.frombuffer(reader.transcript_genes, dtype=np.int32),
            }
        ),
    )


def contigs(path: str | Path, limit: int | None = None) -> list[str]:
    """Contigs of the feature lines of a GTF, in order of first appearance; for checks before anything runs.

    Parameters
    ----------
    path : str or Path
    limit : int, optional
        Stop after about this many lines; by default the whole file is read (ten seconds for GENCODE).

    Raises
    ------
    InputError
        As :func:`read`, for the lines that are read.
    """
    reader = _Reader(path)
    seen: dict[bytes, None] = {}
    for first, lines in line_chunks(path):
        if limit is not None:
            lines = lines[: max(0, limit - first + 1)]
        reader.read_lines(first, lines)
        names = {line[: line.find(b"\t")] for line in lines if b"\t" in line}
        if not names <= seen.keys():
            seen.update(dict.fromkeys(line[: line.find(b"\t")] for line in lines if b"\t" in line))
        if limit is not None and first + len(lines) > limit:
            return _texts(name for name in seen if not name.startswith(b"#"))
    if not reader.genes:
        raise InputError(_nothing(path))
    return _texts(name for name in seen if not name.startswith(b"#"))


def write_features(table: pd.DataFrame, path: str | Path) -> None:
    """Write one table of gene models as parquet; the same table gives the same bytes."""
    with replacing(path) as partial:
        pa.parquet.write_table(pa.Table.from_pandas(table, preserve_index=False), partial, compression="zstd")


def read_features(path: str | Path) -> pd.DataFrame:
    """Read what :func:`write_features` wrote."""
    try:
        return pa.parquet.read_table(path).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a whole parquet file ({error}); delete it and run again") from error


def _is_place(text: bytes) -> bool:
    return text.isdigit() and len(text) <= MOST_DIGITS


def _value(pattern: re.Pattern, attributes: bytes) -> bytes:
    found = pattern.search(attributes)
    return b"" if found is None else found[1] or found[2] or b""


def _texts(values) -> list:
    return [None if value is None else value.decode("utf-8", "replace") for value in values]


def _nothing(path: str | Path) -> str:
    return f"{path}: no gene, transcript, exon or CDS line; give the annotation as GTF"


def _gff3(path: str | Path) -> str:
    return (
        f"{path}: this is GFF3, not GTF; convert it with `gffread {quote(Path(path).name)} -T -o genes.gtf`"
    )
