"""Levels of the sheet's columns, as the config writes them, and their order."""

import re

import numpy as np
import pandas as pd

ALWAYS_CATEGORICAL = ("group", "batch", "pair", "replicate")
"""Columns that name sets of samples, so `1, 2, 3` there are labels and not quantities."""


def label(value) -> str:
    """A level as the config would write it: 2.0 of a column with floats is `2`."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def labels(column: pd.Series) -> pd.Series:
    """Each sample's level as text, index and name as in `column`."""
    return column.map(label).astype(object)


def are_labels(column: pd.Series, formula: str) -> bool:
    """Whether a formula takes a column of the sheet for labels; any other is a quantity.

    Labels are text, boolean and categorical columns, those of `ALWAYS_CATEGORICAL`, and whatever the formula
    wraps in `C()`.
    """
    wrapped = re.search(rf"\bC\(\s*`?{re.escape(str(column.name))}\b", formula)
    quantity = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return column.name in ALWAYS_CATEGORICAL or wrapped is not None or not quantity


def involves(coefficient: str, name: str) -> bool:
    """Whether a coefficient such as `C(batch)[T.B]:group[T.x]` is of a column."""
    bare = re.sub(r"\[[^\]]*\]", "", coefficient)
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w(])", bare) is not None


def natural(text: str) -> tuple:
    """A sorting key by which `6h` stands before `12h`, and `-1` before `0`."""
    try:
        return (0, float(text), "")
    except ValueError:
        parts = re.split(r"(\d+(?:\.\d+)?)", text)
        return (
            1,
            0.0,
            *((part.lower(), 0.0) if i % 2 == 0 else ("", float(part)) for i, part in enumerate(parts)),
        )


def ordered(column: pd.Series) -> list[str]:
    """The levels that samples have, as text: in the order of a categorical column, else in natural order."""
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        return [label(value) for value in column.cat.remove_unused_categories().cat.categories]
    return sorted(set(labels(column.dropna())), key=natural)
