"""What has to be put right in a configuration, its sheet and its input files before a run."""

import argparse
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import sheets

RESULTS = "results folder of an earlier run: say too which settings and samples differ from it"
SCHEMAS = Path(__file__).resolve().parents[3] / "config/schemas"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the question."""
    parser.add_argument("config", help="configuration file; paths in it count from this folder")
    parser.add_argument(
        "--deep",
        action="store_true",
        help="read all inputs to their ends, as the first job of a run does: minutes for large ones",
    )


def answer(asked: argparse.Namespace) -> str:
    """What the run would do, and what is worth knowing of it.

    Raises
    ------
    InputError
        A numbered list of all problems.
    """
    from workflow_lib import preflight  # what it needs to read inputs would slow down all questions

    if not SCHEMAS.is_dir():
        raise InputError(f"{SCHEMAS}: no such folder; install atacdiff from its checkout by `make setup`")
    if not Path(asked.config).is_file():
        raise InputError(f"{asked.config}: no such file; name a configuration, such as config/config.yaml")
    given = sheets.read_yaml(asked.config)
    config, samples, notes = preflight.load(given, SCHEMAS, config_files=[asked.config])
    if asked.deep:
        survey = preflight.survey(config, samples, deep=True, source=asked.config)
        preflight.raise_all(survey.problems)
        notes = list(dict.fromkeys([*notes, *survey.notes]))
    lines = [f"{asked.config}: nothing to put right", *_plan(config, samples), *map(_noted, notes)]
    if asked.results_given:
        lines += _against(Path(asked.results), config, samples)
    return "\n".join(lines)


def _plan(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """What there is, in short."""
    groups = ", ".join(f"{n} {group}" for group, n in Counter(samples["group"]).items())
    return [
        f"  samples    {len(samples)}: {groups}",
        f"  design     {config['design']}",
        f"  contrasts  {', '.join(config['contrasts'])}",
    ]


def _against(folder: Path, config: Mapping, samples: pd.DataFrame) -> list[str]:
    """What differs from a run that has been made.

    Raises
    ------
    InputError
        If the folder does not say what it was made with.
    """
    from workflow_lib.io import records
    from workflow_lib.questions.comparison import differing
    from workflow_lib.results.run import Run
    from workflow_lib.stats import units

    record = Run(folder).record
    if not record:
        raise InputError(f"{folder}/run.json: no such file; give the results folder of a finished run")
    sheet = units.table(samples).drop(columns="bam", errors="ignore")  # left to the checksums of inputs
    lines = []
    for part, now in (("settings", config), ("samples", sheet.to_dict(orient="index"))):
        rows = differing(part, record.get(part, {}), records.plain(now))
        lines += [
            f"  {name}: {before} there, {after} here" for name, before, after in rows.itertuples(index=False)
        ]
    return [f"{folder}: {'differs' if lines else 'made with the same settings and samples'}", *lines]


def _noted(note: str) -> str:
    return f"Note: {note}"
