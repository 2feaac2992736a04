"""Gene annotation as users bring it: GTF, and GFF3 by :mod:`workflow_lib.io.gff3`.

Only what peaks are annotated with is read: gene, transcript, exon, CDS and stop_codon lines. UTR lines are
passed over: they follow from exons and CDS, and mean different things in GENCODE (one kind, with the stop
codon) and in Ensembl (two kinds, without it).
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from workflow_lib.errors import InputError
from workflow_lib.io import features, gff3
from workflow_lib.io.features import CODING, EXON, GENE, STRANDS, SYMBOLS, TRANSCRIPT, Features
from workflow_lib.io.text import line_blocks

KINDS = {b"gene": GENE, b"transcript": TRANSCRIPT, b"exon": EXON, b"CDS": CODING, b"stop_codon": CODING}
COLUMNS = ("contig", "source", "feature", "start", "end", "score", "strand", "frame", "attributes")
PASSED_OVER = (b"#", b"track ", b"browser ")
BLOCK_BYTES = 1 << 22

_WHOLE = re.compile(rb" *[0-9]{1,18} *")
_QUOTED = re.compile(rb'([a-z_]+) "([^"]*)"')
# A value ends at a quote before a semicolon: notes may hold quotes and semicolons of their own.
_ATTRIBUTE = re.compile(
    rb'[ \t;]*([^\s;"]+)(?:[ \t]+(?:"(.*?)"(?=[ \t]*(?:;|$))|([^";]*?)))?[ \t]*(?:;|$)', re.DOTALL
)
_VALUE = r'(?:"[^"]*"|[^"; ]+)'
_BOTH_IDS = (
    rf'^(?P<ids>gene_id "[^"]+"; (?:[a-su-z][a-z_]* {_VALUE}; )*transcript_id "[^"]+";'
    rf'|transcript_id "[^"]+"; (?:[a-fh-z][a-z_]* {_VALUE}; )*gene_id "[^"]+";)'
)
"""Column 9 up to both identifiers, if it begins with one: lines that are equal so far have one owner.

