"""Keys of the configuration that were moved or taken away, which older files still have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOVED = {"differential.alpha": "alpha"}
"""What was moved, and where to."""

GONE = {"enrichment.test": "fisher"}
"""What was taken away, and the only value that it could have, which is what is done now."""


@dataclass(frozen=True)
class Renaming:
    """Settings under today's names, and what was done to them.

    Attributes
    ----------
    settings : dict
    moved : dict
        Today's key: the key that was given.
    gone : list of str
        Keys that were left out.
    clashes : dict
        Old key: its value and today's key, where both were given and differ; the old one is left out.
    """

    settings: dict
    moved: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    clashes: dict[str, tuple[object, str]] = field(default_factory=dict)


def renamed(settings: Mapping) -> Renaming:
    """Settings with today's names of keys; the mapping given is not changed."""
    found = Renaming(dict(settings))
    for old, new in MOVED.items():
        if _has(found.settings, old):
            value = _taken(found.settings, old)
            if _has(found.settings, new) and found.settings[new] != value:
                found.clashes[old] = (value, new)
            else:
                found.settings[new] = value
                found.moved[new] = old
    for old, only in GONE.items():
        if _has(found.settings, old) and found.settings[old.split(".")[0]][old.split(".")[1]] == only:
            _taken(found.settings, old)
            found.gone.append(old)
    return found


def _has(settings: Mapping, key: str) -> bool:
    part, _, name = key.rpartition(".")
    holder = settings.get(part) if part else settings
    return isinstance(holder, Mapping) and name in holder


def _taken(settings: dict, key: str):
    """The value of a key below another, which is taken out of a copy of what held it."""
    part, _, name = key.rpartition(".")
    settings[part] = dict(settings[part])
    return settings[part].pop(name)
