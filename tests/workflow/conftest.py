"""Whole runs, each in a copy of the project of its own."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import chromium
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "slurm"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))

import cluster
import code_digests

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of a run's jobs compiles the library

ROOT = Path(__file__).resolve().parents[2]
PARTS = ["Snakefile", "rules", "scripts", "workflow_lib", "config", "profiles", "envs"]
# what a snakemake that runs there may write or remove meanwhile
PASSING = shutil.ignore_patterns("locks", "log", "tmp.*", "__pycache__")


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own."""

    folder: Path

    def snakemake(self, *arguments, fails=False, **variables) -> str:
        """Run snakemake there; its output, which stands in the failure message if it goes wrong."""
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout[-8000:]
        return done.stdout

    def table(self, name, **options) -> pd.DataFrame:
        """A result table."""
        return pd.read_csv(
            self.folder / "results" / name, sep="\t", na_values="NA", keep_default_na=False, **options
        )

    def tables(self) -> dict[str, bytes]:
        """Bytes of every table, by name."""
        results = self.folder / "results"
        endings = (".tsv", ".tsv.gz", ".bed", ".bed.gz", ".npz", ".fa.gz", ".meme")
        return {
            str(path.relative_to(results)): path.read_bytes()
            for path in sorted(results.rglob("*"))
            if path.name.endswith(endings)
        }

    def rules(self) -> dict[str, str]:
        """What the rule files say of every rule, by name; of one made of another, what it says itself."""
        text = "\n".join(path.read_text() for path in sorted((self.folder / "rules").glob("*.smk")))
        parts = re.split(r"^ *(?:use )?rule (?=\w+(?: as \w+(?: with)?)?:)", text, flags=re.MULTILINE)[1:]
        return {re.match(r"(?:\w+ as )?(\w+)", part).group(1): part for part in parts}


def copy_project(folder: Path) -> Project:
    """A copy of the project's parts, with what Python has compiled of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("*.pyc.*"))  # half written
        else:
            shutil.copy(source, folder / part)
    code_digests.remember(folder)
    return Project(folder)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium with one tab."""
    if chromium.found() is None:
        pytest.skip("no Chromium: install Debian's package chromium")
    browser = chromium.Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def new_project(tmp_path_factory):
    """A function that copies the project's parts to a new folder."""
    return lambda: copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory, worker_id):
    """The demo for all tests and their processes: to be looked at and copied, not changed."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "demo"
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        if folder.exists() and not done.exists():
            pytest.fail("the demo failed in another process of these tests")
        if not done.exists():
            if not finished_here(folder):
                copy_project(folder).snakemake("--cores", 2)
            done.touch()
    return Project(folder)


def finished_here(folder: Path) -> bool:
    """Copy the demo that `make run` left in the project, if Snakemake finds nothing to do for it there."""
    if not all((ROOT / made).exists() for made in ("results/report.html", "resources/demo")):
        return False
    project = copy_project(folder)
    for part in ("results", "resources", "logs", ".snakemake"):
        shutil.copytree(ROOT / part, folder / part, ignore=PASSING, dirs_exist_ok=True)
    if "Nothing to be done" in project.snakemake("--dry-run"):
        return True
    shutil.rmtree(folder)
    return False


@pytest.fixture
def copy_of_demo(demo, tmp_path):
    """The demo's folder once more, with all that snakemake knows of it."""
    shutil.copytree(demo.folder, tmp_path / "copy", ignore=PASSING)
    yield Project(tmp_path / "copy")
    shutil.rmtree(tmp_path)


@pytest.fixture
def slurm():
    """A Slurm of one node; the folder of its logs."""
    reason = cluster.why_not()
    if reason:
        pytest.skip(reason)
    with cluster.running() as folder:
        yield folder
