"""Tables put side by side by peak (or by motif, by sample): one order, and nothing of other peaks."""

from collections.abc import Iterable
from typing import TypeVar

import pandas as pd

from workflow_lib.errors import InputError

Rows = TypeVar("Rows", pd.DataFrame, pd.Series)


def aligned(table: Rows, ids: Iterable, what: str, *, of: str = "peak") -> Rows:
    """The rows of a table in the order of `ids`, which has to name all of them and no other.

    Parameters
    ----------
    table : DataFrame or Series
        Indexed by the ids, or a DataFrame that has them in a column named as `of` says.
    ids : iterable of str
    what : str
        What the table is, for messages: "annotation", a path.
    of : str
        What the ids are of.

    Returns
    -------
    as `table`
        Indexed by the ids.

    Raises
    ------
    InputError
        If an id stands twice in either, or one has an id that the other lacks; the first is named.
    """
    table, wanted = _indexed(table, of), _once(pd.Index(ids), "the list to follow", of)
    if table.index.equals(wanted):
        return table
    _once(table.index, what, of)
    absent, more = wanted.difference(table.index, sort=False), table.index.difference(wanted, sort=False)
    if len(absent) or len(more):
        said = [
            f"{len(found):,} {words}, such as {found[0]}"
            for found, words in ((absent, f"{of}s are not in it"), (more, "of its own are in no other table"))
            if len(found)
        ]
        raise InputError(f"{what}: is of other {of}s: {'; '.join(said)}; delete it and run again")
    return table.loc[wanted]


def rows(table: Rows, ids: Iterable, what: str, *, of: str = "peak") -> Rows:
    """Rows of a table that may have more: as :func:`aligned`, but `ids` may repeat and leave out rows.

    Raises
    ------
    InputError
        If an id stands twice in the table, or it lacks one; the first is named.
    """
    table, wanted = _indexed(table, of), pd.Index(ids)
    _once(table.index, what, of)
    absent = wanted.difference(table.index, sort=False)
    if len(absent):
        raise InputError(
            f"{what}: has no row of {of} {absent[0]} ({len(absent):,} are absent); delete it and run again"
        )
    return table.loc[wanted]


def of_rows(matrix, n: int, what: str, *, of: str = "peak"):
    """A matrix or a list whose rows have no names, if it has as many as there are ids.

    Raises
    ------
    InputError
        If not.
    """
    found = matrix.shape[0] if hasattr(matrix, "shape") else len(matrix)
    if found != n:
        raise InputError(f"{what}: is of {found:,} {of}s, and there are {n:,}; delete it and run again")
    return matrix


def _indexed(table: Rows, of: str) -> Rows:
    if isinstance(table, pd.DataFrame) and of in table.columns:
        return table.set_index(of)
    return table


def _once(index: pd.Index, what: str, of: str) -> pd.Index:
    if not index.is_unique:
        raise InputError(f"{what}: {of} {index[index.duplicated()][0]} stands there twice; leave it once")
    return index
