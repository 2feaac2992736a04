"""Design and contrasts against the sheet, and what its replicates allow."""

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.near import nearest
from workflow_lib.preflight.problems import Problem, listed
from workflow_lib.stats import levels

_SUM = re.compile(r"\s*~\s*[A-Za-z_]\w*(\s*\+\s*[A-Za-z_]\w*)*\s*")


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
    formula, sheet = config["design"], config["samples"]
    place = f"{source}, key design"
    try:
        names = _variables(formula)
    except InputError as error:
        what, _, fix = str(error).removeprefix(f"design {formula!r}: ").rpartition("; ")
        return [Problem(place, f"{formula!r} is {what}", fix)]
    problems: list[Problem] = []
    for name in names:
        problems += _column_problems(samples, name, sheet, formula)
    problems += _contrast_problems(config, samples, names, source)
    if not problems and len(samples) and not samples[names].isna().any(axis=None):
        problems += _rank_problems(samples, formula, names, place)
    return problems


def replication(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """What too few replicates rule out, in sentences; nothing for a contrast that is at fault anyway."""
    notes = []
    for name, contrast in config["contrasts"].items():
        if contrast["variable"] not in samples.columns:
            continue
        sizes = levels.labels(samples[contrast["variable"]]).value_counts()
        sides = [level for level in (contrast["experiment"], contrast["control"]) if level in sizes.index]
        single = [level for level in sides if sizes[level] == 1]
        double = [level for level in sides if sizes[level] == 2]
        if single:
            have = "has one replicate" if len(single) == 1 else "have one replicate each"
            notes.append(
                f"contrast {name}: {' and '.join(single)} {have}, so there are fold changes and no tests; "
                "everything else runs"
            )
        elif double:
            have = "has two replicates" if len(double) == 1 else "have two replicates each"
            notes.append(
                f"contrast {name}: {' and '.join(double)} {have}: tests run with little power, and an "
                "outlier cannot be told"
            )
    return notes


def freedom(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """A sentence if a sound design leaves no residual degree of freedom."""
    formula = config["design"]
    n_coefficients = _coefficients(samples, formula).shape[1]
    if n_coefficients < len(samples):
        return []
    return [
        f"design {formula} has as many coefficients as there are samples ({len(samples)}), so no residual "
        "degree of freedom is left: there are fold changes and no tests"
    ]


def _variables(formula: str) -> list[str]:
    """As `workflow_lib.stats.designs.variables`, without its slow import where columns are merely added."""
    if _SUM.fullmatch(formula):
        return list(dict.fromkeys(re.findall(r"\w+", formula)))
    from workflow_lib.stats import designs

    return designs.variables(formula)


def _coefficients(samples: pd.DataFrame, formula: str) -> np.ndarray:
    """Samples x coefficients as `workflow_lib.stats.designs.matrix` has them, up to their scale."""
    if not _SUM.fullmatch(formula):
        from workflow_lib.stats import designs

        return designs.matrix(samples, formula).to_numpy(float)
    columns = [np.ones(len(samples))]
    for name in _variables(formula):
        column = samples[name]
        if levels.are_labels(column, formula):
            labels = levels.labels(column)
            columns += [labels == level for level in sorted(labels.unique())[1:]]
        else:
            columns.append((column - column.mean()) / column.std())
    return np.column_stack(columns).astype(float)


def _column_problems(samples: pd.DataFrame, name: str, sheet: str, formula: str) -> Iterator[Problem]:
    where = f"{sheet}, column {name}"
    if name not in samples.columns:
        like = nearest(name, samples.columns)
        has = listed(samples.columns, most=12)
        fix = (
            f"write {like}, or add the column"
            if like
            else f"add the column, or use one that is there ({has})"
        )
        yield Problem(where, f"is not in the sheet but in the design ({formula})", fix)
        return
    absent = samples.index[samples[name].isna()]
    if len(absent) and name != "group":  # a sheet without groups is told of already
        what = f"has no value for {listed(absent)}, and the design uses it"
        yield Problem(where, what, "fill it in, or drop the term from the design")
    elif len(samples) and name != "group" and samples[name].nunique() == 1:
        what = f"has the one value {samples[name].iloc[0]} for all samples, so the design cannot use it"
        yield Problem(where, what, f"drop {name} from the design")


def _contrast_problems(
    config: Mapping, samples: pd.DataFrame, names: list[str], source: str
) -> Iterator[Problem]:
    for key, contrast in config["contrasts"].items():
        where, variable = f"{source}, key contrasts.{key}", contrast["variable"]
        if variable not in samples.columns:
            like = nearest(variable, samples.columns)
            fix = f"write {like}" if like else f"use one of its columns: {listed(samples.columns, most=12)}"
            yield Problem(f"{where}.variable", f"{config['samples']} has no column {variable!r}", fix)
            continue
        if variable not in names:
            longer = f"{config['design'].rstrip()} + {variable}"
            fix = f"write design: '{longer}', or contrast a variable that is in it"
            yield Problem(f"{where}.variable", f"{variable!r} is not in the design {config['design']!r}", fix)
        column = samples[variable]
        if not levels.are_labels(column, config["design"]):
            what = f"column {variable!r} of {config['samples']} holds numbers, so it has no levels"
            yield Problem(
                f"{where}.variable", what, f"write C({variable}) in the design, or text in the sheet"
            )
            continue
        present = list(dict.fromkeys(levels.labels(column.dropna())))
        if not present:
            continue  # a column without values is told of already
        for side in ("experiment", "control"):
            if contrast[side] not in present:
                like = nearest(contrast[side], present)
                has = listed(present, most=12)
                fix = f"write {like}" if like else f"write one of its levels: {has}"
                sheet = config["samples"]
                what = f"no sample has {contrast[side]!r} in column {variable} of {sheet} (it has {has})"
                yield Problem(f"{where}.{side}", what, fix)


def _rank_problems(samples: pd.DataFrame, formula: str, names: list[str], place: str) -> list[Problem]:
    try:
        matrix = _coefficients(samples, formula)
        if np.linalg.matrix_rank(matrix) == matrix.shape[1]:
            return []
        from workflow_lib.stats import designs

        sets = designs.confounded(designs.matrix(samples, formula))
    except InputError as error:
        what, _, fix = str(error).removeprefix(f"design {formula!r}: ").rpartition("; ")
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
        return Problem(place, what, "drop the interaction from the design, or add samples to its empty cells")
    drop = next((name for name in columns if name != "group"), columns[0])
    others = " or ".join(name for name in columns if name != drop)
    fix = f"drop {drop} from the design, or add samples so that each {drop} has more than one {others}"
    return Problem(place, what, fix)


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
