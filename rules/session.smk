"""What is said at the start and at the end of a run, and what its folder keeps for the next."""

import atexit
import logging

from snakemake.settings.enums import Quietness

from workflow_lib.io import pages, remains
from workflow_lib.preflight import fits

DATES = remains.Dates(f"{STATE}/dates.json")
MADE = remains.Made(f"{STATE}/made.json")
STARTED = []
ERRORS = []


class Errors(logging.Handler):
    """Knows whether Snakemake has reported an error: then nothing is said to be well."""

    def emit(self, record):
        ERRORS.append(record)


def say(*lines):
    """Sentences for whoever started the run."""
    print(*lines, sep="\n", file=sys.stderr, flush=True)


def get_outputs():
    """Everything that the jobs of this run make or have made."""
    return {str(file) for job in workflow.dag.jobs for file in job.output}


def get_summary():
    """The line that says yes, and the notes."""
    needed = workflow.dag.needrun_jobs(exclude_finished=False)
    n_jobs = sum(not job.is_norun for job in needed)
    return [
        fits.sentence(config, LIBRARIES, START.rows, len(NOTES), n_jobs),
        *get_notes(),
    ]


def get_table():
    """How many jobs of each rule run, for a dry run in which Snakemake says nothing."""
    quiet = set(workflow.output_settings.quiet or ())
    if not {Quietness.RULES, Quietness.PROGRESS} <= quiet:
        return []
    needed = workflow.dag.needrun_jobs(exclude_finished=False)
    rules = sorted(job.rule.name for job in needed if not job.is_norun)
    return [f"{rules.count(name):>5}  {name}" for name in dict.fromkeys(rules)]


def get_notes():
    """What is allowed and worth knowing."""
    return [f"Note: {note}" for note in NOTES]


def get_place():
    """Where jobs run."""
    if workflow.local_exec:
        n = workflow.resource_settings.cores
        return f"Jobs run on this machine, {n} core{'s' * (n != 1)}."
    limit = workflow.resource_settings.nodes
    most = "" if limit is None else f", at most {limit} at a time"
    return f"Jobs run through {workflow.executor_plugin.name}{most}."


def get_left_over():
    """Results of samples, contrasts and stages that there are no more, if this is the whole run."""
    made = get_outputs()
    if result("report") not in made:
        return []
    inputs = {str(file) for job in workflow.dag.jobs for file in job.input}
    return MADE.left_over(
        lambda file: file in inputs
        or any(step.is_producer(file) for step in workflow.rules)
    )


def tell_left_over(files, done):
    """Say which results are taken away, or will be."""
    if files:
        shown = ", ".join(files[:3]) + (
            f" and {len(files) - 3} more" if files[3:] else ""
        )
        say(
            f"Results of samples, contrasts or settings that are no more {'were' if done else 'will be'} removed: "
            f"{shown}."
        )


def print_answer():
    """Say where the report is, its answer, and the notes again."""
    page = result("report")
    if page in get_outputs() and os.path.exists(result("answer")):
        print(f"\nThe report is {os.path.abspath(page)}. Its answer:\n")
        with open(result("answer"), encoding="utf-8") as file:
            print(file.read())
        if NOTES:
            print("\n".join(get_notes()))


def finish():
    """The last words of a dry run, or of one that had nothing to do; dates for the next."""
    has_dag = workflow.dag is not None and workflow.execution_settings is not None
    if has_dag and not STARTED and not ERRORS and not workflow.touch:
        say("", *get_table(), *get_summary())
        tell_left_over(get_left_over(), done=False)
    if has_dag:
        DATES.keep()


if workflow.is_main_process and workflow.modifier.is_main_snakefile():
    profile = fits.missing_profile(sys.argv, ROOT)
    if profile is not None:
        refuse(profile)
    DATES.put_back()
    atexit.register(finish)
    watch = Errors(logging.ERROR)
    logging.getLogger("snakemake.logging").addHandler(watch)


def tell_exports():
    """Say in the report which exports are missing, and why."""
    missing = {
        os.path.basename(result(key)): pages.reason(f"logs/{name}.log")
        for key, name in EXPORTS.items()
        if result(key) in get_outputs() and not os.path.exists(result(key))
    }
    if result("report") in get_outputs():
        pages.tell_missing(result("report"), missing)
    return missing


onstart:
    STARTED.append(True)
    # before the first job: what lists the folder must not find them
    left_over = get_left_over()
    MADE.remove(left_over)
    MADE.add(get_outputs())
    tell_left_over(left_over, done=True)
    say(*get_summary(), get_place())


onsuccess:
    tell_exports()
    print_answer()


onerror:
    missing = tell_exports()
    if missing and os.path.exists(result("report")):
        print_answer()
        for name, reason in missing.items():
            say(f"Not written: {name} ({reason}).")
