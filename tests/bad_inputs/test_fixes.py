"""Every command that a message gives is run on the input that provokes it, and the problem is gone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import breaking
import clean_inputs as clean
import foreign
import gallery
import pytest

from workflow_lib.errors import InputError

PROGRAMS = (
    *("tr", "tail", "awk", "(printf", "printf", "python3", "gzip", "gunzip", "cut", "sed", "cat", "ln"),
    *("samtools", "bgzip", "bigBedToBed", "chmod"),
)
SAMTOOLS = """#!{python}
import sys
import pysam.samtools
name, *arguments = sys.argv[1:]
getattr(pysam.samtools, name)(*arguments, catch_stdout=False)
"""
BGZIP = """#!{python}
import sys
import pysam
with pysam.BGZFile("/dev/stdout", "wb", None) as out:
    out.write(sys.stdin.buffer.read())
"""
COMMAND = re.compile(rf"(?:^|: |\()((?:{'|'.join(map(re.escape, PROGRAMS))}) .*)$")
CASES = [case for case in [*gallery.bad(), *foreign.bad()] if case.found != breaking.READING]


@pytest.fixture(scope="module")
def clean_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    clean.write(folder)
    return folder


@pytest.fixture(scope="module")
def programs(tmp_path_factory) -> Path:
    """A folder with samtools and bgzip, where they are not installed: by pysam, which is them."""
    folder = tmp_path_factory.mktemp("bin")
    for name, text in (("samtools", SAMTOOLS), ("bgzip", BGZIP)):
        if shutil.which(name) is None:
            (folder / name).write_text(text.format(python=sys.executable))
            (folder / name).chmod(0o755)
    return folder


def told(case) -> list[str]:
    """The problems of a run, one a line."""
    try:
        breaking.check(case)
    except InputError as error:
        return [line for line in str(error).splitlines() if case.said in line] or [str(error)]
    return []


def command_of(problem: str) -> tuple[str, str]:
    """What a problem says to run, and what to name then; empty if nothing."""
    _, mark, fix = problem.partition(". Fix: ")
    found = COMMAND.search(fix.removesuffix(".")) if mark else None
    if found is None:
        return "", ""
    command = re.split(r" ; then |, and (?:name|do) ", found[1])[0]
    made = re.search(r"(?:> |-o |samtools index )('[^']+'|[^\s')]+)\)?(?: &&.*)?$", command)
    return command, made[1].strip("'") if made else ""


def can_run(command: str) -> bool:
    """Whether every program of a pipeline is here."""
    first = [part.split()[0].lstrip("(") for part in re.split(r"\||&&", re.sub(r"'[^']*'", "''", command))]
    return all(shutil.which(program) for program in first)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.area}: {case.name}" for case in CASES])
def test_a_command_that_a_message_gives_mends_it(clean_folder, programs, tmp_path, monkeypatch, case):
    folder = tmp_path / "inputs"
    shutil.copytree(clean_folder, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{programs}")
    case.change()
    problem = next(iter(told(case)), "")
    command, made = command_of(problem)
    if not command or re.search(r"\b[A-Z]+(_[A-Z]+)+\b", command):
        return  # words, or a command with a name to fill in: the gallery holds what they say
    if not can_run(command) or ("reheader" in command and (programs / "samtools").exists()):
        pytest.skip(f"a program is not installed here: {command}")
    subprocess.run(command, shell=True, check=True, executable=shutil.which("bash"))
    if made and made != "FILE":
        _name(problem, made)
    assert case.said not in "\n".join(told(case))


def _name(problem: str, made: str) -> None:
    """Put the name of the mended file where the input's stands: in the sheet or a configuration."""
    said = re.search(r" ; then set ([a-z_]+)\.([a-z_]+) to ([^ ]+)\.$", problem)
    if said:
        breaking.config(f"{said[1]}: {{{said[2]}: {said[3]}}}")
        return
    for text in [path for path in Path().iterdir() if path.suffix in (".yaml", ".tsv") and path.is_file()]:
        if text.name == made:
            continue
        old = text.read_text(errors="replace")
        names = sorted({name for name in os.listdir() if name in problem and name != made}, key=len)
        for name in reversed(names):
            new = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", made, old)
            if new != old:
                old = new
                break
        if text.suffix == ".yaml" or text.name == "samples.tsv":
            text.write_text(old)


def test_many_messages_give_commands(clean_folder, tmp_path, monkeypatch):
    """So that the test above cannot pass by finding none."""
    n = 0
    for i, case in enumerate(CASES):
        if case.area in ("sheet", "counts", "peaks"):
            folder = tmp_path / str(i)
            shutil.copytree(clean_folder, folder)
            monkeypatch.chdir(folder)
            case.change()
            n += any(command_of(problem)[0] for problem in told(case))
    assert n >= 8
