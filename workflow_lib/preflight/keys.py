"""The configuration against its schema: every fault at once, defaults filled in, paths expanded."""

import copy
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from workflow_lib.errors import InputError
from workflow_lib.near import nearest
from workflow_lib.preflight import contradictions
from workflow_lib.preflight.environment import CONTROL, expand
from workflow_lib.preflight.expected import (
    FILE_NAME,
    FIT_FOR_FILES,
    LONGEST_NAME,
    NAMES,
    as_yaml,
    described,
    leaves,
)
from workflow_lib.preflight.problems import Problem, listed, problem_of
from workflow_lib.renamed import Renaming, renamed

_EXPONENT_WITHOUT_POINT = re.compile(r"[-+]?(\d+|\d*\.\d*)[eE][-+]?\d+")
DEEPEST = 20
MOST_VALUES = 100_000
KeyPath = tuple[str | int, ...]


@dataclass
class Reading:
    """A configuration as far as it can be used, what is wrong with it, and what to know of it.

    Attributes
    ----------
    config : dict
    problems : list of Problem
    faulty : set of str
        Keys that are at fault: the top-level ones, and dotted ones.
    notes : list of str
        On keys of older versions.
    """

    config: dict
    problems: list[Problem]
    faulty: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def configuration(given: Mapping, schema: Mapping, *, source: str = "config") -> tuple[dict, list[Problem]]:
    """Check a configuration, fill in its defaults and expand its paths.

    Parameters
    ----------
    given : mapping
        As read from YAML; it is not changed.
    schema : mapping
        JSON schema (draft 2020-12) with defaults; strings of format `path` may hold `${NAME}`.
    source : str
        What messages call the configuration: the name of its file.

    Returns
    -------
    config : dict
        Keys in the schema's order. A value at fault is replaced by its default (a contrast left out), so that
        other checks can go on.
    problems : list of Problem
        All of them: unknown keys, values of a wrong type or out of bounds, unset variables of the
        environment, keys that contradict each other.
    """
    reading = read(given, schema, source=source)
    return reading.config, reading.problems


def read(given: Mapping, schema: Mapping, *, source: str = "config") -> Reading:
    """As :func:`configuration`, and which top-level or dotted keys are at fault."""
    if not isinstance(given, Mapping):
        fix = "write keys and values, such as 'samples: config/samples.tsv'"
        return Reading(
            _filled({}, schema), [Problem(source, "is not a mapping of keys to values", fix)], {""}
        )
    try:
        config = _plain(given)
    except RecursionError:
        fix = "write values plainly, without aliases (*) within aliases or lists within lists"
        what = f"holds lists or mappings more than {DEEPEST} deep, or more than {MOST_VALUES:,} values"
        return Reading(_filled({}, schema), [Problem(source, what, fix)], {""})
    older = renamed(config)
    config = older.settings
    reading = Reading(config, [], notes=_on_older(older, source))
    for old, (value, new) in older.clashes.items():
        what = f"is {_shown(value)} although {new}, its name now, is {_shown(config.get(new))}"
        reading.problems.append(Problem(f"{source}, key {old}", what, f"remove it; {new} alone counts"))
        reading.faulty |= {old, new}
    for path, what, fix in _unfit(config):
        key = older.moved.get(_dotted(path), _dotted(path))
        reading.problems.append(Problem(f"{source}, key {key}", what, fix))
        reading.faulty |= {_dotted(path), str(path[0])}
        _remove(config, path)
    errors = sorted(
        Draft202012Validator(schema).iter_errors(config),
        key=lambda error: [str(p) for p in error.absolute_path],
    )
    drop: set[KeyPath] = set()
    for error in errors:
        if "prefixItems" in error.absolute_schema_path:  # two items at fault are one fault of the list
            error = _of_the_list(error, config, schema)
        for path, what, fix in _told(error, schema):
            key = _dotted(path)
            problem = Problem(f"{source}, key {older.moved.get(key, key)}", what, fix)
            reading.problems += [problem] if problem not in reading.problems else []
            reading.faulty |= {key, str(path[0])} if path else {""}
            drop.add(path)
    for path in sorted(drop, key=len, reverse=True):
        _remove(config, path)
    named = {name: "variable" in contrast for name, contrast in dict(config.get("contrasts") or {}).items()}
    config = reading.config = _filled(config, schema)
    for name, contrast in config["contrasts"].items():
        if "interaction" in contrast and not named.get(name, False):
            del contrast["variable"]  # the default is for contrasts of one column
    for path, value, text in _paths(config, schema):
        try:
            expanded = expand(text)
        except InputError as error:
            reading.problems.append(problem_of(error, f"{source}, key {_dotted(path)}"))
            reading.faulty |= {_dotted(path), str(path[0])}
            expanded = None
        value[path[-1]] = expanded
    for key, what, fix in contradictions.found(config, reading.faulty):
        reading.problems.append(Problem(f"{source}, key {key}", what, fix))
        reading.faulty.add(key)
    for name in contradictions.unreadable(config["contrasts"]):
        del config["contrasts"][name]
    return reading


