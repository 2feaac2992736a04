"""Names that a reader may have meant, in any case."""

import difflib
from collections.abc import Iterable

NEAR = 8


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `name` was most likely meant to be; None if none is near.

    Examples
    --------
    >>> from workflow_lib import near
    >>> near.nearest("contrl", ["control", "treated"])
    'control'
    """
    by_lower = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def alike(name: str, names: Iterable[str], n: int = NEAR) -> list[str]:
    """At most n names of nearly the same letters, or of which this one is a part."""
    by_folded = {known.casefold(): known for known in sorted(names)}
    wanted = name.strip().casefold()
    inside = sorted((known for known in by_folded if wanted and wanted in known), key=lambda k: (len(k), k))
    found = dict.fromkeys([*difflib.get_close_matches(wanted, list(by_folded), n, 0.7), *inside])
    return [by_folded[known] for known in list(found)[:n]]


def offer(name: str, names: Iterable[str]) -> str:
    """`did you mean` with names like this one, or the first few that there are."""
    by_lower = {str(known).lower(): str(known) for known in names}
    near = difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)
    if near:
        return f"did you mean {', '.join(by_lower[match] for match in near)}?"
    known = sorted(by_lower.values())
    more = f" and {len(known) - 5:,} more" if len(known) > 5 else ""
    return f"there are {', '.join(known[:5])}{more}"
