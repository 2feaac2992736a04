"""Design matrices and contrasts from a sample sheet and a formula."""

import ast
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from formulaic import Formula, ModelMatrix
from formulaic.errors import FormulaicError
from formulaic.formula import SimpleFormula

from workflow_lib.errors import InputError

ALWAYS_CATEGORICAL = ("group", "batch", "pair")
"""Columns that name sets of samples, so `1, 2, 3` there are labels and not quantities."""

FUNCTIONS = {
    *("C", "I", "center", "scale", "standardize", "poly", "bs", "cs", "cr", "cc"),
    *("log", "log2", "log10", "exp", "np.log", "np.log1p", "np.log2", "np.log10", "np.exp", "np.sqrt"),
    *("contr.treatment", "contr.sum", "contr.helmert", "contr.diff", "contr.poly", "contr.SAS"),
    *("Treatment", "Sum", "Helmert", "Diff", "Poly"),
}
"""What a formula may call."""
LONGEST_FORMULA = 500
MOST_CROSSED = 9
_POWER = re.compile(r"(?:\*\*|\^)\s*(\d+)")
_FORMULAICS_OWN = (AttributeError, LookupError, TypeError, ValueError)
"""What formulaic's parser comes to on brackets that do not match, among others."""
_HARMLESS = (
    *(ast.Expression, ast.Name, ast.Constant, ast.UnaryOp, ast.keyword, ast.List, ast.Tuple),
    *(ast.expr_context, ast.operator, ast.unaryop),
)


def variables(formula: str) -> list[str]:
    """Columns of the sample sheet that a formula uses, in the order in which it names them.

    Raises
    ------
    InputError
        If the formula cannot be read, or has a left-hand side or several parts.
    """
    return sorted(_parse(formula).required_variables, key=lambda name: _position(formula, name))


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
    return _table(_model(_prepare(samples, formula, reference), formula))


def confounded(matrix: pd.DataFrame) -> list[list[str]]:
    """Sets of coefficients that cannot be told apart because their columns are linearly dependent.

    Parameters
    ----------
    matrix : (n_samples, n_coefficients) DataFrame

    Returns
    -------
    list of lists of str
        One set for each missing rank, in column order: a column that earlier ones determine, with those
        earlier ones. A column of zeros is a set of its own. Empty if the matrix has full column rank.
    """
    values = matrix.to_numpy(float)
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


