"""Variables of the environment in paths."""

import os
import re

from workflow_lib.errors import InputError

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
        Naming a variable that is unset (or empty) and has no default, or a `${` that is not closed.
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
    return expanded
