"""Matrices of gene expression, genes x samples."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import count_matrices, foreign_tables

FIX = "give counts, TPM, FPKM or CPM: 0 or more, not logarithms"


def read_table(path: str | Path, *, header_only: bool = False) -> pd.DataFrame:
    """Read a matrix of expression as it stands: the first column, the gene, is the index.

    Parameters
    ----------
    path : str or Path
        Tab-separated with a header (gzip if it ends in .gz) or parquet.
    header_only : bool
        Read the names of the columns only.

    Raises
    ------
    InputError
        A file that is missing, empty or not a table.
    """
    return count_matrices.read_count_table(path, header_only=header_only, row="gene")


def shared(table: pd.DataFrame, samples: Sequence[str]) -> list[str]:
    """Samples of the sheet that have a column, in the sheet's order."""
    columns = set(map(str, foreign_tables.sample_names(table, samples).columns))
    return [name for name in samples if name in columns]


def faults(table: pd.DataFrame, samples: Sequence[str]) -> list[tuple[str, str, str]]:
    """What is wrong with a matrix of expression: (row or column, what, fix) for each kind of fault.

    Missing values are no fault: a gene with one is left out. A sample of the sheet without a column, or the
    reverse, is none either.
    """
    if not len(table):
        return [("line 2", "there is no gene", "give each gene one row")]
    found = []
    table = foreign_tables.sample_names(table, samples)
    names = table.index
    for bad, what, fix in (
        (np.asarray(names.isna()), "the gene has no name", "name it by gene_id or gene_name"),
        (
            np.asarray(names.duplicated()) & ~np.asarray(names.isna()),
            "the gene stands there more than once",
            "give each gene one row (use gene_id where names are shared, or sum the rows)",
        ),
    ):
        if bad.any():
            found.append((count_matrices.place(table, bad, "gene"), what, fix))
    for name in shared(table, samples):
        found += _column_faults(table, table[name])
    return found


def read(path: str | Path, samples: Sequence[str]) -> pd.DataFrame:
    """Read the expression of the samples of the sheet.

    Parameters
    ----------
    path : str or Path
        As :func:`read_table`.
    samples : sequence of str
        Those without a column are left out, as are columns of other names.

    Returns
    -------
    (n_genes, n_shared) DataFrame of float
        Indexed by what the file calls the gene, rows as in the file; NaN where a value is missing.

    Raises
    ------
    InputError
        Naming file, row and column of the first fault.
    """
    return of_samples(read_table(path), samples, str(path))


def of_samples(table: pd.DataFrame, samples: Sequence[str], named: str) -> pd.DataFrame:
    """The samples of the sheet in a matrix of expression, as :func:`read` has them.

    Raises
    ------
    InputError
        Naming `named`, row and column of the first fault.
    """
    table = foreign_tables.sample_names(table, samples)
    found = faults(table, samples)
    if found:
        where, what, fix = found[0]
        raise InputError(f"{named}, {where}: {what}: {fix}")
    return table[shared(table, samples)].apply(pd.to_numeric).astype(float).rename_axis("gene")


def _column_faults(table: pd.DataFrame, column: pd.Series) -> list[tuple[str, str, str]]:
    """Faults of one sample's values: the first kind that holds."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    given = column.notna().to_numpy()
    for bad, what in (
        (given & (np.isnan(numbers) | pd.api.types.is_bool_dtype(column)), "is not a number"),
        (np.isinf(numbers), "is not finite"),
        (numbers < 0, "is negative"),
    ):
        if bad.any():
            value = column.iloc[int(np.argmax(bad))]
            more = f" (and {int(bad.sum()) - 1} more of this sample)" if bad.sum() > 1 else ""
            place = count_matrices.place(table, bad, "gene")
            return [(f"{place}, column {column.name}", f"{value} {what}{more}", FIX)]
    if not (numbers > 0).any():
        return [(f"column {column.name}", "no gene is expressed", "remove or correct the column")]
    return []
