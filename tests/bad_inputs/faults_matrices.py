"""Faults of motifs and of matrices of counts and expression."""

import gzip
import os
import zlib
from collections.abc import Iterator
from datetime import datetime

import clean_inputs as clean
import pyarrow
from breaking import READING, Case, bomb, config, put, sparse
from pyarrow import parquet


def motifs() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("motifs", name, change, said, **more)

    def put_motifs(text: str | bytes):
        return lambda: put("motifs.jaspar", text)

    jaspar, meme, transfac, homer = clean.JASPAR, clean.MEME, clean.TRANSFAC, clean.HOMER
    yield case("no motifs", put_motifs("hello world\n"), "not a motif file in JASPAR, MEME")
    yield case(
        "MEME without motifs", put_motifs("MEME version 4\n\nALPHABET= ACGT\n"), "the file holds no motif"
    )
    yield case(
        "MEME of proteins", put_motifs(meme.replace("ACGT", "ACDEFGHIKLMNPQRSTVWY")), "only DNA (ACGT) motifs"
    )
    yield case(
        "MEME with fewer than no sites",
        put_motifs(meme.replace("nsites= 20", "nsites= -3")),
        "says nsites=-3",
    )
    yield case(
        "MEME whose rows do not sum",
        put_motifs(meme.replace("0.9 0.1 0 0", "0.9 0.4 0 0")),
        "sum to 1.3, not 1",
    )
    yield case("MEME of another width", put_motifs(meme.replace("w= 3", "w= 8")), "says w=8 but has 3 rows")
    yield case(
        "a PFM of shares that do not sum",
        put_motifs(">M1 x\nA [0.9 0.1]\nC [0.3 0.1]\nG [0.0 0.4]\nT [0.0 0.4]\n"),
        "column 1 of motif M1 sums to 1.2",
    )
    yield case(
        "a PFM of three rows",
        put_motifs(jaspar.replace("T [ 1 1 1 7 5 0 ]\n", "", 1)),
        "motif MA0001.1 has 3 rows",
    )
    yield case(
        "a PFM with a short row",
        put_motifs(jaspar.replace("C [ 0 9 0 1 0 5 ]", "C [ 0 9 0 ]")),
        "has 3 counts, its first row 6",
    )
    yield case(
        "a negative count",
        put_motifs(jaspar.replace("[ 9 0 0", "[ -9 0 0")),
        "has negative numbers, so these are weights",
    )
    yield case(
        "an endless count",
        put_motifs(jaspar.replace("[ 9 0 0", "[ 1e999 0 0")),
        "has an endless count",
    )
    yield case(
        "an empty column",
        put_motifs(">M1 x\nA 0 1\nC 0 1\nG 0 1\nT 0 1\n"),
        "column 1 of motif M1 is all zero",
    )
    yield case(
        "a motif twice",
        put_motifs(jaspar.replace("MA0002.1", "MA0001.1")),
        "motif MA0001.1 was there already, on line 1",
    )
    yield case(
        "TRANSFAC without a matrix",
        put_motifs(transfac.replace("P0      A", "P1      A") + "P0  x\n"),
        "motif T1 has no matrix",
    )
    yield case(
        "HOMER without a threshold", put_motifs(homer + ">ACG\tTWO\n0.9\t0.1\t0\t0\n"), "not a HOMER header"
    )
    yield case(
        "Latin-1",
        put_motifs(jaspar.replace("ONE", "ÉIN").encode("latin-1")),
        "motifs.jaspar:1: is not UTF-8 text",
    )
    yield case(
        "a folder without files",
        lambda: (os.mkdir("m"), config("motifs: {file: m}")),
        "the folder holds no file",
    )
    yield case(
        "gzip cut short",
        lambda: (put("m.gz", gzip.compress(jaspar.encode())[:-12]), config("motifs: {file: m.gz}")),
        "m.gz: cannot be read to its end",
    )
    yield case(
        "a line of 5 GB",
        lambda: sparse("motifs.jaspar", b">M1\n"),
        "is larger than 256 MB, so it is no motif file",
    )
    yield case(
        "a gzip bomb",
        lambda: (bomb("m.gz", b">M1\n", 300), config("motifs: {file: m.gz}")),
        "is larger than 256 MB, so it is no motif file",
    )
    yield case(
        "a library in JSON that is none", put_motifs('{"format": "other"}'), "not a motif library of ours"
    )
    yield case(
        "a species that JASPAR lacks",
        lambda: config('motifs: {source: jaspar, file: null, species: "x\'; drop table MATRIX"}'),
        "species",
        found=READING,
    )


