"""The gallery: how to break clean inputs, and what the user then reads.

Each case breaks a copy of the clean inputs (clean_inputs.py) in one way. `said` is a part of the message
that must be there: docs/errors.md shows the messages whole, as document.py finds them.
"""

import gzip
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import clean_inputs as clean
import pyarrow
import pysam
import yaml
from pyarrow import parquet

from workflow_lib.fragments import store
from workflow_lib.motifs import library

START, READING = "start", "reading"
"""When it is found: before any job; by the first job, which reads all files to their ends; when used."""


@dataclass(frozen=True)
class Case:
    """One way to break the inputs, or (`legal`) to write them otherwise with the same meaning."""

    area: str
    name: str
    change: Callable[[], object]
    said: str = ""
    run: str = "reads"
    found: str = START


def edit(path: str, old: str, new: str, *, encoding: str = "utf-8") -> None:
    """Replace a text that stands in a file."""
    text = Path(path).read_text()
    assert old in text, (path, old)
    Path(path).write_bytes(text.replace(old, new).encode(encoding))


def rewrite(path: str, make: Callable[[bytes], bytes]) -> None:
    """Replace a file by what `make` makes of its bytes."""
    Path(path).write_bytes(make(Path(path).read_bytes()))


def put(path: str, content: str | bytes) -> None:
    """Write a file."""
    Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())


def config(text: str, run: str = "reads") -> None:
    """Set keys of a configuration, given as YAML: mappings are merged, all else is replaced."""

    def merge(old: dict, new: Mapping) -> dict:
        for key, value in new.items():
            both = isinstance(value, Mapping) and isinstance(old.get(key), dict) and value
            old[key] = merge(old[key], value) if both else value
        return old

    given = merge(clean.read_yaml(f"{run}.yaml"), yaml.safe_load(text))
    Path(f"{run}.yaml").write_text(yaml.safe_dump(given, allow_unicode=True))


def renamed(old: str, new: str, key: str) -> None:
    """Move a file, and name it in the configuration."""
    Path(new).parent.mkdir(parents=True, exist_ok=True)
    os.rename(old, new)
    config(yaml.safe_dump({key.split(".")[0]: {key.split(".")[1]: new}}))


def sparse(path: str, begin: bytes = b"", size: int = 5 << 30) -> None:
    """A file of five gigabytes that takes no room: one endless line after `begin`."""
    with open(path, "wb") as stream:
        stream.write(begin)
        stream.truncate(size)


def bomb(path: str, begin: bytes = b"", megabytes: int = 64) -> None:
    """A small gzip file that unpacks to hundreds of megabytes without a line end."""
    with gzip.open(path, "wb", compresslevel=9) as stream:
        stream.write(begin)
        for _ in range(megabytes):
            stream.write(b"1" * (1 << 20))


def raw(sample: str, at: int, value: bytes, *, mate: bool = False) -> None:
    """Write bytes into the first read (or its mate) of a BAM, unpacked, and pack it again."""
    data = bytearray(gzip.decompress(Path(f"{sample}.bam").read_bytes()))
    first = (data.rindex if mate else data.index)(b"r000000\0") - 36
    data[first + at : first + at + len(value)] = value
    with pysam.BGZFile(f"{sample}.bam", "wb", None) as out:
        out.write(bytes(data))


def _parquet(path: str, value: object) -> None:
    """A matrix of two rows, all of whose values are the one given."""
    table = pyarrow.table({"peak": ["a", "b"]} | {name: [value, value] for name in clean.SAMPLES})
    parquet.write_table(table, path)


def middle(path: str) -> None:
    """Damage a file in its middle, so that both its ends are whole."""
    data = bytearray(Path(path).read_bytes())
    at = len(data) // 2
    data[at : at + 40] = b"\0" * 40
    Path(path).write_bytes(bytes(data))


def check(case: Case) -> None:
    """What the run does up to the point at which the fault is found."""
    config, samples, _ = clean.load(f"{case.run}.yaml")
    if case.found == READING:
        asked = config["motifs"]
        if asked["source"] == "jaspar":
            library.from_jaspar(asked["release"], asked["collection"], asked["tax_group"], asked["species"])
        store.from_file(samples.loc["t1", "bam"], min_mapq=config["reads"]["min_mapq"])


