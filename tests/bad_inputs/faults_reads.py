"""Faults of reads and of the genome."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import clean_inputs as clean
import pysam
from breaking import READING, Case, config, edit, middle, put, raw, rewrite, sparse


def bams() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("BAM", name, change, said, **more)

    bam = "t1.bam"
    yield case("empty", lambda: put(bam, b""), "t1.bam is empty (0 bytes)")
    yield case("no index", lambda: os.remove("t1.bam.bai"), "t1.bam has no index")
    yield case("an index of 0 bytes", lambda: put("t1.bam.bai", b""), "t1.bam has no index")
    yield case("SAM", lambda: put(bam, "@HD\tVN:1.6\tSO:coordinate\n"), "t1.bam: is SAM")
    yield case("CRAM, called BAM", _cram_called_bam, "t1.bam: is CRAM, and the name says BAM. Fix: mv t1.bam")
    yield case("a CRAM of another genome", _cram_of_another_genome, "was made with another sequence")
    yield case("a CRAM that is cut short", lambda: cram(cut=38), "t1.cram: is cut short")
    yield case("a CRAM without index", lambda: (cram(), os.remove("t1.cram.crai")), "t1.cram has no index")
    yield case(
        "first reads of pairs only",
        lambda: _filtered("t1.bam", "-f", "64"),
        "the file holds only the first read of each pair",
        found=READING,
    )
    yield case("gzip and no BAM", lambda: put(bam, gzip.compress(b"hello")), "t1.bam: is not a BAM")
    yield case(
        "bgzip and no BAM",
        lambda: pysam.tabix_compress("genes.gtf", bam, force=True),
        "t1.bam: is not a readable BAM",
    )
    yield case("cut short", lambda: rewrite(bam, lambda b: b[:-200]), "t1.bam: is cut short")
    yield case(
        "sorted by name", lambda: _header("t1", "coordinate", "queryname "), "is not sorted by coordinate"
    )
    yield case(
        "contigs with other names",
        lambda: _bams_on({"1": 3000, "2": 2400, "MT": 600}),
        "has other names of contigs than genome.fa: 1 for chr1",
    )
    yield case(
        "contigs of another assembly",
        lambda: clean.write_bam(Path(bam), (3, 3), contigs=clean.CONTIGS | {"chr2": 2500}),
        "are of two genome assemblies",
    )
    yield case("no contigs", lambda: _no_contigs(bam), "names no contigs in its header")
    yield case(
        "damaged in the middle",
        lambda: (clean.write_bam(Path(bam), (400, 400)), middle(bam)),
        "t1.bam: not a readable BAM",
        found=READING,
    )
    yield case(
        "a record of no length",
        lambda: raw("t1", 0, (3).to_bytes(4, "little")),
        "a record has an impossible length",
        found=READING,
    )
    yield case(
        "a record of 2 GB",
        lambda: raw("t1", 0, (2**31 - 1).to_bytes(4, "little")),
        "a record has an impossible length",
        found=READING,
    )
    yield case(
        "a read on no contig",
        lambda: raw("t1", 4, (77).to_bytes(4, "little")),
        "a mapped read lies on no contig of the header",
        found=READING,
    )
    yield case(
        "a CIGAR past its record",
        lambda: raw("t1", 16, (60000).to_bytes(2, "little"), mate=True),
        "a record is shorter than its CIGAR",
        found=READING,
    )
    yield case("fragments that are no table", lambda: _fragments("nonsense\n"), "has 1 column")
    yield case(
        "fragments that end before they start",
        lambda: _fragments("chr1\t50\t20\tAC\t1\n"),
        "does not end after its start",
    )
    yield case(
        "fragments with a fraction",
        lambda: _fragments("chr1\t5.5\t20\tAC\t1\n"),
        "column 2 of fragment 1 is '5.5', not a whole number",
    )
    yield case(
        "fragments said to be gzip",
        lambda: (_fragments("", "t1.tsv.gz"), put("t1.tsv.gz", gzip.compress(b"chr1\t1\t9\n" * 999)[:-9])),
        "t1.tsv.gz: cannot be read to its end",
    )


def _header(sample: str, old: str, new: str) -> None:
    data = gzip.decompress(Path(f"{sample}.bam").read_bytes())
    with pysam.BGZFile(f"{sample}.bam", "wb", None) as out:
        out.write(data.replace(old.encode(), new.ljust(len(old)).encode()[: len(old)], 1))


def _bams_on(contigs: dict[str, int]) -> None:
    for sample, pairs in clean.PAIRS.items():
        clean.write_bam(Path(f"{sample}.bam"), pairs, contigs=contigs)


def cram(genome: str = "genome.fa", cut: int = 0) -> None:
    """The sample t1 as CRAM, made with a genome, and without its last bytes."""
    pysam.view("-C", "-T", genome, "-o", "t1.cram", "t1.bam", catch_stdout=False)
    pysam.index("t1.cram")
    if cut:
        rewrite("t1.cram", lambda content: content[:-cut])
    edit("samples.tsv", "t1.bam", "t1.cram")


def _cram_of_another_genome() -> None:
    put("other.fa", Path("genome.fa").read_text().replace("ACG", "AGC"))
    cram("other.fa")


def _cram_called_bam() -> None:
    cram()
    os.replace("t1.cram", "t1.bam")
    edit("samples.tsv", "t1.cram", "t1.bam")


def _filtered(path: str, option: str, flag: str) -> None:
    """A BAM as a filter leaves it that looks at single reads."""
    pysam.view("-b", option, flag, "-o", "some.bam", path, catch_stdout=False)
    os.replace("some.bam", path)
    pysam.index(path)


def _no_contigs(path: str) -> None:
    with pysam.AlignmentFile(path, "wb", header={"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": []}):
        pass
    pysam.index(path)


def _fragments(text: str, name: str = "t1.tsv") -> None:
    put(name, text)
    edit("samples.tsv", "t1.bam", name)


def fastas() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("FASTA", name, change, said, **more)

    fasta = "genome.fa"
    yield case("empty", lambda: put(fasta, ""), "genome.fa is empty (0 bytes)")
    yield case("no FASTA", lambda: put(fasta, "chr1\nACGT\n"), "line 1: does not begin with '>'")
    yield case(
        "proteins", lambda: put(fasta, ">chr1\nMKVLAA\n"), "line 2: 'L' in contig chr1 stands for no base"
    )
    yield case(
        "UTF-16", lambda: rewrite(fasta, lambda b: b.decode().encode("utf-16")), "begin with '>'. Fix: iconv"
    )
    yield case(
        "byte-order mark",
        lambda: rewrite(fasta, lambda b: b"\xef\xbb\xbf" + b),
        "begin with '>'. Fix: tail -c",
    )
    yield case("a contig twice", lambda: edit(fasta, ">chr2", ">chr1"), "contig chr1 is there twice")
    yield case(
        "a contig's name in Latin-1",
        lambda: rewrite(fasta, lambda b: b.replace(b">chr2", b">chr\xe9")),
        "is not UTF-8 text",
    )
    yield case(
        "a zero byte in a contig's name",
        lambda: rewrite(fasta, lambda b: b.replace(b">chr2", b">chr\0002")),
        "the name of contig 'chr\\x002' holds what cannot be printed",
    )
    yield case("a contig without name", lambda: edit(fasta, ">chr2 made up", ">"), "has no name")
    yield case(
        "a contig without sequence",
        lambda: rewrite(fasta, lambda b: b + b">chr3\n"),
        "contig chr3 has no sequence",
    )
    yield case(
        "lines of several lengths",
        lambda: rewrite(fasta, lambda b: b.replace(b"\n", b"\nACGT\n", 1)),
        "the lines of contig chr1 differ in length",
    )
    yield case(
        "a blank line within",
        lambda: rewrite(fasta, lambda b: b[:600].replace(b"\n", b"\n\n") + b[600:]),
        "the lines of contig chr1 differ in length",
    )
    yield case(
        "gzip, not bgzip",
        lambda: (
            put("genome.fa.gz", gzip.compress(Path(fasta).read_bytes())),
            config("genome: {fasta: genome.fa.gz}"),
        ),
        "is compressed by gzip, which cannot be read from the middle",
    )
    yield case(
        "bgzip cut short",
        lambda: (
            pysam.tabix_compress(fasta, "genome.fa.gz", force=True),
            rewrite("genome.fa.gz", lambda b: b[: len(b) // 2]),
            config("genome: {fasta: genome.fa.gz}"),
        ),
        "genome.fa.gz: cannot be read to its end",
    )
    yield case(
        "an index that is none",
        lambda: put("genome.fa.fai", "what\n"),
        "genome.fa.fai: is not an index of a FASTA",
    )
    yield case("5 GB of nothing", lambda: sparse(fasta), "does not begin with '>'")
    yield case("a header of 5 GB", lambda: sparse(fasta, b">"), "has a header of megabytes")
    yield case(
        "a contig of 5 GB", lambda: sparse(fasta, b">chr1\nACGT"), "'\\x00' in contig chr1 stands for no base"
    )
