"""The content of a page as plain text, for a terminal."""

from collections.abc import Iterable

from workflow_lib.report.content import Content, Explorer, Gallery, Section, Table, Text


def text(content: Content) -> str:
    """Everything a page shows: sentences, tables in aligned columns, and where its pictures are."""
    lines = [content.title, "=" * len(content.title)]
    lines += [f"\n{sentence}" for sentence in content.summary]
    for finding in content.answer:
        lines += ["", finding.sentence, *(f"  {detail}" for detail in finding.details)]
    lines += [f"\nNot in this run: {stage}: {reason}" for stage, reason in content.skipped]
    lines += [f"\n{note}" for note in content.notes]
    for section in content.sections:
        lines += _section(section, "-")
    return "\n".join(lines)


def answer(content: Content) -> str:
    """The answer in a few sentences, one a line."""
    return "\n".join([*content.summary, ""])


def _section(section: Section, rule: str) -> list[str]:
    lines = ["", "", section.title, rule * len(section.title)]
    for part in section.parts:
        if isinstance(part, Text):
            lines += ["", *part.paragraphs]
        elif isinstance(part, Table):
            lines += ["", *_table(part)]
        elif isinstance(part, Gallery):
            lines += ["", *(f"{figure.caption}: {figure.href}" for figure in part.figures)]
        elif isinstance(part, Explorer) and part.table is not None:
            lines += ["", *_table(part.table)]
    for below in section.sections:
        lines += _section(below, ".")
    return lines


def _table(part: Table) -> list[str]:
    """Caption, headings and rows in aligned columns, numbers to the right; cells hold no line breaks."""
    rows = [[" ".join(cell.text.split()) for cell in row] for row in part.rows]
    caption = part.caption + (f" (all: {part.href})" if part.href else "")
    if not rows:
        return [caption, "  (no rows)"]
    headings = [column.heading for column in part.columns]
    widths = [max(map(len, cells)) for cells in zip(headings, *rows, strict=True)]

    def line(cells: Iterable[str]) -> str:
        padded = (
            cell.rjust(width) if column.numeric else cell.ljust(width)
            for cell, width, column in zip(cells, widths, part.columns, strict=True)
        )
        return "  " + "  ".join(padded).rstrip()

    return [caption, line(headings), *(line(row) for row in rows)]
