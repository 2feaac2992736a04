"""Bad input yields the named error before any job; odd but legal input means what the plain one does."""

import os
import shutil
import time
from pathlib import Path

import breaking
import clean_inputs as clean
import foreign
import gallery
import legal
import pytest

from workflow_lib import preflight
from workflow_lib.errors import InputError

BAD = [*gallery.bad(), *foreign.bad()]
LEGAL = [*legal.cases(), *foreign.odd()]
SECONDS = 20
"""Far more than any case takes (under two seconds here), and far less than reading five gigabytes would."""


@pytest.fixture(scope="module")
def clean_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    clean.write(folder)
    return folder


@pytest.fixture
def inputs(clean_folder, tmp_path, monkeypatch) -> Path:
    """A copy of the clean inputs, and the folder in which all is done."""
    folder = tmp_path / "inputs"
    shutil.copytree(clean_folder, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    return folder


def names(cases: list) -> list[str]:
    return [f"{case.area}: {case.name}" for case in cases]


def test_the_gallery_is_large_and_names_its_cases_once():
    assert len(BAD) >= 300
    assert len(LEGAL) >= 100
    assert len(set(names(BAD + LEGAL))) == len(BAD + LEGAL)
    assert {case.area for case in BAD} == {
        *("config", "sheet", "design", "BAM", "FASTA", "GTF", "peaks", "motifs", "counts"),
        *("expression", "loci", "footprints", "blacklist", "fragments", "gene sets", "regions"),
    }


@pytest.mark.parametrize("run", ["reads", "counts"])
def test_clean_inputs_are_accepted(inputs, run):
    config, samples, _ = clean.load(f"{run}.yaml")
    assert preflight.survey(config, samples, deep=True).problems == []


@pytest.mark.parametrize("case", BAD, ids=names(BAD))
def test_bad_input_is_refused_by_name(inputs, case):
    case.change()
    before = sorted(Path(inputs).rglob("*"))
    if case.found != breaking.START:
        clean.load(f"{case.run}.yaml")  # too costly to find before the first job: see docs/errors.md
    started = time.monotonic()
    with pytest.raises(InputError) as error:
        breaking.check(case)
    assert case.said in str(error.value)
    assert time.monotonic() - started < SECONDS
    assert sorted(Path(inputs).rglob("*")) == before


@pytest.mark.parametrize("case", LEGAL, ids=names(LEGAL))
def test_odd_but_legal_input_means_the_same(inputs, case):
    expected = legal.read(case.run)
    case.change()
    assert legal.read(case.run) == expected
    if case.said:
        assert any(case.said in note for note in clean.load(f"{case.run}.yaml")[2])


def test_the_document_shows_every_case():
    text = (Path(__file__).resolve().parents[2] / "docs" / "errors.md").read_text()
    for case in BAD:
        assert f"| {case.area} | {case.name}" in text, "run python tests/bad_inputs/document.py"
        assert case.said.replace("|", "\\|").replace("\x00", "\\0") in text
    for case in LEGAL:
        assert f"| {case.area} | {case.name} |" in text


def test_what_may_not_be_read_is_said_by_name(inputs):
    if os.geteuid() == 0:
        done = _as_nobody(inputs)
    else:
        for name in ("genes.gtf", "samples.tsv"):
            (inputs / name).chmod(0)
        with pytest.raises(InputError) as error:
            clean.load("reads.yaml")
        done = str(error.value)
        for name in ("genes.gtf", "samples.tsv"):
            (inputs / name).chmod(0o600)
    assert "samples.tsv: may not be read. Fix: chmod u+r" in done
    assert "genes.gtf may not be read. Fix: chmod u+r genes.gtf" in done


def _as_nobody(folder: Path) -> str:
    """The message that a user without rights gets: root's rights hold for every file."""
    nobody = 65534
    for path in (folder.parent.parent.parent, folder.parent.parent, folder.parent, folder):
        path.chmod(path.stat().st_mode | 0o055)
    for name in ("genes.gtf", "samples.tsv"):
        (folder / name).chmod(0o600)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # the other user, who must not come back into pytest
        try:
            os.setgid(nobody)
            os.setuid(nobody)
            clean.load("reads.yaml")
        except InputError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as stream:
        return stream.read()