What lies between begins with another letter than the second identifier, so that there is one way to match.
"""


class _Odd(Exception):
    """What is wrong with a line, said without its number; or that a block needs a look line by line."""


def read(path: str | Path, limit: int | None = None) -> Features:
    """Read a GTF or GFF3 (plain, gzip or bgzip), sorted or not, by any of the usual makers.

    Three million GENCODE lines take about three seconds of one core.

    Parameters
    ----------
    path : str or Path
    limit : int, optional
        Stop after about this many lines, for a look before anything runs.

    Raises
    ------
    InputError
        If the file is cut short or, read whole, has no gene, transcript, exon or CDS; or naming the first
        malformed line.
    """
    reader = _Reader(path)
    parts: list[pd.DataFrame] = []
    for first, block in line_blocks(path, BLOCK_BYTES):
        if not parts and gff3.is_gff3(block):
            return gff3.read(path, limit)
        if limit is not None and first + block.count(b"\n") > limit:
            block = b"\n".join(block.split(b"\n", limit)[: limit + 1 - first])
            return reader.features([*parts, reader.read(first, block)])
        parts.append(reader.read(first, block))
    if not reader.owners.genes:
        raise InputError(f"{path}: no gene, transcript, exon or CDS line; give the annotation as GTF or GFF3")
    return reader.features(parts)


class _Reader:
    """Lines of a GTF, block by block: as columns where all is usual, one by one where anything is odd."""

    def __init__(self, path: str | Path):
        self.path = path
        self.owners = features.Owners()
        self.contigs: dict[bytes, int] = {}
        self.known: dict[bytes, int] = {}  # transcripts by their attributes up to both identifiers

    def features(self, parts: list[pd.DataFrame]) -> Features:
        return self.owners.features(features.joined(parts), self.contigs)

    def read(self, first: int, block: bytes) -> pd.DataFrame:
        """Columns of :class:`Features` for whole lines, the first of which has number `first`."""
        try:
            return self._columns(block)
        except (_Odd, pa.ArrowException):
            return self._one_by_one(first, block)

    def _columns(self, block: bytes) -> pd.DataFrame:
        table = _parsed(block)
        kind = _coded(table["feature"], KINDS)
        table, kind = table.filter(pa.array(kind >= 0)), kind[kind >= 0]
        start, end = (table[name].to_numpy() for name in ("start", "end"))
        strand = _coded(table["strand"], {bytes([code]): code for code in STRANDS})
        if not ((start >= 1) & (end >= start) & (strand >= 0)).all():
            raise _Odd
        names = table["contig"].unique().to_pylist()
        if any(name.startswith(PASSED_OVER) for name in names):
            raise _Odd
        contig = _coded(table["contig"], {name: self._contig(name) for name in names})
        owner = self._owners(table["attributes"].combine_chunks(), kind)
        return features.lines(kind, contig, start, end, strand, owner)

    def _owners(self, attributes: pa.Array, kind: np.ndarray) -> np.ndarray:
        """Gene of each gene line, transcript of each other line."""
        owner = np.empty(len(kind), dtype=np.int32)
        is_gene = kind == GENE
        owner[is_gene] = [self._gene(text) for text in attributes.filter(pa.array(is_gene)).to_pylist()]
        attributes = attributes.filter(pa.array(~is_gene))
        ids = pc.struct_field(pc.extract_regex(attributes, _BOTH_IDS), [0])
        short = pc.dictionary_encode(pc.coalesce(ids, attributes)).indices.to_numpy()
        _, rows = np.unique(short, return_index=True)
        firsts = zip(
            ids.take(pa.array(rows)).to_pylist(), attributes.take(pa.array(rows)).to_pylist(), strict=True
        )
        owner[~is_gene] = np.array([self._transcript_of(*first) for first in firsts], dtype=np.int32)[short]
        return owner

    def _one_by_one(self, first: int, block: bytes) -> pd.DataFrame:
        rows = []
        for number, line in enumerate(block.split(b"\n"), first):
            if line.strip() and not line.startswith(PASSED_OVER):
                try:
                    rows += self._line(line.rstrip(b"\r"))
                except _Odd as fault:
                    raise InputError(f"{self.path}:{number}: {fault}") from None
        return features.lines(*zip(*rows, strict=True)) if rows else features.joined([])

    def _line(self, line: bytes) -> list[tuple[int, ...]]:
        """A row for one line; none if it does not matter."""
        fields = line.split(b"\t", len(COLUMNS) - 1)
        if len(fields) < len(COLUMNS):
            raise _Odd(
                f"a GTF line has {len(COLUMNS)} tab-separated columns, this one has {len(fields)}; "
                "check that the file is GTF and that its download is complete"
            )
        contig, _, feature, start, end, _, strand, _, attributes = fields
        kind = KINDS.get(feature)
        if kind is None:
            return []
        owner = self._gene(attributes) if kind == GENE else self._transcript(attributes)
        first, last = (int(text) if _WHOLE.fullmatch(text) else 0 for text in (start, end))
        if not 1 <= first <= last or len(strand) != 1 or strand not in STRANDS:
            shown = [text[:40].decode("utf-8", "replace") for text in (start, end, strand)]
            raise _Odd(
                f"start {shown[0]}, end {shown[1]}, strand {shown[2]}; "
                "expected whole numbers, 1 <= start <= end, and + or -; correct or delete the line"
            )
        return [(kind, self._contig(contig), first, last, strand[0], owner)]

    def _contig(self, name: bytes) -> int:
        return self.contigs.setdefault(name, len(self.contigs))

    def _gene(self, attributes: bytes) -> int:
        found = _attributes(attributes)
        if _is_bare(found):  # AUGUSTUS writes the identifier alone
            return self.owners.gene(next(iter(found)), {})
        return self._gene_of(found)

    def _gene_of(self, found: dict[bytes, bytes]) -> int:
        gene_id = found.get(b"gene_id")
        if not gene_id:
            stand_ins = (b"gene", b"locus_tag", *SYMBOLS, b"transcript_id")
            key = next((key for key in stand_ins if found.get(key)), None)
            if key is None:
                raise _Odd("no gene_id in column 9; give a GTF in which every feature has one")
            gene_id = found[key]
            self.owners.odd[f"features have no gene_id, and their {key.decode()} stands in"] += 1
        return self.owners.gene(gene_id, found)

    def _transcript(self, attributes: bytes) -> int:
        """Code of a line's transcript; -1 for AUGUSTUS's lines of transcripts, as their exons say all."""
        found = _attributes(attributes)
        if _is_bare(found):
            return -1
        gene = self._gene_of(found)
        transcript_id = found.get(b"transcript_id")
        if not transcript_id:
            self.owners.odd["exons or coding parts have no transcript_id: one transcript a gene"] += 1
        return self.owners.transcript(gene, transcript_id or found.get(b"gene_id") or b"")

    def _transcript_of(self, ids: bytes | None, attributes: bytes) -> int:
        """As :meth:`_transcript`, where `ids` may be that part of the attributes which tells it."""
        if ids is None:
            return self._transcript(attributes)
        code = self.known.get(ids)
        if code is None:
            found = dict(_QUOTED.findall(ids))
            if self.owners.is_named(found[b"gene_id"]):
                code = self.owners.transcript(self.owners.genes[found[b"gene_id"]], found[b"transcript_id"])
            else:
                code = self._transcript(attributes)
            self.known[ids] = code
        return code


def _parsed(block: bytes) -> pa.Table:
    """The columns that are used of a block's lines, comments at its begin passed over.

    Raises
    ------
    _Odd or ArrowException
        If a line has more or fewer columns, such as a comment, or a number is none.
    """
    if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
        raise _Odd  # pyarrow would end a line there
    begin = 0
    while block.startswith(b"#", begin):
        begin = block.find(b"\n", begin) + 1 or len(block)
    word = pa.dictionary(pa.int32(), pa.binary())
    types = {"contig": word, "feature": word, "start": pa.int64(), "end": pa.int64(), "strand": word}
    return csv.read_csv(
        pa.BufferReader(block[begin:]),
        read_options=csv.ReadOptions(column_names=COLUMNS, use_threads=False, block_size=len(block) + 1),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=csv.ConvertOptions(
            include_columns=[*types, "attributes"],
            column_types={**types, "attributes": pa.binary()},
            check_utf8=False,
            null_values=[],
        ),
    )


def _coded(words: pa.ChunkedArray, codes: dict[bytes, int]) -> np.ndarray:
    """A code for each word, -1 for those that have none."""
    column = words.combine_chunks()
    known = np.array([codes.get(word, -1) for word in column.dictionary.to_pylist()], dtype=np.int64)
    return known[column.indices.to_numpy()]


def _attributes(text: bytes) -> dict[bytes, bytes]:
    """Keys of column 9 with their values; of a key that stands there twice the first.

    Raises
    ------
    _Odd
        If a quote does not close, or an identifier holds one.
    """
    text, at = text.strip(b" \t;"), 0
    found: dict[bytes, bytes] = {}
    while at < len(text):
        part = _ATTRIBUTE.match(text, at)
        if part is None:
            shown = text[at : at + 40].decode("utf-8", "replace")
            raise _Odd(
                f"column 9 cannot be read from `{shown}` on: a quote does not close, or no semicolon "
                "follows; check that the download is complete, else correct the line"
            )
        found.setdefault(part[1], part[2] if part[2] is not None else part[3] or b"")
        at = part.end()
    for key in (b"gene_id", b"transcript_id"):
        if b'"' in found.get(key, b""):
            raise _Odd(f"{key.decode()} holds a quote; write a semicolon after each attribute")
    return found


def _is_bare(found: dict[bytes, bytes]) -> bool:
    return len(found) == 1 and not next(iter(found.values()))
