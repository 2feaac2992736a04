"""Every fix that a message gives is followed on the input that provokes it, and nothing is left to mend."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import breaking
import clean_inputs as clean
import fixes
import foreign
import gallery
import pytest
import yaml

from workflow_lib.errors import InputError

PROGRAMS = (
    *("tr", "tail", "awk", "(printf", "printf", "python3", "gzip", "gunzip", "cut", "sed", "cat", "ln"),
    *("samtools", "bgzip", "bigBedToBed", "chmod", "iconv", "mv"),
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
CASES = [*gallery.bad(), *foreign.bad()]
MOST_ROUNDS = 5
"""Most problems of one input, each of which is mended in turn."""
PLACEHOLDERS = {"FASTA_IT_WAS_MADE_WITH": "other.fa"}
"""What a user fills in."""


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
        numbered = re.split(r"\n +\d+\. ", str(error))
        return numbered[1:] or numbered
    return []


def command_of(problem: str) -> tuple[str, str]:
    """What a problem says to run, and what to name then; empty if nothing."""
    _, mark, fix = problem.partition(". Fix: ")
    found = COMMAND.search(fix.removesuffix(".") if mark else problem)
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
def test_a_fix_that_a_message_gives_mends_it(clean_folder, programs, tmp_path, monkeypatch, case):
    folder = tmp_path / "inputs"
    shutil.copytree(clean_folder, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{programs}")
    case.change()
    found = told(case)
    assert any(case.said in problem for problem in found)
    follows = fixes.NEXT.get(f"{case.area}: {case.name}")
    for _ in range(MOST_ROUNDS):
        if not found or (follows and follows in found[0]):
            break
        follow(next((problem for problem in found if case.said in problem), found[0]), case, programs)
        found = told(case)
    assert follows in found[0] if follows else not found, "\n".join(found)
    assert case.said not in "\n".join(found)


def follow(problem: str, case: breaking.Case, programs: Path) -> None:
    """Do what the message of a problem says: run its command, or what its words ask for."""
    command, made = command_of(problem)
    if not command:
        rule = fixes.rule_of(problem)
        assert rule, f"no rule of fixes.py can follow the words of: {problem}"
        rule[0](problem, rule[1], case)
        return
    for placeholder, value in PLACEHOLDERS.items():
        command = command.replace(placeholder, value)
    if not can_run(command) or ("reheader" in command and (programs / "samtools").exists()):
        pytest.skip(f"a program is not installed here: {command}")
    subprocess.run(command, shell=True, check=True, executable=shutil.which("bash"))
    if made and made != "FILE":
        _name(problem, made, case.run)


def _name(problem: str, made: str, run: str) -> None:
    """Put the name of the mended file where the input's stands: in the sheet or a configuration."""
    said = re.search(r" ; then set ([a-z_.]+) to ([^ ]+)\.$", problem)
    if said:
        breaking.config(yaml.safe_dump(_nested(said[1].split("."), said[2])), run)
        return
    of_sheet = re.search(
        r"samples\.tsv, sample \w+, column bam: ([\w.-]+)(.*)", problem.partition(". Fix: ")[0]
    )
    if of_sheet and made in of_sheet[0]:
        return  # an index of it, or put in its place
    if of_sheet:
        breaking.edit("samples.tsv", of_sheet[1], made)
        return
    for text in [Path("samples.tsv"), *Path().glob("*.yaml")]:
        names = sorted((name for name in os.listdir() if name in problem and name != made), key=len)
        for name in reversed(names):
            old = text.read_text(errors="replace")
            new = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", made, old)
            if new != old and text.name != made:
                text.write_text(new)
                break


def _nested(keys: list[str], value: str) -> object:
    return {keys[0]: _nested(keys[1:], value)} if keys else value


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
