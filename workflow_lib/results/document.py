"""docs/output.md, made from the catalogue: `python -m workflow_lib.results.document`."""

import sys
from collections.abc import Iterable

from workflow_lib.io import catalogue, tables
from workflow_lib.io.catalogue import Result

INTRODUCTION = """# Results

What a run writes, by stage. This page is made from the catalogue of results by
`python -m workflow_lib.results.document`.

All paths are below `results/`. Names in braces stand for one file each: `{contrast}`, `{sample}`,
`{group}`, `{motif}` and `{direction}` (`up` or `down`). Tables are tab-separated and have a header. A
missing value is `NA`. Coordinates are 0-based and half-open. Each figure is an SVG, with a PDF and a PNG of
the same name beside it. Each table has its columns below, with type, unit and meaning. *Not in every run*
marks a column that depends on the inputs. How the numbers are computed is in [methods.md](methods.md), and
how to read them in [interpretation.md](interpretation.md).
"""
NEEDS = {
    "bams": "BAM or fragment files",
    "fasta": "`genome.fasta`",
    "genes": "`genome.annotation`",
    "footprints": "BAM or fragment files and `genome.fasta`",
    "expression": "`linkage.expression`",
    "linkage": "`linkage.expression`, an annotation and enough samples",
    "regions": "gene sets or sets of regions (`regions`)",
    "several": "two contrasts or more",
    "profiles": "a contrast of three levels or more, or of any difference",
    "calibrate": "`differential.calibrate: true`",
    "call": "`peaks.call: true`",
    "genome_background": "`enrichment.background: genome`",
    "all_peaks": "`enrichment.foreground: all`",
    "planted": "the demo",
}
"""What a result needs, in words; keys as in the catalogue."""
TYPES = {"text": "text", "integer": "whole number", "number": "number", "boolean": "True or False"}


def text() -> str:
    """The page."""
    parts = [INTRODUCTION]
    for stage, given in catalogue.stages().items():
        found = [entry for entry in catalogue.entries().values() if entry.stage == stage]
        parts.append(f"\n## {given['title']}\n{_needed(given.get('needs', ()))}")
        plain = [entry for entry in found if entry.kind != "figure" and not entry.columns]
        figures = [entry for entry in found if entry.kind == "figure"]
        for entry in found:
            if entry.columns:
                parts.append(_table(entry, given.get("needs", ())))
        if plain:
            rows = [(f"`{entry.path}`", entry.what) for entry in plain]
            parts.append("\n" + markdown(("file", "content"), rows))
        if figures:
            rows = [
                (f"`{entry.path}`", " ".join((entry.legend or entry.what or entry.caption).split()))
                for entry in figures
            ]
            parts.append("\n" + markdown(("figure", "shows"), rows))
    return "".join(parts)


def markdown(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _table(entry: Result, known: Iterable[str]) -> str:
    """Heading, path and columns of one table."""
    rows = []
    for column in entry.columns:
        words = entry.words.get(column.name)
        said = (
            column.what
            + (f" ({', '.join(words)})" if words else "")
            + ("; not in every run" if column.optional else "")
        )
        rows.append((f"`{column.name}`", TYPES[column.type], column.unit, said))
    needs = _needed([need for need in entry.needs if need not in known])
    what = entry.what[0].upper() + entry.what[1:]
    return (
        f"\n### `{entry.path}`\n\n{what}.\n{needs}\n{markdown(('column', 'type', 'unit', 'meaning'), rows)}"
    )


def _needed(needs: Iterable[str]) -> str:
    words = [NEEDS[need] for need in needs]
    return f"\nNeeds {' and '.join(words)}.\n" if words else ""


def main(path: str = "docs/output.md") -> None:
    """Write the page."""
    tables.write_text(text(), path)


if __name__ == "__main__":
    main(*sys.argv[1:])