def bad() -> Iterator[Case]:
    """Every case that is refused."""
    yield from _configs()
    yield from _sheets()
    yield from _designs()
    yield from _bams()
    yield from _fastas()
    yield from _annotations()
    yield from _peaks()
    yield from _motifs()
    yield from _counts()
    yield from _expression()
    yield from _named()


def _configs() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("config", name, change, said, **more)

    yield case("unknown key", lambda: config("desgn: ~ group"), "key desgn: unknown key")
    yield case("key in the wrong place", lambda: config("shrink: false"), "put it under differential")
    yield case("text for a number", lambda: config("seed: many"), "key seed: is the text 'many'")
    yield case("number for a text", lambda: config("design: 3"), "key design: is 3, expected text")
    yield case("list for a mapping", lambda: config("genome: [a]"), "key genome: is [a], expected mapping")
    yield case("out of bounds", lambda: config("differential: {alpha: 5}"), "above 0 and below 1")
    yield case(
        "not a number", lambda: config("differential: {alpha: .nan}"), "key differential.alpha: is nan"
    )
    yield case("infinite", lambda: config("differential: {min_abs_log2fc: .inf}"), "is inf")
    yield case("exponent without a point", lambda: config("motifs: {pvalue: 1e-5}"), "write 1.0e-5")
    yield case(
        "a key twice",
        lambda: put("reads.yaml", "seed: 1\nseed: 2\n"),
        "line 2: key 'seed' stands there twice",
    )
    yield case("line end in a path", lambda: config('samples: "samples.tsv\\n"'), "has a line end")
    yield case(
        "line end in a name",
        lambda: config('contrasts: {"a\\n": {experiment: treated, control: control}}'),
        "has a control character",
    )
    yield case(
        "path out of the folder in a name",
        lambda: config("contrasts: {../a: {experiment: treated, control: control}}"),
        "no name for a file",
    )
    yield case(
        "name too long",
        lambda: config(f"contrasts: {{{'a' * 200}: {{experiment: treated, control: control}}}}"),
        "a name of 200 letters",
    )
    yield case(
        "braces in a path",
        lambda: renamed("genes.gtf", "{sample}.gtf", "genome.annotation"),
        "takes for a wildcard",
    )
    yield case(
        "Python in YAML",
        lambda: put("reads.yaml", "seed: !!python/name:os.system\n"),
        "could not determine a constructor",
    )
    yield case("aliases that explode", lambda: put("reads.yaml", _laughs()), "values")
    yield case("an alias of itself", lambda: put("reads.yaml", "seed: &a [*a]\n"), "deep")
    yield case("no mapping", lambda: config("contrasts: 5"), "key contrasts: is 5, expected mapping")
    yield case("missing file", lambda: config("genome: {fasta: none.fa}"), "there is no file none.fa")
    yield case("a folder", lambda: (os.mkdir("f"), config("genome: {fasta: f}")), "f is a folder")
    yield case(
        "dangling link",
        lambda: (os.remove("genes.gtf"), os.symlink("gone.gtf", "genes.gtf")),
        "a symbolic link to gone.gtf, which is not there",
    )
    yield case(
        "a loop of links",
        lambda: (os.remove("genes.gtf"), os.symlink("genes.gtf", "genes.gtf")),
        "a symbolic link to genes.gtf",
    )
    yield case(
        "unset variable",
        lambda: config("genome: {fasta: '${NOT_SET_HERE}/a.fa'}"),
        "NOT_SET_HERE, which is not set",
    )
    yield case(
        "values that contradict",
        lambda: config("peaks: {call: true}"),
        "is true although peaks.files names peaks",
    )
    yield case("the sheet is missing", lambda: os.remove("samples.tsv"), "samples.tsv: there is no such file")


def _laughs() -> str:
    lines = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"b{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    return "\n".join(lines) + "\n"


