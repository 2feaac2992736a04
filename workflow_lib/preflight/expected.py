"""The keys of a schema, and what it allows, in words: for messages and for the table of keys."""

from collections.abc import Iterator, Mapping

import yaml

NAMES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
    "null": "null",
}
FILE_NAME = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""The pattern of names that become file names."""
LONGEST_NAME = 100
"""Letters of such a name: file systems allow 255, and results put more to it."""
FIT_FOR_FILES = "letters, digits, '.', '_' and '-' only, a letter or digit first"


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


def kind(schema: Mapping) -> str:
    """Type of a value, such as `path or null`."""
    if "enum" in schema:
        return "choice"
    names = [NAMES[name] for name in _types(schema)]
    if schema.get("format") == "path":
        names = ["path" if name == "text" else name for name in names]
    return " or ".join(names)


def bounds(schema: Mapping) -> str:
    """Allowed values apart from the type, such as `0 to 255`; empty if any will do."""
    if "enum" in schema:
        return ", ".join(as_yaml(value) for value in schema["enum"])
    parts = [_range(schema)]
    if schema.get("not") == {"multipleOf": 2}:
        parts.append("odd")
    if "string" in _types(schema) and "pattern" in schema:
        parts.append(_pattern(schema["pattern"]))
    if "propertyNames" in schema:
        parts.append(f"names of {_pattern(schema['propertyNames']['pattern'])}")
    if "prefixItems" in schema:
        parts.append(f"[{', '.join(_range(item) for item in schema['prefixItems'])}]")
    elif "items" in schema:
        least, most = schema.get("minItems"), schema.get("maxItems")
        of = " ".join(filter(None, (_plural(kind(schema["items"])), _range(schema["items"]))))
        parts.append(f"{least} {of}" if least is not None and least == most else f"list of {of}")
    return "; ".join(part for part in parts if part)


def described(schema: Mapping) -> str:
    """Type and bounds as the end of the sentence `expected ...`."""
    if "enum" in schema:
        return f"one of {bounds(schema)}" if len(schema["enum"]) > 1 else bounds(schema)
    limits = bounds(schema)
    return f"{kind(schema)} ({limits})" if limits else kind(schema)


def as_yaml(value: object) -> str:
    """A value as one would write it in the config, on one line."""
    if isinstance(value, float):
        # YAML takes 1e-05 for text, as it wants a point in a number with an exponent.
        mantissa, _, exponent = f"{value!r}".partition("e")
        return f"{mantissa}{'' if '.' in mantissa else '.0'}e{int(exponent):+d}" if exponent else mantissa
    if isinstance(value, list):
        return f"[{', '.join(as_yaml(item) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {as_yaml(item)}' for key, item in value.items())}}}"
    return yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()


def _types(schema: Mapping) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _plural(noun: str) -> str:
    return noun if noun == "text" else f"{noun}s"


def _pattern(pattern: str) -> str:
    if pattern == FILE_NAME:
        return FIT_FOR_FILES
    if pattern == "^auto$":
        return "the text auto"
    return "begins with ~" if pattern.endswith("~") else f"fits {pattern}"


def _range(schema: Mapping) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    parts = []
    if low is not None:
        parts.append(f"at least {low}")
    if above is not None:
        parts.append(f"above {above}")
    if high is not None:
        parts.append(f"at most {high}")
    if below is not None:
        parts.append(f"below {below}")
    return " and ".join(parts)
