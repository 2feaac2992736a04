"""Asks many times in one process what a run would do, by JSON lines on standard input and output.

A question is [Snakefile, configuration file, what], for the folder that the process was started in. `plan`
answers with {"jobs": those that would run, "graph": the jobs that follow each job, "passing": the jobs whose
results a job needs and finds gone, since they are temporary}, jobs as "rule wildcards".
`pretend` makes files for all results and lets Snakemake take them for finished. What fails: {"error": text}.
"""

import contextlib
import functools
import io
import json
import logging
import sys
from pathlib import Path


def open_dag(api, snakefile: str, configfile: str, **settings):
    """The workflow as opened by Snakemake's own interface."""
    from snakemake.settings.types import ConfigSettings, DAGSettings, ResourceSettings

    opened = api.workflow(
        resource_settings=ResourceSettings(cores=2),
        config_settings=ConfigSettings(configfiles=[Path(configfile)]),
        snakefile=Path(snakefile),
        workdir=Path.cwd(),
    )
    return opened, opened.dag(dag_settings=DAGSettings(**settings))


def plan(snakefile: str, configfile: str) -> dict:
    """The jobs that would run, by Snakemake itself."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import OutputSettings, Quietness

    with SnakemakeApi(OutputSettings(dryrun=True, quiet={Quietness.ALL})) as api:
        opened, dag_api = open_dag(api, snakefile, configfile)
        dag_api.execute_workflow(executor="dryrun")
        dag = opened._workflow.dag
        graph: dict[str, list[str]] = {name(job): [] for job in dag.jobs if not job.is_norun}
        passing: dict[str, list[str]] = {}
        for job in dag.jobs:
            for before, files in dag.dependencies[job].items():
                hidden = [str(file) for file in files if file.is_ancient]
                assert not hidden, f"{name(job)} takes {hidden} as ancient, which a rule makes"
                if not job.is_norun:
                    graph[name(before)].append(name(job))
                    if before.temp_output & set(files):
                        passing.setdefault(name(job), []).append(name(before))
        needed = dag.needrun_jobs(exclude_finished=False)
        jobs = sorted(name(job) for job in needed if not job.is_norun)
        return {"jobs": jobs, "graph": graph, "passing": passing}


def pretend(snakefile: str, configfile: str) -> dict:
    """Files for all results, which Snakemake takes for finished."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import OutputSettings, Quietness

    with SnakemakeApi(OutputSettings(dryrun=True, quiet={Quietness.ALL})) as api:
        opened, dag_api = open_dag(api, snakefile, configfile)
        dag_api.execute_workflow(executor="dryrun")
        for job in opened._workflow.dag.jobs:
            for file in job.output:
                path = Path(file, "inside") if file.is_directory else Path(file)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(str(file))
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        open_dag(api, snakefile, configfile, forceall=True)[1].execute_workflow(executor="touch")
    return {}


def name(job) -> str:
    """A job by its rule and wildcards."""
    return " ".join([job.rule.name, *map(str, job.wildcards)])


def parse_each_file_once() -> None:
    """Let Snakemake translate each rule file to Python once, not for each question: a third of its time."""
    import snakemake.api  # noqa: F401  the two import each other, and this one has to be first
    from snakemake import workflow

    translate, known = workflow.parse, {}

    @functools.wraps(translate)
    def parse(path, flow, linemap, overwrite_shellcmd=None, rulecount=0):
        place = Path(path.get_path_or_uri(secret_free=False))
        key = (place, place.stat().st_mtime_ns, overwrite_shellcmd, rulecount)
        if key not in known:
            lines: dict[int, int] = {}
            known[key] = translate(path, flow, lines, overwrite_shellcmd, rulecount), lines
        translated, lines = known[key]
        linemap.update(lines)
        return translated

    workflow.parse = parse


def main() -> None:
    logging.disable(logging.CRITICAL)
    parse_each_file_once()
    for line in sys.stdin:
        snakefile, configfile, what = json.loads(line)
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                answer = {"plan": plan, "pretend": pretend}[what](snakefile, configfile)
        except BaseException as error:  # SystemExit too, by which a configuration is refused
            answer = {"error": f"{type(error).__name__}: {error}\n{said.getvalue()}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
