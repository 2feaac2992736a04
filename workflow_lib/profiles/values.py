"""What profiles are made of: the levels that a contrast's peaks are followed over, and means at each."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.stats import designs, levels
from workflow_lib.stats.forms import Form

FEWEST_LEVELS = 3
"""Of a column whose levels a contrast compares: with two, a profile says no more than up and down."""
MOST_VALUES = 20
"""Different values of a quantity that count as its levels: a dose or a time does, an age seldom."""


def levels_of(form: Form, samples: pd.DataFrame) -> dict[str, np.ndarray]:
    """The levels that a contrast's changed peaks are followed over.

    Parameters
    ----------
    form : Form
    samples : (n_samples, ...) DataFrame

    Returns
    -------
    dict of level to (n_samples,) array of bool
        Where any difference counts, the levels (or cells of an interaction) that it is about, two or more; of
        an interaction of named levels its cells; else all levels of the contrast's column, within its
        `where`, three or more. Values of a quantity are its levels where they are at most `MOST_VALUES`.
        Levels without a sample are left out. Empty where there are too few.
    """
    if form.any or form.is_interaction:
        found = form.cells(samples)
    else:
        column = samples[form.variables[0]]
        inside = form.inside(samples)
        names = levels.ordered(column[inside])
        if form.is_slope and len(names) > MOST_VALUES:
            return {}
        of = levels.labels(column)
        found = {name: inside & (of == name).to_numpy(bool) for name in names}
    found = {name: members for name, members in found.items() if members.any()}
    return found if len(found) >= (2 if form.any else FEWEST_LEVELS) else {}


def without_nuisance(values: pd.DataFrame, samples: pd.DataFrame, design: str, form: Form) -> pd.DataFrame:
    """Values without what the design's other terms, such as donors or batches, explain.

    The whole design is fitted by least squares, and what its terms without the contrast's columns add to a
    sample beyond their mean is taken away. So levels that lack a donor can be compared with others.

    Parameters
    ----------
    values : (n_peaks, n_samples) DataFrame
        log2 normalised counts; columns as rows of `samples`.
    samples : (n_samples, ...) DataFrame
    design : str
    form : Form

    Returns
    -------
    DataFrame as `values`
        Each row keeps its mean.
    """
    matrix = designs.matrix(samples, design)
    asked = (*form.variables, *(name for name, _ in form.where))
    other = [
        i
        for i, name in enumerate(matrix.columns)
        if name != "Intercept" and not any(levels.involves(name, column) for column in asked)
    ]
    if not other:
        return values
    model = matrix.to_numpy(float)
    centred = model[:, other] - model[:, other].mean(axis=0)
    effects = np.linalg.lstsq(model, values.to_numpy(float).T, rcond=None)[0][other]
    return values - (centred @ effects).T


def level_means(values: pd.DataFrame, cells: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Mean of each peak over the samples of each level: (n_peaks, n_levels)."""
    return pd.DataFrame({level: values.loc[:, members].mean(axis=1) for level, members in cells.items()})


def standardised(means: pd.DataFrame) -> pd.DataFrame:
    """Rows of mean 0 and standard deviation 1 (ddof 0) over the levels; rows that do not vary are 0."""
    centred = means.sub(means.mean(axis=1), axis=0)
    spread = means.std(axis=1, ddof=0)
    return centred.div(spread.where(spread > 1e-9, np.inf), axis=0)


def summary(profiles: pd.DataFrame, clusters: pd.Series, cells: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The mean profile of each cluster.

    Parameters
    ----------
    profiles : (n_peaks, n_levels) DataFrame
        Of :func:`standardised`.
    clusters : (n_peaks,) Series of int
    cells : mapping of level to (n_samples,) array of bool

    Returns
    -------
    DataFrame
        cluster, n_peaks, level, n_samples, mean, q25, q75: a row for each cluster and level, levels in order.
    """
    rows = []
    for number in sorted(clusters.unique()):
        members = profiles[(clusters == number).to_numpy()]
        for level, inside in cells.items():
            values = members[level]
            low, high = values.quantile([0.25, 0.75])
            rows.append((number, len(members), level, int(inside.sum()), values.mean(), low, high))
    columns = ["cluster", "n_peaks", "level", "n_samples", "mean", "q25", "q75"]
    table = pd.DataFrame(rows, columns=columns)
    return table if rows else table.astype({"cluster": int, "n_peaks": int, "n_samples": int})


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    """A table that was read, its clusters as numbers: tables have identifiers as text."""
    return table.astype({"cluster": int})
