"""The tables of config/README.md, made from the schemas: `python -m workflow_lib.preflight.document`."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from workflow_lib.io import sheets, tables
from workflow_lib.preflight.expected import as_yaml, bounds, kind, leaves


def keys(schema: Mapping) -> str:
    """Markdown table of all keys of the configuration: key, type, default, allowed, meaning."""
    required = _required(schema)
    rows = [
        (
            f"`{key}`",
            kind(part),
            f"`{as_yaml(part['default'])}`" if "default" in part else "needed" if key in required else "",
            bounds(part),
            part["description"],
        )
        for key, part in leaves(schema)
    ]
    return _markdown(("key", "type", "default", "allowed", "meaning"), rows)


def columns(schema: Mapping) -> str:
    """Markdown table of the columns of the sample sheet: column, type, allowed, meaning."""
    parts = {f"`{name}`": part for name, part in schema["properties"].items()}
    parts["any other"] = schema["additionalProperties"]
    rows = [(name, kind(part), bounds(part), part["description"]) for name, part in parts.items()]
    return _markdown(("column", "type", "allowed", "meaning"), rows)


def filled(text: str, config_schema: Mapping, sample_schema: Mapping) -> str:
    """A document with tables put between `<!-- keys -->` and `<!-- end of keys -->`, and so on.

    Raises
    ------
    ValueError
        If a mark is missing.
    """
    made = {"keys": keys(config_schema), "columns": columns(sample_schema)}
    for name, table in made.items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->\n")
        if not begin or not end:
            raise ValueError(f"no mark <!-- {name} --> and <!-- end of {name} -->")
        text = f"{before}{begin}{table}{end}{after}"
    return text


def main(folder: str = "config") -> None:
    """Write the tables into README.md of the folder that holds it and `schemas`."""
    readme = Path(folder) / "README.md"
    schemas = [
        sheets.read_yaml(Path(folder) / f"schemas/{name}.schema.yaml") for name in ("config", "samples")
    ]
    tables.write_text(filled(sheets.read_text(readme), *schemas), readme)


def _required(schema: Mapping, above: str = "") -> set[str]:
    found = {f"{above}{name}" for name in schema.get("required", [])}
    for name, part in schema.get("properties", {}).items():
        found |= _required(part, f"{above}{name}.")
        if isinstance(part.get("additionalProperties"), Mapping):
            found |= _required(part["additionalProperties"], f"{above}{name}.<name>.")
    return found


def _markdown(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
