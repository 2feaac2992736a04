"""What `--config` says: nested numbers arrive as text from Snakemake, and no file is to blame."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from workflow_lib.preflight.problems import Problem

KeyPath = tuple[str, ...]


def given_there(given: Mapping, of_files: Mapping, above: KeyPath = ()) -> Iterator[KeyPath]:
    """Keys whose values the files do not have: they come from the command line."""
    for name, value in given.items():
        path = (*above, str(name))
        theirs = of_files.get(name) if isinstance(of_files, Mapping) else None
        if isinstance(value, Mapping):
            yield from given_there(value, theirs if isinstance(theirs, Mapping) else {}, path)
        elif not isinstance(of_files, Mapping) or name not in of_files or not _same(theirs, value):
            yield path


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal, or both are not a number."""
    return one == other or (one != one and other != other)


def typed(given: Mapping, of_files: Mapping, schema: Mapping) -> tuple[dict, set[str]]:
    """The configuration with numbers, truth values and null of the command line as such.

    Parameters
    ----------
    given : mapping
        As Snakemake gives it; it is not changed.
    of_files : mapping
        What the configuration files hold together.
    schema : mapping

    Returns
    -------
    config : dict
    keys : set of str
        Dotted keys from the command line.
    """
    paths = set(given_there(given, of_files))
    if paths == set(given_there(given, {})):
        return dict(given), set()  # another workflow's, which uses this one as a module
    return _typed(given, schema, paths, ()), {".".join(path) for path in paths}


def blamed(problems: list[Problem], keys: set[str], source: str) -> list[Problem]:
    """Problems whose keys come from the command line, told of it and not of a file."""

    def of(problem: Problem) -> Problem:
        key = problem.where.removeprefix(f"{source}, key ")
        here = key != problem.where and any(key == name or name.startswith(f"{key}.") for name in keys)
        return Problem(f"--config, key {key}", problem.what, problem.fix) if here else problem

    return [of(problem) for problem in problems]


def _typed(value: Any, schema: Mapping, paths: set[KeyPath], path: KeyPath):
    if isinstance(value, Mapping):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        parts = {name: known.get(name, others) for name in value}
        return {
            name: _typed(
                item, parts[name] if isinstance(parts[name], Mapping) else {}, paths, (*path, str(name))
            )
            for name, item in value.items()
        }
    return _scalar(value, schema) if path in paths else value


def _scalar(value: Any, schema: Mapping):
    if isinstance(value, list):
        heads, tail = schema.get("prefixItems", []), schema.get("items") or {}
        return [_scalar(item, heads[i] if i < len(heads) else tail) for i, item in enumerate(value)]
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if not isinstance(value, str) or ("string" in types and not ("null" in types and value == "null")):
        return value
    try:
        said = yaml.safe_load(value)
    except (yaml.YAMLError, ValueError):
        return value
    return said if said is None or isinstance(said, bool | int | float) else value
