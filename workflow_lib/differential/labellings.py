"""Other labels for the samples, under which nothing can differ: permuted ones, and groups split in halves."""

import itertools
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.stats import designs, levels

log = logging.getLogger("atacdiff")

PERMUTED, SPLIT, OBSERVED = "permuted", "split", "observed"
MOST_PERMUTED, MOST_SPLIT = 20, 10
ENUMERATED = 20_000
"""Labellings are listed up to so many, and beyond drawn at random."""
HALF = "half_of_group"


@dataclass(frozen=True)
class Labelling:
    """A sheet in which the contrast, by construction, compares like with like."""

    kind: str
    experiment: tuple[str, ...]
    samples: pd.DataFrame
    design: str
    contrast: Mapping[str, str]
    residual_df: int
    weights: tuple[float, ...]
    """Of samples in the linear estimate, up to scale: alike for labellings that are one test."""


def observed(samples: pd.DataFrame, design: str, contrast: Mapping[str, str]) -> list[Labelling]:
    """The true labels, if their design leaves a residual degree of freedom."""
    experiment = samples.index[levels.sides(samples, contrast)["experiment"]]
    return _fitting(OBSERVED, experiment, samples, design, contrast)


def permutations(
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    limit: int = MOST_PERMUTED,
    seed: int = 0,
) -> tuple[list[Labelling], int]:
    """Other ways of naming the same numbers of samples experiment and control.

    Labels move only between samples that are alike in the design's other categorical columns (within batches
    or pairs), so that the design keeps its rank and the labels stay unrelated to those columns. The true
    labels are left out and so are their mirror image and mirror images of one another, whose p-values are
    the same. Samples of other levels keep theirs.

    Parameters
    ----------
    samples, design, contrast
        As :func:`workflow_lib.differential.test` takes them.
    limit : int
        At most so many, chosen at random among all by `seed`.
    seed : int

    Returns
    -------
    labellings : list of Labelling
    possible : int
        How many distinct ones there are: where not all were tried, the design may not fit some; -1 if too
        many to count.
    """
    variable, experiment, control = (str(contrast[key]) for key in ("variable", "experiment", "control"))
    sides = levels.sides(samples, contrast)
    compared = sides["experiment"] | sides["control"]
    members, true = samples.index[compared], sides["experiment"][compared]
    strata = _strata(samples.loc[members], design, variable)
    blocks = [(rows, int(true[rows].sum())) for rows in strata]
    chosen, possible = _assignments(blocks, limit, seed, true)
    labellings = []
    for labels in chosen:
        sheet = samples.assign(**{variable: levels.labels(samples[variable])})
        sheet.loc[members, variable] = np.where(labels, experiment, control)
        labellings += _fitting(PERMUTED, members[labels], sheet, design, contrast)
    return _distinct(labellings, len(chosen), possible)


