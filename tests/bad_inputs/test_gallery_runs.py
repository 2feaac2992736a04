"""The gallery through Snakemake itself: exit code, message, and what is left on the disk."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import breaking
import clean_inputs as clean
import code_digests
import gallery
import legal
import pytest

from workflow_lib.fragments.store import FragmentStore

SNAKEFILE = Path(__file__).resolve().parents[2] / "Snakefile"


@pytest.fixture
def inputs(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    clean.write(tmp_path)
    code_digests.remember(tmp_path)
    return tmp_path


def snakemake(config: str, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "snakemake", *arguments, "-s", str(SNAKEFILE), "--cores", "2"]
    done = subprocess.run(
        [*command, "--configfile", config],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )
    return done.returncode, done.stdout


def case_of(area: str, name: str) -> breaking.Case:
    return next(case for case in gallery.bad() if (case.area, case.name) == (area, name))


def test_many_faults_at_once_stop_the_run_before_any_job(inputs):
    cases = [
        case_of("config", "unknown key"),
        case_of("sheet", "shell in a sample's name"),
        case_of("GTF", "a start of 0"),
        case_of("peaks", "a negative start"),
        case_of("motifs", "an empty column"),
        case_of("BAM", "an index of 0 bytes"),
    ]
    for case in cases:
        case.change()
    code, said = snakemake("reads.yaml")
    assert code == 1
    for case in cases:
        assert case.said in said, case
    assert f"{len(cases)} problems to put right before anything can run" in said
    assert "Traceback" not in said
    assert not (inputs / "results").exists()
    assert not (inputs / "logs").exists()


def test_what_stands_far_down_is_found_before_any_job(inputs):
    case_of("GTF", "a fault far down").change()
    code, said = snakemake("reads.yaml", "--dry-run")
    assert code == 1
    assert "genes.gtf:30008: start 0" in said
    assert not (inputs / "results").exists()


def test_a_refusal_is_all_that_is_said(inputs):
    case_of("config", "unknown key").change()
    _, said = snakemake("reads.yaml", "--dry-run", "--workflow-profile", "none")
    lines = said.splitlines()
    assert lines[0] == "1 problem to put right before anything can run:"
    assert len(lines) == 2


def test_odd_paths_and_texts_give_what_was_planted(inputs):
    """Blanks, quotes, brackets, dollars, links, Windows line ends and byte-order marks, all in one run."""
    for case in legal.cases():
        if case.name == "blanks, quotes and more in its path" or (case.area, case.name) in {
            ("sheet", "Windows line ends"),
            ("sheet", "byte-order mark"),
            ("config", "Windows line ends"),
        }:
            case.change()
    shutil.move("samples.tsv", "samples & $(touch ran).tsv")
    text = (
        Path("reads.yaml")
        .read_text()
        .replace("samples: samples.tsv", "samples: 'samples & $(touch ran).tsv'")
    )
    Path("reads.yaml").write_text(text)
    code, said = snakemake("reads.yaml", "results/fragments/t1.h5", "results/peaks/consensus.bed")
    assert code == 0, said[-4000:]
    store = FragmentStore.read("results/fragments/t1.h5")
    assert [len(store.cuts(contig)) for contig in ("chr1", "chr2")] == [2 * n for n in clean.PAIRS["t1"]]
    peaks = Path("results/peaks/consensus.bed").read_text().splitlines()
    assert [peak.split("\t")[:3] for peak in peaks] == [["chr1", "100", "400"], ["chr2", "500", "800"]]
    assert not (inputs / "ran").exists()
