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

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from numpy.lib.stride_tricks import sliding_window_view

from workflow_lib.errors import InputError
from workflow_lib.io.atomic import replacing
from workflow_lib.io.text import line_blocks

GENE, TRANSCRIPT, EXON, CODING = range(4)
KINDS = {b"gene": GENE, b"transcript": TRANSCRIPT, b"exon": EXON, b"CDS": CODING, b"stop_codon": CODING}
STRANDS = np.frombuffer(b"+-.?", dtype=np.uint8)
MOST_DIGITS = 18  # of a number in 64 bits
USUAL = b' transcript_id "'  # as nearly every file writes it; the pattern below finds the other spellings
COLUMNS = 9
CONTIG, _, FEATURE, START, END, _, STRAND, _, ATTRIBUTES = range(COLUMNS)
BLOCK_BYTES = 1 << 20
"""What is looked at at once: larger blocks leave the caches."""
AHEAD = 160
"""Bytes of a column that are compared with the line above it; in steps of eight."""


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
        strand (ASCII code of `+`, `-`, `.` or `?`), owner (row in `genes` for gene lines, else in
        `transcripts`); in file order.
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


class _Block:
    """Whole lines in one piece, and where the columns of those lie that have all.

    Attributes
    ----------
    line : (n,) int array
        Which lines have all columns, from 0.
    odd : (n_odd,) int array
        The others: comments, blank ones and faulty ones.
    edges : (n, COLUMNS + 1) int array
        Places before and after each column: of its tabs, of a newline.
    """

    def __init__(self, content: bytes):
        self.content = content
        end = b"" if content.endswith(b"\n") else b"\n"
        self.text = np.frombuffer(content + end + bytes(AHEAD), dtype=np.uint8)  # may be read past its end
        cuts = np.flatnonzero((self.text == ord("\t")) | (self.text == ord("\n")))
        last = np.flatnonzero(self.text[cuts] == ord("\n"))  # of the cuts of each line
        first = np.r_[0, last[:-1] + 1]
        whole = last - first >= COLUMNS - 1
        self.line, self.odd = np.flatnonzero(whole), np.flatnonzero(~whole)
        self._begins, self._ends = np.r_[0, cuts[last[:-1]] + 1], cuts[last]
        tabs = cuts[first[whole, None] + np.arange(COLUMNS - 1)]
        self.edges = np.column_stack([self._begins[whole] - 1, tabs, self._ends[whole]])

    def keep(self, kept: np.ndarray) -> None:
        """Drop the other lines that have all columns."""
        self.line, self.edges = self.line[kept], self.edges[kept]

    def bounds(self, column: int) -> tuple[np.ndarray, np.ndarray]:
        return self.edges[:, column] + 1, self.edges[:, column + 1]

    def get(self, row: int, column: int) -> bytes:
        return self.content[self.edges[row, column] + 1 : self.edges[row, column + 1]]

    def get_odd(self, line: int) -> bytes:
        return self.content[self._begins[line] : self._ends[line]]

    def kinds(self) -> np.ndarray:
        """What each line is, -1 where that does not matter."""
        start, end = self.bounds(FEATURE)
        length, kinds = end - start, np.full(len(start), -1, dtype=np.int8)
        for name, kind in KINDS.items():
            rows = np.flatnonzero(length == len(name))
            words = sliding_window_view(self.text, len(name))[start[rows]].view(f"S{len(name)}")[:, 0]
            kinds[rows[words == name]] = kind
        return kinds

    def numbers(self, column: int) -> np.ndarray:
        """A column of whole numbers, -1 where it holds none of 64 bits."""
        start, end = self.bounds(column)
        length = end - start
        value = np.zeros(len(start), dtype=np.int64)
        good = (length > 0) & (length <= MOST_DIGITS)
        for i in range(min(length.max(initial=0), MOST_DIGITS)):
            digit = self.text[start + i] - np.uint8(ord("0"))  # below 0 it goes round, beyond 9
            inside = i < length
            good &= ~inside | (digit < 10)
            value = np.where(inside, 10 * value + digit, value)
        return np.where(good, value, -1)

    def is_repeated(self, column: int) -> np.ndarray:
        """Whether a word is the one of the line above; never said of long ones."""
        start, end = self.bounds(column)
        length, same = end - start, np.zeros(len(start), dtype=bool)
        same[1:] = (length[1:] == length[:-1]) & (length[1:] <= AHEAD)
        for i in range(min(length.max(initial=0), AHEAD)):
            letter = self.text[start + i]
            same[1:] &= (letter[1:] == letter[:-1]) | (i >= length[1:])
        return same

    def n_shared(self, column: int) -> np.ndarray:
        """With how many bytes, at least, a column begins as in the line above."""
        start, _ = self.bounds(column)
        eights = sliding_window_view(self.text, AHEAD)[start].view(np.int64)
        differs = np.ones((len(start), AHEAD // 8 + 1), dtype=bool)
        differs[1:, :-1] = eights[1:] != eights[:-1]
        return 8 * differs.argmax(axis=1)


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

    def read_lines(self, first: int, content: bytes) -> dict[str, np.ndarray]:
        """Columns of :class:`Features` for whole lines, the first of which has number `first`.

        Contigs are numbered in `self.contigs`, which has those of all features.
        """
        block = _Block(content)
        faults = ((line, self._fault(first + line, block.get_odd(line))) for line in block.odd.tolist())
        faulty, fault = next(((line, fault) for line, fault in faults if fault), (len(content), ""))
        is_comment = block.text[block.edges[:, CONTIG] + 1] == ord("#")
        block.keep(~is_comment & (block.line < faulty))  # lines before it may have faults of their own
        contig, kind = self._contigs(block), block.kinds()
        matters = kind >= 0
        block.keep(matters)
        contig, kind = contig[matters], kind[matters]
        owner = self._owners(first, block, kind)
        start, end = block.numbers(START), block.numbers(END)
        self._check(first, block, (start >= 0) & (end >= 0))
        self._check(first, block, (start >= 1) & (end >= start))
        at, until = block.bounds(STRAND)
        strand = block.text[at]
        self._check(first, block, (until - at == 1) & np.isin(strand, STRANDS))
        if fault:
            raise InputError(fault)
        return {
            "kind": kind,
            "contig": contig,
            "start": start - 1,
            "end": end,
            "strand": strand,
            "owner": owner,
        }

    def _contigs(self, block: _Block) -> np.ndarray:
        """Code of each line's contig, looked up where it changes."""
        new = ~block.is_repeated(CONTIG)
        names = [block.get(row, CONTIG) for row in np.flatnonzero(new).tolist()]
        codes = [self.contigs.setdefault(name, len(self.contigs)) for name in names]
        return np.array(codes, dtype=np.int32)[np.cumsum(new) - 1]

    def _owners(self, first: int, block: _Block, kinds: np.ndarray) -> np.ndarray:
        """Gene of each gene line, transcript of each other line.

        Attributes that begin as in the line above, id of the transcript included, need no other look.
        """
        shared = np.where(kinds == GENE, -1, block.n_shared(ATTRIBUTES))
        rows, owners, needed = array("q"), array("i"), AHEAD + 1
        for row, n_shared in enumerate(shared.tolist()):
            if n_shared < needed:
                number, attributes = first + int(block.line[row]), block.get(row, ATTRIBUTES)
                if n_shared < 0:
                    owner, needed = self._gene(number, attributes), AHEAD + 1
                else:
                    owner, needed = self._transcript(number, attributes)
                rows.append(row)
                owners.append(owner)
        return np.repeat(np.array(owners, dtype=np.int32), np.diff([*rows, len(shared)]))

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

    def _transcript(self, number: int, attributes: bytes) -> tuple[int, int]:
        """Its code, and how many bytes of the attributes tell it; more than are compared, if unknown."""
        at = attributes.find(USUAL) + len(USUAL)
        end = attributes.find(b'"', at)
        usual = at >= len(USUAL) and end >= 0
        transcript_id = attributes[at:end] if usual else _value(TRANSCRIPT_ID, attributes)
        code = self.transcripts.get(transcript_id)
        if code is None:
            if not transcript_id:
                raise InputError(self._missing("transcript_id", number, attributes))
            self.transcript_genes.append(self._gene(number, attributes))
            code = self.transcripts[transcript_id] = len(self.transcripts)
        return code, end + 1 if usual else AHEAD + 1

    def _fault(self, number: int, line: bytes) -> str:
        """What is wrong with a line that has too few columns; nothing with comments and blank ones."""
        if line.startswith(b"##gff-version") and line.split()[-1].startswith(b"3"):
            return _gff3(self.path)
        if not line.strip() or line.startswith(b"#"):
            return ""
        found = line.count(b"\t") + 1
        return (
            f"{self.path}:{number}: a GTF line has {COLUMNS} tab-separated columns, this one has {found}; "
            "check that the file is GTF and that its download is complete"
        )

    def _missing(self, name: str, number: int, attributes: bytes) -> str:
        if b'"' not in attributes and re.match(rb"\s*[A-Za-z_]+=", attributes):
            return _gff3(self.path)
        return f"{self.path}:{number}: no {name} in column 9; give a GTF in which every feature has one"

    def _check(self, first: int, block: _Block, good: np.ndarray) -> None:
        """Name the first line with a bad start, end or strand."""
        if good.all():
            return
        row = int(np.argmin(good))
        fields = [block.get(row, column)[:40].decode("utf-8", "replace") for column in (START, END, STRAND)]
        raise InputError(
            f"{self.path}:{first + block.line[row]}: start {fields[0]}, end {fields[1]}, strand {fields[2]}; "
            "expected whole numbers, 1 <= start <= end, and + or -; correct or delete the line"
        )


def read(path: str | Path) -> Features:
    """Read a GTF (plain, gzip or bgzip), sorted or not, by any of the usual makers.

    Three million GENCODE lines take about four seconds of one core.

    Raises
    ------
    InputError
        If the file is GFF3, is cut short or has no gene, transcript or exon; or naming the first malformed
        line.
    """
    reader = _Reader(path)
    parts = [reader.read_lines(first, block) for first, block in line_blocks(path, BLOCK_BYTES)]
    if not reader.genes:
        raise InputError(_nothing(path))
    lines = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    codes, used = pd.factorize(lines["contig"])
    lines["contig"] = codes.astype(np.int32)
    names = _texts(reader.contigs)
    return Features(
        lines=pd.DataFrame(lines),
        contigs=[names[i] for i in used],
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
        Stop after about this many lines; by default the whole file is read (four seconds for GENCODE).

    Raises
    ------
    InputError
        As :func:`read`, for the lines that are read.
    """
    reader = _Reader(path)
    for first, block in line_blocks(path, BLOCK_BYTES):
        if limit is not None and first + block.count(b"\n") > limit:
            reader.read_lines(first, b"\n".join(block.split(b"\n", limit)[: limit + 1 - first]))
            return _texts(reader.contigs)
        reader.read_lines(first, block)
    if not reader.genes:
        raise InputError(_nothing(path))
    return _texts(reader.contigs)


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