def counts() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("counts", name, change, said, run="counts", **more)

    def put_counts(text: str | bytes):
        return lambda: put("counts.tsv", text)

    matrix = clean.MATRIX
    yield case(
        "offsets of few peaks",
        lambda: config("differential: {offsets: trended}", "counts"),
        "is trended, which follows curves through 500 peaks or more",
    )
    yield case(
        "offsets by GC without a genome",
        lambda: config("{differential: {offsets: gc}, genome: {fasta: null, annotation: null}}", "counts"),
        "is gc, which needs the sequences of the peaks",
    )
    yield case("empty", put_counts(""), "counts.tsv is empty (0 bytes)")
    yield case("header only", put_counts(matrix.splitlines()[0] + "\n"), "has a header and no peak")
    yield case("commas", put_counts(matrix.replace("\t", ",")), "columns are separated by commas")
    yield case(
        "a fraction",
        put_counts(matrix.replace("\t9\t", "\t9.5\t")),
        "line 4 (peak chr2:900-1100), column c2: count 9.5 is not a whole number",
    )
    yield case("negative", put_counts(matrix.replace("\t9\t", "\t-9\t")), "count -9 is negative")
    yield case("missing", put_counts(matrix.replace("\t9\t", "\tNA\t")), "count has no value")
    yield case("text", put_counts(matrix.replace("\t9\t", "\tmany\t")), "count many is not a number")
    yield case("infinite", put_counts(matrix.replace("\t9\t", "\tinf\t")), "count inf is not finite")
    yield case(
        "a sample that is missing", put_counts(matrix.replace("\tt2", "\tT_2")), "column t2: is missing"
    )
    yield case(
        "a sample twice",
        put_counts(matrix.replace("\tt2", "\tt1")),
        "column 't1' stands there more than once",
    )
    yield case(
        "a peak twice",
        put_counts(matrix.replace("chr2:900-1100", "chr1:100-400")),
        "the peak stands there more than once",
    )
    yield case(
        "a name that ends before it starts",
        put_counts(matrix.replace("500-800", "500-000")),
        "line 3 (peak chr2:500-000): chr2:500-0 is no interval",
    )
    yield case(
        "an end beyond 64 bits",
        put_counts(
            "peak\tchrom\tstart\tend\tc1\tc2\tt1\tt2\n"
            "a\tchr1\t1\t1e20\t1\t2\t3\t4\nb\tchr1\t5\t9\t2\t2\t3\t4\n"
        ),
        "line 2 (peak a): chr1:1-100000000000000000000 is no interval",
    )
    yield case(
        "a row too long",
        put_counts(matrix + "chr2:1-9\t1\t2\t3\t4\t5\n"),
        "counts.tsv: not a readable tab-separated table",
    )
    yield case(
        "R's header", put_counts(matrix.replace("peak\t", "")), "the header has one column less than the rows"
    )
    yield case(
        "a sample of zeros",
        put_counts("peak\tc1\tc2\tt1\tt2\na\t0\t2\t3\t4\nb\t0\t4\t5\t6\n"),
        "column c1: all counts are zero",
    )
    yield case("UTF-16", put_counts(matrix.encode("utf-16")), "counts.tsv: is UTF-16")
    yield case(
        "parquet that is none",
        lambda: (put("c.parquet", b"PAR1 no"), config("counts: c.parquet", "counts")),
        "not a readable parquet file",
    )
    yield case(
        "a pickle",
        lambda: (put("c.parquet", b"\x80\x04\x95\x00"), config("counts: c.parquet", "counts")),
        "not a readable parquet file",
    )
    yield case(
        "parquet of times",
        lambda: (_parquet("c.parquet", datetime(2020, 1, 2)), config("counts: c.parquet", "counts")),
        "c.parquet, line 2 (peak a), column c1: count 2020-01-02 00:00:00 is not a number",
    )
    yield case(
        "parquet of lists",
        lambda: (_parquet("c.parquet", [5]), config("counts: c.parquet", "counts")),
        "c.parquet, line 2 (peak a), column c1: count [5] is not a number",
    )
    yield case(
        "gzip cut short",
        lambda: (
            put("c.tsv.gz", gzip.compress(matrix.encode() * 99)[:-9]),
            config("counts: c.tsv.gz", "counts"),
        ),
        "c.tsv.gz: cannot be read to its end",
    )
    yield case(
        "a line of 5 GB",
        lambda: sparse("counts.tsv", b"peak\tc1"),
        "counts.tsv:1: the line is longer than 16 MB",
    )
    yield case(
        "zlib and no gzip", put_counts(zlib.compress(matrix.encode())), "counts.tsv: is not UTF-8 text"
    )


