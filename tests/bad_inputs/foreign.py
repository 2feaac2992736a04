"""Files as other programs write them: refused by name, or read as they are meant."""

from collections.abc import Iterator

import clean_inputs as clean
from gallery import Case, config, edit, put, rewrite


def bad() -> Iterator[Case]:
    """What is refused."""
    yield from _bad_annotations()


def odd() -> Iterator[Case]:
    """What is read as the clean inputs are."""
    yield from _odd_annotations()


def _bad_annotations() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("GTF", name, change, said, **more)

    gtf = "genes.gtf"
    yield case(
        "genes of another assembly",
        lambda: edit(gtf, "\t1600\t", "\t9000\t"),
        "3 of 6 features of genes.gtf end past the end of their contigs, such as chr2:800-9000 of 2,400 bp",
    )
    yield case(
        "genes that begin past the end of a contig",
        lambda: edit(gtf, "\t801\t1600", "\t2801\t2900"),
        "so it is of another assembly",
    )
    yield case(
        "cut short in an attribute", lambda: rewrite(gtf, lambda b: b[:-20]), "column 9 cannot be read"
    )
    yield case(
        "no semicolons",
        lambda: edit(gtf, '"g1"; transcript_id', '"g1" transcript_id'),
        "gene_id holds a quote",
    )
    yield case(
        "GFF3 with a start of 0",
        lambda: put(gtf, "chr1\tx\tgene\t0\t50\t.\t+\t.\tID=g1\n"),
        "genes.gtf:1: start 0, end 50",
    )
    yield case(
        "GFF3 cut short in a line",
        lambda: put(gtf, "chr1\tx\tgene\t1\t50\t.\t+\t.\tID=g1\nchr1\tx\tge"),
        "genes.gtf:2: a GFF3 line has 9 tab-separated columns, this one has 3",
    )
    yield Case(
        "blacklist",
        "of another assembly",
        lambda: put("blacklist.bed", "chr1\t2500\t260000\nchr2\t5000\t9000\n"),
        "2 of 2 regions of blacklist.bed end past the end of their contigs, such as chr1:2500-260000",
    )
    yield Case(
        "footprints",
        "sites of another assembly",
        lambda: (put("sites.bed", "chr1\t5000\t5010\n"), config("footprints: {sites: sites.bed}")),
        "1 of 1 sites of sites.bed ends past the end of its contig",
    )


def _odd_annotations() -> Iterator[Case]:
    gtf = "genes.gtf"

    def case(name: str, *changes: tuple[str, str], said: str = "") -> Case:
        def change():
            for old, new in changes:
                edit(gtf, old, new)

        return Case("GTF", name, change, said)

    yield case("symbols of FlyBase", ("gene_name", "gene_symbol"))
    yield case("symbols of NCBI", ("gene_name", "gene"))
    yield case("symbols of UCSC", ("gene_name", "geneSymbol"))
    yield case("symbols as Name", ("gene_name", "Name"))
    yield case(
        "attributes in another order",
        ('gene_id "g1"; transcript_id "t1"', 'transcript_id "t1"; gene_id "g1"'),
    )
    yield case("attributes without quotes", ('"g1"', "g1"), ('"t1"', "t1"))
    yield case("keys inside a note", ('gene_id "g2"', 'note "was; gene_id X"; gene_id "g2"'))
    yield case("one transcript_id for two genes", ('"t2"', '"t1"'))
    yield case(
        "ids of the gene left out", ('gene_id "g1"; ', 'gene_id ""; '), said="their gene_name stands in"
    )
    yield case("lines of a browser", ("#!genome", "track name=genes\nbrowser position chr1"))
    yield case("comments amid the lines", ("chr2\tx\tgene", "# more\nchr2\tx\tgene"))
    yield case(
        "a gene across the origin of a circular contig: a note",
        ("chr2\tx\tgene", 'chrM\tx\tregion\t1\t700\t.\t+\t.\tgene_id "m";\nchr2\tx\tgene'),
    )
    yield case(
        "lower-case key-value pairs after a comment sign", ("#!genome", "#gtf-version 2.2\n#!processor NCBI")
    )

    def gff3(text: str, name: str) -> Case:
        return Case("GTF", name, lambda: put(gtf, text))

    lines = [line.split("\t") for line in clean.GTF.splitlines()[1:]]
    yield gff3(_gff3(lines, "gene:", "transcript:"), "GFF3 of Ensembl")
    yield gff3(_gff3(lines, "gene-", "rna-").replace("Name=A1", "Name=A1;gene=A1"), "GFF3 of NCBI")
    yield gff3(_gff3(lines, "", "").replace("\ttranscript\t", "\tmRNA\t"), "GFF3 of FlyBase")
    yield Case(
        "blacklist",
        "a region that ends a bin past the contig: a note",
        lambda: put("blacklist.bed", "chr1\t2500\t3100\n"),
        "they are taken to end there",
    )


def _gff3(lines: list[list[str]], gene: str, transcript: str) -> str:
    """The clean genes, whose gene, transcript and exon lines follow each other."""
    said = []
    for i, fields in enumerate(lines):
        n = 1 + i // 3
        name = ("A1", "B2")[n - 1]
        attributes = (
            f"ID={gene}g{n};Name={name}",
            f"ID={transcript}t{n};Parent={gene}g{n}",
            f"Parent={transcript}t{n}",
        )[i % 3]
        said.append("\t".join([*fields[:8], attributes]))
    return "##gff-version 3\n" + "\n".join(said) + "\n###\n"
