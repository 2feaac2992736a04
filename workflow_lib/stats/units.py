"""Biological replicates: the units that are tested, and the libraries that make up each."""

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError

COLUMN = "replicate"
SUMMED = ("size_factor", "spike_in")
"""Columns of the sheet that are added like counts."""
SUBJECTS = ("donor", "subject", "patient", "individual", "participant", "animal", "mouse", "person")
"""Names of columns that tell whom a sample is of."""
PERSONS = re.compile(
    r"(?i)(bio(logical)?[._ -]?rep(licate)?|donor|patient|subject|individual|participant|person|animal|mouse|"
    r"litter|pair)([._ -]?(id|no|number|nr))?"
)
"""Names of columns that tell which biological replicate a library is of."""


def members(sheet: pd.DataFrame) -> dict[str, list[str]]:
    """The libraries of each unit.

    Parameters
    ----------
    sheet : DataFrame indexed by sample
        With `group`, and `replicate` where libraries belong together: those of one group with the same value
        are one biological replicate. A library without a value stands by itself.

    Returns
    -------
    dict of str to list of str
        Units in the order of their first libraries. A unit of one library has its name, one of several is
        called by group and replicate.
    """
    if COLUMN not in sheet.columns:
        return {str(name): [str(name)] for name in sheet.index}
    of: dict[tuple, list[str]] = {}
    for name, group, value in zip(sheet.index, sheet["group"], sheet[COLUMN], strict=True):
        alone = pd.isna(value) or str(value) == ""
        of.setdefault((str(group), None if alone else str(value), str(name) if alone else None), []).append(
            str(name)
        )
    taken = {str(name) for name in sheet.index}
    found: dict[str, list[str]] = {}
    for (group, value, _), libraries in of.items():
        name = libraries[0]
        if len(libraries) > 1:
            name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{group}_{value}")
            while name in taken:
                name += "_pooled"
            taken.add(name)
        found[name] = libraries
    return found


def table(sheet: pd.DataFrame) -> pd.DataFrame:
    """The table of units, as all stages that test take it for their sample sheet.

    Parameters
    ----------
    sheet : DataFrame indexed by sample
        One row a library.

    Returns
    -------
    DataFrame indexed by unit
        The sheet itself where no libraries belong together. A unit of several has the value that its
        libraries agree in, the sum of `SUMMED`, and no value where they disagree; `bam` is left out.

    Notes
    -----
    Counts of libraries of one biological replicate are added and their cuts pooled before any test:
    differences between them are those of the library preparation and the sequencer, and as samples they
    would be taken for replicates of the biology.
    """
    of = members(sheet)
    if all(len(libraries) == 1 for libraries in of.values()):
        return sheet
    rows = []
    for libraries in of.values():
        part = sheet.loc[libraries]
        row = {}
        for name in sheet.columns.drop("bam", errors="ignore"):
            values = part[name]
            if name in SUMMED:
                row[name] = values.sum(skipna=False)
            else:
                row[name] = values.iloc[0] if values.nunique(dropna=False) == 1 else np.nan
        rows.append(row)
    index = pd.Index(list(of), name=sheet.index.name)
    found = pd.DataFrame(rows, index=index, columns=sheet.columns.drop("bam", errors="ignore"))
    for name in found:
        if found[name].notna().all():
            found[name] = found[name].astype(sheet[name].dtype)
    return found


def disagreements(sheet: pd.DataFrame, columns: list[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Column, unit and its libraries, where libraries of one unit have several values."""
    for name, libraries in members(sheet).items():
        for column in columns:
            if column in sheet.columns and sheet.loc[libraries, column].nunique(dropna=False) > 1:
                yield column, name, libraries


def suspected(sheet: pd.DataFrame, design: list[str]) -> tuple[str, str, list[str]] | None:
    """Column, value and libraries that seem to be of one replicate, where the sheet has no such column.

    Parameters
    ----------
    sheet : DataFrame indexed by sample
    design : list of str
        Columns of the design. Samples that differ in one of them (other than `batch`) are no such libraries.

    Returns
    -------
    (column, value, libraries) or None
    """
    if COLUMN in sheet.columns:
        return None
    apart = [name for name in dict.fromkeys(["group", *design]) if name in sheet.columns and name != "batch"]
    for column in map(str, sheet.columns):
        if not PERSONS.fullmatch(column):
            continue
        keys = [*(name for name in apart if name != column), column]
        for key, part in sheet[sheet[column].notna()].groupby(keys, sort=False, observed=True):
            if len(part) > 1:
                return column, str(key[-1]), list(map(str, part.index))
    return None


def summed(counts: pd.DataFrame, of: Mapping[str, list[str]]) -> pd.DataFrame:
    """Counts of libraries (columns) added by unit."""
    return pd.DataFrame({unit: counts[libraries].sum(axis=1) for unit, libraries in of.items()})


def quality(of_libraries: pd.DataFrame, of: Mapping[str, list[str]]) -> pd.DataFrame:
    """Reads of units, from those of their libraries.

    Parameters
    ----------
    of_libraries : DataFrame
        sample, n_fragments, frip, nfr_ratio.
    of : mapping of unit to its libraries

    Returns
    -------
    DataFrame
        sample (the unit), n_fragments (summed), frip (the libraries' mean, weighted by n_fragments),
        nfr_ratio (of the first library that has one; NaN where all are single-end).

    Raises
    ------
    InputError
        If a library is not in the table.
    """
    found = of_libraries.set_index(of_libraries["sample"].astype(str))
    rows = []
    for unit, libraries in of.items():
        absent = [name for name in libraries if name not in found.index]
        if absent:
            raise InputError(f"sample {absent[0]}: no quality; run the workflow again")
        part = found.loc[libraries]
        n, known = part["n_fragments"], part["nfr_ratio"].dropna()
        share = float((part["frip"] * n).sum(skipna=False) / n.sum()) if n.sum() else np.nan
        rows.append((unit, n.sum(), share, known.iloc[0] if len(known) else np.nan))
    return pd.DataFrame(rows, columns=["sample", "n_fragments", "frip", "nfr_ratio"])
