"""Parsers under spoiled and arbitrary files: a valid result, or the declared error, and nothing else.

200 files a parser here, always the same; `ATACDIFF_FUZZ=20000` tries so many others.
"""

import gzip
import os
from datetime import timedelta
from pathlib import Path

import clean_inputs as clean
import numpy as np
import pandas as pd
import pyarrow as pa
import pysam
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from mutations import spoiled
from pyarrow import parquet

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.io import (
    bam,
    bed,
    count_matrices,
    expression,
    fasta,
    fragment_files,
    gtf,
    headers,
    motifs,
    sheets,
)

ASKED = os.environ.get("ATACDIFF_FUZZ")
CONFIG = sheets.read_yaml(clean.SCHEMAS / "config.schema.yaml")
ROW = sheets.read_yaml(clean.SCHEMAS / "samples.schema.yaml")
fuzzed = settings(
    max_examples=int(ASKED or 200),
    derandomize=not ASKED,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("fuzz")
    clean.write(path)
    return path


def fuzz(folder: Path, name: str, data: bytes, parse) -> None:
    """Write a file and parse it: nothing but InputError, in one piece and by the file's name."""
    path = folder / name
    path.write_bytes(data)
    said = name
    try:
        parse(str(path))
    except InputError as error:
        said = str(error)
    assert name in said
    assert "\n" not in said


# --- text


@fuzzed
@given(data=spoiled(clean.NARROWPEAK.encode(), b"chr1\t5\t9\nchr2\t7\t8\n", b"chr1 1 5 x 7\n"))
def test_intervals(folder, data):
    def parse(path):
        table = bed.read(path)
        assert (table["start"] >= 0).all()
        assert (table["end"] > table["start"]).all()
        known = table[table["summit"] >= 0]
        assert ((known["summit"] >= known["start"]) & (known["summit"] < known["end"])).all()
        assert all(name and name.split() == [name] for name in table["chrom"])
        assert not np.isinf(table["score"]).any()
        assert table["line"].is_monotonic_increasing

    fuzz(folder, "x.bed", data, parse)


@fuzzed
@given(data=spoiled(clean.GTF.encode()))
def test_annotation(folder, data):
    def parse(path):
        found = gtf.read(path)
        assert (found.lines["start"] >= 0).all()
        assert (found.lines["end"] > found.lines["start"]).all()
        assert found.lines["contig"].between(0, len(found.contigs) - 1).all()
        assert found.transcripts["gene"].between(0, len(found.genes) - 1).all()
        assert gtf.read(path, limit=10_000).contigs == found.contigs

    fuzz(folder, "x.gtf", data, parse)


@fuzzed
@given(data=spoiled(b">a x\nACGT\nACGT\nAC\n>b\nNNNN\n", b">a\r\nAC\r\nA\r\n"))
@example(data=b'>"\nACGT\n>"b\nN\n')
@example(data=b'>"a"\nACGT\n>a\nN\n')
def test_genome(folder, data):
    def parse(path):
        for made in (f"{path}.fai",):
            Path(made).unlink(missing_ok=True)
        lengths = headers.index_fasta(path)[0]
        if not lengths:
            return
        assert all(0 < n <= len(data) for n in lengths.values())
        # What is accepted can be indexed, and the index agrees.
        fasta.write_index(path, f"{path}.index", f"{path}.gzi")
        assert fasta.read_index(f"{path}.index").to_dict() == lengths

    fuzz(folder, "x.fa", data, parse)


@fuzzed
@given(data=spoiled(b"a\t3000\t5\t60\t61\nb\t2400\t99\t60\t61\n"))
def test_genome_index(folder, data):
    (folder / "y.fa").write_text(">a\nA\n")

    def parse(path):
        lengths = headers.read_fasta_index(path.removesuffix(".fai"))
        assert lengths is None or all(name and n >= 0 for name, n in lengths.items())

    fuzz(folder, "y.fa.fai", data, parse)


LIBRARY = b'{"format": "atacdiff motif library 2", "pvalue": 1e-5, "background": [0.25, 0.25, 0.25, 0.25], "clustered": false, "motifs": [{"id": "a", "name": "b", "family": "", "class": "", "species": "", "synonyms": [], "sites_known": true, "threshold": 1.0, "pvalue_attained": 1e-5, "cluster": null, "counts": [[1, 2], [1, 2], [1, 2], [1, 2]]}]}'  # fmt: skip # noqa: E501


@pytest.mark.parametrize("form", ["JASPAR", "MEME", "TRANSFAC", "HOMER", "library"])
def test_motifs(folder, form):
    seed = LIBRARY if form == "library" else getattr(clean, form).encode()

    def parse(path):
        found = motifs.read_motifs(path)
        assert found
        assert len({motif.id for motif in found}) == len(found)
        for motif in found:
            assert motif.id.split() == [motif.id]
            assert motif.counts.shape[0] == 4
            assert np.isfinite(motif.counts).all()
            assert (motif.counts >= 0).all()
            assert (motif.counts.sum(axis=0) > 0).all()

    @fuzzed
    @given(data=spoiled(seed))
    def run(data):
        fuzz(folder, "x.motifs", data, parse)

    run()


@fuzzed
@given(
    data=spoiled(
        b"chr1\t5\t90\tAC\t2\nchr2\t7\t80\tGT\t1\n", b"chr1\t5\t9\n", b"chr1\t1\t5\tchr1\t9\t20\tx\n"
    )
)
def test_fragments(folder, data):
    def parse(path):
        table = fragment_files.read(path).fragments
        assert (table["start"] >= 0).all()
        assert (table["end"] > table["start"]).all()
        assert table["chrom"].notna().all()

    fuzz(folder, "x.tsv", data, parse)


COORDINATES = (
    "peak\tchrom\tstart\tend\tc1\tc2\tt1\tt2\np1\tchr1\t1\t9\t1\t2\t3\t4\np2\tchr1\t5\t9\t2\t2\t3\t4\n"
)


@fuzzed
@given(data=spoiled(clean.MATRIX.encode(), COORDINATES.encode()))
@example(data=clean.MATRIX.replace("500-800", "500-000").encode())
@example(data=clean.MATRIX.replace("800", "9" * 30).encode())
@example(data=COORDINATES.replace("\t9", "\t9e30").encode())
def test_counts(folder, data):
    def parse(path):
        counts, peaks = count_matrices.read_counts(path, list(clean.SAMPLES))
        assert list(counts.columns) == list(clean.SAMPLES)
        assert (counts.dtypes == np.int64).all()
        assert (counts >= 0).all(axis=None)
        assert counts.index.notna().all()
        if peaks is not None:
            assert (peaks["end"] > peaks["start"]).all()

    fuzz(folder, "x.tsv", data, parse)


def _check_expression(path):
    table = expression.read(path, list(clean.SAMPLES))
    assert set(table.columns) <= set(clean.SAMPLES)
    assert (table.dtypes == np.float64).all()
    assert ((table >= 0) | table.isna()).all(axis=None)
    assert not np.isinf(table).any(axis=None)
    assert table.index.is_unique
    assert table.index.notna().all()


@fuzzed
@given(data=spoiled(b"gene\tc1\tc2\tt1\tt2\tother\ng1\t1.5\t0\tNA\t4\tx\ng2\t2\t1e3\t3\t4\ty\n"))
def test_expression(folder, data):
    fuzz(folder, "x.tsv", data, _check_expression)


PARQUET_READERS = pytest.mark.parametrize(
    "parse",
    [lambda path: count_matrices.read_counts(path, list(clean.SAMPLES)), _check_expression],
    ids=["counts", "expression"],
)


@PARQUET_READERS
def test_parquet_as_it_lies_on_the_disk(folder, parse):
    table = pd.read_csv(folder / "counts.tsv", sep="\t")
    table.to_parquet(folder / "seed.parquet")

    @fuzzed
    @given(data=spoiled((folder / "seed.parquet").read_bytes()))
    def run(data):
        fuzz(folder, "x.parquet", data, parse)

    run()


ONE_TYPE = [
    *(st.integers(-9, 2**63 - 1), st.integers(0, 9), st.floats(), st.booleans(), st.binary(max_size=4)),
    *(st.text(max_size=4), st.sampled_from(["a", "b", "1", "1.0", "1_0", " 2", "chr1:1-9", "NA", ""])),
    *(
        st.datetimes(),
        st.dates(),
        st.times(),
        st.timedeltas(timedelta(0), timedelta(9)),
        st.decimals(-9, 9, places=2),
    ),
    *(st.lists(st.integers(0, 9), max_size=2), st.fixed_dictionaries({"a": st.integers(0, 9)}), st.none()),
]
COLUMN = st.sampled_from(ONE_TYPE).flatmap(lambda one: st.tuples(*[st.none() | one] * 3))


@PARQUET_READERS
def test_parquet_of_any_types(folder, parse):
    names = ["peak", *clean.SAMPLES, "chrom", "start", "end"]

    @fuzzed
    @given(columns=st.lists(COLUMN, min_size=1, max_size=len(names)), coded=st.booleans())
    def run(columns, coded):
        table = pa.table(dict(zip(names, map(pa.array, columns), strict=False)))
        texts = [i for i, kind in enumerate(table.schema.types) if coded and pa.types.is_string(kind)]
        for i in texts:
            table = table.set_column(i, names[i], table.column(i).dictionary_encode())
        parquet.write_table(table, folder / "y.parquet")
        fuzz(folder, "z.parquet", (folder / "y.parquet").read_bytes(), parse)

    run()


# --- sheet and configuration


DEFAULTS, _ = preflight.configuration(clean.READS, CONFIG)


@fuzzed
@example(data=b"sample\tgroup\tbam\tn\nc1\tx\tc1.bam\t9999999999999999999999999\n")
@given(data=spoiled(b"sample\tgroup\tbam\tbatch\tsize_factor\nc1\tx\tc1.bam\tA\t1.5\nc2\ty\tc2.bam\tB\t2\n"))
def test_sheet(folder, data):
    def parse(path):
        samples, problems = preflight.sheet(path, DEFAULTS | {"samples": path}, ROW)
        assert all(Path(path).name in str(problem) for problem in problems)
        preflight.design(DEFAULTS | {"samples": path}, samples)
        if not problems:
            assert samples.index.is_unique
            for name in (*samples.index, *samples["group"]):
                assert set(name) <= set(
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
                ), name
                assert name[0] not in "._-"

    fuzz(folder, "x.tsv", data, parse)


@fuzzed
@given(
    data=spoiled(
        (clean.SCHEMAS.parent / "config.yaml").read_bytes(), b"a: &b [1, {c: *b}]\n", b"x: !!set {a, b}\n"
    )
)
def test_config_file(folder, data):
    def parse(path):
        config, problems = preflight.configuration(sheets.read_yaml(path), CONFIG)
        assert all(str(problem).partition("Fix: ")[2] for problem in problems)
        if not problems:
            Draft202012Validator(CONFIG).validate(config)

    fuzz(folder, "x.yaml", data, parse)


KEYS = [
    *CONFIG["properties"],
    *(key for part in CONFIG["properties"].values() for key in part.get("properties", {})),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["auto", "~ group", "${A}", "${HOME}", "{x}", "..", "1e-5"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@fuzzed
@given(given_config=st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), VALUES, max_size=5))
def test_config_values(given_config):
    config, problems = preflight.configuration(given_config, CONFIG)
    assert all(str(problem).partition("Fix: ")[2] for problem in problems)
    if not problems:
        Draft202012Validator(CONFIG).validate(config)


@fuzzed
@given(
    formula=st.lists(
        st.sampled_from(
            [
                "~",
                " ",
                "+",
                "-",
                "*",
                ":",
                "**",
                "^",
                "(",
                ")",
                "group",
                "batch",
                "age",
                "0",
                "1",
                "9",
                "C(",
                "I(",
                "{",
                "}",
                "[",
                "]",
                "'a'",
                "np.log(",
                "lambda x: x",
                ".",
                "__class__",
                "`",
                "|",
                "%in%",
                "/",
                "=",
                ",",
            ]
        ),
        max_size=9,
    ).map("".join)
    | st.text(max_size=20)
)
def test_design(formula):
    samples = pd.DataFrame(
        {"group": ["x", "x", "y", "y"], "batch": ["A", "B", "A", "B"], "age": [1.0, 2.0, 3.0, 5.0]},
        index=pd.Index(["a", "b", "c", "d"], name="sample"),
    )
    contrasts = {"y": {"variable": "group", "experiment": "y", "control": "x"}}
    given_config = {"samples": "s.tsv", "design": "~" + formula, "contrasts": contrasts}
    assert all(str(problem).partition("Fix: ")[2] for problem in preflight.design(given_config, samples))


# --- alignments


def _read_all(path: str, n_contigs: int = len(clean.CONTIGS)) -> None:
    for part in bam.read_alignments(path):
        assert len(part.contig) == len(part.five_prime) == len(part.flag) <= part.n_reads
        assert (part.contig >= 0).all()
        assert (part.contig < max(n_contigs, 1_000_000)).all()


def test_bam_as_it_lies_on_the_disk(folder):
    @fuzzed
    @given(data=spoiled((folder / "c1.bam").read_bytes()))
    def run(data):
        fuzz(folder, "x.bam", data, _read_all)

    run()


def test_bam_records(folder):
    whole = gzip.decompress((folder / "c1.bam").read_bytes())
    first = whole.index(b"r000000\0") - 36
    header, records = whole[:first], whole[first:]

    @fuzzed
    @given(data=spoiled(records))
    def run(data):
        with pysam.BGZFile(str(folder / "y.bam"), "wb", None) as out:
            out.write(header + data)
        fuzz(folder, "y.bam", (folder / "y.bam").read_bytes(), _read_all)

    run()


def test_bam_header(folder):
    whole = gzip.decompress((folder / "c1.bam").read_bytes())
    first = whole.index(b"r000000\0") - 36
    header, records = whole[:first], whole[first:]

    @fuzzed
    @given(data=spoiled(header))
    def run(data):
        with pysam.BGZFile(str(folder / "z.bam"), "wb", None) as out:
            out.write(data + records)
        fuzz(folder, "z.bam", (folder / "z.bam").read_bytes(), _read_all)

    run()


def test_chains_of_records_do_not_depend_on_guesses():
    """The fast walk and the plain one agree, or both refuse."""

    @fuzzed
    @given(data=st.binary(max_size=400), n=st.integers(0, 5))
    def run(data, n):
        try:
            plain = bam._walk(data)
        except ValueError:
            plain = None
        try:
            fast = bam.record_starts(data, n)
        except ValueError:
            fast = None
        assert (plain is None) == (fast is None)
        if plain is not None:
            assert plain[0].tolist() == fast[0].tolist()
            assert plain[1] == fast[1]

    run()
