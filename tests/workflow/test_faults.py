"""What goes wrong in the midst of a run: a rerun completes it, with the bytes of an undisturbed run."""

import contextlib
import os
import re
import shutil
import signal
import subprocess

import cluster
import faults
import pytest
from conftest import Project
from faults import OPTIONS, TARGET

RULE = "estimate_size_factors"
COUNTS = "results/counts/counts.tsv.gz"


@pytest.fixture(scope="module")
def undisturbed(new_project):
    """A small run from a matrix of counts, whole."""
    project = new_project()
    faults.write_inputs(project.folder)
    project.snakemake(TARGET, *OPTIONS)
    return project


@pytest.fixture
def project(undisturbed, tmp_path):
    """The same, as it stood before its last job."""
    shutil.copytree(undisturbed.folder, tmp_path / "project")
    project = Project(tmp_path / "project")
    (project.folder / TARGET).unlink()
    return project


@pytest.fixture
def filler(project):
    """A file that fills the small file system on which results/ then lies."""
    results = project.folder / "results"
    tables = project.tables()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", results], check=False).returncode:
        pytest.skip("a small file system for results/ cannot be mounted here: that needs root")
    for name, content in tables.items():
        (results / name).parent.mkdir(exist_ok=True)
        (results / name).write_bytes(content)
    with open(results / "filler", "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    yield results / "filler"
    subprocess.run(["umount", results], check=True)


def rerun(project, undisturbed):
    """Run again, as the documentation says; all tables must be those of the undisturbed run."""
    said = project.snakemake(TARGET, *OPTIONS)
    assert project.tables() == undisturbed.tables()
    assert faults.partials(project) == []
    return said


def test_job_killed_by_a_signal(project, undisturbed):
    run = faults.start(project, RULE)
    pid, result = run.held()
    assert not result.exists()
    assert len(faults.partials(project)) == 1
    os.kill(pid, signal.SIGKILL)
    assert run.ended() == 1, run.said()
    assert not result.exists()
    assert f"rule {RULE}:" in rerun(project, undisturbed)


def test_interrupted_from_the_keyboard(project, undisturbed):
    run = faults.start(project, RULE)
    pid, result = run.held()
    assert run.interrupted() != 0, run.said()
    faults.end(pid)
    assert not result.exists()
    assert f"rule {RULE}:" in rerun(project, undisturbed)


def test_snakemake_asked_to_end_finishes_what_runs(project, undisturbed):
    run = faults.start(project, RULE)
    pid, _ = run.held()
    run.process.send_signal(signal.SIGTERM)
    run.release()
    assert run.ended() is not None
    faults.end(pid)
    assert project.tables() == undisturbed.tables()


def test_snakemake_killed_while_its_job_lives_on(project, undisturbed):
    run = faults.start(project, RULE)
    pid, result = run.held()
    try:
        run.process.kill()
        run.ended()
        assert faults.alive(pid)
        assert not result.exists()
        project.snakemake(*OPTIONS, "--unlock")
        assert f"rule {RULE}:" in rerun(project, undisturbed)
        run.release()
        faults.wait_for(lambda: not faults.alive(pid))
    finally:
        faults.end(pid)
    assert project.tables() == undisturbed.tables()
    assert faults.partials(project) == []


def test_disk_is_full(project, undisturbed, filler):
    said = project.snakemake(TARGET, *OPTIONS, fails=True)
    assert "No space left on device" in said
    assert not (project.folder / TARGET).exists()
    filler.unlink()
    rerun(project, undisturbed)


def test_input_disappears_in_mid_run(project, undisturbed):
    (project.folder / COUNTS).unlink()
    first = "results/preflight.tsv"
    run = faults.start(
        project, "check_inputs", (TARGET, first, *OPTIONS, "--cores", "1", "--prioritize", first)
    )
    run.held()
    (project.folder / "counts.tsv").rename(project.folder / "away")
    run.release()
    assert run.ended() == 1
    assert "counts.tsv" in run.said()
    assert not (project.folder / COUNTS).exists()
    (project.folder / "away").rename(project.folder / "counts.tsv")
    (project.folder / first).unlink()
    rerun(project, undisturbed)


def test_intermediate_cut_short_is_refused_and_made_again(project, undisturbed):
    os.truncate(project.folder / COUNTS, 20000)
    said = project.snakemake(TARGET, *OPTIONS, fails=True)
    assert f"{COUNTS}: not a readable tab-separated table" in said
    assert "delete it and run again" in said
    assert not (project.folder / TARGET).exists()
    (project.folder / COUNTS).unlink()
    rerun(project, undisturbed)


def test_job_over_its_request_for_memory_gets_more(project, undisturbed):
    fault = faults.fault(rule=RULE, need=5000, limit=True)
    asks = ["--set-resources", f"{RULE}:mem_mb=4000*attempt"]
    said = project.snakemake(TARGET, *OPTIONS, *asks, "--retries", 1, **fault)
    assert "MemoryError" in said
    assert requests(said) == [4000, 8000]
    assert project.tables() == undisturbed.tables()


def test_slurm_job_cancelled_and_slurm_job_over_its_memory(slurm, project, undisturbed):
    options = [*cluster.OPTIONS, "--set-resources", f"{RULE}:mem_mb=500*attempt", "--configfile", "my.yaml"]
    run = faults.start(project, RULE, [TARGET, *options], need=1100)
    _, result = run.held()
    assert not result.exists()
    [job] = [job for job, state, _ in cluster.jobs() if state == "RUNNING"]
    subprocess.run(["scancel", job], check=True)
    assert run.ended() == 0, run.said()
    assert requests(run.said()) == [500, 1000, 1500]
    assert {state for _, state, _ in cluster.jobs()} == {"CANCELLED", "FAILED", "COMPLETED"}
    assert "exceeded memory limit" in (slurm / "slurmd.log").read_text()
    assert project.tables() == undisturbed.tables()


def requests(said):
    """Memory that the attempts of the disturbed job asked for, in MB."""
    found = re.findall(rf"^ *(?:local)?rule {RULE}:$.*?mem_mb=(\d+)", said, re.MULTILINE | re.DOTALL)
    return [int(number) for number in found]