def contrast(
    samples: pd.DataFrame, formula: str, contrast: Mapping[str, str]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Design matrix, and the weights of its coefficients that make the effect experiment minus control.

    The effect is the difference of two predictions for every sample, one with its `variable` set to
    `experiment` and one with it set to `control` and all else as it is, averaged over all samples of the
    sheet. Without interactions this is the plain coefficient of the experiment level (control is made the
    baseline). With interactions it is the effect at the samples' average covariates: each level of
    another variable weighs by its share of samples.

    Parameters
    ----------
    samples : (n_samples, ...) DataFrame
        The sample sheet, indexed by sample. Samples of other levels take part in the fit.
    formula : str
    contrast : mapping
        Keys `variable`, `experiment`, `control`: a categorical column and two of its levels.

    Returns
    -------
    matrix : (n_samples, n_coefficients) DataFrame
    vector : (n_coefficients,) array of float

    Raises
    ------
    InputError
        As :func:`matrix`; or a variable that is not in the formula or is numeric there, a level that no
        sample has, equal levels, or coefficients that are confounded.
    """
    missing = [key for key in ("variable", "experiment", "control") if contrast.get(key) is None]
    if missing:
        raise InputError(f"contrast {dict(contrast)}: no {' and no '.join(missing)}; it needs all three keys")
    variable, experiment, control = (str(contrast[key]) for key in ("variable", "experiment", "control"))
    told = f"contrast of {experiment!r} and {control!r}"
    if experiment == control:
        raise InputError(f"{told}: the two levels are the same; name two levels of column {variable!r}")
    if variable not in variables(formula):
        raise InputError(f"{told}: design {formula!r} has no term with {variable!r}; add it to the formula")
    sheet = _prepare(samples, formula, None)
    if not isinstance(sheet[variable].dtype, pd.CategoricalDtype):
        raise InputError(
            f"{told}: column {variable!r} of the sample sheet is numeric, so it has no levels; "
            f"write C({variable}) in design {formula!r} or make the column text"
        )
    sheet[variable] = _baseline(sheet[variable], control, told)
    _baseline(sheet[variable], experiment, told)
    model = _model(sheet, formula)
    table = _table(model)
    sets = confounded(table)
    if sets:
        raise InputError(
            f"design {formula!r}: the samples cannot tell these coefficients apart: "
            f"{'; '.join(', '.join(columns) for columns in sets)}; drop a term or add samples"
        )

    def predicted(level: str) -> np.ndarray:
        column = pd.Categorical([level] * len(sheet), categories=sheet[variable].cat.categories)
        rows = model.model_spec.get_model_matrix(sheet.assign(**{variable: column}), context={})
        return np.asarray(rows, dtype=float)

    return table, (predicted(experiment) - predicted(control)).mean(axis=0)


def _parse(formula: str) -> SimpleFormula:
    hint = "write such as '~ batch + group'"
    try:
        if len(formula) > LONGEST_FORMULA:
            raise SyntaxError(f"it has more than {LONGEST_FORMULA} characters")
        if any(int(power) > MOST_CROSSED for power in _POWER.findall(formula)):
            raise SyntaxError(f"it crosses columns more than {MOST_CROSSED} times")
        parsed = Formula(formula)
        parsed.required_variables  # noqa: B018, reads the Python inside terms, which may be at fault too
        if isinstance(parsed, SimpleFormula):
            for factor in {factor.expr for term in parsed for factor in term.factors}:
                _check_harmless(factor)
    except (FormulaicError, SyntaxError, RecursionError, *_FORMULAICS_OWN) as error:
        raise InputError(f"design {formula!r}: not a formula ({_plain(error)}); {hint}") from error
    if not isinstance(parsed, SimpleFormula):
        raise InputError(f"design {formula!r}: nothing may stand left of '~', nor '|' in it; {hint}")
    return parsed


def _check_harmless(factor: str) -> None:
    """Refuse a factor that is more than columns, numbers and the functions of `FUNCTIONS`.

    Formulaic evaluates factors as Python, and a design is a line of text that may come from anyone.

    Raises
    ------
    SyntaxError
    """
    for node in ast.walk(ast.parse(factor, mode="eval")):
        if isinstance(node, ast.Call):
            if ast.unparse(node.func) not in FUNCTIONS:
                known = ", ".join(sorted(FUNCTIONS))
                raise SyntaxError(f"{ast.unparse(node.func)[:40]}() is none of {known}")
        elif isinstance(node, ast.Attribute):
            if ast.unparse(node) not in FUNCTIONS:
                raise SyntaxError(f"{ast.unparse(node)[:40]} is no column")
        elif isinstance(node, ast.BinOp):
            power = node.right.value if isinstance(node.right, ast.Constant) else None
            if isinstance(node.op, ast.Pow) and not (isinstance(power, int | float) and power < 10):
                raise SyntaxError("a power must be a number below 10")
            if any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node)):
                raise SyntaxError("a text cannot be reckoned with")
        elif not isinstance(node, _HARMLESS):
            raise SyntaxError(f"{type(node).__name__} has no place in a formula")


def _prepare(samples: pd.DataFrame, formula: str, reference: Mapping[str, str] | None) -> pd.DataFrame:
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
        wrapped = re.search(rf"\bC\(\s*`?{re.escape(name)}\b", formula)
        quantity = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if quantity and name not in ALWAYS_CATEGORICAL and not wrapped:
            sheet[name] = column.astype(float)
        else:
            sheet[name] = _categorical(column)
    for name, level in (reference or {}).items():
        if name not in samples.columns:
            raise InputError(f"reference level {level!r}: the sample sheet has no column {name!r}")
        if name in sheet.columns:
            if not isinstance(sheet[name].dtype, pd.CategoricalDtype):
                raise InputError(
                    f"reference level {level!r}: column {name!r} of the sample sheet is numeric; "
                    f"write C({name}) in design {formula!r}"
                )
            sheet[name] = _baseline(sheet[name], str(level), f"reference level {level!r}")
    return sheet


def _categorical(column: pd.Series) -> pd.Series:
    """Text levels in the order of their values; an ordered level set of the caller's is kept."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = list(column.cat.remove_unused_categories().cat.categories)
    else:
        present = sorted(column.unique(), key=lambda value: (isinstance(value, str), value))
    names = {value: _label(value) for value in present}
    levels = list(dict.fromkeys(names.values()))
    return pd.Series(pd.Categorical([names[value] for value in column], levels), index=column.index)


def _label(value) -> str:
    """A level as the config would write it: 2.0 of a column with floats is `2`."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _baseline(column: pd.Series, level: str, told: str) -> pd.Series:
    levels = list(column.cat.categories)
    if level not in levels:
        raise InputError(
            f"{told}: no sample has {level!r} in column {column.name!r} of the sample sheet; "
            f"its levels are {', '.join(levels)}"
        )
    return column.cat.reorder_categories([level, *(name for name in levels if name != level)])


def _model(sheet: pd.DataFrame, formula: str) -> ModelMatrix:
    try:
        # An empty context: the formula sees the sheet and formulaic's own functions, not our local names.
        model = _parse(formula).get_model_matrix(sheet, context={}, na_action="ignore")
    except (FormulaicError, TypeError, ValueError) as error:
        raise InputError(
            f"design {formula!r}: cannot be evaluated on the sample sheet ({_plain(error)})"
        ) from error
    values = np.asarray(model, dtype=float)
    if values.shape[1] == 0:
        raise InputError(f"design {formula!r}: has no coefficient")
    bad = ~np.isfinite(values).all(axis=0)
    if bad.any():
        name = model.columns[bad][0]
        raise InputError(f"design {formula!r}: term {name!r} is not finite for every sample")
    return model


def _table(model: ModelMatrix) -> pd.DataFrame:
    return pd.DataFrame(
        np.asarray(model, dtype=float), index=model.index, columns=pd.Index([str(c) for c in model.columns])
    )


def _plain(error: BaseException) -> str:
    """First line of a message, without the colours and marks that formulaic puts in."""
    text = re.sub(r"[⧛⧚]|\x1b?\[[0-9;]*m", "", str(error))
    return text.strip().splitlines()[0].rstrip(".") if text.strip() else type(error).__name__


def _position(formula: str, name: str) -> int:
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", formula)
    return found.start() if found else len(formula)
