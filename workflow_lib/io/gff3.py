"""Gene annotation as GFF3: of Ensembl, NCBI, GENCODE, FlyBase and others, read as their GTF would be.

Genes, transcripts and their parts are told by ID and Parent, not by the many names of features: an exon, CDS
or stop_codon belongs to its parents, and these to theirs, up to a line without a parent, the gene.
"""

import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

from workflow_lib.errors import InputError
from workflow_lib.io import features
from workflow_lib.io.features import CODING, EXON, GENE, STRANDS, TRANSCRIPT, Features
from workflow_lib.io.text import line_chunks

PARTS = {b"exon": EXON, b"CDS": CODING, b"stop_codon": CODING}
COLUMNS = 9
GENE_WORDS = (b"gene", b"pseudogene", b"transposable_element_gene")
MOST_LEVELS = 10  # from a part to its gene

_WHOLE = re.compile(rb"[0-9]{1,18}")
_LIKE = re.compile(rb"[ ]*[A-Za-z_.-]+=")
_PREFIX = re.compile(rb"^(gene|transcript|rna|mRNA)[:-]")  # of Ensembl's and NCBI's identifiers


def is_gff3(block: bytes) -> bool:
    """Whether the first feature has attributes as GFF3 writes them, whatever the first line says."""
    for line in block.split(b"\n", 10_000):
        fields = line.split(b"\t")
        if not line.startswith(b"#") and len(fields) >= COLUMNS:
            return bool(_LIKE.match(fields[8]))
    return False


def read(path: str | Path, limit: int | None = None) -> Features:
    """Read a GFF3, up to its `##FASTA`.

    The gene_id is the attribute of that name, else the ID without `gene:` or `gene-`; in the same way the
    transcript_id. Symbol and type are found as in a GTF.

    Parameters
    ----------
    path : str or Path
    limit : int, optional
        Stop after so many lines, and leave out parts whose parents have not come yet.

    Raises
    ------
    InputError
        If there is no gene, or naming a malformed line, or one whose parent is nowhere.
    """
    return _Reader(path).read(limit)


class _Reader:
    def __init__(self, path: str | Path):
        self.path = path
        self.owners = features.Owners()
        self.contigs: dict[bytes, int] = {}
        self.parents: dict[bytes, tuple[bytes, bytes]] = {}  # of what has an ID: its parent, its attributes
        self.genes: list[tuple] = []
        self.others: list[tuple] = []  # features with both ID and parent, which may be transcripts
        self.parts: list[tuple] = []

    def read(self, limit: int | None) -> Features:
        for number, line in self._feature_lines():
            if limit is not None and number > limit:
                self.parts = [part for part in self.parts if part[1] in self.parents]
                break
            self._line(number, line)
        rows = [(*place, self.owners.gene(*self._named(ID))) for place, ID in self.genes]
        with_parts = {parent for _, parent, _ in self.parts}
        for place, ID in self.others:
            if ID in with_parts:
                rows.append((*place, self._transcript(ID, 0)))
        for place, parent, number in self.parts:
            rows.append((*place, self._transcript(parent, number)))
        if not rows and limit is None:
            raise InputError(f"{self.path}: this GFF3 has no gene and no exon; give another, or a GTF")
        lines = features.lines(*zip(*rows, strict=True)) if rows else features.joined([])
        return self.owners.features(lines, self.contigs)

    def _feature_lines(self):
        for first, lines in line_chunks(self.path):
            for number, line in enumerate(lines, first):
                if line.startswith(b"##FASTA"):
                    return
                if line.strip() and not line.startswith(b"#"):
                    yield number, line.rstrip(b"\r")

    def _line(self, number: int, line: bytes) -> None:
        fields = line.split(b"\t", COLUMNS - 1)
        if len(fields) < COLUMNS:
            raise self._fault(
                number,
                f"a GFF3 line has {COLUMNS} tab-separated columns, this one has {len(fields)}; "
                "check that the download is complete",
            )
        attributes = fields[8]
        ID, parent = _value(attributes, b"ID"), _value(attributes, b"Parent")
        part = PARTS.get(fields[2])
        if part is not None:
            for name in parent.split(b",") if parent else []:
                self.parts.append((self._place(number, part, fields), name, number))
            return
        if not ID:
            return
        if ID not in self.parents or not parent:
            self.parents[ID] = (parent.split(b",")[0], attributes)
        if parent:
            self.others.append((self._place(number, TRANSCRIPT, fields), ID))
        elif fields[2].lower().endswith(GENE_WORDS):
            self.genes.append((self._place(number, GENE, fields), ID))

    def _place(self, number: int, kind: int, fields: list[bytes]) -> tuple[int, ...]:
        start, end, strand = fields[3], fields[4], fields[6]
        first, last = (int(text) if _WHOLE.fullmatch(text) else 0 for text in (start, end))
        if not 1 <= first <= last or len(strand) != 1 or strand not in STRANDS:
            shown = [text[:40].decode("utf-8", "replace") for text in (start, end, strand)]
            raise self._fault(
                number,
                f"start {shown[0]}, end {shown[1]}, strand {shown[2]}; "
                "expected whole numbers, 1 <= start <= end, and + or -; correct or delete the line",
            )
        return kind, self.contigs.setdefault(fields[0], len(self.contigs)), first, last, strand[0]

    def _named(self, ID: bytes) -> tuple[bytes, dict[bytes, bytes]]:
        """Identifier and attributes of a gene."""
        found = _attributes(self.parents[ID][1])
        return found.get(b"gene_id") or unquote_to_bytes(_PREFIX.sub(b"", ID)), found

    def _transcript(self, ID: bytes, number: int) -> int:
        """Code of the transcript of that ID; a gene whose parts are its own is its transcript."""
        if ID not in self.parents:
            shown = ID.decode("utf-8", "replace")
            raise self._fault(number, f"its Parent {shown} is no ID in this file; give the complete file")
        above, gene = 0, ID
        while self.parents[gene][0] in self.parents and above < MOST_LEVELS:
            gene, above = self.parents[gene][0], above + 1
        name = _value(self.parents[ID][1], b"transcript_id") or _PREFIX.sub(b"", ID)
        return self.owners.transcript(self.owners.gene(*self._named(gene)), unquote_to_bytes(name))

    def _fault(self, number: int, what: str) -> InputError:
        return InputError(f"{self.path}:{number}: {what}")


def _value(attributes: bytes, key: bytes) -> bytes:
    """The value of one attribute as it stands; empty if there is none."""
    at = 0 if attributes.startswith(key + b"=") else attributes.find(b";" + key + b"=") + 1
    if not attributes.startswith(key + b"=", at):
        return b""
    return attributes[at + len(key) + 1 :].split(b";", 1)[0].strip()


def _attributes(text: bytes) -> dict[bytes, bytes]:
    pairs = (part.strip().partition(b"=") for part in text.split(b";"))
    return {key: unquote_to_bytes(value) for key, mark, value in pairs if mark}
