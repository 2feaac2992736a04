"""Who is compared: the samples and groups on the sides of a contrast, in the order to show them."""

from collections.abc import Mapping

import pandas as pd

from workflow_lib.stats.forms import parse
from workflow_lib.stats.levels import labels, ordered


def samples_by_level(samples: pd.DataFrame, contrast: Mapping) -> dict[str, list[str]]:
    """Samples by what a contrast compares, control first, then other levels of its variable.

    Of an interaction these are its cells, of a slope the groups.

    Parameters
    ----------
    samples : DataFrame indexed by sample
        The columns that the contrast is about, and group.
    contrast : mapping
    """
    form = parse(contrast)
    if form.is_slope:
        named = {name: samples["group"] == name for name in ordered(samples["group"])}
    else:
        named = {name: pd.Series(members, samples.index) for name, members in form.cells(samples).items()}
        if form.is_difference:
            others = labels(samples[form.variables[0]]).where(~form.compared(samples))
            named |= {name: others == name for name in ordered(others)}
    return {name: list(samples.index[members]) for name, members in named.items() if members.any()}


def groups(samples: pd.DataFrame, contrast: Mapping) -> list[str]:
    """Groups of samples that a contrast compares, those of its control first.

    Parameters
    ----------
    samples : DataFrame indexed by sample
        group, and the columns that the contrast is about.
    contrast : mapping
    """
    found: dict[str, None] = {}
    for members in parse(contrast).cells(samples).values():
        found |= dict.fromkeys(samples["group"][members].astype(str))
    return list(found)
