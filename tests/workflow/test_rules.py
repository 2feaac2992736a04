"""Every rule knows its code and says what it needs of a cluster: asked of Snakemake itself."""

import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import code_digests
import counts_inputs
import pytest
import yaml
from conftest import ROOT, Project

NAMES = sorted(Project(ROOT).rules())
LIGHT = {"all"}
"""Rules that do nothing."""
STEADY = {"checksum_inputs", "index_genome", "record_run", "simulate_demo"}
"""Rules that read their inputs in pieces, or have none."""
OF_USERS = {"build_motif_library", "import_counts"}
"""Rules of files that are there before the run, or in a package: these plans cannot make them larger."""


def demo(folder: Path, **changes) -> list[str]:
    """The demo, with changes; nothing is made."""
    (folder / "config").symlink_to(ROOT / "config")
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    (folder / "own.yaml").write_text(yaml.safe_dump(config | changes))
    return ["own.yaml"]


def called(folder: Path) -> list[str]:
    program = folder / "bin/macs3"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho macs3 3.0.0\n")
    program.chmod(0o755)
    return demo(folder, peaks={"files": None, "call": True})


def with_regions(folder: Path) -> list[str]:
    (folder / "enhancers.bed").write_text("chr1\t1000\t2000\n")
    return demo(folder, regions={"sets": {"enhancers": "enhancers.bed"}})


def any_difference(folder: Path) -> list[str]:
    (folder / "enhancers.bed").write_text("chr1\t1000\t2000\n")
    return demo(
        folder,
        regions={"sets": {"enhancers": "enhancers.bed"}},
        contrasts={
            "differs": {"variable": "group", "test": "any"},
            "treated": {"variable": "group", "experiment": "treated", "control": "control"},
        },
    )


def replicates(folder: Path) -> list[str]:
    rows = [(f"{group}_{i}", group, f"{group}{i > 2}") for group in ("control", "treated") for i in (1, 2, 3)]
    lines = ["\t".join([name, group, f"resources/demo/{name}.bam", same]) for name, group, same in rows]
    (folder / "sheet.tsv").write_text("\n".join(["sample\tgroup\tbam\treplicate", *lines]) + "\n")
    return demo(folder, samples="sheet.tsv", design="~ group")


def counts(folder: Path) -> list[str]:
    config = counts_inputs.write(folder, counts_inputs.sheet(3, 3))
    (folder / "own.yaml").write_text(yaml.safe_dump(config))
    return ["own.yaml"]


PLANS = {
    "demo": demo,
    "called": called,
    "genome": lambda folder: demo(folder, enrichment={"background": "genome", "foreground": "all"}),
    "regions": with_regions,
    "any": any_difference,
    "replicates": replicates,
    "counts": counts,
}
"""Configurations that together run every rule: a rule that only another one runs needs that one here."""


@functools.cache
def plan(name: str) -> dict:
    """Rules by name, and submissions; a plan that fails is not tried once more for each of them."""
    done = planned(name)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"failed": done.stderr}


def planned(name: str) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        arguments = PLANS[name](folder)
        code_digests.remember(folder)
        return subprocess.run(
            [sys.executable, ROOT / "tests/workflow/plan.py", folder, *arguments],
            cwd=folder,
            env={**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )


def of_rule(name: str) -> dict:
    """What the first configuration that runs a rule says of it."""
    for each in PLANS:
        assert "failed" not in plan(each), plan(each)["failed"][-4000:]
        if plan(each)["rules"].get(name, {}).get("jobs"):
            return plan(each)["rules"][name]
    pytest.fail(f"no configuration in PLANS runs the rule {name}: add one")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LIGHT])
def test_a_rule_has_a_job_that_asks_for_more_at_the_second_attempt(name):
    rule = of_rule(name)
    first, second, *_ = rule["asked"]
    for what in ("mem_mb", "runtime"):
        assert first[what] > 0
        assert second[what] >= 1.5 * first[what]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LIGHT])
def test_a_rule_asks_for_more_memory_where_its_inputs_are_larger(name):
    rule = of_rule(name)
    small, _, *large = rule["asked"]
    for each in large:
        assert (each["mem_mb"] > small["mem_mb"]) != (name in STEADY)
    assert large or name in STEADY | OF_USERS


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LIGHT])
def test_a_rule_runs_again_when_its_code_changes(name):
    rule = of_rule(name)
    assert rule["script"], "a rule runs a script, whose code can be followed"
    assert isinstance(rule["code"], str), "params needs code=code_digest(...)"
    assert len(rule["code"]) >= 8


def test_digests_tell_scripts_apart():
    rules = {name: of_rule(name) for name in NAMES if name not in LIGHT}
    digests = {}
    for rule in rules.values():
        digests.setdefault(rule["code"], set()).add(rule["script"])
    assert all(len(scripts) == 1 for scripts in digests.values()), "code=code_digest of another script"


def test_what_joins_small_tables_is_not_sent_to_a_cluster():
    local = {name for name, rule in plan("demo")["rules"].items() if rule["local"] and name in NAMES}
    assert {"gather_calibrations", "gather_footprints", "gather_normalisations", "write_session"} <= local
    assert not {name for name in local if name.startswith(("test_", "scan_", "import_", "calibrate_"))}


@pytest.mark.parametrize("name", PLANS)
def test_short_jobs_share_a_job_on_slurm(name):
    assert "failed" not in plan(name), plan(name)["failed"][-4000:]
    sent = plan(name)["submissions"]
    alone = {rules[0] for rules in sent if len(rules) == 1}
    assert not {rule for rule in alone if rule.startswith(("plot_", "gather_", "annotate_", "export_"))}
    n_jobs = sum(len(rules) for rules in sent)
    assert len(sent) <= n_jobs / 2


def test_the_demo_is_sent_in_few_jobs():
    sent = plan("demo")["submissions"]
    assert len(sent) <= 40
    for name in ("import_fragments", "scan_motifs", "test_differential"):  # these may take long
        assert all(rules == [name] for rules in sent if name in rules)