def _sheets() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("sheet", name, change, said, **more)

    sheet = "samples.tsv"
    yield case("empty", lambda: put(sheet, ""), "samples.tsv: is empty")
    yield case("header only", lambda: put(sheet, "sample\tgroup\tbam\n"), "has a header and no samples")
    yield case(
        "blanks for tabs",
        lambda: rewrite(sheet, lambda b: b.replace(b"\t", b"  ")),
        "columns are separated by blanks",
    )
    yield case(
        "commas", lambda: rewrite(sheet, lambda b: b.replace(b"\t", b",")), "columns are separated by commas"
    )
    yield case(
        "blanks in one line",
        lambda: edit(sheet, "c2\tcontrol", "c2  control"),
        "line 3: has 2 columns, the header has 3",
    )
    yield case(
        "UTF-16", lambda: rewrite(sheet, lambda b: b.decode().encode("utf-16")), "samples.tsv: is UTF-16"
    )
    yield case(
        "Latin-1",
        lambda: edit(sheet, "c2\tcontrol", "c2\tcontrôl", encoding="latin-1"),
        "samples.tsv:3: is not UTF-8 text (byte 0xf4)",
    )
    yield case("gzip", lambda: rewrite(sheet, gzip.compress), "samples.tsv: is compressed")
    yield case(
        "a workbook",
        lambda: put(sheet, b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xdf\xa4"),
        "is a workbook",
    )
    yield case(
        "a sample twice",
        lambda: edit(sheet, "c2\t", "c1\t"),
        "lines 2, 3, column sample: c1 is the name of more than one",
    )
    yield case(
        "a file twice", lambda: edit(sheet, "c2.bam", "./c1.bam"), "is the file of more than one sample"
    )
    yield case(
        "a column twice", lambda: edit(sheet, "group\tbam", "bam\tbam"), "column bam stands there twice"
    )
    yield case(
        "a column that is missing", lambda: edit(sheet, "group", "condition"), "column group: is missing"
    )
    yield case(
        "a group that is missing",
        lambda: edit(sheet, "c2\tcontrol", "c2\t"),
        "line 3, column group: has no value",
    )
    yield case(
        "path in a sample's name",
        lambda: edit(sheet, "c2\t", "../c2\t"),
        "'../c2' is not fit for the name of a file",
    )
    yield case(
        "shell in a sample's name",
        lambda: edit(sheet, "c2\t", "$(rm c2)\t"),
        "is not fit for the name of a file",
    )
    yield case(
        "leading dash", lambda: edit(sheet, "c2\t", "-rf\t"), "'-rf' is not fit for the name of a file"
    )
    yield case(
        "control character",
        lambda: edit(sheet, "c2.bam", "c\x07.bam"),
        "'c\\x07.bam' has a control character",
    )
    yield case(
        "negative size factor",
        lambda: edit("sheet.tsv", "\tbatch\n", "\tsize_factor\n"),
        "is 'A', expected number",
        run="counts",
    )
    yield case(
        "infinite size factor",
        lambda: put(
            "sheet.tsv",
            "sample\tgroup\tbatch\tsize_factor\n"
            + "".join(f"{s}\t{g}\tA{i % 2}\t1e999\n" for i, (s, g) in enumerate(clean.SAMPLES.items())),
        ),
        "is '1e999', expected number",
        run="counts",
    )
    yield case(
        "a line of 5 GB",
        lambda: sparse(sheet, b"sample\tgroup\tbam\n"),
        "samples.tsv: is larger than 256 MB, so it is no text that people write",
    )


def _designs() -> Iterator[Case]:
    def case(name: str, change, said: str) -> Case:
        return Case("design", name, change, said, run="counts")

    def design(text: str):
        return lambda: config(yaml.safe_dump({"design": text}), "counts")

    yield case(
        "subjects of no column",
        lambda: config(yaml.safe_dump({"block": "donor"}), "counts"),
        "key block: is donor, which is no column of",
    )
    yield case(
        "subjects that the design has too",
        lambda: config(yaml.safe_dump({"block": "batch", "design": "~ batch + group"}), "counts"),
        "key block: is batch, which the design '~ batch + group' has too",
    )
    yield case("no formula", design("~ group +"), "is not a formula")
    yield case("a column that is not there", design("~ donor + group"), "column donor: is not in the sheet")
    yield case("Python that runs", design("~ {__import__('os').system('touch ran')} + group"), "is none of")
    yield case(
        "Python that reads", design("~ group + {np.fromfile('counts.tsv')}"), "np.fromfile() is none of"
    )
    yield case("a column's attribute", design("~ group + I(batch.str.len())"), "is none of")
    yield case("a power without end", design("~ group + I(9**9**9**9)"), "a power must be a number below 10")
    yield case(
        "a product without end",
        design(f"~ ({' + '.join('abcdefghij')})**30"),
        "crosses columns more than 9 times",
    )
    yield case("brackets without end", design("~ " + "(" * 400 + "group" + ")" * 5), "is not a formula")
    yield case(
        "batch and group confounded",
        lambda: rewrite(
            "sheet.tsv",
            lambda b: b.replace(b"control\tB", b"control\tA").replace(b"treated\tA", b"treated\tB"),
        ),
        "batch and group are confounded",
    )
    yield case(
        "a level that is not there",
        lambda: config("contrasts: {x: {experiment: tread, control: control}}", "counts"),
        "no sample has 'tread'",
    )
    yield case(
        "a contrast with itself",
        lambda: config("contrasts: {x: {experiment: control, control: control}}", "counts"),
        "compares 'control' with itself",
    )
    yield case("a column of one value", lambda: edit("sheet.tsv", "\tB\n", "\tA\n"), "has the one value A")


def _bams() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("BAM", name, change, said, **more)

    bam = "t1.bam"
    yield case("empty", lambda: put(bam, b""), "t1.bam is empty (0 bytes)")
    yield case("no index", lambda: os.remove("t1.bam.bai"), "t1.bam has no index")
    yield case("an index of 0 bytes", lambda: put("t1.bam.bai", b""), "t1.bam has no index")
    yield case("SAM", lambda: put(bam, "@HD\tVN:1.6\tSO:coordinate\n"), "t1.bam: is SAM")
    yield case("CRAM, called BAM", lambda: put(bam, b"CRAM\x03\x01"), "t1.bam: is CRAM. Fix: rename it")
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


def _fastas() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("FASTA", name, change, said, **more)

    fasta = "genome.fa"
    yield case("empty", lambda: put(fasta, ""), "genome.fa is empty (0 bytes)")
    yield case("no FASTA", lambda: put(fasta, "chr1\nACGT\n"), "line 1: does not begin with '>'")
    yield case(
        "proteins", lambda: put(fasta, ">chr1\nMKVLAA\n"), "line 2: 'L' in contig chr1 stands for no base"
    )
    yield case(
        "UTF-16", lambda: rewrite(fasta, lambda b: b.decode().encode("utf-16")), "does not begin with '>'"
    )
    yield case(
        "byte-order mark", lambda: rewrite(fasta, lambda b: b"\xef\xbb\xbf" + b), "does not begin with '>'"
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


def _annotations() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("GTF", name, change, said, **more)

    gtf = "genes.gtf"
    yield case(
        "GFF3 without a gene",
        lambda: put(gtf, "##gff-version 3\nchr1\tx\tregion\t1\t50\t.\t+\t.\tID=r1\n"),
        "this GFF3 has no gene and no exon",
    )
    yield case(
        "GFF3 cut short of its transcripts",
        lambda: put(gtf, "chr1\tx\texon\t1\t50\t.\t+\t.\tParent=t1\n"),
        "genes.gtf:1: its Parent t1 is no ID in this file",
    )
    yield case("comments only", lambda: put(gtf, "#!genome\n"), "no gene, transcript, exon or CDS line")
    yield case(
        "blanks for tabs",
        lambda: rewrite(gtf, lambda b: b.replace(b"\t", b" ")),
        "a GTF line has 9 tab-separated columns, this one has 1",
    )
    yield case(
        "BED", lambda: put(gtf, "chr1\t1\t50\n"), "a GTF line has 9 tab-separated columns, this one has 3"
    )
    yield case("a start of 0", lambda: edit(gtf, "1201\t2000", "0\t2000"), "genes.gtf:2: start 0, end 2000")
    yield case(
        "an end before its start",
        lambda: edit(gtf, "1201\t2000", "1201\t100"),
        "genes.gtf:2: start 1201, end 100",
    )
    yield case(
        "a place beyond 64 bits",
        lambda: edit(gtf, "1201\t2000", f"1201\t{'9' * 30}"),
        "genes.gtf:2: start 1201, end 999",
    )
    yield case("a strand that is none", lambda: edit(gtf, "\t+\t", "\tplus\t"), "strand plus")
    yield case(
        "a gene without id",
        lambda: edit(gtf, 'gene_id "g1"; gene_name "A1"', 'label "g1"'),
        "no gene_id in column 9",
    )
    yield case(
        "gzip cut short",
        lambda: (
            put("genes.gtf.gz", gzip.compress(Path(gtf).read_bytes() * 50)[:-60]),
            config("genome: {annotation: genes.gtf.gz}"),
        ),
        "genes.gtf.gz: cannot be read to its end",
    )
    yield case(
        "gzip by name only",
        lambda: (put("g.gtf.gz", b"\x1f\x8b nothing"), config("genome: {annotation: g.gtf.gz}")),
        "g.gtf.gz: cannot be read to its end",
    )
    yield case(
        "contigs with other names",
        lambda: rewrite(gtf, lambda b: b.replace(b"chr", b"")),
        "has other names of contigs than genome.fa: 1 for chr1",
    )
    yield case(
        "contigs of another genome",
        lambda: rewrite(gtf, lambda b: b.replace(b"chr", b"scaffold")),
        "have no contig in common",
    )
    yield case("a line of 5 GB", lambda: sparse(gtf), "the line is longer than 16 MB")
    yield case(
        "a gzip bomb",
        lambda: (bomb("g.gtf.gz", b"chr1\t"), config("genome: {annotation: g.gtf.gz}")),
        "the line is longer than 16 MB",
    )
    yield case(
        "a fault far down",
        lambda: put(
            gtf,
            clean.GTF
            + clean.GTF.splitlines()[1].replace("g1", "g{}") * 0
            + "".join(_genes(30_000))
            + 'chr1\tx\tgene\t0\t5\t.\t+\t.\tgene_id "z";\n',
        ),
        "genes.gtf:30008: start 0",
    )


def _genes(n: int) -> Iterator[str]:
    for i in range(n):
        yield f'chr1\tx\tgene\t{1 + i % 900}\t{1900 + i % 900}\t.\t+\t.\tgene_id "h{i}"; note "{"x" * 40}";\n'


def _peaks() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("peaks", name, change, said, **more)

    peaks = "peaks.narrowPeak"
    yield case("empty", lambda: put(peaks, ""), "peaks.narrowPeak is empty (0 bytes)")
    yield case("header only", lambda: put(peaks, "track name=x\n# nothing\n"), "holds no peak")
    yield case(
        "blanks for tabs in one line",
        lambda: edit(peaks, "chr2\t500\t800", "chr2 500 800"),
        "peaks.narrowPeak:2: 8 columns, the first interval has 10",
    )
    yield case("two columns", lambda: put(peaks, "chr1\t100\n"), "fewer than the three columns")
    yield case(
        "a negative start",
        lambda: edit(peaks, "chr1\t100", "chr1\t-100"),
        "peaks.narrowPeak:1: its start is negative",
    )
    yield case(
        "an end before its start",
        lambda: edit(peaks, "500\t800", "800\t500"),
        "peaks.narrowPeak:2: its end is not after its start",
    )
    yield case(
        "a peak of no length", lambda: put(peaks, "chr1\t100\t100\n"), "its end is not after its start"
    )
    yield case(
        "a start that is no number",
        lambda: edit(peaks, "chr1\t100", "chr1\t1e2"),
        "its start is `1e2`, not a whole number",
    )
    yield case(
        "a number with an underscore",
        lambda: edit(peaks, "chr1\t100", "chr1\t1_00"),
        "its start is `1_00`, not a whole number",
    )
    yield case(
        "a number beyond 64 bits", lambda: edit(peaks, "100\t400", f"100\t{'4' * 40}"), "not a whole number"
    )
    yield case(
        "a summit outside",
        lambda: edit(peaks, "\t150\n", "\t900\n"),
        "its summit (column 10) lies outside the peak",
    )
    yield case(
        "past the end of its contig",
        lambda: edit(peaks, "500\t800", "500\t2800"),
        "ends past the end of its contig (2,400 bp in genome.fa)",
    )
    yield case(
        "a contig that is not there",
        lambda: edit(peaks, "chr2", "chr9"),
        "is on a contig that is not in genome.fa",
    )
    yield case(
        "a contig's name with a blank",
        lambda: edit(peaks, "chr2", "chr 2"),
        "its contig is `chr 2`, which is no name",
    )
    yield case(
        "a contig's name in Latin-1",
        lambda: edit(peaks, "chr2", "chré", encoding="latin-1"),
        "which is no name",
    )
    yield case(
        "names without chr",
        lambda: rewrite(peaks, lambda b: b.replace(b"chr", b"")),
        "has other names of contigs than genome.fa: 1 for chr1",
    )
    yield case(
        "UTF-16", lambda: rewrite(peaks, lambda b: b.decode().encode("utf-16")), "peaks.narrowPeak: is UTF-16"
    )
    yield case("a BAM", lambda: config("peaks: {files: c1.bam}"), "c1.bam:1: ")
    yield case(
        "one file for two groups",
        lambda: config(f"peaks: {{files: {{control: {peaks}, treated: {peaks}}}}}"),
        "is given for control too",
    )
    yield case(
        "a group that is not there",
        lambda: config(f"peaks: {{files: {{contrl: {peaks}}}}}"),
        "is neither a sample nor a group",
    )
    yield case(
        "a line of 5 GB",
        lambda: sparse(peaks, b"chr1\t1\t"),
        "peaks.narrowPeak:1: the line is longer than 16 MB",
    )
    yield case(
        "a gzip bomb",
        lambda: (bomb("p.bed.gz", b"chr1\t1\t"), config("peaks: {files: p.bed.gz}")),
        "p.bed.gz:1: the line is longer than 16 MB",
    )
    yield case(
        "a blacklist with a fault",
        lambda: put("blacklist.bed", "chr1\t9\t5\n"),
        "blacklist.bed:1: its end is not after its start",
    )


def _motifs() -> Iterator[Case]:
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


def _counts() -> Iterator[Case]:
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


def _expression() -> Iterator[Case]:
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
    yield case("a gene without name", matrix.replace("g2", ""), "line 3 (gene nan): the gene has no name")
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


def _named() -> Iterator[Case]:
    """What the configuration asks to be drawn or used: places, motifs, sites."""

    def case(area: str, name: str, text: str, said: str) -> Case:
        return Case(area, name, lambda: config(text), said)

    yield case("loci", "a gene that is not there", "loci: {genes: [A1x]}", "A1x is no gene of the annotation")
    yield case(
        "loci",
        "a region past the end",
        "loci: {genes: ['chr2:9,000-9,500']}",
        "begins past the end of chr2 (2,400 bp)",
    )
    yield case(
        "loci",
        "a region elsewhere",
        "loci: {genes: ['chr9:1-500']}",
        "is on a contig that the genome does not have",
    )
    yield case(
        "loci",
        "no annotation",
        "{loci: {genes: [A1]}, genome: {annotation: null}}",
        "A1 is no region such as chr1:10,000-20,000, and there are no genes",
    )
    yield case(
        "loci", "a shell in a name", "loci: {genes: ['$(rm x)']}", "$(rm x) is no gene of the annotation"
    )
    yield case(
        "footprints",
        "a factor that is not there",
        "footprints: {motifs: [ONNE]}",
        "ONNE is neither a motif of the library nor a factor with one. Fix: write one of ONE",
    )
    yield case(
        "footprints", "sites of a missing file", "footprints: {sites: s.bed}", "there is no file s.bed"
    )
    yield Case(
        "footprints",
        "sites that end before they start",
        lambda: (put("s.bed", "chr1\t50\t20\n"), config("footprints: {sites: s.bed}")),
        "s.bed:1: its end is not after its start",
    )
    yield Case(
        "footprints",
        "sites on other contigs",
        lambda: (put("s.bed", "1\t20\t50\n"), config("footprints: {sites: s.bed}")),
        "s.bed has other names of contigs than genome.fa",
    )
