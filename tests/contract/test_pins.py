"""One set of versions: pyproject, lock file, conda environment, and a reason for each."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "moods": "moods-python", "python-isal": "isal"}


def declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    return dict(entry.lower().split("==") for entry in wanted)


def locked():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(re.match(r"([a-z0-9._-]+)==([^ ;]+)", line).groups() for line in lines if "==" in line[:60])


def test_the_lock_holds_what_pyproject_asks_for_with_hashes():
    assert declared().items() <= locked().items()
    text = (ROOT / "requirements.lock").read_text()
    assert text.count("--hash=sha256:") > len(locked())
    assert "http" not in text


def test_the_conda_environment_has_the_same_versions():
    wanted = yaml.safe_load((ROOT / "envs/atacdiff.yaml").read_text())["dependencies"]
    pins = dict(entry.split(" =") for entry in wanted if ">=" not in entry)
    assert len(pins) > 15
    for name, version in pins.items():
        assert locked()[CONDA_NAMES.get(name, name)] == version, name


@pytest.mark.parametrize("name", sorted(declared()))
def test_every_dependency_has_its_reason(name):
    reasons = (ROOT / "docs/dependencies.md").read_text().lower()
    assert re.search(rf"\| [^|]*\b{re.escape(name)}\b[^|]*\| \w+", reasons)


def test_the_library_knows_neither_snakemake_nor_the_config_file():
    for path in (ROOT / "workflow_lib").rglob("*.py"):
        assert not re.search(r"^\s*(import|from)\s+snakemake", path.read_text(), re.MULTILINE), path
