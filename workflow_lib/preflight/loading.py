"""Everything that is checked when a run starts."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import sheets, state
from workflow_lib.preflight import command_line, contrasted, designs, files, keys, replicates, samples
from workflow_lib.preflight.problems import Problem, problem_of, raise_all
from workflow_lib.preflight.programs import missing
from workflow_lib.stats import units

FEWEST_PEAKS = 500
"""As in :mod:`workflow_lib.differential.offsets`, which takes a second to import."""
BESIDE = ("", ".bai", ".csi", ".fai", ".gzi")
"""Endings of files that are looked at beside an input of that name."""


@dataclass(frozen=True)
class Memory:
    """Where a start keeps what it found, so that the next one need not read the same inputs again.

    Attributes
    ----------
    path : str or Path
    code : str
        Digest of the code that looks: other code looks again.
    """

    path: str | Path
    code: str


@dataclass(frozen=True)
class Start:
    """What a run starts from.

    Attributes
    ----------
    config : dict
        With defaults filled in and paths expanded.
    samples : DataFrame
        The sheet, indexed by sample: one row a library; see :func:`workflow_lib.stats.units.table`.
    notes : list of str
        What is allowed and worth knowing.
    rows : dict of str to int
        Number of intervals of each input that was read for them.
    """

    config: dict
    samples: pd.DataFrame
    notes: list[str]
    rows: dict[str, int]


def load(
    given: Mapping, schemas: str | Path, *, config_files: Sequence[str | Path] = (), **options
) -> tuple[dict, pd.DataFrame, list[str]]:
    """Configuration, samples and notes of :func:`start`."""
    begun = start(given, schemas, config_files=config_files, **options)
    return begun.config, begun.samples, begun.notes


def start(
    given: Mapping,
    schemas: str | Path,
    *,
    config_files: Sequence[str | Path] = (),
    look: bool = True,
    deep: bool = False,
    memory: Memory | None = None,
    programs: bool = True,
) -> Start:
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
    deep : bool
        Read long inputs to their ends, all but those that the run makes itself.
    memory : Memory, optional
        Inputs that were found to fit, and have not changed since, are not read again.
    programs : bool
        Look for programs on the PATH too, which a run whose jobs have environments of their own need not.

    Returns
    -------
    Start

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
    tested = units.table(table) if not found and len(table) else table
    if look:
        problems = contrasted.explained(problems, given, table, source)
        if not {"design", "contrasts"} & reading.faulty and len(table):
            if contrasted.unnamed(given, table):
                problems.append(contrasted.missing(given, table, source))
            else:
                # a unit of libraries that differ has no value in that column
                own = replicates.problems(config, table)
                problems += own or designs.design(config, tested, source=source)
        survey = _survey(config, table, source, deep, memory)
        problems += survey.problems
        if "differential" not in reading.faulty:
            problems += _too_few_peaks(config, survey.rows, source)
        if programs and "peaks" not in reading.faulty:
            problems += missing(config, source)
    raise_all(problems)
    if not look:
        return Start(config, table, [], {})
    of_design = [*designs.notes(config, tested), *replicates.notes(config, table)]
    return Start(config, table, [*reading.notes, *of_design, *survey.notes], survey.rows)


def _too_few_peaks(config: Mapping, rows: Mapping[str, int], source: str) -> list[Problem]:
    """Offsets asked of fewer peaks than curves go through."""
    asked, n = config["differential"]["offsets"], rows.get("counts", rows.get("peaks"))
    if asked == "none" or n is None or n >= FEWEST_PEAKS:
        return []
    what = f"is {asked}, which follows curves through {FEWEST_PEAKS} peaks or more, and there are {n:,}"
    return [Problem(f"{source}, key differential.offsets", what, "set it to none")]


def _survey(
    config: Mapping, samples: pd.DataFrame, source: str, deep: bool, memory: Memory | None
) -> files.Survey:
    """A look at the input files, or what is remembered of the last."""
    if memory is None:
        return files.survey(config, samples, deep=deep, made_later=True, source=source)
    stands = _stand(config, samples, memory.code)
    known = state.read(memory.path)
    if known.get("stands") == stands:
        return files.Survey(notes=known["notes"], rows=known["rows"])
    keep = Path(memory.path).parent if deep else None
    survey = files.survey(config, samples, deep=deep, made_later=True, source=source, keep=keep)
    if deep and not survey.problems:
        found = {"stands": stands, "notes": survey.notes, "rows": survey.rows}
        if not any(files.made_here(config, path) for path in files.paths(config, samples)):
            found |= {"files": _files_stand(config, samples), "contigs": survey.contigs}
        state.write(found, memory.path)
    return survey


def surveyed(config: Mapping, samples: pd.DataFrame, memory: str | Path) -> files.Survey | None:
    """What the start of a run has found in the input files, if it read all of them and they are as they were.

    Parameters
    ----------
    config : mapping
        As :func:`workflow_lib.preflight.about_files` gives it.
    samples : DataFrame
        The sheet, indexed by sample; group and bam.
    memory : str or Path
        Where the start kept it.
    """
    known = state.read(memory)
    if "files" not in known or known["files"] != _files_stand(config, samples):
        return None
    return files.Survey(contigs=known["contigs"], notes=known["notes"], rows=known["rows"])


def _files_stand(config: Mapping, samples: pd.DataFrame) -> list:
    """What the contigs of all files depend on."""
    named = {name: samples[name].astype(str).to_dict() for name in ("group", "bam") if name in samples}
    return [repr(files.about_files(config)), named, _dates(config, samples)]


def _stand(config: Mapping, samples: pd.DataFrame, code: str) -> list:
    """What a survey depends on, as JSON has it: settings, sheet, and sizes and dates of the files."""
    return [code, repr(config), samples.to_csv(), _dates(config, samples)]


def _dates(config: Mapping, samples: pd.DataFrame) -> list:
    """Sizes and dates of all input files, as JSON has them."""
    dates = []
    for path in files.paths(config, samples):
        inside = sorted(entry.path for entry in os.scandir(path)) if os.path.isdir(path) else []
        for each in [*(f"{path}{ending}" for ending in BESIDE), *inside]:
            if os.path.exists(each):
                found = os.stat(each)
                dates.append([each, found.st_size, found.st_mtime_ns])
    return dates


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
