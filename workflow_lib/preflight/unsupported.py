"""Config values that are promised but not there yet: refused, never ignored. Drop a line when it is."""

from collections.abc import Iterator, Mapping

from workflow_lib.preflight.expected import as_yaml
from workflow_lib.preflight.problems import Problem

# key, value, what is missing, what to do in its place
NOT_THERE_YET: tuple[tuple[str, object, str, str], ...] = ()
MARK = "Not used yet."
"""Ends the schema's description of a key that nothing reads so far."""


def refused(config: Mapping, source: str) -> list[Problem]:
    """A problem for each config value that is not supported yet."""
    return [
        Problem(f"{source}, key {key}", f"{name} ({key}: {as_yaml(value)}) is not supported yet", fix)
        for key, value, name, fix in NOT_THERE_YET
        if _look(config, key) == value
    ]


def without_effect(config: Mapping, schema: Mapping) -> list[str]:
    """A sentence for each key that was set although nothing uses it yet."""
    return [
        f"{key} is set to {_look(config, key)!r}, but nothing uses it yet"
        for key, property_ in leaves(schema)
        if property_.get("description", "").endswith(MARK) and _look(config, key) != property_.get("default")
    ]


def leaves(schema: Mapping, above: str = "") -> Iterator[tuple[str, Mapping]]:
    """Dotted key and schema of every property that is not merely a group of others, in order."""
    for name, property_ in schema.get("properties", {}).items():
        key = f"{above}{name}"
        if property_.get("type") != "object" or "default" in property_:
            yield key, property_
        below = property_.get("additionalProperties")
        if isinstance(below, Mapping) and "properties" in below:
            yield from leaves(below, f"{key}.<name>.")
        yield from leaves(property_, f"{key}.")


def _look(config: Mapping, key: str) -> object:
    value: object = config
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
