"""Contrasts in a design: the weights of its coefficients that a question asks about, or why it cannot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from formulaic import ModelMatrix
from scipy.linalg import qr

from workflow_lib.near import nearest
from workflow_lib.stats import designs, levels
from workflow_lib.stats import formula as formulas
from workflow_lib.stats.forms import ContrastError, Form, listed, parse

TOLERANCE = 1e-9
SHEET = "the sample sheet"


@dataclass(frozen=True, eq=False)
class Contrast:
    """A question in terms of a design's coefficients.

    Attributes
    ----------
    form : Form
    matrix : (n_samples, n_coefficients) DataFrame
        The design as :func:`workflow_lib.stats.designs.conditioned` has it, with a level of the control side
        as
        baseline. Its weights give effects in the user's units.
    weights : (n_rows, n_coefficients) array of float
        Rows that are linearly independent. Null hypothesis: `weights @ coefficients` is 0. One row unless
        any difference counts.
    shown : (n_coefficients,) array of float
        The change that tables show: the row of `weights`, or, where any difference counts, the last level
        less the first one, in natural order.
    averaged : tuple of str
        Columns whose levels the design lets the effect differ between, and over which it is averaged.
    labelled : tuple of str
        Columns of the contrast that hold labels and not quantities.
    last, first : str
        Where any difference counts, the levels of which `shown` is the difference.
    """

    form: Form
    matrix: pd.DataFrame
    weights: np.ndarray
    shown: np.ndarray
    averaged: tuple[str, ...] = ()
    labelled: tuple[str, ...] = ()
    last: str = ""
    first: str = ""

    @property
    def vector(self) -> np.ndarray:
        """The weights of a question of one number."""
        if len(self.weights) > 1 or self.form.any:
            raise ValueError("the question is of several differences at once")
        return self.weights[0]

    @property
    def baselines(self) -> dict[str, str]:
        """Levels of the control sides, by column."""
        return {
            name: pair[1][0]
            for name, pair in zip(self.form.variables, self.form.pairs, strict=False)
            if name in self.labelled
        }

    @property
    def words(self) -> str:
        """What is compared, in words."""
        return self.form.words(self.averaged)

    @property
    def reduced(self) -> np.ndarray:
        """Design of the null hypothesis: (n_samples, n_coefficients - n_rows)."""
        full = self.matrix.to_numpy(float)
        used = np.abs(self.weights).max(axis=0) > 0
        if used.sum() == len(self.weights):  # whole columns are dropped
            return full[:, ~used]
        _, _, vt = np.linalg.svd(self.weights)
        return full @ vt[len(self.weights) :].T


def solve(samples: pd.DataFrame, design: str, contrast: Mapping) -> Contrast:
    """The weights of a contrast in a design.

    Effects are differences of predictions. Where the design lets an effect differ between the levels of other
    columns, it is averaged over those levels (of `where`, or all), each level counting alike; over quantities
    it is averaged as the samples have them.

    Parameters
    ----------
    samples : (n_samples, ...) DataFrame
        The sample sheet, indexed by sample. All of its samples take part in the fit.
    design : str
        Formula over columns of the sheet.
    contrast : mapping
        As :func:`workflow_lib.stats.forms.parse`.

    Returns
    -------
    Contrast

    Raises
    ------
    InputError
        As :func:`workflow_lib.stats.designs.matrix`; for coefficients that are confounded.
    ContrastError
        For columns or levels that are not there, and questions that the design has one answer for, such as an
        effect within one cell type where the design has no interaction; the design that could is named.
    """
    form = parse(contrast)
    for fault in faults(form, samples, design):
        raise fault
    sheet = designs.prepare(samples, design)
    if form.is_difference:
        sheet[form.variables[0]] = designs.baseline(sheet[form.variables[0]], form.pairs[0][1][0])
    model = designs.evaluate(sheet, design)
    designs.refuse_confounded(designs.as_table(model), design)
    return _Predictions(form, sheet, design, model).answer()


def crossed(design: str, form: Form) -> str:
    """The design that can answer a contrast: its columns multiplied, and what else the design has."""
    wanted = list(dict.fromkeys([*(name for name, _ in form.where), *reversed(form.variables)]))
    kept = []
    for term in formulas.summands(design):
        used = formulas.variables_of(term)
        if not (len(wanted) > 1 and used and set(used) <= set(wanted)):
            kept.append(term)
    return "~ " + " + ".join([*kept, " * ".join(map(formulas.quoted, wanted))])


def faults(form: Form, samples: pd.DataFrame, design: str, sheet: str = SHEET) -> list[ContrastError]:
    """Columns and levels of a contrast that are not there, or not of the kind that it needs.

    Parameters
    ----------
    form : Form
    samples : DataFrame
    design : str
    sheet : str
        What messages call the sample sheet.
    """
    found, names = [], formulas.variables(design)
    asked = [(name, "interaction" if form.is_interaction else "variable") for name in form.variables]
    asked += [(name, "where") for name, _ in form.where]
    for name, key in asked:
        if name not in samples.columns:
            like = nearest(name, samples.columns)
            fix = (
                f"write {like}" if like else f"use one of its columns: {', '.join(map(str, samples.columns))}"
            )
            found.append(ContrastError(form.given, key, f"{sheet} has no column {name!r}", fix))
        elif name not in names:
            what = f"{name!r} is not in the design {design!r}"
            fix = f"write design: {crossed(design, form)!r}, or contrast a variable that is in it"
            found.append(ContrastError(form.given, key, what, fix))
    here = [name for name, _ in asked if name in samples.columns]
    labels = {name: levels.are_labels(samples[name], design) for name in here}
    return [*found, *_wrong_kinds(form, labels, design, sheet), *_absent_levels(form, samples, labels, sheet)]


def _wrong_kinds(form: Form, labels: Mapping[str, bool], design: str, sheet: str) -> Iterator[ContrastError]:
    """Labels where the contrast needs a quantity, and the reverse."""
    name = form.variables[0]
    if form.is_slope and labels.get(name) is True:
        what = f"column {name!r} of {sheet} holds labels, which have no slope"
        fix = "add experiment and control, or test: any for a difference between any of its levels"
        yield ContrastError(form.given, "variable", what, fix)
    if form.is_difference and labels.get(name) is False:
        what = f"column {name!r} of {sheet} holds numbers, so it has no levels"
        fix = (
            f"write C({formulas.quoted(name)}) in the design, or text in the sheet, or leave out experiment "
            "and control for the change per unit"
        )
        yield ContrastError(form.given, "variable", what, fix)


def _absent_levels(
    form: Form, samples: pd.DataFrame, labels: Mapping[str, bool], sheet: str
) -> Iterator[ContrastError]:
    asked = []
    for name, pair in zip(form.variables, form.pairs, strict=False):
        keys = ("experiment", "control") if form.is_difference else ("interaction", "interaction")
        asked += [(name, level, key) for side, key in zip(pair, keys, strict=True) for level in side]
    asked += [(name, level, "where") for name, chosen in form.where for level in chosen]
    for name, level, key in asked:
        if labels.get(name) is True:
            present = levels.ordered(samples[name])
            if present and level not in present:
                like = nearest(level, present)
                has = ", ".join([*present[:12], *(["..."] if len(present) > 12 else [])])
                what = f"no sample has {level!r} in column {name} of {sheet} (it has {has})"
                yield ContrastError(
                    form.given, key, what, f"write {like}" if like else f"write one of its levels: {has}"
                )
        elif labels.get(name) is False and not form.is_difference and not _is_number(level):
            what = f"column {name!r} of {sheet} holds numbers, and {level!r} is none"
            yield ContrastError(form.given, key, what, "give a number, or write labels in the sheet")


def _is_label(sheet: pd.DataFrame, name: str) -> bool:
    return isinstance(sheet[name].dtype, pd.CategoricalDtype)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


@dataclass
class _Predictions:
    """A design's predictions with some columns set, all else as the samples have it."""

    form: Form
    sheet: pd.DataFrame
    design: str
    model: ModelMatrix

    def answer(self) -> Contrast:
        """The weights."""
        form = self.form
        matrix, change = designs.conditioned_model(self.model)
        partners = self.partners()
        held = dict(form.where)
        for name in held:
            if name not in partners:
                effect = listed(form.variables)
                what = f"design {self.design!r} has one effect of {effect} for all levels of {name}"
                fix = f"write design: {crossed(self.design, form)!r}, or remove {name} from where"
                raise ContrastError(form.given, "where", what, fix)
        averaged = tuple(name for name in partners if name not in held and _is_label(self.sheet, name))
        asked = [self.asked(i) for i in range(len(form.variables))]
        fixed = {
            name: list(held[name]) if name in held else self.present(name) for name in (*held, *averaged)
        }
        every = self.predicted([values for values, _ in asked], fixed, whole=set(partners) != set(fixed))
        for axis, (_, weights) in enumerate(asked):  # differences along the axis of each variable
            every = np.moveaxis(np.tensordot(weights, every, axes=(1, axis)), 0, axis)
        if form.is_slope:
            self.refuse_curve(every)
        labelled = tuple(name for name in form.variables if _is_label(self.sheet, name))
        n = len(form.variables)
        mean = every.mean(axis=tuple(range(n, every.ndim - 1)))
        shown = _clean(mean[(-1,) * n])
        if form.any:
            rows = _independent(_clean(every.reshape(-1, every.shape[-1])))
            if not len(rows):
                raise self.without_interaction()
            ends = [(self.present(name)[-1], self.present(name)[0]) for name in form.variables]
            last, first = (", ".join(side) for side in zip(*ends, strict=True))
            return Contrast(
                form, matrix, rows @ change, shown @ change, (), labelled=labelled, last=last, first=first
            )
        if not shown.any():
            raise self.without_interaction()
        return Contrast(form, matrix, shown[None] @ change, shown @ change, averaged, labelled)

    def partners(self) -> list[str]:
        """Columns that share a term with all variables of the contrast: the effect may differ with them."""
        asked = set(self.form.variables)
        found: dict[str, None] = {}
        for term in self.model.model_spec.formula:
            columns = formulas.columns_of_term(term)
            if asked <= set(columns):
                found |= dict.fromkeys(name for name in columns if name not in asked)
        return list(found)

    def present(self, name: str) -> list[str]:
        """Levels, or the smallest and the largest number, in order."""
        column = self.sheet[name]
        if _is_label(self.sheet, name):
            return levels.ordered(column)
        return [levels.label(value) for value in sorted(set(column))]

    def asked(self, i: int) -> tuple[list[str], np.ndarray]:
        """Values to set variable i to, and the weights of its differences: (n_differences, n_values)."""
        name, form = self.form.variables[i], self.form
        if form.pairs:
            experiment, control = form.pairs[i]
            weights = [1 / len(experiment)] * len(experiment) + [-1 / len(control)] * len(control)
            return [*experiment, *control], np.array([weights])
        values = self.present(name)
        if form.is_slope:
            low, middle, high = values[0], values[len(values) // 2], values[-1]
            steps = [float(middle) - float(low) or 1.0, float(high) - float(low) or 1.0]
            slopes = [[-1 / steps[0], 1 / steps[0], 0.0], [-1 / steps[1], 0.0, 1 / steps[1]]]
            return [low, middle, high], np.array(slopes)
        return values, np.eye(len(values))[1:] - np.eye(len(values))[:1]

    def predicted(self, values: list[list[str]], fixed: Mapping[str, list[str]], whole: bool) -> np.ndarray:
        """Rows of the design; axes: the variables' values, settings of other columns, samples, coefficients.

        Without `whole` one sample stands for all, since what else it has falls out of every difference.
        """
        base = self.sheet if whole else self.sheet.iloc[:1]
        names = [*self.form.variables, *fixed]
        settings = list(product(*values, *fixed.values()))
        frame = pd.concat([base] * len(settings), ignore_index=True)
        for i, name in enumerate(names):
            column = np.repeat([setting[i] for setting in settings], len(base))
            if _is_label(self.sheet, name):
                frame[name] = pd.Categorical(column, categories=self.sheet[name].cat.categories)
            else:
                frame[name] = column.astype(float)
        rows = np.asarray(self.model.model_spec.get_model_matrix(frame, context={}), dtype=float)
        others = int(np.prod([len(found) for found in fixed.values()], dtype=int))
        return rows.reshape(*(len(found) for found in values), others, len(base), rows.shape[1])

    def refuse_curve(self, slopes: np.ndarray) -> None:
        """Refuse a slope where the design has the quantity as a curve."""
        if not np.allclose(slopes[0], slopes[1], rtol=1e-6, atol=1e-9 * np.abs(slopes).max()):
            name = self.form.variables[0]
            what = f"design {self.design!r} has {name} as a curve, which has no one slope"
            fix = f"add test: any, or write {name} itself in the design"
            raise ContrastError(self.form.given, "variable", what, fix)

    def without_interaction(self) -> ContrastError:
        """What to say of an interaction that the design takes for nought."""
        if not self.form.is_interaction:
            name = self.form.variables[0]
            what = f"column {name!r} changes nothing in design {self.design!r}"
            return ContrastError(self.form.given, "variable", what, "name a column that has several values")
        what = f"design {self.design!r} has no interaction of {listed(self.form.variables)}"
        return ContrastError(
            self.form.given, "interaction", what, f"write design: {crossed(self.design, self.form)!r}"
        )


def _clean(rows: np.ndarray) -> np.ndarray:
    """Rounding errors of whole numbers taken away."""
    scale = np.abs(rows).max(axis=-1, keepdims=True)
    rows = np.where(np.abs(rows) <= TOLERANCE * np.where(scale > 0, scale, 1), 0.0, rows)
    whole = np.round(rows)
    return np.where(np.abs(rows - whole) < 1e-12, whole, rows) + 0.0


def _independent(rows: np.ndarray) -> np.ndarray:
    """Rows that span the same space, none of them superfluous: single coefficients where those do."""
    rows = rows[np.abs(rows).max(axis=1) > 0]
    if not len(rows):
        return rows
    size = np.abs(rows).max(axis=0)
    used = np.flatnonzero(size > 0)
    scaled = np.unique(np.round(rows[:, used] / size[used], 12), axis=0)
    _, r, order = qr(scaled.T, pivoting=True, mode="economic")
    diagonal = np.abs(np.diag(r))
    rank = int((diagonal > 1e-9 * diagonal[0]).sum())
    if rank == len(used):
        return np.eye(rows.shape[1])[used]
    chosen = np.zeros((rank, rows.shape[1]))
    chosen[:, used] = scaled[np.sort(order[:rank])] * size[used]
    return chosen
