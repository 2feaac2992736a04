"""What inputs say never becomes code, a command, another folder's file, or an endless search."""

import contextlib
import pickle
import re
import shlex
import subprocess
import time
import zipfile
from pathlib import Path

import clean_inputs as clean
import numpy as np
import pandas as pd
import pytest
from snakemake.common.configfile import load_configfile

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.io import count_matrices, gtf, hits, motifs, sheets
from workflow_lib.plots import logos
from workflow_lib.preflight import contigs
from workflow_lib.stats import designs

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    *(
        "../../up",
        "/etc/passwd",
        "a;touch ran",
        "$(touch ran)",
        "`touch ran`",
        "a b",
        "'",
        '"',
        "-rf",
        "{sample}",
    ),
    *("<script>alert(1)</script>", "a|b", "a&b", "*", "~", ".", "..", "%2e%2e", "é", "\\", "$HOME"),
]
SECONDS = 3
"""Of a search that takes milliseconds; one that tries every split of such texts would take hours."""


class Trap:
    """A pickle that leaves a file behind when it is loaded."""

    def __reduce__(self):
        return Path.touch, (Path("ran"),)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_samples_groups_and_contrasts_are_names_of_files_or_refused(folder, name):
    (folder / "s.tsv").write_text(f"sample\tgroup\n{name}\tx\nb\t{name}\n")
    config, _ = preflight.configuration({"counts": "c.tsv", "samples": "s.tsv"}, schema("config"))
    _, found = preflight.sheet("s.tsv", config, schema("samples"))
    assert sum("is not fit for the name of a file" in str(problem) for problem in found) == 2
    given = {"contrasts": {name: {"experiment": "a", "control": "b"}}, "peaks": {"files": "p.bed"}}
    assert any(
        "no name for a file" in str(problem)
        for problem in preflight.configuration(given, schema("config"))[1]
    )


def schema(name: str) -> dict:
    return sheets.read_yaml(clean.SCHEMAS / f"{name}.schema.yaml")


@pytest.mark.parametrize("name", HOSTILE)
def test_files_of_motifs_stay_in_their_folder(folder, name):
    identifier = name.replace(" ", "_")
    (folder / "m.jaspar").write_text(clean.JASPAR.replace("MA0001.1 ONE", f"{identifier} {name}"))
    motif = motifs.read_motifs("m.jaspar")[0]
    assert (motif.id, motif.name) == (identifier, name)
    assert (folder / "logos" / logos.file_name(motif.id)).resolve().parent == folder / "logos"
    assert "<script" not in logos.draw(motif.counts, motif.name)


@pytest.mark.parametrize(
    "formula",
    [
        "~ {__import__('os').system('touch ran')}",
        "~ I(__import__('pathlib').Path('ran').touch())",
        "~ {open('ran', 'w')}",
        "~ {eval('1')}",
        "~ {exec('1')}",
        "~ {getattr(group, 'x')}",
        "~ {(lambda: 1)()}",
        "~ {[x for x in (1,)]}",
        "~ {np.load('a.npy', allow_pickle=True)}",
        "~ {np.fromfile('a')}",
        "~ {f'{group}'}",
        "~ {'a' * 10**9}",
        "~ {9**9**9}",
        "~ {10**9999999}",
    ],
)
def test_a_design_is_no_program(folder, formula):
    with pytest.raises(InputError):
        designs.variables(formula)
    assert not (folder / "ran").exists()


def test_attributes_in_a_design_are_no_more_than_names_of_columns():
    with pytest.raises(InputError, match=r"has no column 'group\.__class__\.__mro__'"):
        designs.matrix(pd.DataFrame({"group": ["a", "b"]}), "~ {group.__class__.__mro__}")


@pytest.mark.parametrize(
    "formula",
    [
        *("~ group", "~ batch + group", "~ C(age) * group", "~ np.log(age) + I(age**2)", "~ 0 + group:batch"),
        *("~ poly(age, 2) + center(age)", "~ bs(age, df=4)", "~ {age / 10}", "~ (batch + group)**2"),
    ],
)
def test_designs_that_statisticians_write_still_hold(formula):
    assert designs.variables(formula)


def test_yaml_makes_no_objects_and_runs_nothing(folder):
    tag = "!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['ran']]"
    (folder / "c.yaml").write_text(f"seed: {tag}\n")
    with pytest.raises(InputError, match="could not determine a constructor"):
        sheets.read_yaml("c.yaml")
    with pytest.raises(Exception, match=r"constructor|not valid JSON or YAML"):
        load_configfile("c.yaml")  # Snakemake's own reading of the file, which comes first
    assert not (folder / "ran").exists()


