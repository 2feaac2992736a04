"""What a contrast of the config asks: levels compared, a slope, an interaction, or any difference at all."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.stats import levels

KEYS = ("variable", "experiment", "control", "where", "interaction", "test")
ANY = "any"
CALLED = ("up", "down", "changed")
"""Directions of peaks that a contrast calls; changed where any difference counts."""
Levels = tuple[str, ...]
Pair = tuple[Levels, Levels]


class ContrastError(InputError):
    """A contrast that cannot be answered: the key at fault (or none), what is wrong, and a fix."""

    def __init__(self, contrast: Mapping, key: str, what: str, fix: str):
        self.key, self.what, self.fix = key, what, fix
        super().__init__(f"contrast {shown(contrast)}: {what}; {fix}")


@dataclass(frozen=True)
class Form:
    """A contrast, read.

    Attributes
    ----------
    variables : tuple of str
        The column asked about; two or more for an interaction.
    pairs : tuple of pairs
        For each of `variables` the levels of either side, experiment before control; empty for a slope and
        for `any`.
    where : tuple of (column, levels)
        What the question is restricted to.
    any : bool
        Whether any difference counts, tested by likelihood ratio or F.
    given : mapping
        As the config has it.
    """

    variables: tuple[str, ...]
    pairs: tuple[Pair, ...]
    where: tuple[tuple[str, Levels], ...]
    any: bool
    given: Mapping

    @property
    def is_slope(self) -> bool:
        """A change with a quantity: log2 fold change a unit of it."""
        return not self.pairs and not self.any

    @property
    def is_interaction(self) -> bool:
        """A difference of effects."""
        return len(self.variables) > 1

    @property
    def is_difference(self) -> bool:
        """Levels of one column against others of it."""
        return bool(self.pairs) and not self.is_interaction

    def inside(self, samples: pd.DataFrame) -> np.ndarray:
        """Which samples `where` lets in."""
        mask = np.ones(len(samples), dtype=bool)
        for name, chosen in self.where:
            if not _is_quantity(samples[name], chosen):
                mask &= levels.labels(samples[name]).isin(chosen).to_numpy(bool)
        return mask

    def cells(self, samples: pd.DataFrame) -> dict[str, np.ndarray]:
        """Sets of samples that the question compares, by name: sides, levels, or cells of an interaction.

        Parameters
        ----------
        samples : (n_samples, ...) DataFrame

        Returns
        -------
        dict of str to (n_samples,) array of bool
            Control before experiment; levels in their natural order. A slope has all its samples as one set.
        """
        inside = self.inside(samples)
        if self.is_slope:
            return {"all samples": inside}
        if self.is_difference:
            of = levels.labels(samples[self.variables[0]])
            sides = reversed(self.pairs[0])
            return {either(side): inside & of.isin(side).to_numpy(bool) for side in sides}
        choices: list[list[Levels]] = []
        for i, name in enumerate(self.variables):
            if self.pairs:
                choices.append(list(reversed(self.pairs[i])))
            else:
                choices.append([(level,) for level in levels.ordered(samples[name])])
        found = {}
        for chosen in product(*choices):
            mask = inside.copy()
            for name, side in zip(self.variables, chosen, strict=True):
                if not _is_quantity(samples[name], side):
                    mask &= levels.labels(samples[name]).isin(side).to_numpy(bool)
            if mask.any() or self.pairs:
                found[", ".join(either(side) for side in chosen)] = mask
        return found

    def sides(self, samples: pd.DataFrame) -> dict[str, np.ndarray]:
        """Samples that raise the estimate (experiment) and that lower it (control); none for slope and any.

        Of an interaction, those are the cells whose means are added and subtracted.
        """
        if not self.pairs:
            none = np.zeros(len(samples), dtype=bool)
            return {"experiment": none, "control": none.copy()}
        inside, sign = self.inside(samples), np.ones(len(samples))
        for name, (experiment, control) in zip(self.variables, self.pairs, strict=True):
            if _is_quantity(samples[name], (*experiment, *control)):
                continue
            of = levels.labels(samples[name])
            sign *= of.isin(experiment).to_numpy(float) - of.isin(control).to_numpy(float)
        return {"experiment": inside & (sign > 0), "control": inside & (sign < 0)}

    def compared(self, samples: pd.DataFrame) -> np.ndarray:
        """Samples that the question is about; others only help to estimate the variation."""
        return np.logical_or.reduce(list(self.cells(samples).values()))

    def words(self, averaged: Sequence[str] = ()) -> str:
        """What is compared, in words that fit after `tests` or `shows`.

        Parameters
        ----------
        averaged : sequence of str
            Columns over whose levels the effect is averaged, since the design lets it differ between them.
        """
        where = "".join(f", in {name} {either(chosen)}" for name, chosen in self.where)
        mean = ""
        if averaged:
            mean = f", averaged over the levels of {listed(averaged)}, each counting alike"
        return f"{self._question()}{where}{mean}"

    def _question(self) -> str:
        first, *others = self.variables
        if self.any and self.is_interaction:
            return f"whether the effect of {first} differs with {listed(others)}"
        if self.any:
            return f"any difference between the levels of {first}"
        if self.is_slope:
            return f"the change per unit of {first}"
        if self.is_difference:
            (experiment, control) = self.pairs[0]
            return f"{mean_of(experiment)} against {mean_of(control)}"
        effect = f"{mean_of(self.pairs[0][0])} against {mean_of(self.pairs[0][1])}"
        inner = [either(pair[0]) for pair in self.pairs[1:]]
        outer = [either(pair[1]) for pair in self.pairs[1:]]
        if len(self.variables) == 2:
            return f"the effect of {first} ({effect}) in {inner[0]}, less that in {outer[0]}"
        of = "; ".join(
            f"{name} {a} less {b}" for name, a, b in zip(self.variables[1:], inner, outer, strict=True)
        )
        return f"how the effect of {first} ({effect}) differs: {of}"

    @property
    def names(self) -> tuple[str, str]:
        """What `up` and `down` are more accessible in, in as few words as do: (`treated`, `control`)."""
        if self.is_slope:
            return f"{self.variables[0]} + 1", self.variables[0]
        if not self.pairs:
            return "the last level", "the first level"
        if self.is_difference:
            tail = "".join(f" ({either(chosen)})" for _, chosen in self.where)
            return either(self.pairs[0][0]) + tail, either(self.pairs[0][1]) + tail
        effect = f"({either(self.pairs[0][0])} / {either(self.pairs[0][1])})"
        inner = [" and ".join(either(pair[side]) for pair in self.pairs[1:]) for side in (0, 1)]
        return f"{effect} in {inner[0]}", f"{effect} in {inner[1]}"


def named(contrast: Mapping) -> dict:
    """A contrast of any form with one name for either side, `experiment` and `control`, and in words."""
    form = parse(contrast)
    kind = "any" if form.any else "slope" if form.is_slope else "interaction" if form.is_interaction else ""
    return {
        "variable": form.variables[0],
        "experiment": form.names[0],
        "control": form.names[1],
        "words": form.words(),
        "kind": kind,
    }


def parse(contrast: Mapping) -> Form:
    """Read a contrast as the config writes it.

    Parameters
    ----------
    contrast : mapping
        `variable, experiment, control`, the latter two a level or a list of levels; `variable`, a slope;
        `variable, test: any`; `interaction: {column: [level, level], ...}`; or
        `interaction: [column, ...], test: any`. Each may have `where: {column: level}`.

    Returns
    -------
    Form

    Raises
    ------
    ContrastError
        For keys that are missing, unknown or contradict each other, and levels set against themselves.
    """

    def wrong(key: str, what: str, fix: str) -> ContrastError:
        return ContrastError(contrast, key, what, fix)

    if not isinstance(contrast, Mapping):
        raise wrong("", "is not a mapping", "write such as {variable: group, experiment: a, control: b}")
    given = {key: value for key, value in contrast.items() if value is not None}
    for key in given:
        if key not in KEYS:
            raise wrong(str(key), "is no key of a contrast", f"write one of {', '.join(KEYS)}")
    any_ = given.get("test")
    if any_ not in (None, ANY):
        raise wrong("test", f"is {any_!r}", "write test: any, or leave it out")
    where = given.get("where", {})
    if not isinstance(where, Mapping):
        raise wrong("where", "is not a mapping of column to level", "write such as where: {cell: naive}")
    restricted = tuple((str(name), as_levels(value)) for name, value in where.items())
    for name, chosen in restricted:
        if not chosen:
            raise wrong("where", f"names no level of {name}", f"write such as where: {{{name}: LEVEL}}")
    if "interaction" in given:
        form = _interaction(given, restricted, wrong)
    else:
        form = _of_one_column(given, restricted, wrong)
    for name, _ in form.where:
        if name in form.variables:
            what = f"restricts {name}, which the contrast is about"
            raise wrong("where", what, f"remove {name} from where, or name its levels in the contrast")
    return form


def _of_one_column(given: Mapping, where, wrong) -> Form:
    if "variable" not in given:
        what = "has neither variable nor interaction"
        raise wrong("variable", what, "name the column of the sheet, such as variable: group")
    variable = str(given["variable"])
    has = [key for key in ("experiment", "control") if key in given]
    if given.get("test") == ANY:
        if has:
            what = f"asks for any difference and names {has[0]} too"
            raise wrong("test", what, f"remove test: any, or {' and '.join(has)}")
        return Form((variable,), (), where, True, given)
    if not has:
        return Form((variable,), (), where, False, given)
    for key, other in (("experiment", "control"), ("control", "experiment")):
        if key not in given:
            what = f"has {other} and no {key}"
            raise wrong(key, what, f"add {key}: the level that {other} is compared with")
    pair = (as_levels(given["experiment"]), as_levels(given["control"]))
    _check_pair(pair, variable, "experiment", wrong)
    return Form((variable,), (pair,), where, False, given)


def _interaction(given: Mapping, where, wrong) -> Form:
    for key in ("variable", "experiment", "control"):
        if key in given:
            raise wrong("interaction", f"stands beside {key}", f"remove {key}, or interaction")
    asked = given["interaction"]
    example = "interaction: {group: [treated, control], cell: [a, b]}"
    if isinstance(asked, Mapping):
        if given.get("test") == ANY:
            what = "asks for any difference and names levels too"
            raise wrong("test", what, "list the columns only: interaction: [group, cell]")
        variables = tuple(str(name) for name in asked)
        pairs = []
        for name, value in asked.items():
            sides = list(value) if isinstance(value, list | tuple) else [value]
            if len(sides) != 2:
                what = f"has {len(sides)} level(s) of {name}, expected two"
                raise wrong("interaction", what, f"write such as {example}")
            pair = (as_levels(sides[0]), as_levels(sides[1]))
            _check_pair(pair, str(name), "interaction", wrong)
            pairs.append(pair)
    elif isinstance(asked, list | tuple):
        variables, pairs = tuple(str(name) for name in asked), []
        if given.get("test") != ANY:
            what = "names columns without levels"
            raise wrong("interaction", what, f"add test: any, or name two levels each: {example}")
    else:
        raise wrong("interaction", "is neither a mapping nor a list", f"write such as {example}")
    if len(set(variables)) < 2 or len(set(variables)) < len(variables):
        what = f"names {listed(variables) or 'no column'}, and an interaction is of two columns or more"
        raise wrong("interaction", what, f"write such as {example}")
    return Form(variables, tuple(pairs), where, given.get("test") == ANY, given)


def _check_pair(pair: Pair, name: str, key: str, wrong) -> None:
    for side in pair:
        if not side:
            raise wrong(key, f"names no level of {name}", "name one")
        if len(set(side)) < len(side):
            raise wrong(key, f"names a level of {name} twice", "name it once")
    both = [level for level in pair[0] if level in pair[1]]
    if both:
        raise wrong(key, f"compares {both[0]!r} with itself", f"name two levels of {name}")


def as_levels(value: object) -> Levels:
    """A level or a list of levels, as text."""
    if isinstance(value, list | tuple):
        return tuple(levels.label(item) for item in value)
    return (levels.label(value),)


def shown(contrast: Mapping) -> str:
    """A contrast as its user wrote it, on one line."""
    if not isinstance(contrast, Mapping):
        return repr(contrast)

    def text(value: object) -> str:
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{name}: {text(item)}" for name, item in value.items()) + "}"
        if isinstance(value, list | tuple):
            return "[" + ", ".join(map(text, value)) + "]"
        return str(value)

    return text({key: value for key, value in contrast.items() if value is not None})


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    names = [str(name) for name in names]
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def either(side: Levels) -> str:
    """The name of one side of a comparison: `48h and 72h`."""
    return listed(side)


def mean_of(side: Levels) -> str:
    """A side in words: one level, or the mean of several."""
    return side[0] if len(side) == 1 else f"the mean of {listed(side)}"


def _is_quantity(column: pd.Series, chosen: Levels) -> bool:
    """Whether a column holds numbers and the levels asked for are numbers that it need not hold."""
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return False
    return not set(chosen) <= set(levels.labels(column)) and all(
        re.fullmatch(r"[-+]?\d*\.?\d+(e[-+]?\d+)?", level, re.IGNORECASE) for level in chosen
    )
