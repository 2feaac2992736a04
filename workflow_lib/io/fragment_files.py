"""Reading fragments from text: fragments.tsv of 10x Genomics or sinto, BEDPE of MACS or bedtools."""

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io.text import is_gzipped, line_chunks

SUFFIXES = (".tsv", ".tsv.gz", ".bed", ".bed.gz", ".bedpe", ".bedpe.gz")
MEANT = (
    "give tab-separated chrom, start, end (0-based, end excluded), then optionally barcode and count as in "
    "fragments.tsv.gz, or the two ends of a BEDPE (chrom, start, end, chrom, start, end)"
)
_BEDPE = 6  # columns, at least


@dataclass(frozen=True)
class FragmentFile:
    """Fragments of one file.

    Attributes
    ----------
    fragments : DataFrame
        chrom (categorical, in order of appearance), start, end (0-based, half-open), count (read pairs, 1
        where the file has no such column); rows as in the file.
    has_counts : bool
    """

    fragments: pd.DataFrame
    has_counts: bool


def is_fragment_file(path: str | Path) -> bool:
    """Whether a file is one of fragments, by its name."""
    return str(path).lower().endswith(SUFFIXES)


def read(path: str | Path, n_rows: int | None = None) -> FragmentFile:
    """Read a file of fragments, plain or compressed; lines that begin with # are comments.

    Three columns are chrom, start, end (BEDPE of MACS); four or five add barcode and count of read pairs
    (fragments.tsv); six or more are the two ends of a pair (BEDPE of bedtools), whose
    fragment is what both span. Pairs on two contigs, or without a place, are left out.

    Parameters
    ----------
    path : str or Path
    n_rows : int, optional
        Read so many lines only.

    Raises
    ------
    InputError
        If the file cannot be read, or is of none of these forms.
    """
    next(line_chunks(path), None)  # refuses what has no lines, before all of it is in memory
    try:
        rows = pd.read_csv(
            path,
            sep="\t",
            header=None,
            comment="#",
            nrows=n_rows,
            dtype={0: str, 3: str},
            na_values=[""],
            keep_default_na=False,
            quoting=csv.QUOTE_NONE,
            compression="gzip" if is_gzipped(path) else None,
        )
    except pd.errors.EmptyDataError:
        return FragmentFile(_table([], [], [], []), False)
    except (pd.errors.ParserError, UnicodeDecodeError, EOFError, zlib.error, OSError) as error:
        raise InputError(f"{path}: not readable as fragments ({_one_line(error)}); {MEANT}") from error
    n = rows.shape[1]
    if n < 3:
        raise InputError(f"{path}: has {n} column{'s' * (n > 1)}; {MEANT}")
    numbers = [1, 2] + ([4, 5] if n >= _BEDPE else [4] if n == 5 else [])
    for column in numbers:
        if rows[column].dtype != np.int64:
            known = pd.to_numeric(rows[column], errors="coerce").to_numpy(float)
            whole = np.abs(known) < 2**53
            whole[whole] = known[whole] % 1 == 0
            line = int(np.argmin(whole)) + 1
            raise InputError(
                f"{path}: column {column + 1} of fragment {line} is {str(rows[column].iloc[line - 1])!r}, "
                f"not a whole number; {MEANT}"
            )
    chrom, start, end, count = rows[0], rows[1], rows[2], 1
    if n >= _BEDPE:
        together = (rows[0] == rows[3]) & (rows[1] >= 0) & (rows[4] >= 0)
        rows = rows[together]
        chrom, start, end = rows[0], rows[[1, 4]].min(axis=1), rows[[2, 5]].max(axis=1)
    elif n == 5:
        count = rows[4]
    nameless = chrom.isna().to_numpy()
    if nameless.any():
        raise InputError(f"{path}: fragment {int(np.argmax(nameless)) + 1} names no contig; {MEANT}")
    bad = ((start < 0) | (end <= start)).to_numpy()
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            f"{path}: fragment {row + 1} ({chrom.iloc[row]}:{start.iloc[row]}-{end.iloc[row]}) does not "
            f"end after its start; {MEANT}"
        )
    return FragmentFile(_table(chrom, start, end, count), n == 5)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _table(chrom, start, end, count) -> pd.DataFrame:
    names = pd.unique(np.asarray(chrom, dtype=object))
    return pd.DataFrame(
        {
            "chrom": pd.Categorical(chrom, categories=names),
            "start": np.asarray(start, dtype=np.int64),
            "end": np.asarray(end, dtype=np.int64),
            "count": count,
        }
    )