def _on_older(older: Renaming, source: str) -> list[str]:
    """A sentence on each key that older versions had."""
    moved = [
        f"{source}: {old} is now called {new}, at the left margin; the old name still works"
        for new, old in older.moved.items()
    ]
    gone = [f"{source}: {old} has no effect and can be removed" for old in older.gone]
    return [*moved, *gone]


def _told(error: ValidationError, schema: Mapping) -> Iterator[tuple[KeyPath, str, str]]:
    """Path, what is wrong and the fix, of each fault that one error of the validator stands for."""
    path: KeyPath = tuple(error.absolute_path)
    part = error.schema if isinstance(error.schema, Mapping) else {}
    value = error.instance
    if error.validator == "additionalProperties":
        known = part.get("properties", {})
        for name in value:
            if name not in known:
                what = f"unknown key, given as {name}: {_shown(value[name])}"
                yield (*path, name), what, _where_to(name, path, known, schema)
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in value:
                expected = part["properties"][name]
                meaning = expected.get("description", "").rstrip(".")
                yield (*path, name), "is missing", f"add it: {meaning[:1].lower()}{meaning[1:]}"
    elif (
        error.validator in ("propertyNames", "pattern")
        and path
        and "propertyNames" in error.absolute_schema_path
    ):
        yield (*path, value), f"{value!r} is no name for a file", f"rename it with {FIT_FOR_FILES}"
    elif error.validator == "uniqueItems":
        twice = next(item for i, item in enumerate(value) if item in value[:i])
        yield path, f"holds {_shown(twice)} more than once", "list it once"
    elif error.validator in ("minProperties", "minItems", "minLength") and not value:
        yield path, "is empty", f"give {described(part)}"
    else:
        yield path, f"is {_shown(value)}, expected {described(part)}", _advice(value, part)


def _of_the_list(error: ValidationError, config: Mapping, schema: Mapping) -> ValidationError:
    """The error of an item, as one of the list that holds it."""
    path = list(error.absolute_path)[:-1]
    for name in path:
        config, schema = config[name], schema["properties"][name]
    return ValidationError("", validator="prefixItems", path=path, instance=config, schema=schema)


def _where_to(name: str, path: KeyPath, known: Mapping, schema: Mapping) -> str:
    """Where a key that is not known here may belong."""
    like = nearest(name, known)
    if like is not None:
        return f"write {like}" if like != name else "write it as text"
    for key, _ in leaves(schema):
        above, _, last = key.rpartition(".")
        if last == name and above != _dotted(path) and "<" not in above:
            return f"put it under {above} ({key})" if above else f"put it at the left margin ({key})"
    return f"remove it, or write one of {listed(known, most=20)}"


def _advice(value: object, part: Mapping) -> str:
    """How to write a value that is of a wrong type or out of bounds."""
    types = part.get("type", [])
    types = [types] if isinstance(types, str) else types
    if isinstance(value, str):
        text = value.strip()
        if {"number", "integer"} & set(types):
            if _EXPONENT_WITHOUT_POINT.fullmatch(text):
                return (
                    f"write {as_yaml(float(text))} (YAML reads {text} as text: it wants a point and a sign)"
                )
            if re.fullmatch(r"[-+]?\d+(\.\d*)?", text):
                return f"write {text} without quotes"
        if types == ["boolean"] and text.lower() in ("true", "false", "yes", "no"):
            return f"write {'true' if text.lower() in ('true', 'yes') else 'false'} without quotes"
        if "enum" in part:
            like = nearest(text, [choice for choice in part["enum"] if isinstance(choice, str)])
            if like is not None:
                return f"write {like}"
        if types == ["array"]:
            return f"write a list: [{text}]"
        if "pattern" in part and part["pattern"] == FILE_NAME:
            return f"rename it with {FIT_FOR_FILES}"
        if "pattern" in part and part["pattern"].endswith("~"):
            return f"write '~ {text}'" if text else "write '~ group'"
    elif "string" in types and isinstance(value, bool | int | float):
        return f"put quotes round it (YAML reads it as {NAMES[_json_type(value)]})"
    if (
        "object" in types
        and isinstance(value, list)
        and isinstance(part.get("additionalProperties"), Mapping)
    ):
        return "say what each belongs to: a mapping of sample or group to file, such as {control: a.bed}"
    if value is None and types == ["object"]:
        return "remove the key to get its defaults"
    if value is None:
        return (
            f"remove the key to get its default, {as_yaml(part['default'])}"
            if "default" in part
            else "give it"
        )
    return (
        f"write {as_yaml(part['default'])}, the default, or another" if "default" in part else _such_as(part)
    )


