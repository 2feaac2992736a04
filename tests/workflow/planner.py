"""Asks many times in one process which jobs a run would start, by JSON lines on standard input and output.

A question is the Snakefile and the configuration file, for the folder that the process was started in. The
answer is a list of [rule, wildcards] of the jobs that would run, or {"error": text}.
"""

import contextlib
import io
import json
import logging
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def plan(configfile: str, snakefile: str) -> list:
    """The jobs that would run, by Snakemake itself."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import (
        ConfigSettings,
        DAGSettings,
        OutputSettings,
        Quietness,
        ResourceSettings,
    )

    with SnakemakeApi(OutputSettings(dryrun=True, quiet={Quietness.ALL})) as api:
        opened = api.workflow(
            resource_settings=ResourceSettings(cores=2),
            config_settings=ConfigSettings(configfiles=[Path(configfile)]),
            snakefile=Path(snakefile),
            workdir=Path.cwd(),
        )
        opened.dag(dag_settings=DAGSettings()).execute_workflow(executor="dryrun")
        dag = opened._workflow.dag
        hidden = [
            (job.rule.name, str(file))
            for job in dag.jobs
            for files in dag.dependencies[job].values()
            for file in files
            if file.is_ancient
        ]
        assert not hidden, f"ancient inputs that rules make: {hidden}"
        return sorted(
            [job.rule.name, str(job.wildcards)]
            for job in dag.needrun_jobs(exclude_finished=False)
            if not job.rule.norun
        )


def main() -> None:
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        snakefile, configfile = json.loads(line)
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                answer = plan(configfile, snakefile)
        except BaseException as error:
            answer = {"error": f"{type(error).__name__}: {error}\n{said.getvalue()}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
