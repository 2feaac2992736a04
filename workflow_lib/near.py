"""Names that a reader may have meant."""

import difflib
from collections.abc import Iterable


def offer(name: str, names: Iterable[str]) -> str:
    """`did you mean` with names like this one in any case, or the first few that there are."""
    by_lower = {str(known).lower(): str(known) for known in names}
    near = difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)
    if near:
        return f"did you mean {', '.join(by_lower[match] for match in near)}?"
    known = sorted(by_lower.values())
    more = f" and {len(known) - 5:,} more" if len(known) > 5 else ""
    return f"there are {', '.join(known[:5])}{more}"
