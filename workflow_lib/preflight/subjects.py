"""Subjects that gave several samples: the key `block`, and sheets that should have it."""

from collections.abc import Iterator, Mapping

import pandas as pd

from workflow_lib.near import nearest
from workflow_lib.preflight.problems import Problem, listed
from workflow_lib.stats import formula, levels
from workflow_lib.stats.units import SUBJECTS


def problems(config: Mapping, samples: pd.DataFrame, source: str) -> Iterator[Problem]:
    """What is wrong with the key `block`."""
    block = config.get("block")
    if block is None:
        return
    place, sheet = f"{source}, key block", config["samples"]
    if block not in samples.columns:
        like = nearest(block, samples.columns)
        fix = (
            f"write {like}" if like else f"write a column that is there ({listed(samples.columns, most=12)})"
        )
        yield Problem(place, f"is {block}, which is no column of {sheet}", f"{fix}, or remove block")
        return
    absent = samples.index[samples[block].isna()]
    if len(absent):
        what = f"has no value for {listed(absent)}, and block uses it"
        yield Problem(f"{sheet}, column {block}", what, "fill it in, or remove block")
        return
    if block in formula.variables(config["design"]):
        what = f"is {block}, which the design {config['design']!r} has too"
        yield Problem(place, what, f"remove block: a design with {block} compares within {block} already")
        return
    sizes = levels.labels(samples[block]).value_counts()
    if len(sizes) == 1:
        what = f"is {block}, and all samples have the value {sizes.index[0]}"
        yield Problem(place, what, "name the column that says whom each sample is of, or remove block")
    elif sizes.max() == 1:
        what = f"is {block}, of which each sample has a value of its own"
        yield Problem(place, what, "remove block: samples are independent")


def notes(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """What the key does and does not; and that it is wanting."""
    block = config.get("block")
    if block is not None:
        return [
            f"block {block}: tests of motifs, footprints and factors take samples of one {block} as "
            f"correlated; tests of peaks take them as independent, so their p-values are too small where "
            f"values of {block} differ. Calibration moves all samples of one {block} together and shows by "
            f"how much. To add up the samples of one {block} in a group, name it in a column replicate"
        ]
    used = {*formula.variables(config["design"]), "replicate"}
    found = []
    for name in samples.columns:
        if str(name).casefold() not in SUBJECTS or name in used or "replicate" in samples.columns:
            continue
        sizes = levels.labels(samples[name].dropna()).value_counts()
        if 1 < len(sizes) < len(samples) and sizes.max() > 1:
            found.append(
                f"column {name} of {config['samples']}: {sizes.index[0]} gave {sizes.iloc[0]} samples, which "
                f"count as independent; add {name} to the design if each gave samples of several groups, "
                f"else write block: {name}, or name {name} in a column replicate to add these samples up"
            )
    return found
