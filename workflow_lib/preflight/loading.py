"""Everything that is checked when a run starts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import sheets
from workflow_lib.preflight import command_line, designs, files, keys, samples
from workflow_lib.preflight.problems import Problem, problem_of, raise_all
from workflow_lib.preflight.programs import missing


def load(
    given: Mapping,
    schemas: str | Path,
    *,
    config_files: Sequence[str | Path] = (),
    look: bool = True,
    programs: bool = True,
) -> tuple[dict, pd.DataFrame, list[str]]:
    """Check configuration, sheet, design and input files, and report all problems of all kinds at once.

    Parameters
    ----------
    given : mapping
        The configuration as read.
    schemas : str or Path
        Folder of config.schema.yaml and samples.schema.yaml.
    config_files : sequence of path, optional
        Files that the configuration comes from: messages name them, and keys that stand there twice are
        found, which the configuration as read no longer shows.
    look : bool
        Look at the input files and the design, and give notes. A process that runs one job of a run that has
        looked already need not.
    programs : bool
        Look for programs on the PATH too, which a run whose jobs have environments of their own need not.

    Returns
    -------
    config : dict
        With defaults filled in and paths expanded.
    samples : DataFrame
        The sheet, indexed by sample.
    notes : list of str
        What is allowed and worth knowing.

    Raises
    ------
    InputError
        A numbered list of all problems.
    """
    source = " and ".join(map(str, config_files)) or "config"
    schema = sheets.read_yaml(Path(schemas) / "config.schema.yaml")
    row_schema = sheets.read_yaml(Path(schemas) / "samples.schema.yaml")
    problems, of_files = _of_files(config_files)
    typed_there: set[str] = set()
    if of_files and keys.is_plain(given):
        given, typed_there = command_line.typed(given, of_files, schema)
    reading = keys.read(given, schema, source=source)
    problems += command_line.blamed(reading.problems, typed_there, source)
    config = reading.config
    if "samples" in reading.faulty:
        raise_all(problems)
    table, found = samples.sheet(config["samples"], config, row_schema)
    problems += found
    survey = files.Survey()
    if look:
        if not {"design", "contrasts"} & reading.faulty and len(table):
            problems += designs.design(config, table, source=source)
        survey = files.survey(config, table, source=source)
        problems += survey.problems
        if programs and "peaks" not in reading.faulty:
            problems += missing(config, source)
    raise_all(problems)
    if not look:
        return config, table, []
    of_design = [*designs.replication(config, table), *designs.freedom(config, table)]
    return config, table, [*reading.notes, *of_design, *survey.notes]


def _of_files(config_files: Sequence[str | Path]) -> tuple[list[Problem], dict]:
    """Problems that only the text of the files shows, such as doubled keys, and what they hold together."""
    problems: list[Problem] = []
    together: dict = {}
    for path in config_files:
        if not str(path).endswith((".yaml", ".yml")):
            return problems, {}  # snakemake reads JSON too, which need not be YAML
        try:
            _merge(together, sheets.read_yaml(path))
        except InputError as error:
            problems.append(problem_of(error, str(path), str(path)))
    return problems, together


def _merge(old: dict, new: Mapping) -> None:
    """Later files replace values of earlier ones, key by key."""
    for key, value in new.items():
        if isinstance(value, Mapping) and isinstance(old.get(key), dict):
            _merge(old[key], value)
        else:
            old[key] = dict(value) if isinstance(value, Mapping) else value
