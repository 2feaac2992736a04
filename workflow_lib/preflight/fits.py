"""The check that says yes: what a run starts from, in one line."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from workflow_lib.near import nearest

ENDINGS = (".gz", ".bgz", ".fa", ".fasta", ".fna", ".bgzip")


def sentence(
    config: Mapping, samples: pd.DataFrame, rows: Mapping[str, int], n_notes: int, n_jobs: int
) -> str:
    """Samples, peaks and genome, and how many notes and jobs there are.

    Parameters
    ----------
    config : mapping
        With its defaults.
    samples : DataFrame
        The sheet, indexed by sample.
    rows : mapping of str to int
        Number of intervals of each input that was read for them.
    n_notes, n_jobs : int
    """
    groups = samples["group"].value_counts(sort=False)
    sizes = ", ".join(f"{group} {n}" for group, n in groups.items())
    parts = [f"{_number(len(samples), 'sample')} ({sizes})", _peaks(config, rows), _genome(config)]
    inputs = "all inputs fit" if config["demo"] is None else "the demo makes its own inputs"
    notes = f" {_number(n_notes, 'note')}." if n_notes else ""
    jobs = f"{_number(n_jobs, 'job')}." if n_jobs else "Nothing is to be done: all results are up to date."
    return f"{', '.join(part for part in parts if part)}: {inputs}.{notes} {jobs}"


def _peaks(config: Mapping, rows: Mapping[str, int]) -> str:
    if "counts" in rows:
        return f"{_number(rows['counts'], 'peak')} with counts"
    if config["counts"] is not None:
        return "peaks with counts"
    if config["peaks"]["call"]:
        return "peaks to be called"
    files = [n for label, n in rows.items() if label == "peaks" or label.startswith("peaks:")]
    if not files:
        return ""
    return _number(sum(files), "peak") + (f" in {len(files)} files" if len(files) > 1 else "")


def _genome(config: Mapping) -> str:
    genome = config["genome"]
    if genome["name"] is not None or genome["fasta"] is None:
        return genome["name"] or "no genome"
    name = os.path.basename(genome["fasta"])
    while name.endswith(ENDINGS):
        name = name.removesuffix(next(ending for ending in ENDINGS if name.endswith(ending)))
    return name


def _number(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def missing_profile(arguments: Sequence[str], snakefile_folder: str) -> str | None:
    """What is wrong with `--workflow-profile` on a command line, which Snakemake passes over in silence.

    Parameters
    ----------
    arguments : sequence of str
        The command line.
    snakefile_folder : str
        The folder of the Snakefile, whose `profiles` are looked through too.

    Returns
    -------
    str or None
        A sentence with the fix; None if there is such a profile, or none is named.
    """
    named = None
    for i, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        if len(option) > len("--workflow-p") and "--workflow-profile".startswith(option):
            named = value if equals else next(iter(arguments[i + 1 :]), None)
    if named is None or named == "none":
        return None
    ours = Path(snakefile_folder) / "profiles"
    if any(place.exists() for place in (Path(named), Path("profiles") / named, ours / named)):
        return None
    known = sorted(path.parent.name for path in ours.glob("*/profile.yaml"))
    meant = nearest(os.path.basename(os.path.normpath(named)), known)
    fix = f"write --workflow-profile {meant}" if meant else f"name a folder, or one of {', '.join(known)}"
    return f"--workflow-profile {named}: there is no such profile, from the folder {os.getcwd()}. Fix: {fix}."
