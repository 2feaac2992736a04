"""What an annotation says, whichever its form: features with the genes and transcripts that own them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from workflow_lib.errors import InputError
from workflow_lib.io.atomic import replacing

GENE, TRANSCRIPT, EXON, CODING = range(4)
STRANDS = b"+-.?"
SYMBOLS = (b"gene_name", b"gene_symbol", b"gene", b"geneSymbol", b"Name")
"""Keys of a gene's symbol, the first that is filled in: Ensembl and GENCODE, FlyBase, NCBI, UCSC, others."""
TYPES = (b"gene_type", b"gene_biotype", b"biotype")
REFERENCES = (b"db_xref", b"Dbxref", b"dbxref")
"""Keys of a gene in other databases, such as `GeneID:7157,HGNC:HGNC:11998`."""
COLUMN_TYPES = {
    "kind": np.int8,
    "contig": np.int32,
    "start": np.int64,
    "end": np.int64,
    "strand": np.uint8,
    "owner": np.int32,
}
_ENTREZ = re.compile(rb"(?:^|,)\s*GeneID:([0-9]+)")
MOST_KEYS = 12  # that a note lists


@dataclass(frozen=True)
class Features:
    """The lines of an annotation that matter.

    Attributes
    ----------
    lines : DataFrame
        kind (GENE, TRANSCRIPT, EXON or CODING), contig (row in `contigs`), start, end (0-based, half-open),
        strand (ASCII code of `+`, `-`, `.` or `?`), owner (row in `genes` for gene lines, else in
        `transcripts`); in file order.
    contigs : list of str
        In order of first appearance.
    genes : DataFrame
        gene_id, gene_name, gene_type, entrez_id (None where the file gives none).
    transcripts : DataFrame
        transcript_id, gene (row in `genes`); one for each pair of them, since placeholders such as NCBI's
        `unassigned_transcript_1` are shared by genes.
    notes : tuple of str
        Sentences on what is odd and was read all the same.
    """

    lines: pd.DataFrame
    contigs: list[str]
    genes: pd.DataFrame
    transcripts: pd.DataFrame
    notes: tuple[str, ...] = ()


class Owners:
    """Codes of genes and transcripts, growing as lines come in, and what stood in for what was missing."""

    def __init__(self) -> None:
        self.genes: dict[bytes, int] = {}
        self.transcripts: dict[tuple[int, bytes], int] = {}
        self.keys: dict[bytes, None] = {}
        self.odd: Counter[str] = Counter()
        self._names: list[bytes | None] = []
        self._types: list[bytes | None] = []
        self._entrez: list[bytes | None] = []

    def gene(self, gene_id: bytes, attributes: Mapping[bytes, bytes]) -> int:
        """Code of a gene; its name and type are those of the first line that gives them."""
        code = self.genes.setdefault(gene_id, len(self.genes))
        if code == len(self._names):
            self._names.append(None)
            self._types.append(None)
            self._entrez.append(None)
        if self._names[code] is None:
            self._names[code] = first_of(attributes, SYMBOLS)
            self.keys.update(dict.fromkeys(attributes))
        if self._types[code] is None:
            self._types[code] = first_of(attributes, TYPES)
        if self._entrez[code] is None:
            of_ncbi = _ENTREZ.search(first_of(attributes, REFERENCES) or b"")
            self._entrez[code] = of_ncbi[1] if of_ncbi else None
        return code

    def is_named(self, gene_id: bytes) -> bool:
        """Whether nothing more is to be learnt of a gene."""
        code = self.genes.get(gene_id)
        return code is not None and self._names[code] is not None and self._types[code] is not None

    def transcript(self, gene: int, transcript_id: bytes) -> int:
        """Code of a transcript of a gene."""
        return self.transcripts.setdefault((gene, transcript_id), len(self.transcripts))

    def features(self, lines: pd.DataFrame, contigs: Iterable[bytes]) -> Features:
        """All of them, with their lines; contigs are numbered anew in order of appearance."""
        codes, used = pd.factorize(lines["contig"])
        names = _texts(contigs)
        columns = {
            "gene_id": self.genes,
            "gene_name": self._names,
            "gene_type": self._types,
            "entrez_id": self._entrez,
        }
        ids = pd.Series(_texts(name for _, name in self.transcripts), dtype=object)
        genes = np.array([gene for gene, _ in self.transcripts], dtype=np.int32)
        return Features(
            lines=lines.assign(contig=codes.astype(np.int32)),
            contigs=[names[i] for i in used],
            genes=pd.DataFrame({key: _texts(value) for key, value in columns.items()}, dtype=object),
            transcripts=pd.DataFrame({"transcript_id": ids, "gene": genes}),
            notes=tuple(self._notes()),
        )

    def _notes(self) -> Iterator[str]:
        if self.genes and not any(self._names):
            wanted = ", ".join(_texts(SYMBOLS))
            there = sorted(filter(None, _texts(self.keys)))
            shown = ", ".join(there[:MOST_KEYS]) or "none"
            yield f"no gene has a symbol ({wanted}), so genes are called by gene_id; column 9 has {shown}"
        for what, n in sorted(self.odd.items()):
            yield f"{n:,} {what}"


def lines(kind, contig, start, end, strand, owner) -> pd.DataFrame:
    """Columns of :class:`Features` from those of a file, whose starts are 1-based; owner -1 is left out."""
    columns = (kind, contig, start, end, strand, owner)
    table = {
        name: np.asarray(column).astype(COLUMN_TYPES[name])
        for name, column in zip(COLUMN_TYPES, columns, strict=True)
    }
    table["start"] -= 1
    made = pd.DataFrame(table)
    return made if table["owner"].min(initial=0) >= 0 else made[table["owner"] >= 0]


def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Lines of all parts of a file, maybe of none."""
    return pd.concat(parts, ignore_index=True) if parts else lines(*([],) * len(COLUMN_TYPES))


def first_of(attributes: Mapping[bytes, bytes], keys: Iterable[bytes]) -> bytes | None:
    """The value of the first of the keys that is filled in."""
    return next((attributes[key] for key in keys if attributes.get(key)), None)


def write(table: pd.DataFrame, path: str | Path) -> None:
    """Write one table of gene models as parquet; the same table gives the same bytes."""
    with replacing(path) as partial:
        pa.parquet.write_table(pa.Table.from_pandas(table, preserve_index=False), partial, compression="zstd")


def read(path: str | Path, kind: str, columns: list[str]) -> pd.DataFrame:
    """Read some columns of the rows of one `kind` of what :func:`write` wrote."""
    try:
        return pa.parquet.read_table(path, columns=columns, filters=[("kind", "=", kind)]).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a whole parquet file ({error}); delete it and run again") from error


def _texts(values: Iterable) -> list:
    return [None if value is None else value.decode("utf-8", "replace") for value in values]
