"""What the manual says to each chapter of the report."""

import re
from functools import cache
from pathlib import Path

MANUAL = Path(__file__).resolve().parents[2] / "docs/interpretation.md"


@cache
def chapters(manual: Path = MANUAL) -> dict[str, tuple[str, ...]]:
    """Paragraphs of each chapter by its heading, as plain text; empty where the manual is not there."""
    if not manual.is_file():
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for part in re.split(r"^## ", manual.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        blocks = re.split(r"\n\s*\n|^- ", body, flags=re.MULTILINE)
        found[heading.strip()] = tuple(text for text in map(_plain, blocks) if text)
    return found


def _plain(block: str) -> str:
    """A block without its marks, but for tables and code, which are left out."""
    if block.lstrip().startswith(("|", "```", "#")):
        return ""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", block)
    return " ".join(re.sub(r"\*\*|(?<!\w)\*|\*(?!\w)|`", "", text).split())