def test_no_pickle_is_read(folder):
    (folder / "a.pkl").write_bytes(pickle.dumps(Trap()))
    with zipfile.ZipFile("a.npz", "w") as file:
        header = np.lib.format.header_data_from_array_1_0(np.empty(1, dtype=object))
        with file.open("data.npy", "w") as part:
            np.lib.format.write_array_header_1_0(part, header)
            part.write(pickle.dumps(Trap()))
        for name in ("indices", "indptr", "shape", "format"):
            with file.open(f"{name}.npy", "w") as part:
                np.save(part, np.array(b"csr" if name == "format" else [0, 1]))
    with pytest.raises(InputError):
        hits.read_matches("a.npz")
    for name in ("a.pkl", "a.parquet", "a.tsv"):
        (folder / name).write_bytes((folder / "a.pkl").read_bytes())
        with pytest.raises(InputError):
            count_matrices.read_counts(name, ["a"])
        with pytest.raises(InputError):
            motifs.read_motifs(name)
    assert not (folder / "ran").exists()


def test_the_code_opens_no_other_door():
    closed = re.compile(
        r"\b(pickle|allow_pickle=True|os\.system|shell=True|yaml\.(unsafe_|full_)?load\(|eval\(|exec\()"
    )
    for path in (*ROOT.glob("workflow_lib/**/*.py"), *ROOT.glob("scripts/*.py")):
        found = closed.search(path.read_text())
        assert found is None, (path, found)
    for path in (ROOT / "Snakefile", *ROOT.glob("rules/*.smk")):
        assert "shell:" not in path.read_text(), path  # there is none so far; one would need {input:q}


@pytest.mark.parametrize(
    "path", ["a b.fa", "a;touch ran;.bed", "$(touch ran).gtf.gz", "'q'.bed", '"q".fa', "-x.bam"]
)
def test_commands_in_messages_are_safe_to_paste(folder, path):
    for kind in ("fasta", "bam", "table"):
        for renames in ({"1": "chr1"}, {"x'y": "chrx'y", 'a"b\\': 'chra"b\\'}, {"m/$(touch ran)": "chrM"}):
            command, made = contigs.command(kind, path, renames)
            words = shlex.split(command)
            assert path in words
            assert made in words
            subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=20)
            assert not (folder / "ran").exists(), command


@pytest.mark.parametrize(
    "line",
    [
        "1" * 200_000 + "x",
        "1 " + " " * 200_000 + "2",
        "A [" + " " * 200_000 + "x",
        "letter-probability matrix: " + "a" * 200_000,
        "letter-probability matrix: " + "a " * 100_000,
        ">a\tb\t" + "1" * 200_000 + "x",
        ">a\tb\t" + " " * 200_000 + "x",
        "P0" + " A" * 100_000,
        "MOTIF" + " " * 200_000 + "x",
    ],
)
def test_lines_of_motif_files_cannot_hang_a_search(folder, line):
    started = time.monotonic()
    for before in ("", ">M1 x\n", "MEME version 4\nMOTIF a\n", clean.HOMER, clean.TRANSFAC):
        (folder / "m").write_text(f"{before}{line}\n")
        with contextlib.suppress(InputError):
            motifs.read_motifs("m")
    assert time.monotonic() - started < SECONDS * 5


@pytest.mark.parametrize(
    "text",
    [
        "gene_id " * 50_000,
        "; " * 100_000,
        ";" + " " * 200_000,
        'gene_id "' + "x" * 200_000,
        "gene_id" + "\t" * 9,
    ],
)
def test_attributes_of_genes_cannot_hang_a_search(folder, text):
    (folder / "g.gtf").write_text(f"chr1\tx\tgene\t1\t9\t.\t+\t.\t{text}\n")
    started = time.monotonic()
    with contextlib.suppress(InputError):
        gtf.read("g.gtf")
    assert time.monotonic() - started < SECONDS


@pytest.mark.parametrize(
    "text", ["~" + " " * 100_000 + "x +", "~ " + "a+" * 200 + "(", "~ " + "a " * 240, "~" * 499]
)
def test_designs_cannot_hang_a_search(text):
    samples = clean_samples()
    started = time.monotonic()
    given = {"samples": "s.tsv", "design": text, "contrasts": {}}
    assert preflight.design(given, samples)
    assert time.monotonic() - started < SECONDS


def clean_samples():
    import pandas as pd

    return pd.DataFrame({"group": list(clean.SAMPLES.values())}, index=pd.Index(clean.SAMPLES, name="sample"))


def test_numbers_of_the_sheet_cannot_hang_a_search(folder):
    (folder / "s.tsv").write_text(
        f"sample\tgroup\tsize_factor\tage\na\tx\t{'1' * 200_000}x\t{'1' * 200_000}x\n"
    )
    config, _ = preflight.configuration({"counts": "c.tsv", "samples": "s.tsv"}, schema("config"))
    started = time.monotonic()
    preflight.sheet("s.tsv", config, schema("samples"))
    assert time.monotonic() - started < SECONDS
