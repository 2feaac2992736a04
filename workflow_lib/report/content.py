"""What a report consists of: plain text, tables of formatted cells, figures, and tables to explore."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cell:
    """One cell: text, and if given a motif's logo before it, a bar of a share, or the colour of a direction.

    `order` is what the cell is sorted by where that is neither its text nor the number its text begins with.
    """

    text: str
    logo: str = ""  # motif whose logo the page draws
    alt: str = ""
    share: float | None = None  # 0 to 1
    tone: str = ""  # up, down or nothing
    href: str = ""
    order: float | None = None


@dataclass(frozen=True)
class Column:
    """Heading of a column.

    `hint` is its name in the result file and what it means; `extra` columns are shown on demand.
    """

    heading: str
    hint: str = ""
    numeric: bool = False
    extra: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a caption; `href` leads to the file with all its rows; folded ones open on demand."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    href: str = ""
    folded: bool = False
    kind: str = "table"


@dataclass(frozen=True)
class Figure:
    """An image inside the page; `href` leads to its file.

    `image` is a data: address, or `packed` the image's SVG, deflated, where it is not seen at first. `data`
    leads to the table that it draws.
    """

    image: str
    alt: str
    caption: str
    href: str = ""
    wide: bool = False
    packed: str = ""
    data: str = ""


@dataclass(frozen=True)
class Gallery:
    """Figures side by side where the window allows."""

    figures: tuple[Figure, ...]
    kind: str = "gallery"


@dataclass(frozen=True)
class Text:
    """Paragraphs; with an element name in `copied` they can be copied at once."""

    paragraphs: tuple[str, ...]
    copied: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Field:
    """A column of a table to explore.

    `form` is `name` (text that identifies a row and is searched), `text`, `choice` (one of a few words),
    `number` or `pvalue`; `decimals` are those of a number, three significant digits if None. `extra` ones are
    shown on demand.
    """

    name: str
    heading: str
    form: str = "text"
    decimals: int | None = None
    extra: bool = False


@dataclass(frozen=True)
class Axis:
    """Which field a plot shows along an axis, and how: `scale` is linear, log or minuslog10."""

    field: str
    label: str
    scale: str = "linear"


@dataclass(frozen=True)
class Plot:
    """A scatter plot of the rows of a table to explore; `level` draws a dashed line at that height."""

    title: str
    x: Axis
    y: Axis
    level: float | None = None


@dataclass(frozen=True)
class Explorer:
    """A table to sort, filter and search, tied to plots of the same rows.

    Parameters
    ----------
    name : str
        Of the element and of the file to download; unique in the report.
    fields : tuple of Field
        The first is the row's name.
    rows : mapping of field name to values
        Text, numbers and None, one a row.
    backdrop : mapping of field name to numbers
        Points that the plots show behind the rows and the table does not list.
    plots : tuple of Plot
    colour : str
        Field of words `up`, `down` and others, by which points are coloured.
    strict : str or None
        p-value field that can be filtered by a limit; likewise `size` by its least absolute value.
    begin : tuple of str
        Words of `colour` that are shown at first; all if empty.
    table, gallery : Table, Gallery
        What stands in for it on paper and where no script runs.
    lead : Figure or None
        Shown above the plots.
    """

    name: str
    caption: str
    fields: tuple[Field, ...]
    rows: Mapping[str, tuple]
    plots: tuple[Plot, ...]
    colour: str
    table: Table | None
    gallery: Gallery
    strict: str | None = None
    size: str | None = None
    begin: tuple[str, ...] = ()
    backdrop: Mapping[str, tuple] | None = None
    href: str = ""
    lead: Figure | None = None
    kind: str = "explorer"


@dataclass(frozen=True)
class Section:
    """A heading, what stands under it, and sections below.

    Parameters
    ----------
    anchor, title : str
    parts, sections : tuple
    folded : bool
        Opens on demand; one with a verdict of `bad` is open.
    badge : Badge or None
        A verdict beside the heading.
    guide : tuple of str
        How to read it, which opens on demand.
    panel : bool
        Of several such sections the page shows one at a time, and a choice.
    """

    anchor: str
    title: str
    parts: tuple[Text | Table | Gallery | Explorer, ...] = ()
    sections: tuple["Section", ...] = ()
    folded: bool = False
    badge: "Badge | None" = None
    panel: bool = False
    guide: tuple[str, ...] = ()

    @property
    def link(self) -> "Link":
        return Link(self.anchor, self.title)


@dataclass(frozen=True)
class Badge:
    """A verdict in a word or two; `tone` is good, fair or bad, `stage` what of the run it is about."""

    text: str
    tone: str
    stage: str = ""
    anchor: str = ""  # section that it rests on, where that is not the one it stands in


@dataclass(frozen=True)
class Link:
    """A section of the page to go to."""

    anchor: str
    title: str


@dataclass(frozen=True)
class Reference:
    """A work cited, with its address."""

    text: str
    href: str


@dataclass(frozen=True)
class Finding:
    """A sentence of the answer, and what it rests on or leads to; `links` are sections, one a detail."""

    sentence: str
    details: tuple[str, ...] = ()
    link: Link | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Content:
    """A whole report.

    Parameters
    ----------
    title : str
    subject : str
        What the page is about, above the title.
    answer : tuple of Finding
    summary : tuple of str
        The answer in a few sentences, where it has one.
    facts : tuple of (name, words)
        What was studied: genome, samples, design.
    badges : tuple of Badge
        A verdict on each stage, with the section that it rests on.
    overview : Table or None
        A row for each contrast.
    logos, lookup : mapping or None
        Of :func:`workflow_lib.report.lookup.logos` and :func:`workflow_lib.report.lookup.collect`.
    examples : tuple of str
        Names that can be looked up.
    """

    title: str
    answer: tuple[Finding, ...]
    summary: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()  # stage, reason
    notes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    references: tuple[Reference, ...] = ()
    version: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    badges: tuple[Badge, ...] = ()
    overview: Table | None = None
    subject: str = ""
    logos: Mapping[str, Any] | None = None
    lookup: Mapping[str, Any] | None = None
    examples: tuple[str, ...] = ()
