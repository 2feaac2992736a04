"""What directions are called: of a difference of effects nothing opens, and some contrasts have none."""

from collections.abc import Mapping

CARRIERS = {"up": "that opened", "down": "that closed", "changed": "that changed"}
"""Regions of a direction."""
OF_DIFFERENCES = {"up": "whose difference is positive", "down": "whose difference is negative"}
"""The same of an interaction: of a difference of effects nothing opens."""
WITH_DIFFERENCES = {"up": "with a positive difference", "down": "with a negative difference"}
OPEN = {"up": "more open", "down": "less open"}


def of_kind(kind: str | None) -> dict[str, str]:
    """What follows `regions`, by each direction that a contrast of this kind calls.

    Parameters
    ----------
    kind : str
        As :func:`workflow_lib.stats.forms.named` has it.

    Examples
    --------
    >>> of_kind("interaction")["up"]
    'whose difference is positive'
    >>> of_kind("any")
    {'changed': 'that changed'}
    """
    if kind == "interaction":
        return dict(OF_DIFFERENCES)
    return {way: words for way, words in CARRIERS.items() if (way == "changed") == (kind == "any")}


def short(kind: str | None) -> dict[str, str]:
    """What a column counts, by direction.

    Examples
    --------
    >>> short("")["up"], short("interaction")["up"]
    ('opened', 'with a positive difference')
    """
    if kind == "interaction":
        return dict(WITH_DIFFERENCES)
    return {way: words.removeprefix("that ") for way, words in CARRIERS.items()}


def peaks(way: str, kind: str | None = "") -> str:
    """Peaks of one direction.

    Examples
    --------
    >>> peaks("up"), peaks("down", "interaction")
    ('more open peaks', 'peaks whose difference is negative')
    """
    return f"peaks {OF_DIFFERENCES[way]}" if kind == "interaction" else f"{OPEN[way]} peaks"


def untested(what: str, where: str) -> str:
    """That something was not tested by direction, since the contrast has none."""
    return f"This contrast has no direction, so {what} were not tested among opened or closed {where}"


def is_any(groups: Mapping) -> bool:
    """Whether a contrast, named as :func:`workflow_lib.stats.forms.named` does, has no direction."""
    return groups.get("kind") == "any"