def splits(
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    limit: int = MOST_SPLIT,
    seed: int = 0,
) -> tuple[list[Labelling], int]:
    """Each group split in halves, the first halves of all groups against the second ones, in the same design.

    The groups stay in the model, so that true changes between them do not disturb the comparison as they do
    where labels are permuted; it costs one degree of freedom. Every level of the contrast's variable is
    split; odd groups give their larger half to either side in turn.

    Parameters and result as in :func:`permutations`; empty unless both groups have three samples.
    """
    variable = str(contrast["variable"])
    if min(members.sum() for members in levels.sides(samples, contrast).values()) < 3:
        return [], 0
    level = levels.labels(samples[variable]).to_numpy()
    blocks, odd = [], 0
    for name in sorted(set(level)):
        rows = np.flatnonzero(level == name)
        blocks.append((rows, (len(rows) + odd) // 2))
        odd ^= len(rows) % 2
    chosen, possible = _assignments(blocks, limit, seed, None)
    halves = {"variable": HALF, "experiment": "first", "control": "second"}
    labellings = []
    for labels in chosen:
        sheet = samples.assign(**{HALF: np.where(labels, "first", "second")})
        labellings += _fitting(SPLIT, samples.index[labels], sheet, f"{design} + {HALF}", halves)
    return _distinct(labellings, len(chosen), possible)


def _strata(samples: pd.DataFrame, design: str, variable: str) -> list[np.ndarray]:
    """Rows that are alike in all other categorical columns of the design."""
    others = [name for name in designs.variables(design) if name != variable]
    names = [name for name in others if levels.are_labels(samples[name], design)]
    if not names:
        return [np.arange(len(samples))]
    labels = samples[names].astype(str).agg("\t".join, axis=1).to_numpy()
    return [np.flatnonzero(labels == label) for label in sorted(set(labels))]


def _assignments(
    blocks: Sequence[tuple[np.ndarray, int]], limit: int, seed: int, true: np.ndarray | None
) -> tuple[list[np.ndarray], int]:
    """Distinct labels with so many True in each block; mirror images count once, `true` not at all."""
    n = sum(len(rows) for rows, _ in blocks)
    rng = np.random.default_rng(seed)
    total = math.prod(math.comb(len(rows), k) for rows, k in blocks)
    everything = _all_assignments(blocks, n) if total <= ENUMERATED else _drawn(blocks, n, rng, 50 * limit)
    left_out = set() if true is None else {_canonical(true)}
    distinct: dict[tuple[bool, ...], np.ndarray] = {}
    for labels in everything:
        key = _canonical(labels)
        if key not in left_out:
            distinct.setdefault(key, labels)
        if total > ENUMERATED and len(distinct) == limit:
            break
    found = list(distinct.values())
    if len(found) > limit:
        found = [found[i] for i in np.sort(rng.choice(len(found), limit, replace=False))]
    return found, len(distinct) if total <= ENUMERATED else -1


def _all_assignments(blocks: Sequence[tuple[np.ndarray, int]], n: int) -> Iterator[np.ndarray]:
    for chosen in itertools.product(*(itertools.combinations(rows, k) for rows, k in blocks)):
        labels = np.zeros(n, dtype=bool)
        labels[[row for part in chosen for row in part]] = True
        yield labels


def _drawn(
    blocks: Sequence[tuple[np.ndarray, int]], n: int, rng: np.random.Generator, tries: int
) -> Iterator[np.ndarray]:
    for _ in range(tries):
        labels = np.zeros(n, dtype=bool)
        for rows, k in blocks:
            labels[rng.choice(rows, k, replace=False)] = True
        yield labels


def _canonical(labels: np.ndarray) -> tuple[bool, ...]:
    """The same for labels and their mirror image."""
    return tuple(bool(label) for label in (labels if labels[0] else ~labels))


def _fitting(
    kind: str, experiment: pd.Index, sheet: pd.DataFrame, design: str, contrast: Mapping[str, str]
) -> list[Labelling]:
    """The labelling, if its design has full rank and leaves a residual degree of freedom."""
    try:
        matrix, vector = designs.contrast(sheet, design, contrast)
    except InputError as error:
        log.info("%s, %s: left out (%s)", kind, "+".join(map(str, experiment)), error)
        return []
    freedom = len(matrix) - matrix.shape[1]
    if freedom < 1:
        return []
    weights = vector @ np.linalg.pinv(matrix.to_numpy())
    weights = np.round(weights / np.linalg.norm(weights), 9)
    weights = weights * np.sign(weights[np.flatnonzero(weights)[0]]) + 0.0
    return [Labelling(kind, tuple(experiment), sheet, design, contrast, freedom, tuple(weights))]


def _distinct(labellings: list[Labelling], tried: int, possible: int) -> tuple[list[Labelling], int]:
    """Those that make different tests, and how many there are if all were tried."""
    found = list({labelling.weights: labelling for labelling in reversed(labellings)}.values())[::-1]
    return found, len(found) if tried == possible else possible