def _plain(given: object):
    """A copy in plain dicts and lists; keys that YAML read as numbers or truth values become text.

    Raises
    ------
    RecursionError
        If it is too deep, or too large: aliases of YAML can make much of little, or hold themselves.
    """
    n_values = 0

    def copied(value: object, depth: int):
        nonlocal n_values
        n_values += 1
        if depth > DEEPEST or n_values > MOST_VALUES:
            raise RecursionError
        if isinstance(value, Mapping):
            return {_key(name): copied(item, depth + 1) for name, item in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return [copied(item, depth + 1) for item in value]
        return value

    return copied(given, 0)


def is_plain(given: object) -> bool:
    """Whether a configuration is neither too deep nor too large to be looked at."""
    try:
        _plain(given)
    except RecursionError:
        return False
    return isinstance(given, Mapping)


def _unfit(value, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str, str]]:
    """Texts and numbers that no schema catches: control characters, not a number, infinity, long names."""
    if isinstance(value, dict):
        for name, item in list(value.items()):
            if CONTROL.search(name):
                yield (*path, name), f"the key {name!r} has a control character", "write it on one line"
            elif path == ("contrasts",) and len(name) > LONGEST_NAME:
                what = f"is a name of {len(name)} letters, too many for names of files made of it"
                yield (*path, name), what, f"use at most {LONGEST_NAME}"
            else:
                yield from _unfit(item, (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(list(value)):
            yield from _unfit(item, (*path, i))
    elif isinstance(value, str) and CONTROL.search(value):
        fix = "write it on one line (in YAML after >- in place of > or |)"
        yield path, f"{value!r} has a line end or another control character", fix
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, f"is {value}", "give a finite number"
    elif value is not None and not isinstance(value, str | bool | int | float | date):
        yield path, f"is a {type(value).__name__}, made by a tag of YAML", "write text, numbers or lists"


def _key(name: object) -> str:
    return str(name).lower() if isinstance(name, bool) else str(name)


def _filled(value, schema: Mapping):
    """The value with all defaults below it, keys in the schema's order, whole floats as int where due."""
    if isinstance(value, dict):
        known = schema.get("properties", {})
        filled = {}
        for name, part in known.items():
            if name in value:
                filled[name] = _filled(value[name], part)
            elif "default" in part:
                filled[name] = _filled(copy.deepcopy(part["default"]), part)
            elif part.get("type") == "object":
                filled[name] = _filled({}, part)
        others = schema.get("additionalProperties")
        others = others if isinstance(others, Mapping) else {}
        return filled | {name: _filled(item, others) for name, item in value.items() if name not in known}
    if isinstance(value, list):
        heads, tail = schema.get("prefixItems", []), schema.get("items") or {}
        return [_filled(item, heads[i] if i < len(heads) else tail) for i, item in enumerate(value)]
    if schema.get("type") == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if schema.get("type") == "number" and isinstance(value, int):
        return float(value)
    return value


def _paths(value, schema: Mapping, above: KeyPath = ()) -> Iterator[tuple[KeyPath, dict, str]]:
    """Place, holder and text of each string whose schema has format path."""
    if not isinstance(value, dict):
        return
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, item in value.items():
        part = known.get(name, others)
        if not isinstance(part, Mapping):
            continue
        if isinstance(item, str) and part.get("format") == "path":
            yield (*above, name), value, item
        else:
            yield from _paths(item, part, (*above, name))


def _remove(config, path: KeyPath) -> None:
    """Take a faulty value out: its default stands in; of a list or a contrast the whole is taken out."""
    if path[:1] == ("contrasts",):
        path = path[:2]
    holder = config
    for i, part in enumerate(path[:-1]):
        if not isinstance(holder, dict) or part not in holder:
            return
        if isinstance(holder[part], list):
            path = path[: i + 1]
            break
        holder = holder[part]
    if path == ("contrasts",):
        holder[path[0]] = {}
    elif path and isinstance(holder, dict):
        holder.pop(path[-1], None)


def _dotted(path: KeyPath) -> str:
    return ".".join(f"[{part}]" if isinstance(part, int) else part for part in path).replace(".[", "[")


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"the text {value!r}"
    shown = as_yaml(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _json_type(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "number"


def _such_as(part: Mapping) -> str:
    """What may stand at a key that has no default of its own."""
    names = list(part.get("properties", {}))
    return f"write its keys and their values, such as {{{names[0]}: ...}}" if names else "change it"
