"""Other labels for the samples, under which nothing can differ: permuted ones, and groups split in halves."""

import itertools
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.stats import contrasts, levels
from workflow_lib.stats.forms import parse
from workflow_lib.stats.formula import quoted, variables

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
    contrast: Mapping
    residual_df: int
    weights: tuple[float, ...]
    """Of pairs of samples in the square of the linear estimate: alike for labellings that are one test."""


def observed(samples: pd.DataFrame, design: str, contrast: Mapping) -> list[Labelling]:
    """The true labels, if their design leaves a residual degree of freedom."""
    experiment = samples.index[parse(contrast).sides(samples)["experiment"]]
    return _fitting(OBSERVED, experiment, samples, design, contrast)


def permutations(
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping,
    *,
    limit: int = MOST_PERMUTED,
    seed: int = 0,
    block: str | None = None,
) -> tuple[list[Labelling], int]:
    """Other ways of giving the same labels to the samples that a contrast compares.

    Labels of the contrast's (first) variable move only between samples that are alike in the design's other
    categorical columns (within batches, donors, pairs; of an interaction, within levels of its other
    columns), so that the design keeps its rank and labels stay unrelated to those columns. The true labels
    are left out and so are labellings that make the same test, such as mirror images. Samples that the
    contrast does not compare keep theirs.

    Parameters
    ----------
    samples, design, contrast
        As :func:`workflow_lib.differential.test` takes them.
    limit : int
        At most so many, chosen at random among all by `seed`.
    seed : int
    block : str, optional
        Column of subjects of several samples. Where the label is the subject's, it moves with all of the
        subject's samples; where it differs within subjects, it moves within them.

    Returns
    -------
    labellings : list of Labelling
    possible : int
        How many distinct ones there are: where not all were tried, the design may not fit some; -1 if too
        many to count.
    """
    form = parse(contrast)
    variable = form.variables[0]
    compared = form.compared(samples)
    members = samples.index[compared]
    sheet = samples.loc[members]
    if block is not None and not _shared(sheet, variable, block):
        design_of_strata, heads, subject = f"{design} + {quoted(block)}", sheet, np.arange(len(sheet))
        heads = heads.assign(**{block: levels.labels(heads[block])})
    else:
        design_of_strata = design
        heads, subject = _heads(sheet, block)
    strata = _strata(heads, design_of_strata, variable)
    of = heads[variable]
    two_labels = form.is_difference and all(len(side) == 1 for side in form.pairs[0])
    if two_labels:
        (experiment,), (control,) = form.pairs[0]
        true = (levels.labels(of) == experiment).to_numpy()
        blocks = [(rows, int(true[rows].sum())) for rows in strata]
        chosen, possible = _assignments(blocks, limit, seed, true)
        arranged = [np.where(labels, experiment, control)[subject] for labels in chosen]
        sheet = samples.assign(**{variable: levels.labels(samples[variable])})
    else:
        chosen, possible = _arrangements(strata, of.to_numpy(), limit, seed)
        arranged = [values[subject] for values in chosen]
        sheet = samples
    labellings = []
    for values in arranged:
        changed = sheet.copy()
        changed.loc[members, variable] = values
        experiment_samples = samples.index[form.sides(changed)["experiment"]]
        labellings += _fitting(PERMUTED, experiment_samples, changed, design, contrast)
    if not two_labels:  # mirror images and the like are known by their weights only
        true_weights = {labelling.weights for labelling in observed(samples, design, contrast)}
        labellings = [labelling for labelling in labellings if labelling.weights not in true_weights]
    return _distinct(labellings, len(arranged), possible)


