"""The workflow used from elsewhere: as a module, and from a checkout that nobody may write to."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import counts_inputs
import pytest
import yaml

TABLE = "results/differential/size_factors.tsv"


def write_inputs(folder):
    """A small matrix of counts with its sheet; the configuration that names them by their full paths."""
    folder.mkdir(exist_ok=True)
    config = counts_inputs.write(folder, counts_inputs.sheet(3, 3))
    return config | {key: str(folder / config[key]) for key in ("samples", "counts")}


def state(folder):
    """All files below a folder, with their times and sizes."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in paths}


@pytest.fixture
def elsewhere():
    """A folder on another file system than that of the tests' folders, where there is one."""
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(dir=memory if memory.is_dir() and os.access(memory, os.W_OK) else None)
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.fixture
def without_rights():
    """The start of a command to which permissions apply even if we are root; empty if they do anyway."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv to give that up")
    return [
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--inh-caps=-dac_override,-dac_read_search",
    ]


@pytest.fixture
def checkout(elsewhere, new_project):
    """A copy of the project that all may read and nobody may write."""
    folder = Path(tempfile.mkdtemp(prefix="checkout-"))
    shutil.copytree(new_project().folder, folder, dirs_exist_ok=True)
    subprocess.run(["chmod", "-R", "a-w,a+rX", folder], check=True)
    yield folder
    subprocess.run(["chmod", "-R", "u+w", folder], check=True)
    shutil.rmtree(folder)


def test_module_and_read_only_checkout_on_other_file_systems(checkout, elsewhere, without_rights):
    before = state(checkout)
    touched = subprocess.run([*without_rights, "touch", checkout / "config/new"], check=False)
    assert touched.returncode != 0, "the checkout can be written to"
    config = write_inputs(elsewhere / "inputs")
    (elsewhere / "own.yaml").write_text(yaml.safe_dump(config))
    (elsewhere / "Snakefile").write_text(
        f"configfile: '{elsewhere}/own.yaml'\n\n"
        f"module atacdiff:\n    snakefile: '{checkout}/Snakefile'\n    config: config\n\n"
        "use rule * from atacdiff as atac_*\n\n"
        f"rule count_lines:\n    default_target: True\n    input: '{TABLE}'\n    output: 'n.txt'\n"
        "    shell: 'wc -l < {input} > {output}'\n"
    )

    def run(*arguments):
        done = subprocess.run(
            [*without_rights, sys.executable, "-m", "snakemake", "--cores", "1", *map(str, arguments)],
            cwd="/",
            env={**os.environ, "HOME": str(elsewhere), "XDG_CACHE_HOME": str(elsewhere / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
        return done.stderr + done.stdout

    own = ["--snakefile", checkout / "Snakefile", "--configfile", elsewhere / "own.yaml"]
    run(*own, "--directory", elsewhere / "alone", TABLE)
    said = run("--snakefile", elsewhere / "Snakefile", "--directory", elsewhere / "within")
    assert "rule atac_estimate_size_factors" in said
    alone, within = elsewhere / "alone" / TABLE, elsewhere / "within" / TABLE
    assert alone.read_bytes() == within.read_bytes()
    assert (elsewhere / "within/n.txt").read_text().strip() == "7"
    assert state(checkout) == before
