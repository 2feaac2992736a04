"""Design and contrasts against the sheet, and what its replicates allow."""

import itertools
import re
from collections.abc import Iterator, Mapping

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.near import nearest
from workflow_lib.preflight import subjects
from workflow_lib.preflight.problems import Problem, listed
from workflow_lib.stats import contrasts, designs, formula, levels
from workflow_lib.stats.forms import ContrastError, Form, parse
from workflow_lib.stats.forms import listed as together


def design(config: Mapping, samples: pd.DataFrame, *, source: str = "config") -> list[Problem]:
    """Check that the samples can answer what the design and the contrasts ask.

    Parameters
    ----------
    config : mapping
        With `samples`, `design` and `contrasts`.
    samples : DataFrame
        The sheet, indexed by sample.
    source : str
        What messages call the configuration.

    Returns
    -------
    list of Problem
        A formula that cannot be read, columns that are not in the sheet, samples without a value, columns
        with one value, contrasts whose column or levels are not there, and sets of columns that the samples
        cannot tell apart. A design without residual degrees of freedom is none: see :func:`replication`.
    """
    text, sheet = config["design"], config["samples"]
    place = f"{source}, key design"
    try:
        names = formula.variables(text)
    except InputError as error:
        what, _, fix = str(error).removeprefix(f"design {text!r}: ").rpartition("; ")
        return [Problem(place, f"{text!r} is {what}", _in_backticks(text, samples) or fix)]
    problems: list[Problem] = []
    for name in names:
        problems += _column_problems(samples, name, sheet, text)
    problems += _contrast_problems(config, samples, source)
    problems += subjects.problems(config, samples, source)
    if not problems and len(samples) and not samples[names].isna().any(axis=None):
        problems += _rank_problems(samples, text, names, place)
        if not problems:
            problems += _unanswered(config, samples, source)
    return problems


def _in_backticks(text: str, samples: pd.DataFrame) -> str | None:
    """How to write columns whose names a formula cannot take as they are, if such stand in it."""
    odd = [name for name in map(str, samples.columns) if formula.quoted(name) != name and name in text]
    if not odd:
        return None
    fixed = text
    for name in sorted(odd, key=len, reverse=True):
        fixed = re.sub(rf"`?{re.escape(name)}`?", f"`{name}`".replace("\\", r"\\"), fixed)
    return f"write design: {fixed!r}" if fixed != text else None


