"""The matrix of expression: what is wrong with it, and whether it is enough for links."""

import os
from collections.abc import Mapping
from contextlib import suppress

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import count_matrices, expression, foreign_tables
from workflow_lib.preflight.inventory import Input, Survey
from workflow_lib.preflight.problems import Problem, listed

FEWEST_SAMPLES = 5
"""As in `workflow_lib.linkage`, whose imports the start of a run can spare."""


def absent(config: Mapping, samples: pd.DataFrame) -> str | None:
    """Why there are no links of peaks and genes; None where there are.

    Parameters
    ----------
    config : mapping
        With its defaults, paths expanded.
    samples : DataFrame
        The sheet, indexed by sample.
    """
    path = config["linkage"]["expression"]
    if path is None:
        return "linkage.expression is not set"
    if config["genome"]["annotation"] is None:
        return "genome.annotation is not set, so genes have no place"
    names = list(samples.index)
    if os.path.isfile(path):  # the demo's is not there when its run starts
        # the survey of the inputs tells of a file that cannot be read
        with suppress(InputError):
            names = expression.shared(expression.read_table(path, header_only=True), names)
    if len(names) < FEWEST_SAMPLES:
        return (
            f"{path} has {len(names)} of the sheet's samples, and a correlation over fewer than "
            f"{FEWEST_SAMPLES} says nothing"
        )
    return None


def look(item: Input, samples: pd.DataFrame, result: Survey, *, header_only: bool) -> None:
    """Add to `result` what is wrong with or odd about a matrix of expression."""
    table = expression.read_table(item.path, header_only=header_only)
    apart = count_matrices.left_out(table)
    if apart:
        said = f"rows of reads of no gene are left out ({len(apart)}): {listed(apart)}"
        result.notes.append(f"{item.path}: {said}")
    table = foreign_tables.sample_names(table, list(samples.index))
    if not header_only:
        found = expression.faults(table, list(samples.index))
        result.problems += [Problem(f"{item.path}, {where}", what, fix) for where, what, fix in found]
    both = expression.shared(table, list(samples.index))
    missing = [name for name in samples.index if name not in both]
    others = [str(name) for name in table.columns if str(name) not in both]
    if missing:
        result.notes.append(f"{item.path}: has no column of {listed(missing)}, which linkage leaves out")
    if others:
        result.notes.append(f"{item.path}: not in the sheet, so ignored: column {listed(others)}")
