"""Contrasts that are missing, misspelt or of the wrong kind: an example from the user's own sheet."""

from collections.abc import Mapping

import pandas as pd

from workflow_lib.near import nearest
from workflow_lib.preflight.expected import as_yaml
from workflow_lib.preflight.problems import Problem
from workflow_lib.profiles.values import levels_of
from workflow_lib.stats import forms, levels

KEY = "contrasts"
DEFAULT = ("control", "treated")
"""Levels that the default contrast compares."""


def profiled(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """Names of the contrasts whose changed peaks are followed over levels."""
    return [name for name, asked in config[KEY].items() if levels_of(forms.parse(asked), samples)]


def unnamed(given: Mapping, samples: pd.DataFrame) -> bool:
    """Whether no contrast is named, and the default one does not fit the sheet."""
    groups = _groups(samples)
    return KEY not in given and len(groups) > 1 and not set(DEFAULT) <= set(groups)


def missing(given: Mapping, samples: pd.DataFrame, source: str) -> Problem:
    """The key is not there, or under another name."""
    like = _misspelt(given)
    if like is not None:
        what = f"is not there, and {like} is"
        return Problem(f"{source}, key {KEY}", what, f"write {KEY} for {like}; {example(samples)}")
    groups = _groups(samples)
    what = f"is not there, so nothing says which of the groups to compare ({', '.join(groups[:12])})"
    return Problem(f"{source}, key {KEY}", what, example(samples))


def explained(problems: list[Problem], given: Mapping, samples: pd.DataFrame, source: str) -> list[Problem]:
    """Problems of the key itself with an example in place of a general fix; a misspelt key as that only."""
    value = given.get(KEY) if isinstance(given, Mapping) else None
    like = _misspelt(given)
    found = []
    for problem in problems:
        if like is not None and problem.where == f"{source}, key {like}":
            continue  # told of as what is missing
        if KEY in given and problem.where == f"{source}, key {KEY}":
            what = problem.what
            if isinstance(value, list):
                what = f"is a list ({as_yaml(value)[:60]}), expected names and what each of them compares"
            problem = Problem(problem.where, what, example(samples))
        found.append(problem)
    return found


def example(samples: pd.DataFrame) -> str:
    """A contrast that this sheet could have."""
    groups = _groups(samples)
    if len(groups) < 2:
        return f"write such as {KEY}: {{NAME: {{variable: group, experiment: LEVEL, control: LEVEL}}}}"
    control, experiment = groups[0], groups[-1]
    for name in groups:
        if name.casefold() in ("control", "ctrl", "untreated", "vehicle", "wt", "mock", "resting", "dmso"):
            control = name
            experiment = next(other for other in reversed(groups) if other != name)
            break
    key = f"{experiment}_vs_{control}"
    asked = as_yaml({key: {"variable": "group", "experiment": experiment, "control": control}})
    return f"write such as {KEY}: {asked}"


def _groups(samples: pd.DataFrame) -> list[str]:
    return levels.ordered(samples["group"]) if "group" in samples.columns else []


def _misspelt(given: Mapping) -> str | None:
    """A key that stands where contrasts should."""
    if KEY in given:
        return None
    for name, value in given.items():
        if isinstance(value, Mapping | list) and nearest(str(name), [KEY]) == KEY:
            return str(name)
    return None
