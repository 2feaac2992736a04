"""Odd but legal ways to write the clean inputs: accepted, and read as the clean ones are."""

import gzip
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import clean_inputs as clean
import numpy as np
import pysam
from breaking import Case, config, edit, put, renamed, rewrite
from faults_reads import cram

from workflow_lib import preflight
from workflow_lib.io import bam, count_matrices, gtf, headers, motifs, peak_files

MARK = b"\xef\xbb\xbf"


def read(run: str) -> dict:
    """All that a run of the working folder reads, in comparable form."""
    given, samples, _ = clean.load(f"{run}.yaml")
    assert preflight.survey(given, samples, deep=True).problems == []
    if run == "counts":
        counts, peaks = count_matrices.read_counts(given["counts"], list(samples.index))
        return {
            "sheet": samples.to_dict("index"),
            "counts": counts.to_dict("split"),
            "peaks": peaks.to_dict("split"),
        }
    lines = gtf.read(given["genome"]["annotation"])
    library = motifs.read_all(motifs.listed(given["motifs"]["file"]))
    peaks = peak_files.read(given["peaks"]["files"])
    return {
        "sheet": samples.drop(columns="bam").to_dict("index"),
        "genome": headers.index_fasta(given["genome"]["fasta"])[0],
        "genes": sorted([*lines.genes["gene_name"]]) + sorted([*lines.lines["start"], *lines.lines["end"]]),
        "peaks": peaks[["chrom", "start", "end", "summit"]].to_numpy().tolist(),
        "motifs": [(motif.id, motif.name, motif.counts.round(6).tolist()) for motif in library],
        "reads": {sample: _places(path, given) for sample, path in samples["bam"].items()},
    }


def _places(path: str, given: Mapping) -> list:
    parts = list(bam.read_alignments(path, reference=given["genome"]["fasta"]))
    return [
        np.concatenate([getattr(part, name) for part in parts]).tolist() for name in ("contig", "five_prime")
    ]


def cases() -> Iterator[Case]:
    """Every way."""
    yield from _texts()
    yield from _paths()
    yield from _files()
    yield from _spreadsheets()


def _texts() -> Iterator[Case]:
    windows = lambda data: data.replace(b"\n", b"\r\n")  # noqa: E731
    marked = lambda data: MARK + data  # noqa: E731
    for area, name, run in (
        ("sheet", "samples.tsv", "reads"),
        ("FASTA", "genome.fa", "reads"),
        ("GTF", "genes.gtf", "reads"),
        ("peaks", "peaks.narrowPeak", "reads"),
        ("motifs", "motifs.jaspar", "reads"),
        ("counts", "counts.tsv", "counts"),
        ("config", "reads.yaml", "reads"),
    ):
        yield Case(area, "Windows line ends", lambda n=name: rewrite(n, windows), run=run)
        if area != "FASTA":
            yield Case(area, "byte-order mark", lambda n=name: rewrite(n, marked), run=run)
            yield Case(area, "no line end at the end", lambda n=name: rewrite(n, bytes.rstrip), run=run)
    yield Case(
        "sheet", "line ends of old Macs", lambda: rewrite("samples.tsv", lambda b: b.replace(b"\n", b"\r"))
    )
    yield Case(
        "sheet",
        "blank lines and blanks at the end",
        lambda: rewrite("samples.tsv", lambda b: b.replace(b"\n", b" \n\n")),
    )
    yield Case(
        "sheet",
        "quotes as spreadsheets write them",
        lambda: edit("samples.tsv", "c1\tcontrol", '"c1"\t"control"'),
    )


def _paths() -> Iterator[Case]:
    odd = "odd & ends; $(é) 'ü'/a b.{}"
    for name, key in (
        ("genome.fa", "genome.fasta"),
        ("genes.gtf", "genome.annotation"),
        ("peaks.narrowPeak", "peaks.files"),
        ("motifs.jaspar", "motifs.file"),
    ):
        new = odd.format(name.rpartition(".")[2])
        yield Case(name, "blanks, quotes and more in its path", lambda n=name, w=new, k=key: renamed(n, w, k))
        yield Case(name, "leading dash", lambda n=name, k=key: renamed(n, f"-{n}", k))
        yield Case(name, "a symbolic link", lambda n=name: _linked(n))
    yield Case("BAM", "blanks, quotes and more in its path", lambda: _move_bam("odd & ends; $(é)/-t 1'.bam"))
    yield Case("BAM", "leading dash", lambda: _move_bam("-t1.bam"))
    yield Case("BAM", "a symbolic link, with its index", lambda: (_linked("t1.bam"), _linked("t1.bam.bai")))


def _linked(name: str) -> None:
    Path("elsewhere").mkdir(exist_ok=True)
    os.rename(name, f"elsewhere/{name}")
    os.symlink(f"elsewhere/{name}", name)


def _move_bam(new: str) -> None:
    if os.path.dirname(new):
        os.makedirs(os.path.dirname(new))
    os.rename("t1.bam", new)
    os.rename("t1.bam.bai", f"{new}.bai")
    edit("samples.tsv", "t1.bam", new)


