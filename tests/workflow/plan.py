"""What a run is planned to do, asked of Snakemake itself: `python plan.py FOLDER [CONFIG] [KEY=VALUE ...]`.

Prints JSON: of every rule that the configuration includes its script, the digest of its code, and what a job
of it asks for at the first attempt and at the second.
"""

import json
import sys
from pathlib import Path

import yaml
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, Quietness, ResourceSettings

ROOT = Path(__file__).resolve().parents[2]
ASKED = ("mem_mb", "runtime")


def asked(job) -> list[dict]:
    """Memory and time at the attempts 1 and 2; what depends on the size of inputs, with empty ones."""
    for name in map(Path, job.input):
        if not name.exists():
            name.parent.mkdir(parents=True, exist_ok=True)
            name.touch()
    found = []
    for attempt in (1, 2):
        job.attempt = attempt
        found.append({name: job.resources.get(name) for name in ASKED})
    return found


def planned(folder: Path, config: Path | None, changes: dict) -> dict:
    """Rules by name."""
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
        workflow._prepare_dag(forceall=True, ignore_incomplete=False, lock_warn_only=True)
        workflow._build_dag()
        workflow.iocache.deactivate()  # inputs appear below
        jobs = {}
        for job in sorted(workflow.dag.jobs, key=lambda job: (job.rule.name, str(job.output))):
            jobs.setdefault(job.rule.name, []).append(job)
        return {
            rule.name: {
                "script": rule.script and Path(rule.script).stem,
                "code": rule.params.get("code"),
                "jobs": len(jobs.get(rule.name, [])),
                "local": rule.name in workflow._localrules,
                "asked": asked(jobs[rule.name][0]) if rule.name in jobs else None,
            }
            for rule in workflow.rules
        }


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
