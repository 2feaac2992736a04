"""Tab-separated tables in the one form that all results share."""

import gzip
import io
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import catalogue
from workflow_lib.io.atomic import replacing
from workflow_lib.io.text import check_whole

FLOAT_FORMAT = "%.8g"
MISSING = "NA"
TEXT = (
    *("peak", "chrom", "contig", "sample", "group", "contrast", "motif_id", "name", "tf_name", "cluster"),
    *("gene_id", "gene_name", "transcript_id", "nearest_gene_id", "nearest_gene_name", "promoter_gene"),
    *("expression_gene", "motif_name", "tf_names", "explained_by"),
    *("other", "level", "experiment", "contrast_a", "contrast_b", "contrasts", "set"),
)
"""Columns of identifiers: text, even where all their values look like numbers."""


def write_table(
    table: pd.DataFrame,
    path: str | Path,
    *,
    index: bool = False,
    names: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Write a table as TSV: header, `NA` for missing, eight significant digits; gzip if named .gz.

    The bytes depend on the table alone (no time stamp in the gzip header). `names` says what wildcards in the
    catalogue's names of columns stand for, such as the samples.

    Raises
    ------
    ValueError
        If the path lies in a folder `results` and the table is not as the catalogue of results has it.
    """
    catalogue.check(table, path, index=index, names=names)
    text = table.to_csv(sep="\t", index=index, float_format=FLOAT_FORMAT, na_rep=MISSING, lineterminator="\n")
    write_text(text, path)


def write_parts(parts: Iterable[pd.DataFrame], path: str | Path) -> int:
    """Write a table that comes in parts, as :func:`write_table`, and say how many rows it has.

    Only one part is in memory. All have the columns of the first, which may have no rows.

    Raises
    ------
    ValueError
        As :func:`write_table`, or if there is no part.
    """
    n, columns = 0, None
    with replacing(path) as partial, open(partial, "wb") as plain:
        zipped = gzip.GzipFile(filename="", mode="wb", fileobj=plain, mtime=0, compresslevel=6)
        out = zipped if str(path).endswith(".gz") else plain
        for part in parts:
            catalogue.check(part, path)
            if columns is not None and columns != list(part.columns):
                raise ValueError(f"{path}: parts of other columns: {columns} and {list(part.columns)}")
            form = {"float_format": FLOAT_FORMAT, "na_rep": MISSING, "lineterminator": "\n"}
            out.write(part.to_csv(sep="\t", index=False, header=columns is None, **form).encode())
            n, columns = n + len(part), list(part.columns)
        if out is zipped:
            zipped.close()
    if columns is None:
        raise ValueError(f"{path}: a table without parts has no columns")
    return n


def write_text(text: str, path: str | Path) -> None:
    """Write text as UTF-8, atomically; gzip without time stamp if the name ends in .gz."""
    data = text.encode()
    if str(path).endswith(".gz"):
        buffer = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=6) as out:
            out.write(data)
        data = buffer.getvalue()
    with replacing(path) as partial:
        partial.write_bytes(data)


def read_table(path: str | Path, *, index: str | None = None, ours: bool = True, **options) -> pd.DataFrame:
    """Read a TSV with a header; identifiers (`TEXT`) are text, so a contig may be called `1`.

    Only `NA` and the empty string are missing, so a gene may be called `nan`.

    Parameters
    ----------
    path : str or Path
        Plain or gzipped file.
    index : str, optional
        Column that becomes the index.
    ours : bool
        A table of the workflow, which ends with a line's end and can be made again; users' may lack that.
    **options
        Passed to :func:`pandas.read_csv`; types in `dtype` come on top of those of identifiers.

    Raises
    ------
    InputError
        If the file is empty or cut short, or its rows disagree with its header.
    """
    if ours:
        check_whole(path)
    types = dict.fromkeys(TEXT, str) | options.pop("dtype", {})
    try:
        table = pd.read_csv(
            path,
            sep="\t",
            na_values=[MISSING, ""],
            keep_default_na=False,
            float_precision="round_trip",
            dtype=types,
            **options,
        )
    except pd.errors.EmptyDataError:
        raise InputError(f"{path}: the file is empty; expected a tab-separated table with a header") from None
    except (pd.errors.ParserError, UnicodeDecodeError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        said = " ".join(str(error).split())
        fix = "; delete it and run again" if ours else "; give all rows as many columns as the header"
        raise InputError(f"{path}: not a readable tab-separated table ({said}){fix}") from error
    return table if index is None else table.set_index(index)