def splits(
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping,
    *,
    limit: int = MOST_SPLIT,
    seed: int = 0,
    block: str | None = None,
) -> tuple[list[Labelling], int]:
    """Each group split in halves, the first halves of all groups against the second ones, in the same design.

    The groups stay in the model, so that true changes between them do not disturb the comparison as they do
    where labels are permuted; it costs one degree of freedom. Every level of the contrast's variable (or cell
    of an interaction) is split; odd groups give their larger half to either side in turn.

    Parameters and result as in :func:`permutations`; empty for a slope, which compares no groups, and unless
    all groups compared have three samples.
    """
    form = parse(contrast)
    if form.is_slope or min(int(members.sum()) for members in form.cells(samples).values()) < 3:
        return [], 0
    whole = block is not None and all(_shared(samples, name, block) for name in form.variables)
    heads, subject = _heads(samples, block if whole else None)
    labels = [levels.labels(heads[name]).astype(str) for name in form.variables]
    level = pd.concat(labels, axis=1).agg("\t".join, axis=1).to_numpy()
    blocks, odd = [], 0
    for name in sorted(set(level)):
        rows = np.flatnonzero(level == name)
        blocks.append((rows, (len(rows) + odd) // 2))
        odd ^= len(rows) % 2
    chosen, possible = _assignments(blocks, limit, seed, None)
    chosen = [first[subject] for first in chosen]
    halves = {"variable": HALF, "experiment": "first", "control": "second"}
    labellings = []
    for first in chosen:
        sheet = samples.assign(**{HALF: np.where(first, "first", "second")})
        labellings += _fitting(SPLIT, samples.index[first], sheet, f"{design} + {HALF}", halves)
    return _distinct(labellings, len(chosen), possible)


def _shared(samples: pd.DataFrame, variable: str, block: str) -> bool:
    """Whether all samples of a subject have one value."""
    return bool((samples[variable].groupby(samples[block]).nunique() <= 1).all())


def _heads(samples: pd.DataFrame, block: str | None) -> tuple[pd.DataFrame, np.ndarray]:
    """One row a subject, with the columns that its samples agree in, and the subject of each sample.

    Without `block` each sample is a subject of its own.
    """
    if block is None:
        return samples, np.arange(len(samples))
    subject, names = pd.factorize(levels.labels(samples[block]))
    first = [int(np.flatnonzero(subject == i)[0]) for i in range(len(names))]
    heads = samples.iloc[first].copy()
    for name in samples.columns:
        if not _shared(samples, name, block):
            heads[name] = ""  # not the subject's
    return heads, subject


def _arrangements(
    blocks: Sequence[np.ndarray], labels: np.ndarray, limit: int, seed: int
) -> tuple[list[np.ndarray], int]:
    """Distinct orders of the labels within each block, the true one not among them."""
    rng = np.random.default_rng(seed)
    total = math.prod(_orders(labels[rows]) for rows in blocks)
    distinct: dict[tuple, np.ndarray] = {}
    if total <= ENUMERATED:
        for parts in itertools.product(*(_all_orders(labels[rows]) for rows in blocks)):
            arranged = labels.copy()
            for rows, part in zip(blocks, parts, strict=True):
                arranged[rows] = part
            distinct.setdefault(tuple(arranged), arranged)
    else:
        for _ in range(50 * limit):
            arranged = labels.copy()
            for rows in blocks:
                arranged[rows] = rng.permutation(labels[rows])
            distinct.setdefault(tuple(arranged), arranged)
            if len(distinct) > limit:
                break
    distinct.pop(tuple(labels), None)
    found = list(distinct.values())
    if len(found) > limit:
        found = [found[i] for i in np.sort(rng.choice(len(found), limit, replace=False))]
    return found, len(distinct) if total <= ENUMERATED else -1


def _orders(labels: np.ndarray) -> int:
    """Distinct orders of labels of which some are alike."""
    _, counts = np.unique(labels, return_counts=True)
    return math.factorial(len(labels)) // math.prod(math.factorial(int(n)) for n in counts)


def _all_orders(labels: np.ndarray) -> Iterator[tuple]:
    """Each distinct order once, in lexicographic order."""
    left = dict(zip(*np.unique(labels, return_counts=True), strict=True))

    def extend(done: tuple) -> Iterator[tuple]:
        if len(done) == len(labels):
            yield done
            return
        for label in left:
            if left[label]:
                left[label] -= 1
                yield from extend((*done, label))
                left[label] += 1

    yield from extend(())


def _strata(samples: pd.DataFrame, design: str, variable: str) -> list[np.ndarray]:
    """Rows that are alike in all other categorical columns of the design."""
    others = [name for name in variables(design) if name != variable]
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
    kind: str, experiment: pd.Index, sheet: pd.DataFrame, design: str, contrast: Mapping
) -> list[Labelling]:
    """The labelling, if its design has full rank and leaves a residual degree of freedom."""
    try:
        question = contrasts.solve(sheet, design, contrast)
    except InputError as error:
        log.info("%s, %s: left out (%s)", kind, "+".join(map(str, experiment)), error)
        return []
    matrix = question.matrix.to_numpy()
    freedom = len(matrix) - matrix.shape[1]
    if freedom < 1:
        return []
    # what the test looks at: the space of the samples' weights, whatever the labels are called
    basis, _ = np.linalg.qr((question.weights @ np.linalg.pinv(matrix)).T)
    space = np.round(basis @ basis.T, 9) + 0.0
    return [Labelling(kind, tuple(experiment), sheet, design, contrast, freedom, tuple(space.ravel()))]


def _distinct(labellings: list[Labelling], tried: int, possible: int) -> tuple[list[Labelling], int]:
    """Those that make different tests, and how many there are if all were tried."""
    found = list({labelling.weights: labelling for labelling in reversed(labellings)}.values())[::-1]
    return found, len(found) if tried == possible else possible
