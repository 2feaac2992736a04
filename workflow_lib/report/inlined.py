"""Scripts and style sheets inside the page, and the policy that lets these scripts alone run."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from workflow_lib.errors import InputError
from workflow_lib.io import bundles

TABLES = ("itables", "itables/html/dt_bundle.js")
TABLE_STYLE = ("itables", "itables/html/dt_bundle.css")
PLOTS = (
    ("bokeh", "bokeh/server/static/js/bokeh.min.js"),
    ("bokeh", "bokeh/server/static/js/bokeh-api.min.js"),
)


@dataclass(frozen=True)
class Script:
    """JavaScript as it stands between the tags; a module has names of its own.

    `kind` is `module`, empty for a script that runs where it stands, or `text/plain` for one that waits until
    the page's own script runs it.
    """

    code: Markup
    kind: str = ""

    @property
    def source(self) -> str:
        """The expression of a content security policy that stands for this script."""
        digest = hashlib.sha256(str(self.code).encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def scripts(own: str, *, plots: bool) -> tuple[Script, ...]:
    """The libraries and our own script that ties them together, in the order in which they run.

    Parameters
    ----------
    own : str
        Our own script.
    plots : bool
        Whether the page has plots to look around in.
    """
    waiting = [Script(_inlinable(bundles.read(*file)), "text/plain") for file in (PLOTS if plots else ())]
    return (
        *waiting,
        Script(_inlinable(_as_global(bundles.read(*TABLES))), "module"),
        Script(_inlinable(own), "module"),
    )


def table_style() -> Markup:
    """The style sheet of the table library."""
    style = bundles.read(*TABLE_STYLE)
    if "</style" in style.lower():
        raise InputError("the table library's style sheet closes the element that holds it")
    return Markup(style)


def policy(scripts: Sequence[Script]) -> str:
    """A content security policy: no request at all, no evaluation of text, no script but these."""
    sources = " ".join(script.source for script in scripts) or "'none'"
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {sources}"


def data(value: Any) -> Markup:
    """JSON for a `<script type="application/json">`: nothing in it can end the element or open another."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def _as_global(bundle: str) -> str:
    """The bundle with its default export as `window.DataTable`: an inline module can export to nobody."""
    changed, n = re.subn(r"export\{[^}]*?([\w$]+) as default[^}]*\};?", r"window.DataTable=\1;", bundle)
    if n != 1:
        raise InputError(f"{TABLES[0]}: found {n} default exports instead of one in {TABLES[1]}")
    return changed


def _inlinable(code: str) -> Markup:
    """Code that means the same inside the element; an HTML parser reads `<!--` there as a beginning."""
    if "</script" in code.lower() or "\r" in code or "\0" in code:
        raise InputError("a script holds text that cannot stand inside a page")
    return Markup(code.replace("<!--", r"<\!--"))
