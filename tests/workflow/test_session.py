"""What is said at the start and at the end, in a study's own folder; and what a run leaves behind."""

import os
import subprocess
import sys

import code_digests
import counts_inputs
import pytest
import yaml
from conftest import ROOT

QUIET = ("-n", "--quiet", "--configfile", "my.yaml")


@pytest.fixture
def study(tmp_path):
    config = counts_inputs.write(tmp_path, counts_inputs.sheet(3, 3), n_peaks=120)
    (tmp_path / "my.yaml").write_text(yaml.safe_dump(config | {"loci": {"genes": ["GATA1"]}}))  # a note
    return tmp_path


def snakemake(folder, *arguments, **variables):
    """Exit code and output of a command given in a folder."""
    code_digests.remember(folder)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": "", **variables},
    )
    return done.returncode, done.stdout


def test_a_dry_run_ends_with_the_jobs_a_line_and_the_notes(study):
    code, said = snakemake(study, *QUIET)
    assert code == 0, said
    lines = said.splitlines()
    at = next(i for i, line in enumerate(lines) if "all inputs fit" in line)
    assert lines[at].startswith("6 samples (control 3, treated 3), 120 peaks with counts, no genome: ")
    notes = lines[at + 1 :]
    assert f": all inputs fit. {len(notes)} note" in lines[at]
    assert lines[at].endswith(f" {said.count('  1  ')} jobs.")
    assert notes
    assert all(line.startswith("Note: ") for line in notes)
    assert said.count("import_counts") == 1


def test_without_a_configuration_the_option_is_named(tmp_path):
    code, said = snakemake(tmp_path, "-n")
    assert code == 1
    assert said.splitlines()[-1].startswith("No configuration: this folder has no config/config.yaml.")
    assert "--configfile" in said


def test_a_profile_that_does_not_exist_is_refused(study):
    code, said = snakemake(study, *QUIET, "--workflow-profile", "profiles/slurm")
    assert code == 1
    assert said.splitlines()[-1].endswith("Fix: write --workflow-profile slurm.")
    code, said = snakemake(study, *QUIET, "--workflow-profile", "slurm")
    assert code == 0
    assert "profiles/slurm for setting default" in said


def test_a_missing_input_is_not_said_to_fit(study):
    code, said = snakemake(study, "results/no_such_file", *QUIET)
    assert code == 1
    assert "all inputs fit" not in said


def test_place_notes_and_left_over_results_of_a_run(study):
    target = "results/differential/normalisation/treated_vs_control.tsv.gz"
    code, said = snakemake(study, target, "--cores", "1", "--configfile", "my.yaml")
    assert code == 0, said
    assert "Jobs run on this machine, 1 core." in said
    assert "rerun" not in said
    assert (study / target).exists()
