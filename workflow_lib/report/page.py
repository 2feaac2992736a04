"""From content and templates to text."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from workflow_lib.report.content import Content


def environment() -> Environment:
    """Templates that stand beside this file; whatever is put into HTML is escaped."""
    return Environment(
        loader=PackageLoader("workflow_lib.report", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(content: Content) -> str:
    """The report as one HTML document.

    All text is escaped, images are inside the document, and its content security policy forbids every
    request. The result depends on `content` alone.
    """
    return environment().get_template("report.html").render(content=content)
