"""What a run is planned to do, asked of Snakemake itself: `python plan.py FOLDER [CONFIG] [KEY=VALUE ...]`.

Prints JSON. `rules`: of every rule that the configuration includes its script, the digest of its code, and
what a job of it asks for at the first attempt and at the second. `submissions`: the rules of each job that is
sent to Slurm with profiles/slurm. Snakemake refuses groups that a path leaves and enters again.
"""

import json
import os
import sys
from pathlib import Path

import yaml
from snakemake.api import SnakemakeApi
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    ExecutionSettings,
    GroupSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
)
from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

ROOT = Path(__file__).resolve().parents[2]
ASKED = ("mem_mb", "runtime")
LARGE = 20_000_000


def asked(job) -> list[dict]:
    """Memory and time at the attempts 1 and 2, with empty inputs; and at the first with inputs of 20 MB each.

    Inputs that are there already, which are the user's, stay as they are. If there are no others, the third
    is left out.
    """
    made = [name for name in map(Path, job.input) if not name.exists() or not name.stat().st_size]
    made = [name for name in made if not name.is_dir()]
    for name in made:
        name.parent.mkdir(parents=True, exist_ok=True)
        name.touch()
    found = []
    for attempt, size in ((1, 0), (2, 0), (1, LARGE))[: 3 if made else 2]:
        for name in made:
            os.truncate(name, size)
        job.attempt = attempt
        found.append({name: job.resources.get(name) for name in ASKED})
    for name in made:
        os.truncate(name, 0)
    return found


def grouped() -> GroupSettings:
    """What shares a job on Slurm."""
    profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text())
    groups, sizes = (
        dict(entry.split("=") for entry in profile[key]) for key in ("groups", "group-components")
    )
    return GroupSettings(
        overwrite_groups=groups, group_components={name: int(size) for name, size in sizes.items()}
    )


def submissions(workflow) -> list[list[str]]:
    """Rules of each job that goes to the cluster, in order."""
    found = {}
    for job in workflow.dag.jobs:
        if job.is_norun or job.rule.name in workflow._localrules:
            continue
        group = workflow.dag.get_job_group(job)
        found.setdefault(id(group or job), []).append(job.rule.name)
    return sorted(sorted(rules) for rules in found.values())


def planned(folder: Path, config: Path | None, changes: dict) -> dict:
    """Rules by name, and what is sent to a cluster."""
    files = [config] if config else []
    settings = ConfigSettings(configfiles=files, config=changes)
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        loaded = api.workflow(
            resource_settings=ResourceSettings(cores=2),
            config_settings=settings,
            snakefile=ROOT / "Snakefile",
            workdir=folder,
        )
        workflow = loaded.dag(dag_settings=DAGSettings()).workflow_api._workflow
        workflow.group_settings, workflow.execution_settings = grouped(), ExecutionSettings()
        workflow._executor_plugin = ExecutorPluginRegistry().get_plugin("dryrun")  # else there are no groups
        workflow._prepare_dag(forceall=True, ignore_incomplete=False, lock_warn_only=True)
        workflow._build_dag()
        workflow.async_run(workflow.dag.postprocess())  # which makes groups
        sent = submissions(workflow)
        workflow.iocache.deactivate()  # inputs appear below
        jobs = {}
        for job in sorted(workflow.dag.jobs, key=lambda job: (job.rule.name, str(job.output))):
            jobs.setdefault(job.rule.name, []).append(job)
        rules = {
            rule.name: {
                "script": rule.script and Path(rule.script).stem,
                "code": rule.params.get("code"),
                "jobs": len(jobs.get(rule.name, [])),
                "local": rule.name in workflow._localrules,
                "asked": asked(jobs[rule.name][0]) if rule.name in jobs else None,
            }
            for rule in workflow.rules
        }
        return {"rules": rules, "submissions": sent}


if __name__ == "__main__":
    where, *rest = sys.argv[1:]
    own = [Path(name).absolute() for name in rest if "=" not in name]
    values = dict(part.split("=", 1) for part in rest if "=" in part)
    answer = planned(
        Path(where).absolute(),
        own[0] if own else None,
        {key: yaml.safe_load(value) for key, value in values.items()},
    )
    print(json.dumps(answer))
