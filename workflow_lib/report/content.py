"""What a report consists of: plain text, tables of formatted cells, and figures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One cell: text, and if given a picture before it, a bar of a share, or the colour of a direction."""

    text: str
    image: str = ""  # data: address
    alt: str = ""
    share: float | None = None  # 0 to 1
    tone: str = ""  # up, down or nothing
    href: str = ""


@dataclass(frozen=True)
class Column:
    """Heading of a column; `hint` is its name in the result file."""

    heading: str
    hint: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a caption; `href` leads to the file with all its rows."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    href: str = ""
    kind: str = "table"


@dataclass(frozen=True)
class Figure:
    """An image inside the page; `href` leads to its file."""

    image: str
    alt: str
    caption: str
    href: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Gallery:
    """Figures side by side where the window allows."""

    figures: tuple[Figure, ...]
    kind: str = "gallery"


@dataclass(frozen=True)
class Text:
    """Paragraphs."""

    paragraphs: tuple[str, ...]
    kind: str = "text"


@dataclass(frozen=True)
class Section:
    """A heading, what stands under it, and sections below."""

    anchor: str
    title: str
    parts: tuple[Text | Table | Gallery, ...] = ()
    sections: tuple["Section", ...] = ()


@dataclass(frozen=True)
class Reference:
    """A work cited, with its address."""

    text: str
    href: str


@dataclass(frozen=True)
class Finding:
    """A sentence of the answer, and what it rests on or leads to."""

    sentence: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """A whole report."""

    title: str
    answer: tuple[Finding, ...]
    skipped: tuple[tuple[str, str], ...] = ()  # stage, reason
    notes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    references: tuple[Reference, ...] = ()
    version: str = ""
