"""Paths as the user writes them: variables of the environment, and signs that no path may hold."""

import os
import re

from workflow_lib.errors import InputError

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Signs that no name or path may hold: they break lines, tables and figures."""
BRACES = {"{", "}"}
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")


def expand(path: str) -> str:
    """Replace `${NAME}` and `${NAME:-default}` by the variables of the environment, as a shell does.

    Parameters
    ----------
    path : str

    Returns
    -------
    str
        The default stands for a variable that is unset or empty.

    Raises
    ------
    InputError
        Naming a variable that is unset (or empty) and has no default, a `${` that is not closed, or a sign
        that the workflow could not carry to a job unchanged: braces, line ends and other control characters.
    """

    def value(found: re.Match) -> str:
        name, default = found.groups()
        known = os.environ.get(name) or default
        if known is None:
            raise InputError(
                f"{path!r} names the environment variable {name}, which is not set: "
                f"export {name}=... or write ${{{name}:-default}}"
            )
        return known

    expanded = _VARIABLE.sub(value, path)
    if "${" in expanded:
        raise InputError(
            f"{path!r} has a '${{' that is no ${{NAME}} or ${{NAME:-default}}: write one of these"
        )
    if set(expanded) & BRACES:
        raise InputError(
            f"{path!r} has a brace, which Snakemake takes for a wildcard: rename the file or folder, or link "
            "to it under another name"
        )
    if CONTROL.search(expanded):
        raise InputError(
            f"{path!r} has a line end or another control character: rename the file, or write the path on "
            "one line"
        )
    return expanded
