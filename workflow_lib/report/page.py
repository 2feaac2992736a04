"""From content and templates to text."""

import re
from collections.abc import Iterator

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from workflow_lib.plots import style
from workflow_lib.report import explorer, format, inlined, packed
from workflow_lib.report.content import Content, Explorer, Section

SCRIPTS = ("packed.js", "cards.js", "search.js", "figures.js", "report.js")
"""Our own scripts, in the order in which they run as one: the search is there before tables and plots are."""


def environment() -> Environment:
    """Templates that stand beside this file; whatever is put into HTML is escaped."""
    made = Environment(
        loader=PackageLoader("workflow_lib.report", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["sort_value"] = format.sort_value
    made.filters["meaning"] = lambda field, href: format.hint(field.name, field.heading, href)
    made.filters["json"] = inlined.data
    made.filters["payload"] = lambda part: inlined.data(packed.data(explorer.payload(part, style.DIRECTION)))
    return made


def together(said: object) -> object:
    """Text in which no line ends between a number and its percent sign; anything else as it is."""
    if not isinstance(said, str) or isinstance(said, Markup):
        return said
    return re.sub(r"(?<=\d) (?=%)", "\N{NO-BREAK SPACE}", said)


def render(content: Content) -> str:
    """The report as one HTML document.

    All text is escaped, images, scripts and styles are inside the document, and its content security policy
    forbids every request and every script but these. The result depends on `content` and the versions of the
    inlined libraries alone.
    """
    templates = environment().overlay(finalize=together)
    first = inlined.Script(Markup('document.documentElement.classList.add("scripting");'))
    own = "\n".join(templates.loader.get_source(templates, name)[0] for name in SCRIPTS)  # type: ignore[union-attr]
    scripts = inlined.scripts(own, plots=any(_explorers(content.sections)))
    return templates.get_template("report.html").render(
        content=content,
        first=first,
        scripts=scripts,
        policy=inlined.policy((first, *scripts)),
        table_style=inlined.table_style(),
    )


def _explorers(sections: tuple[Section, ...]) -> Iterator[Explorer]:
    for section in sections:
        yield from (part for part in section.parts if isinstance(part, Explorer))
        yield from _explorers(section.sections)