def _files() -> Iterator[Case]:
    yield Case(
        "BAM",
        "an index older than the BAM: a note",
        lambda: os.utime("t1.bam.bai", (1, 1)),
        said="is older than its BAM",
    )
    yield Case("BAM", "an index as .bai without .bam", lambda: os.rename("t1.bam.bai", "t1.bai"))
    yield Case("BAM", "an index as .csi", lambda: (os.remove("t1.bam.bai"), pysam.index("-c", "t1.bam")))
    yield Case("BAM", "CRAM made with the genome", cram)
    yield Case(
        "FASTA",
        "bgzip",
        lambda: (pysam.tabix_compress("genome.fa", "g.fa.gz"), config("genome: {fasta: g.fa.gz}")),
    )
    yield Case("FASTA", "a contig on one line", lambda: put("genome.fa", clean.fasta(width=3000)))
    yield Case("FASTA", "an index of 0 bytes", lambda: put("genome.fa.fai", b""))
    yield Case(
        "FASTA",
        "an index older than it",
        lambda: (put("genome.fa.fai", "x\n"), os.utime("genome.fa.fai", (1, 1))),
    )
    for name, key in (("genes.gtf", "annotation"),):
        yield Case(
            "GTF",
            "gzip",
            lambda n=name, k=key: (
                put(f"{n}.gz", gzip.compress(Path(n).read_bytes())),
                config(f"genome: {{{k}: {n}.gz}}"),
            ),
        )
    yield Case("GTF", "gzip under a plain name", lambda: rewrite("genes.gtf", gzip.compress))
    backwards = lambda data: b"\n".join(reversed(data.splitlines())) + b"\n"  # noqa: E731
    yield Case("GTF", "unsorted, children before parents", lambda: rewrite("genes.gtf", backwards))
    yield Case("peaks", "gzip under a plain name", lambda: rewrite("peaks.narrowPeak", gzip.compress))
    yield Case(
        "peaks",
        "a plain file that ends in .gz",
        lambda: renamed("peaks.narrowPeak", "p.narrowPeak.gz", "peaks.files"),
    )
    yield Case(
        "peaks",
        "comments and track lines",
        lambda: rewrite("peaks.narrowPeak", lambda b: b"track name=x\n# y\n" + b),
    )
    yield Case("motifs", "gzip", lambda: rewrite("motifs.jaspar", gzip.compress))
    yield Case(
        "motifs",
        "a folder",
        lambda: (os.mkdir("m"), os.rename("motifs.jaspar", "m/a.jaspar"), config("motifs: {file: m}")),
    )
    yield Case(
        "counts", "gzip under a plain name", lambda: rewrite("counts.tsv", gzip.compress), run="counts"
    )
    yield Case(
        "counts",
        "a plain file that ends in .gz",
        lambda: (os.rename("counts.tsv", "c.tsv.gz"), config("counts: c.tsv.gz", "counts")),
        run="counts",
    )
    yield Case("blacklist", "the word auto", lambda: config("genome: {blacklist: auto}"))
    yield Case(
        "gene sets",
        "of both cases, with weights, an unknown gene and an empty line: a note",
        lambda: (put("s.gmt", "A\tna\ta1,1.0\tg2\n\nB\t\tnone\n"), config("regions: {gene_sets: s.gmt}")),
        said="2 of 3 genes are in the annotation (not none); 2 of 2 sets have fewer than 10",
    )
    yield Case(
        "counts",
        "columns in another order, and more of them",
        lambda: put("counts.tsv", _shuffled()),
        run="counts",
    )


def _spreadsheets() -> Iterator[Case]:
    """What Excel and its like leave when they save a table as text."""
    ends = lambda n: lambda data: data.replace(b"\n", b"\t" * n + b"\n")  # noqa: E731
    spaced = lambda data: data.replace(b"\t", b" \t")  # noqa: E731
    no_break = lambda data: data.replace(b"\t", "\N{NO-BREAK SPACE}\t".encode())  # noqa: E731
    quoted = lambda data: b'"' + data.rstrip().replace(b"\t", b'"\t"').replace(b"\n", b'"\n"') + b'"\n'  # noqa: E731
    empty_lines = lambda data: data.replace(b"\n", b"\n\t\t\t\n", 2)  # noqa: E731
    for area, name, run in (
        ("sheet", "samples.tsv", "reads"),
        ("peaks", "peaks.narrowPeak", "reads"),
        ("counts", "counts.tsv", "counts"),
    ):
        for what, make in (
            ("empty columns at the end", ends(3)),
            ("blanks after every cell", spaced),
            ("non-breaking spaces after cells", no_break),
            ("every cell in quotes", quoted),
            ("lines of tabs only", empty_lines),
        ):
            yield Case(area, what, lambda n=name, m=make: rewrite(n, m), run=run)


def _shuffled() -> str:
    rows = [line.split("\t") for line in clean.MATRIX.splitlines()]
    return "".join(
        "\t".join([row[0], row[4], "9" if i else "other", *row[1:4]]) + "\n" for i, row in enumerate(rows)
    )
