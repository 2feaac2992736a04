"""Libraries of one biological replicate: do they agree, and are there some that the sheet does not name?"""

from collections.abc import Mapping

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.preflight.problems import Problem, listed
from workflow_lib.stats import formula, units


def problems(config: Mapping, sheet: pd.DataFrame) -> list[Problem]:
    """Columns of the design in which libraries of one replicate differ."""
    found = []
    for column, _, libraries in units.disagreements(sheet, _columns(config)):
        values = listed(sheet.loc[libraries, column].map(str).unique())
        replicate = sheet.loc[libraries[0], units.COLUMN]
        found.append(
            Problem(
                f"{config['samples']}, column {column}",
                f"samples {listed(libraries)} are libraries of replicate {replicate} and differ: {values}",
                f"give them one value, leave {column} out of the design, or give them values of their own in "
                f"column {units.COLUMN}",
            )
        )
    return found


def notes(config: Mapping, sheet: pd.DataFrame) -> list[str]:
    """What is pooled, and what seems to belong together."""
    several = {name: libraries for name, libraries in units.members(sheet).items() if len(libraries) > 1}
    if several:
        name, libraries = next(iter(several.items()))
        return [
            f"{sum(map(len, several.values()))} libraries are pooled into {len(several)} biological "
            f"replicates by column {units.COLUMN} (such as {listed(libraries)} into {name}): counts are "
            "added before any test"
        ]
    found = units.suspected(sheet, _columns(config))
    if found is None:
        return []
    column, value, libraries = found
    return [
        f"{config['samples']}: {listed(libraries)} have the same {column} ({value}) in one group. If they "
        "are libraries of one biological replicate, tests take them for replicates and p-values get far too "
        f"small: give them the same value in a column {units.COLUMN}, and they are added"
    ]


def _columns(config: Mapping) -> list[str]:
    try:
        return formula.variables(config["design"])
    except InputError:
        return []
