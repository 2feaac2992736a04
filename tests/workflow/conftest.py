"""Whole runs, each in a copy of the project of its own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ["Snakefile", "rules", "scripts", "workflow_lib", "config", "profiles", "envs"]


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


@pytest.fixture(scope="session")
def new_project(tmp_path_factory):
    """A function that copies the project's parts to a new folder."""

    def copy() -> Project:
        folder = tmp_path_factory.mktemp("project")
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / part)
        return Project(folder)

    return copy
