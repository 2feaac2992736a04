"""Design matrices from a sample sheet and a formula."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from formulaic import ModelMatrix
from formulaic.errors import FormulaicError
from formulaic.parser.types import Factor

from workflow_lib.errors import InputError
from workflow_lib.stats import levels
from workflow_lib.stats.formula import parse, plain, variables


def matrix(samples: pd.DataFrame, formula: str, reference: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Design matrix of a formula with treatment coding.

    Text, boolean and categorical columns are categorical, and so are `group`, `batch`, `pair` and whatever
    the formula wraps in `C()`, also when they hold numbers; every other numeric column is a covariate.
    Levels are sorted (numbers by value) and the first one is the baseline, unless `reference` names another.

    Parameters
    ----------
    samples : (n_samples, ...) DataFrame
        The sample sheet, indexed by sample.
    formula : str
        Such as `~ batch + group`.
    reference : mapping of column to level, optional
        The level that becomes the baseline of a column. Columns that the formula does not use are ignored.

    Returns
    -------
    (n_samples, n_coefficients) DataFrame of float
        Rows as `samples`; columns such as `Intercept`, `group[T.treated]`.

    Raises
    ------
    InputError
        Naming the formula, column or level: a formula that cannot be read or evaluated, a column that is not
        in the sheet, a sample without a value, a reference level that no sample has, no samples.
    """
    return as_table(evaluate(prepare(samples, formula, reference), formula))