def notes(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """What each contrast compares, and what is worth knowing of a sound design."""
    return [
        *told(config, samples),
        *replication(config, samples),
        *freedom(config, samples),
        *quantities(config, samples),
        *subjects.notes(config, samples),
        *spellings(config, samples),
        *thresholds(config),
    ]


def told(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """What each contrast compares, in a sentence."""
    return [
        f"contrast {key}: {contrasts.solve(samples, config['design'], form.given).words}"
        for key, form in _forms(config)
    ]


def replication(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """What too few replicates rule out, in sentences; nothing for a contrast that is at fault anyway."""
    notes = []
    for name, form in _forms(config):
        if not {*form.variables, *(column for column, _ in form.where)} <= set(samples.columns):
            continue
        if form.is_slope:
            continue
        sizes = {level: int(n.sum()) for level, n in reversed(list(form.cells(samples).items())) if n.any()}
        single = [level for level, n in sizes.items() if n == 1]
        double = [level for level, n in sizes.items() if n == 2]
        have = f"{together(single)} {'has' if len(single) == 1 else 'have'} one replicate"
        have += "" if len(single) == 1 else " each"
        if single and form.pairs:
            notes.append(
                f"contrast {name}: {have}, so there are fold changes and no tests; everything else runs"
            )
        elif single and len(single) < len(sizes):
            notes.append(f"contrast {name}: {have}, so the variation is that of the other levels")
        elif double and form.pairs:
            have = "has two replicates" if len(double) == 1 else "have two replicates each"
            notes.append(
                f"contrast {name}: {together(double)} {have}: tests run with little power, and an "
                "outlier cannot be recognised"
            )
    return notes


def quantities(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """Columns of numbers that the design takes for quantities, and that look like labels."""
    notes, design = [], config["design"]
    asked = {name for _, form in _forms(config) for name in form.variables}
    for name in formula.variables(design):
        if name not in samples.columns or name in asked or levels.are_labels(samples[name], design):
            continue
        values = samples[name].dropna()
        repeated = 2 < values.nunique() <= len(values) / 2
        if repeated and (values == values.round()).all():
            like = ", ".join(levels.ordered(values)[:4])
            notes.append(
                f"column {name} of {config['samples']} holds numbers ({like}, ...), so the design takes it "
                f"for a quantity with one slope; if they are names, write C({formula.quoted(name)}) in the "
                f"design, or {name}{levels.ordered(values)[0]} and the like in the sheet"
            )
    return notes


def spellings(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """Levels of one column that differ in capitals, blanks, points or hyphens only."""
    notes = []
    for name in formula.variables(config["design"]):
        if name not in samples.columns or not levels.are_labels(samples[name], config["design"]):
            continue
        alike: dict[str, list[str]] = {}
        for level in levels.ordered(samples[name]):
            alike.setdefault(re.sub(r"[\s._-]+", "", level).casefold(), []).append(level)
        of = levels.labels(samples[name].dropna())
        for same in alike.values():
            if len(same) > 1:
                has = together([_of_level(level, of.index[of == level]) for level in same])
                notes.append(
                    f"column {name} of {config['samples']} has {has}: levels that differ in spelling only "
                    "are different levels; if they are one, spell them alike"
                )
    return notes


def _of_level(level: str, samples: pd.Index) -> str:
    """A level and its samples."""
    return f"{level} ({samples[0] if len(samples) == 1 else f'{len(samples)} samples'})"


def thresholds(config: Mapping) -> list[str]:
    """Contrasts that a threshold on the fold change does not hold for."""
    if not config["differential"]["min_abs_log2fc"]:
        return []
    return [
        f"contrast {key}: differential.min_abs_log2fc has no effect where any difference counts"
        for key, form in _forms(config)
        if form.any
    ]


def freedom(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """A sentence if a sound design leaves no residual degree of freedom."""
    text = config["design"]
    if designs.matrix(samples, text).shape[1] < len(samples):
        return []
    return [
        f"design {text} has as many coefficients as there are samples ({len(samples)}), so no residual "
        "degree of freedom is left: there are fold changes and no tests"
    ]


def _column_problems(samples: pd.DataFrame, name: str, sheet: str, text: str) -> Iterator[Problem]:
    where = f"{sheet}, column {name}"
    if name not in samples.columns:
        like = nearest(name, samples.columns)
        has = listed(samples.columns, most=12)
        fix = (
            f"write {like}, or add the column"
            if like
            else f"add the column, or use one that is there ({has})"
        )
        yield Problem(where, f"is not in the sheet but in the design ({text})", fix)
        return
    absent = samples.index[samples[name].isna()]
    if len(absent) and name != "group":  # a sheet without groups is told of already
        what = f"has no value for {listed(absent)}, and the design uses it"
        yield Problem(where, what, "fill it in, or drop the term from the design")
    elif len(samples) and name != "group" and samples[name].nunique() == 1:
        what = f"has the one value {samples[name].iloc[0]} for all samples, so the design cannot use it"
        yield Problem(where, what, f"drop {name} from the design")


def _contrast_problems(config: Mapping, samples: pd.DataFrame, source: str) -> Iterator[Problem]:
    """Columns and levels that are not there."""
    for key, form in _forms(config):
        for fault in contrasts.faults(form, samples, config["design"], config["samples"]):
            yield _of_contrast(f"{source}, key contrasts.{key}", fault)


def _unanswered(config: Mapping, samples: pd.DataFrame, source: str) -> Iterator[Problem]:
    """Contrasts of a sound design that it has no answer for."""
    for key, form in _forms(config):
        try:
            contrasts.solve(samples, config["design"], form.given)
        except ContrastError as fault:
            yield _of_contrast(f"{source}, key contrasts.{key}", fault)


def _of_contrast(where: str, fault: ContrastError) -> Problem:
    return Problem(f"{where}.{fault.key}" if fault.key else where, fault.what, fault.fix)


def _forms(config: Mapping) -> Iterator[tuple[str, Form]]:
    """The contrasts that can be read; of the others :mod:`contradictions` tells."""
    for key, contrast in config["contrasts"].items():
        try:
            yield key, parse(contrast)
        except ContrastError:
            continue


def _rank_problems(samples: pd.DataFrame, text: str, names: list[str], place: str) -> list[Problem]:
    try:
        sets = designs.confounded(designs.matrix(samples, text))
    except InputError as error:
        what, _, fix = str(error).removeprefix(f"design {text!r}: ").rpartition("; ")
        return [Problem(place, what or str(error), fix if what else "change the formula or the sheet")]
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for coefficients in sets:
        columns = tuple(name for name in names if any(levels.involves(text, name) for text in coefficients))
        by_columns.setdefault(columns, []).extend(coefficients)
    return [
        _confounded(samples, columns, list(dict.fromkeys(coefficients)), place)
        for columns, coefficients in by_columns.items()
    ]


def _confounded(
    samples: pd.DataFrame, columns: tuple[str, ...], coefficients: list[str], place: str
) -> Problem:
    """Say which columns go together, and where two of them do, which level lies within which."""
    if len(columns) < 2:
        what = f"the samples do not determine {listed(coefficients)}"
        return Problem(place, what, "drop the term that has no samples of its own, or add samples")
    what = f"{' and '.join([', '.join(columns[:-1]), columns[-1]])} are confounded"
    shown = _nested(samples, columns) if len(columns) == 2 else []
    said = [name for name in coefficients if name != "Intercept"]
    what += f": {listed(shown, most=3)}" if shown else f": {listed(said)} depend on each other"
    if any(":" in name for name in said):
        empty = _empty_cells(samples, columns)
        if not empty:
            return Problem(place, what, "drop the interaction from the design, or add samples")
        one = "_".join(columns)
        fix = (
            "drop the interaction from the design, or add samples to its empty cells, or make one column of "
            f"them, such as {one}, write it in their place in the design, and contrast its levels"
        )
        return Problem(place, f"{what}; no sample is {listed(empty, most=3)}", fix)
    drop = next((name for name in columns if name != "group"), columns[0])
    others = " or ".join(name for name in columns if name != drop)
    fix = f"drop {drop} from the design, or add samples so that each {drop} has more than one {others}"
    return Problem(place, what, fix)


def _empty_cells(samples: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """Combinations of levels that no sample has."""
    if any(pd.api.types.is_float_dtype(samples[name]) for name in columns):
        return []
    present = set(zip(*(levels.labels(samples[name]) for name in columns), strict=True))
    every = itertools.product(*(levels.ordered(samples[name]) for name in columns))
    return [" and ".join(cell) for cell in every if cell not in present]


def _nested(samples: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """`every sample of batch B is in group treated`, for each level within one of the other column."""
    ordered = sorted(columns, key=lambda name: name == "group")
    for inner, outer in (ordered, ordered[::-1]):
        if pd.api.types.is_numeric_dtype(samples[inner]) or pd.api.types.is_numeric_dtype(samples[outer]):
            return []
        within = levels.labels(samples[outer]).groupby(levels.labels(samples[inner]), sort=True)
        shown = [
            f"every sample of {inner} {level} is in {outer} {values.iloc[0]}"
            for level, values in within
            if values.nunique() == 1
        ]
        if shown:
            return shown
    return []
