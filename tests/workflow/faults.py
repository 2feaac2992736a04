"""Runs that are disturbed in their midst: started, stopped where it hurts, and looked at."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import counts_inputs
import yaml
from conftest import Project

FAULTY = Path(__file__).resolve().parent / "faulty"
PATIENCE = 300  # seconds; machines of tests are slow at times
OPTIONS = ["--cores", "2", "--configfile", "my.yaml"]
TARGET = "results/differential/size_factors.tsv"


def write_inputs(folder: Path) -> None:
    """A matrix of counts, its sheet, and the configuration that names them."""
    config = counts_inputs.write(folder, counts_inputs.sheet(3, 3), n_peaks=3000)
    (folder / "my.yaml").write_text(yaml.safe_dump(config))


@dataclass(frozen=True)
class Run:
    """A run going on, one job of which stands still."""

    project: Project
    process: subprocess.Popen
    mark: Path

    def held(self) -> tuple[int, Path]:
        """Wait until the job stands still; its process and the result that it is about to give its name."""
        wait_for(lambda: (self.mark / "held").exists() or self.process.poll() is not None)
        assert (self.mark / "held").exists(), self.said()
        pid, path = (self.mark / "held").read_text().split()
        return int(pid), self.project.folder / path

    def release(self) -> None:
        """Let the job go on."""
        (self.mark / "release").touch()

    def ended(self) -> int:
        """Wait for the end of the run; its exit code."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def interrupted(self) -> int:
        """Press Control-C, and again while nothing happens, as people do; the run's exit code."""
        for _ in range(PATIENCE // 20):
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                return self.process.wait(20)
            except subprocess.TimeoutExpired:
                continue
        return self.ended()

    def said(self) -> str:
        """The output of the run so far."""
        return (self.mark / "output").read_text()


def start(project: Project, rule: str, options=(TARGET, *OPTIONS), **more) -> Run:
    """Start snakemake with a job that will stand still in the midst of its first result."""
    mark = project.folder / "mark"
    shutil.rmtree(mark, ignore_errors=True)
    mark.mkdir()
    with open(mark / "output", "w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "snakemake", *map(str, options)],
            cwd=project.folder,
            env={**os.environ, **fault(rule=rule, hold=str(mark), **more)},
            stdout=output,
            stderr=output,
            start_new_session=True,  # as a terminal does: Ctrl-C reaches all of the session
        )
    return Run(project, process, mark)


def fault(**what) -> dict[str, str]:
    """Variables of the environment that bring a fault about (see faulty/sitecustomize.py)."""
    path = os.pathsep.join(filter(None, [str(FAULTY), os.environ.get("PYTHONPATH")]))
    return {"FAULT": json.dumps(what), "PYTHONPATH": path}


def end(pid: int) -> None:
    """Kill a process if it is still there, and wait until it is not."""
    if alive(pid):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not alive(pid))


def alive(pid: int) -> bool:
    """Whether a process runs (one that has ended but was not yet asked about does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def partials(project: Project) -> list[Path]:
    """Files with temporary names."""
    return sorted(project.folder.rglob(".partial-*"))


def wait_for(condition) -> None:
    """Wait until something is so."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)
