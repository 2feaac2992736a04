"""What goes wrong in the midst of a run: a rerun completes it, with the bytes of a run that nothing disturbed."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import faults
import pytest
from conftest import Project
from faults import OPTIONS, TARGET

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "slurm"))

import cluster

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
    """The same, as it stood when counts were not yet imported."""
    shutil.copytree(undisturbed.folder, tmp_path / "project")
    project = Project(tmp_path / "project")
    for name in ("counts", "peaks", "differential"):
        shutil.rmtree(project.folder / "results" / name)
    return project


@pytest.fixture
def no_room(project):
    """Put results/ on a file system of its own, of 64 kB: a function that then gives it more."""
    results = project.folder / "results"
    tables = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", results], check=False)
    if mounted.returncode:
        pytest.skip("a small file system for results/ cannot be mounted here: that needs root")
    for path, content in tables.items():
        path.write_bytes(content)
    yield lambda: subprocess.run(["mount", "-o", "remount,size=64m", results], check=True)
    subprocess.run(["umount", results], check=True)


@pytest.fixture
def slurm():
    reason = cluster.why_not()
    if reason:
        pytest.skip(reason)
    with cluster.running() as folder:
        yield folder


def rerun(project, undisturbed):
    """Run again, as the documentation says; all tables must be those of the undisturbed run."""
    said = project.snakemake(TARGET, *OPTIONS)
    assert project.tables() == undisturbed.tables()
    assert faults.partials(project) == []
    return said


def test_job_killed_by_a_signal(project, undisturbed):
    run = faults.start(project, "import_counts")
    pid, result = run.held()
    assert not result.exists()
    assert len(faults.partials(project)) == 1
    os.kill(pid, signal.SIGKILL)
    assert run.ended() == 1, run.said()
    assert not result.exists()
    assert "rule import_counts" in rerun(project, undisturbed)


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_snakemake_itself_is_killed(project, undisturbed, how):
    run = faults.start(project, "import_counts")
    pid, result = run.held()
    try:
        if how == "SIGINT":
            os.killpg(run.process.pid, signal.SIGINT)  # Ctrl-C
        else:
            run.process.send_signal(getattr(signal, how))
        if how == "SIGTERM":
            run.release()  # it waits for the jobs that run
        assert run.ended() != 0, run.said()
    finally:
        faults.end(pid)
    assert result.exists() == (how == "SIGTERM")
    if how == "SIGKILL":
        assert "--unlock" in project.snakemake(TARGET, *OPTIONS, fails=True)
        project.snakemake(*OPTIONS, "--unlock")
    assert ("rule import_counts" in rerun(project, undisturbed)) == (how != "SIGTERM")


def test_orphan_of_a_killed_run_ends_after_the_rerun(project, undisturbed):
    run = faults.start(project, "import_counts")
    pid, _ = run.held()
    try:
        run.process.kill()
        run.ended()
        project.snakemake(*OPTIONS, "--unlock")
        rerun(project, undisturbed)
        run.release()
        faults.wait_for(lambda: not faults.alive(pid))
    finally:
        faults.end(pid)
    assert project.tables() == undisturbed.tables()


def test_disk_is_full(project, undisturbed, no_room):
    said = project.snakemake(TARGET, *OPTIONS, fails=True)
    assert "No space left on device" in said
    assert not (project.folder / COUNTS).exists()
    no_room()
    rerun(project, undisturbed)


def test_input_disappears_in_mid_run(project, undisturbed):
    (project.folder / "results/preflight.tsv").unlink()
    run = faults.start(project, "check_inputs")
    run.held()
    (project.folder / "counts.tsv").rename(project.folder / "away")
    run.release()
    assert run.ended() == 1
    assert "counts.tsv" in run.said()
    assert not (project.folder / COUNTS).exists()
    (project.folder / "away").rename(project.folder / "counts.tsv")
    rerun(project, undisturbed)


def test_intermediate_cut_short_is_refused_and_made_again(project, undisturbed):
    project.snakemake(COUNTS, *OPTIONS)
    os.truncate(project.folder / COUNTS, 20000)
    said = project.snakemake(TARGET, *OPTIONS, fails=True)
    assert f"{COUNTS}: not a readable tab-separated table" in said
    assert "delete it and run again" in said
    assert not (project.folder / TARGET).exists()
    (project.folder / COUNTS).unlink()
    rerun(project, undisturbed)


def test_job_over_its_request_for_memory_gets_more(project, undisturbed):
    fault = faults.fault(rule="import_counts", need=5000, limit=True)
    said = project.snakemake(TARGET, *OPTIONS, "--retries", 1, **fault)
    assert "MemoryError" in said
    assert requests(said, "import_counts") == [4000, 8000]
    assert project.tables() == undisturbed.tables()


def test_slurm_job_cancelled_and_slurm_job_over_its_memory(slurm, project, undisturbed):
    del slurm
    slow = ["--slurm-init-seconds-before-status-checks", 2]
    options = ["--workflow-profile", "profiles/slurm", *slow, "--configfile", "my.yaml"]
    run = faults.start(project, "import_counts", [COUNTS, *options, "--retries", 0])
    _, result = run.held()
    [job] = [job for job, state, _ in cluster.jobs() if state == "RUNNING"]
    subprocess.run(["scancel", job], check=True)
    assert run.ended() == 1, run.said()
    assert not result.exists()
    fault = faults.fault(rule="import_counts", need=600)
    fewer = ["--set-resources", "import_counts:mem_mb=450*attempt"]
    said = project.snakemake(TARGET, *options, *fewer, **fault)
    assert requests(said, "import_counts") == [450, 900]
    assert project.tables() == undisturbed.tables()


def requests(said, rule):
    """Memory that the attempts of a rule asked for, in MB."""
    blocks = said.split(f"rule {rule}:")[1:]
    return [int(block.split("mem_mb=")[1].split(",")[0]) for block in blocks]