def conditioned(
    samples: pd.DataFrame, formula: str, reference: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Design matrix whose columns do not depend on the units of covariates, in which fits are made.

    Each column of a covariate has mean 0 over the samples and mean square 1, and is what earlier columns of
    covariates leave of it. Columns of labels stay as they are.

    Parameters
    ----------
    samples, formula, reference
        As :func:`matrix`.

    Returns
    -------
    matrix : (n_samples, n_coefficients) DataFrame of float
        Rows and columns named as those of :func:`matrix`, whose column space it has.
    change : (n_coefficients, n_coefficients) array
        `designs.matrix(...) @ change` is the matrix; so a contrast `v` of coefficients in the user's units is
        `change.T @ v` of those fitted, and fitted coefficients `b` are `change @ b` in the user's units.

    Notes
    -----
    Fitted values and tests are those of the user's matrix; what is gained is that no number is lost to the
    size of a year or a date. Interactions with labels are centred within these labels. Without a constant in
    the space of the labels, columns are scaled and not centred.
    """
    return conditioned_model(evaluate(prepare(samples, formula, reference), formula))


def conditioned_model(model: ModelMatrix) -> tuple[pd.DataFrame, np.ndarray]:
    """As :func:`conditioned`, of a design that was evaluated."""
    values, change = np.array(model, dtype=float), np.eye(len(model.columns))
    labels_of, quantities = _kinds(model)
    plain = [j for j in range(len(change)) if j not in quantities]
    ones = (np.linalg.pinv(values[:, plain]) @ np.ones(len(values))).round(9) + 0.0
    constant = np.zeros((len(change), 0))
    if np.allclose(values[:, plain] @ ones, 1.0, atol=1e-9):
        constant = change[:, plain] @ ones[:, None]
    for i, j in enumerate(quantities):
        size = np.sqrt(np.mean(values[:, j] ** 2))
        if constant.size:
            middle = values[:, j].mean()
            values[:, j] -= middle  # before all else: the difference of two years is exact
            change[:, j] -= middle * constant[:, 0]
        before = [*quantities[:i], *(k for k in plain if labels_of[k] and labels_of[k] <= labels_of[j])]
        sides = np.c_[np.ones((len(values), constant.shape[1])), values[:, before]]
        for _ in range(2):  # the second pass takes away what rounding left
            weights = np.linalg.lstsq(sides, values[:, j], rcond=None)[0]
            values[:, j] -= sides @ weights
            change[:, j] -= np.c_[constant, change[:, before]] @ weights
        length = np.sqrt(np.mean(values[:, j] ** 2))
        if length <= 1e-12 * size:  # earlier columns determine this one: see :func:`confounded`
            values[:, j] = 0.0
        else:
            values[:, j] /= length
            change[:, j] /= length
    # so that what rounding leaves of one unit and of another does not lead a search another way
    return pd.DataFrame(values.round(11) + 0.0, model.index, list(map(str, model.columns))), change


def _kinds(model: ModelMatrix) -> tuple[list[set[str]], list[int]]:
    """Factors of labels in each column's term, and which columns have a factor of numbers."""
    spec = model.model_spec
    labels_of: list[set[str]] = [set() for _ in model.columns]
    quantities: list[tuple[bool, int]] = []  # the sheet's own columns before squares and the like
    for term, columns in spec.term_indices.items():
        kinds = {str(f): spec.encoder_state[str(f)][0] for f in term.factors if str(f) in spec.encoder_state}
        for j in columns:
            labels_of[j] = {name for name, kind in kinds.items() if kind is Factor.Kind.CATEGORICAL}
        if Factor.Kind.NUMERICAL in kinds.values():
            made = any("(" in name for name, kind in kinds.items() if kind is Factor.Kind.NUMERICAL)
            quantities += [(made, j) for j in columns]
    return labels_of, [j for _, j in sorted(quantities)]


def confounded(matrix: pd.DataFrame) -> list[list[str]]:
    """Sets of coefficients that cannot be distinguished because their columns are linearly dependent.

    Parameters
    ----------
    matrix : (n_samples, n_coefficients) DataFrame

    Returns
    -------
    list of lists of str
        One set for each missing rank, in column order: a column that earlier ones determine, with those
        earlier ones. A column of zeros is a set of its own. Empty if the matrix has full column rank.
    """
    values = matrix.to_numpy(float).copy()
    if "Intercept" in matrix.columns:  # what a year or a date adds is small beside its size
        size = np.abs(values).max(axis=0, initial=0.0)
        varies = (np.ptp(values, axis=0) > 1e-13 * size) & (np.ptp(values, axis=0) < 1e-3 * size)
        values[:, varies] -= values[:, varies].mean(axis=0)
    length = np.linalg.norm(values, axis=0)
    values = values / np.where(length > 0, length, 1.0)  # so that the tolerance does not depend on units
    tolerance = 1e-9
    kept: list[int] = []
    sets = []
    for j, column in enumerate(values.T):
        # Solve by QR of the columns kept so far: what is left of this column is what it adds.
        basis = values[:, kept]
        q, r = np.linalg.qr(basis)
        weight = np.linalg.solve(r, q.T @ column)
        if np.linalg.norm(column - basis @ weight) > tolerance:
            kept.append(j)
        else:
            sets.append([*(k for k, w in zip(kept, weight, strict=True) if abs(w) > tolerance), j])
    return [[str(matrix.columns[j]) for j in sorted(columns)] for columns in sets]


def refuse_confounded(matrix: pd.DataFrame, formula: str) -> None:
    """Refuse a design whose coefficients the samples cannot tell apart.

    Raises
    ------
    InputError
        Naming the coefficients.
    """
    sets = confounded(matrix)
    if sets:
        raise InputError(
            f"design {formula!r}: the samples cannot tell these coefficients apart: "
            f"{'; '.join(', '.join(columns) for columns in sets)}; drop a term or add samples"
        )


def prepare(samples: pd.DataFrame, formula: str, reference: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The columns that the formula uses, each categorical or a float without gaps."""
    names = variables(formula)
    for name in names:
        if name not in samples.columns:
            has = ", ".join(map(str, samples.columns))
            raise InputError(
                f"design {formula!r}: the sample sheet has no column {name!r} (it has {has}); "
                "add the column or change the formula"
            )
        gaps = samples[name].isna().to_numpy()
        if gaps.any():
            raise InputError(
                f"design {formula!r}: sample {samples.index[gaps][0]!r} has no value in column {name!r} "
                "of the sample sheet; fill it in or drop the term"
            )
    if not len(samples):
        raise InputError(f"design {formula!r}: the sample sheet has no samples")
    sheet = pd.DataFrame(index=samples.index)
    for name in names:
        column = samples[name]
        sheet[name] = _categorical(column) if levels.are_labels(column, formula) else column.astype(float)
    for name, level in (reference or {}).items():
        if name not in samples.columns:
            raise InputError(f"reference level {level!r}: the sample sheet has no column {name!r}")
        if name in sheet.columns:
            if not isinstance(sheet[name].dtype, pd.CategoricalDtype):
                raise InputError(
                    f"reference level {level!r}: column {name!r} of the sample sheet is numeric; "
                    f"write C({name}) in design {formula!r}"
                )
            sheet[name] = baseline(sheet[name], str(level), f"reference level {level!r}")
    return sheet


def _categorical(column: pd.Series) -> pd.Series:
    """Text levels in the order of their values; an ordered level set of the caller's is kept."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = list(column.cat.remove_unused_categories().cat.categories)
    else:
        present = sorted(column.unique(), key=lambda value: (isinstance(value, str), value))
    names = list(dict.fromkeys(map(levels.label, present)))
    return pd.Series(pd.Categorical(levels.labels(column), names), index=column.index)


def baseline(column: pd.Series, level: str, told: str = "baseline") -> pd.Series:
    """The column with a level moved to the front, which makes it the baseline of treatment coding."""
    names = list(column.cat.categories)
    if level not in names:
        raise InputError(
            f"{told}: no sample has {level!r} in column {column.name!r} of the sample sheet; "
            f"its levels are {', '.join(names)}"
        )
    return column.cat.reorder_categories([level, *(name for name in names if name != level)])


def evaluate(sheet: pd.DataFrame, formula: str) -> ModelMatrix:
    """The design of a sheet as :func:`prepare` leaves it, finite in every column."""
    try:
        # An empty context: the formula sees the sheet and formulaic's own functions, not our local names.
        model = parse(formula).get_model_matrix(sheet, context={}, na_action="ignore")
    except (FormulaicError, TypeError, ValueError) as error:
        raise InputError(
            f"design {formula!r}: cannot be evaluated on the sample sheet ({plain(error)})"
        ) from error
    values = np.asarray(model, dtype=float)
    if values.shape[1] == 0:
        raise InputError(f"design {formula!r}: has no coefficient")
    bad = ~np.isfinite(values).all(axis=0)
    if bad.any():
        name = model.columns[bad][0]
        raise InputError(f"design {formula!r}: term {name!r} is not finite for every sample")
    return model


def as_table(model: ModelMatrix) -> pd.DataFrame:
    """A design's values, samples x coefficients."""
    return pd.DataFrame(
        np.asarray(model, dtype=float), index=model.index, columns=pd.Index([str(c) for c in model.columns])
    )