def expression() -> Iterator[Case]:
    matrix = "gene\tc1\tc2\tt1\tt2\ng1\t1.5\t2\t0\t4\ng2\t7\t6.25\t5\t3\n"

    def case(name: str, content: str | bytes, said: str, file: str = "e.tsv") -> Case:
        def change():
            put(file, content)
            config(f"linkage: {{expression: {file}}}")

        return Case("expression", name, change, said)

    yield Case(
        "expression",
        "missing file",
        lambda: config("linkage: {expression: e.tsv}"),
        "key linkage.expression: there is no file e.tsv",
    )
    yield case("empty", "", "key linkage.expression: e.tsv is empty (0 bytes)")
    yield case("header only", matrix.splitlines()[0] + "\n", "e.tsv, line 2: there is no gene")
    yield case(
        "logarithms", matrix.replace("\t0\t", "\t-3.2\t"), "line 2 (gene g1), column t1: -3.2 is negative"
    )
    yield case("text", matrix.replace("\t0\t", "\tlow\t"), "line 2 (gene g1), column t1: low is not a number")
    yield case("infinite", matrix.replace("\t0\t", "\tinf\t"), "column t1: inf is not finite")
    yield case(
        "yes and no",
        "gene\tc1\tc2\tt1\tt2\ng1\tTrue\t2\t0\t4\ng2\tFalse\t6\t5\t3\n",
        "line 2 (gene g1), column c1: True is not a number",
    )
    yield case(
        "a gene twice", matrix.replace("g2", "g1"), "line 3 (gene g1): the gene stands there more than once"
    )
    yield case("a gene without name", matrix.replace("g2", ""), "line 3: the gene has no name")
    yield case("a sample twice", matrix.replace("\tt2", "\tt1"), "column 't1' stands there more than once")
    yield case("a sample of zeros", matrix.replace("5", "0"), "no gene is expressed")
    yield case("commas", matrix.replace("\t", ","), "e.tsv, line 1: columns are separated by commas")
    yield case("R's header", matrix.replace("gene\t", ""), "the header has one column less than the rows")
    yield case("UTF-16", matrix.encode("utf-16"), "e.tsv: is UTF-16")
    yield case(
        "gzip cut short", gzip.compress(matrix.encode() * 99)[:-9], "e.tsv.gz: cannot be read", "e.tsv.gz"
    )
    yield case("parquet that is none", b"PAR1 no", "e.parquet: not a readable parquet file", "e.parquet")
    yield Case(
        "expression",
        "parquet of times",
        lambda: (_parquet("e.parquet", datetime(2020, 1, 2)), config("linkage: {expression: e.parquet}")),
        "column c1: 2020-01-02 00:00:00 is not a number",
    )


def _parquet(path: str, value: object) -> None:
    """A matrix of two rows, all of whose values are the one given."""
    table = pyarrow.table({"peak": ["a", "b"]} | {name: [value, value] for name in clean.SAMPLES})
    parquet.write_table(table, path)
