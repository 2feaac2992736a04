"""Faults of the configuration, the sheet, the design, and of what the configuration names."""

import gzip
import os
from collections.abc import Iterator

import clean_inputs as clean
import yaml
from breaking import Case, config, edit, put, renamed, rewrite, sparse


def configs() -> Iterator[Case]:
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


def sheets() -> Iterator[Case]:
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


def designs() -> Iterator[Case]:
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


def named() -> Iterator[Case]:
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
