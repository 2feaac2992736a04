"""The sample sheet against its schema, cell by cell, and by meaning."""

import math
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd
from jsonschema import Draft202012Validator

from workflow_lib.errors import InputError
from workflow_lib.io import sheets
from workflow_lib.io.tables import MISSING, TEXT
from workflow_lib.near import nearest
from workflow_lib.preflight.environment import CONTROL, expand
from workflow_lib.preflight.expected import FILE_NAME, FIT_FOR_FILES, LONGEST_NAME, described
from workflow_lib.preflight.problems import Problem, listed, problem_of

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_FACTORS = {"column": "size_factor", "spike_in": "spike_in"}
"""The column that a method of size factors reads."""
CALLED = {
    "sample": (
        "sampleid",
        "sample_id",
        "sample_name",
        "samplename",
        "id",
        "name",
        "library",
        "library_id",
        "run",
    ),
    "group": (
        "condition",
        "treatment",
        "treat",
        "genotype",
        "status",
        "class",
        "cell_type",
        "celltype",
        "type",
    ),
    "bam": ("bamreads", "bam_file", "bamfile", "bam_path", "file", "files", "path", "reads", "alignment"),
}
"""What other sheets (DiffBind, nf-core, GEO) call these columns, in lower case."""
NOT_EXPORTED = ("_index", "__categories", ".", "..")
RESERVED = (*TEXT, "start", "end", "summit", "score")
"""Columns of tables that have one for each sample or group too."""
Records = list[tuple[int, dict[str, str | float]]]
"""Line number, and what stands in it by column."""


def sheet(path: str, config: Mapping, schema: Mapping) -> tuple[pd.DataFrame, list[Problem]]:
    """Read and check a sample sheet.

    Parameters
    ----------
    path : str
        Tab-separated text.
    config : mapping
        A configuration with its defaults: `counts` and the size factors decide which columns are needed.
    schema : mapping
        JSON schema of one line.

    Returns
    -------
    samples : DataFrame
        Indexed by `sample`, in the sheet's order; paths expanded. The schema's number columns are float; its
        text columns (group, batch, pair) stay text; any other column is numeric if all its values are.
        Rows and columns at fault are kept as far as they can be, so that other checks can go on.
    problems : list of Problem
        All of them, each with line and column.
    """
    try:
        header, rows = sheets.read_rows(path)
    except InputError as error:
        return _empty(), [problem_of(error, path, path)]
    problems = _header_problems(path, header, schema, config)
    records: Records = []
    for line, values in [(1, header), *rows]:
        for i, value in enumerate(values):
            if CONTROL.search(value):
                where = f"{path}, line {line}, column {i + 1}"
                problems.append(Problem(where, f"{value!r} has a control character", "write plain text"))
    for line, values in rows:
        if len(values) != len(header) and (len(values) < len(header) or any(values[len(header) :])):
            what = f"has {len(values)} columns, the header has {len(header)}"
            fix = "separate columns by one tab each, not by blanks; write NA for a missing value"
            problems.append(Problem(f"{path}, line {line}", what, fix))
        records.append((line, _record(header, values, schema["properties"])))
    if not rows:
        problems.append(Problem(path, "has a header and no samples", "write one line a sample"))
    validator, needed = Draft202012Validator(schema), _needed(header, schema, config)
    for line, record in records:
        place = f"{path}, line {line}, column"
        for fault in sorted(validator.iter_errors(record), key=lambda fault: list(map(str, fault.path))):
            if fault.path:
                problems.append(_cell_problem(f"{place} {fault.path[0]}", fault))
        for name in needed:
            if name not in record:
                problems.append(Problem(f"{place} {name}", "has no value", "give every sample one"))
        try:
            if "bam" in record:
                record["bam"] = expand(str(record["bam"]))
        except InputError as error:
            problems.append(problem_of(error, f"{place} bam"))
            del record["bam"]  # so that nothing looks for such a file
    problems += _twice(
        path, records, "sample", "is the name of more than one sample", "give each sample its own"
    )
    if config["counts"] is None:
        files = "is the file of more than one sample"
        problems += _twice(path, records, "bam", files, "give each sample its own", os.path.realpath)
    problems += [*_names_at_odds(path, records), *_only_by_case(path, records)]
    return _table(header, records, schema), problems


def _record(header: list[str], values: list[str], known: Mapping) -> dict[str, str | float]:
    """One line by column, without missing values; numbers where the schema has them and the cell is one."""
    record: dict[str, str | float] = {}
    for name, value in zip(header, values, strict=False):  # a line of another length is told of elsewhere
        if value not in ("", MISSING):
            number = known.get(name, {}).get("type") == "number" and _is_number(value)
            record[name] = float(value) if number else value
    return record


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and math.isfinite(float(text))


def _names_at_odds(path: str, records: Records) -> Iterator[Problem]:
    """Samples that are called as a group is, so that files of both have one name; names of other columns."""
    groups = {record["group"]: line for line, record in records if "group" in record}
    for line, record in records:
        name = record.get("sample")
        if name in groups:
            what = f"{name!r} is also the name of a group (line {groups[name]}), so both would share files"
            fix = f"rename the sample, such as {name}_1"
            yield Problem(f"{path}, line {line}, column sample", what, fix)
        for column in ("sample", "group"):
            if len(str(record.get(column, ""))) > LONGEST_NAME:
                what = f"has {len(str(record[column]))} letters, too many for names of files made of it"
                fix = f"use at most {LONGEST_NAME}"
                yield Problem(f"{path}, line {line}, column {column}", what, fix)
            if record.get(column) in RESERVED:
                what = f"{record[column]!r} is the name of another column of the tables"
                yield Problem(f"{path}, line {line}, column {column}", what, f"rename the {column}")


