"""After an edit, what reads the thing that was edited runs again, and what follows; nothing else does.

Snakemake is asked what it would run, in studies whose results are empty files that it takes for finished.
"""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import code_digests
import pytest
import study
import yaml
from conftest import ROOT
from rerun_cases import BASES, EDITS, KEYS, Edit, Key

from workflow_lib.preflight.expected import leaves

HERE = Path(__file__).resolve().parent
NO_CASE = {"contrasts", "demo", "demo.seed"}  # its parts have cases; the demo makes its own inputs


@dataclass
class Planner:
    """A study with pretended results, and a process that plans its runs."""

    folder: Path
    process: subprocess.Popen

    def ask(self, what: str, configfile: str = "my.yaml") -> dict:
        self.process.stdin.write(json.dumps([str(ROOT / "Snakefile"), configfile, what]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer


@pytest.fixture(scope="module")
def planners(tmp_path_factory):
    """A function from the name of a study to its planner, each made when it is first asked for."""
    template = tmp_path_factory.mktemp("study")
    config = study.write(template)
    study.write_others(template)
    made = {}

    def planner(base: str) -> Planner:
        if base not in made:
            folder = tmp_path_factory.mktemp(base) / "study"
            shutil.copytree(template, folder)
            (folder / "my.yaml").write_text(yaml.safe_dump(config))
            study.set_keys(folder / "my.yaml", BASES[base])
            code_digests.remember(folder)
            process = subprocess.Popen(
                [sys.executable, HERE / "planner.py"],
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"},
            )
            made[base] = Planner(folder, process)
            made[base].ask("pretend")
            assert made[base].ask("plan")["jobs"] == []
        return made[base]

    yield planner
    for one in made.values():
        one.process.stdin.close()
        one.process.stdout.close()
        one.process.wait()


def expected(answer: dict, roots: tuple[str, ...]) -> set[str]:
    """The jobs that a case names, all that follow them, and what makes temporary inputs of these."""
    graph = answer["graph"]
    waiting = [job for job in graph for root in roots if job == root or job.split()[0] == root]
    missing = [root for root in roots if not any(job == root or job.split()[0] == root for job in graph)]
    assert not missing, f"no such jobs: {missing}"
    found: set[str] = set()
    while waiting:
        job = waiting.pop()
        if job not in found:
            found.add(job)
            waiting += [*graph[job], *answer["passing"].get(job, [])]
    return found


def plan_of_key(planner: Planner, *cases: Key) -> dict:
    """What runs with other values of keys."""
    case = planner.folder / "case.yaml"
    shutil.copy(planner.folder / "my.yaml", case)
    for one in cases:
        study.set_keys(case, {one.name.partition(".<name>")[0]: one.value} | one.also)
    return planner.ask("plan", "case.yaml")


def say(case: Key | Edit) -> str:
    return f"{case.name}, {case.base}".replace("/", " ")


@pytest.mark.parametrize("case", KEYS, ids=map(say, KEYS))
def test_another_value_of_a_key(planners, case):
    answer = plan_of_key(planners(case.base), case)
    assert set(answer["jobs"]) == expected(answer, (*case.roots, "record_run"))


def test_every_key_of_the_schema_has_a_case():
    schema = yaml.safe_load((ROOT / "config/schemas/config.schema.yaml").read_text())
    keys = {name for name, _ in leaves(schema)}
    have = {case.name for case in KEYS} | {name for case in KEYS for name in case.also} | NO_CASE
    assert keys <= have, "say in rerun_cases.py what has to run again when these change"


@pytest.mark.parametrize("case", EDITS, ids=map(say, EDITS))
def test_an_edit_of_a_file(planners, case):
    planner = planners(case.base)
    kept = planner.folder.with_name("kept")
    shutil.copytree(planner.folder / "data", kept / "data")
    for name in ("sheet.tsv", "my.yaml"):
        shutil.copy(planner.folder / name, kept)
    try:
        case.change(planner.folder)
        answer = planner.ask("plan")
    finally:
        shutil.rmtree(planner.folder / "data")
        shutil.copytree(kept, planner.folder, dirs_exist_ok=True)  # with new dates, which must not matter
        shutil.rmtree(kept)
    assert set(answer["jobs"]) == expected(answer, case.roots)
    assert planner.ask("plan")["jobs"] == []


PAIRS = [
    pair
    for pair in itertools.combinations([case for case in KEYS if case.base == "reads" and not case.also], 2)
    if pair[0].name != pair[1].name and "counts" not in (pair[0].name, pair[1].name)
]


@pytest.mark.parametrize(
    "pair", random.Random(5).sample(PAIRS, 6), ids=lambda pair: f"{pair[0].name}, {pair[1].name}"
)
def test_two_keys_at_once_run_what_either_does(planners, pair):
    answer = plan_of_key(planners("reads"), *pair)
    assert set(answer["jobs"]) == expected(answer, (*pair[0].roots, *pair[1].roots, "record_run"))