def _only_by_case(path: str, records: Records) -> Iterator[Problem]:
    """Samples that differ only by case: a slip, and one file where disks do not tell case apart.

    Of groups a note says so: real studies have them.
    """
    first: dict[str, tuple[str, int]] = {}
    for line, record in records:
        if "sample" not in record:
            continue
        name = str(record["sample"])
        other, at = first.setdefault(name.casefold(), (name, line))
        if name != other:
            what = f"{name!r} differs only by case from {other!r} (line {at})"
            fix = f"write {other}, if it is the same sample; else give it another name, such as {name}_1"
            yield Problem(f"{path}, line {line}, column sample", what, fix)


def _needed(header: list[str], schema: Mapping, config: Mapping) -> list[str]:
    """Columns in which no sample may lack a value, of those that are there."""
    needed = list(schema["required"])
    if config["counts"] is None:
        needed.append("bam")
    needed += [name for name in [_FACTORS.get(config["differential"]["size_factors"])] if name]
    return [name for name in needed if name in header]


def _header_problems(path: str, header: list[str], schema: Mapping, config: Mapping) -> list[Problem]:
    where, problems = f"{path}, line 1", []
    for i, name in enumerate(header):
        if name.lower() in NOT_EXPORTED:
            what = "has a name that tables of MuData cannot have"
            problems.append(
                Problem(f"{where}, column {name}", what, f"rename it, such as {name.strip('_')}_1")
            )
        like = [other for other in header[:i] if other != name and _exported(other) == _exported(name)]
        if name and like:
            what = f"is called as column {like[0]} where results are exported (/ becomes _)"
            problems.append(Problem(f"{where}, column {name}", what, "rename one of them"))
        if not name:
            problems.append(Problem(where, f"column {i + 1} has no name", "name it, or remove the column"))
        elif name in header[:i]:
            problems.append(Problem(where, f"column {name} stands there twice", "remove or rename one"))
    known = list(schema["properties"])
    others = [name for name in header if name and name not in known]
    needed = dict.fromkeys(schema["required"], "")
    if config["counts"] is None:
        needed["bam"] = " (or give a matrix of counts in the config)"
    method = config["differential"]["size_factors"]
    if method in _FACTORS:
        needed[_FACTORS[method]] = f", since differential.size_factors is {method}"
    for name, why in needed.items():
        if name not in header:
            called = next((other for other in others if other.lower() in CALLED.get(name, ())), None)
            called = called or nearest(name, others)
            there = f" (there are {listed(filter(None, header), 12)})" if any(header) else ""
            fix = f"rename column {called!r} to {name}" if called else f"add the column{why}{there}"
            problems.append(Problem(f"{where}, column {name}", "is missing", fix))
    for name in others:
        known_as = name.lower().replace(" ", "_").replace("-", "_")
        if known_as in known and known_as not in header and known_as not in needed:
            fix = f"write {known_as}"
            problems.append(Problem(f"{where}, column {name}", "is not spelt as expected", fix))
    return problems


def _exported(name: str) -> str:
    return name.replace("/", "_")


def _cell_problem(where: str, error) -> Problem:
    part, value = error.schema, error.instance
    if part.get("pattern") == FILE_NAME:
        what = f"{value!r} is not fit for the name of a file"
        like = re.sub(r"^[^A-Za-z0-9]+", "", re.sub(r"[^A-Za-z0-9._-]+", "_", value)).rstrip("_")
        example = f", such as {like}" if re.fullmatch(FILE_NAME, like) else ""
        return Problem(where, what, f"use {FIT_FOR_FILES}{example}")
    if isinstance(value, str) and part.get("type") == "number" and re.fullmatch(r"\d+,\d+", value):
        return Problem(where, f"is {value!r}, expected {described(part)}", "write a point for the comma")
    return Problem(
        where, f"is {value!r}, expected {described(part)}", "correct it, or write NA if it is missing"
    )


def _twice(
    path: str, records: Records, name: str, what: str, fix: str, same: Callable[[str], str] = str
) -> list[Problem]:
    """A problem for each value of a column that more than one line has."""
    found = defaultdict(list)
    for line, record in records:
        if name in record:
            found[same(str(record[name]))].append((line, record[name]))
    return [
        Problem(f"{path}, lines {listed(dict(uses))}, column {name}", f"{uses[0][1]} {what}", fix)
        for uses in found.values()
        if len(uses) > 1
    ]


def _table(header: list[str], records: Records, schema: Mapping) -> pd.DataFrame:
    columns = list(dict.fromkeys(["sample", "group", *(name for name in header if name)]))
    table = pd.DataFrame([record for _, record in records], columns=columns, dtype=object)
    table = table.dropna(subset="sample").drop_duplicates("sample")
    for name in columns:
        part = schema["properties"].get(name, {})
        present = table[name].dropna()
        if part.get("type") == "number":
            table[name] = pd.to_numeric(table[name], errors="coerce").astype(float)
        elif not part and len(present) and present.map(_is_number).all():
            beyond = present.map(float).abs().max() >= 2**63  # which pandas does not read as whole
            values = table[name].map(float, na_action="ignore") if beyond else table[name]
            table[name] = pd.to_numeric(values.where(values.notna(), np.nan))
    return table.set_index("sample")


def _empty() -> pd.DataFrame:
    return pd.DataFrame(columns=["group"], index=pd.Index([], name="sample"), dtype=object)
