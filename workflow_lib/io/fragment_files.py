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
TAG_SCORE = 1000  # of every line of a tagAlign
MEANT = (
    "give tab-separated chrom, start, end (0-based, end excluded), then perhaps barcode, count and strand as "
    "in fragments.tsv.gz, or the two ends of a BEDPE (chrom, start, end, chrom, start, end)"
)
_BEDPE = 6  # columns, at least
_BARCODE = r"(?:.*[^A-Z])?[ACGTN]{6,}(?:-[0-9A-Za-z]+)?"  # as 10x, sinto and ArchR (S1#AAACG...-1) call cells
_LEAST_SINGLE = 0.1
"""Share of fragments of one read pair where column 5 counts pairs: mapping qualities are hardly ever 1."""


@dataclass(frozen=True)
class FragmentFile:
    """Fragments of one file.

    Attributes
    ----------
    fragments : DataFrame
        chrom (categorical, in order of appearance), start, end (0-based, half-open), count (read pairs, 1
        where the file has no such column); rows as in the file.
    has_counts : bool
    has_scores : bool
        Whether the fifth column is a BED's score, such as the mapping quality, and so not used.
    """

    fragments: pd.DataFrame
    has_counts: bool
    has_scores: bool = False


def is_fragment_file(path: str | Path) -> bool:
    """Whether a file is one of fragments, by its name."""
    return str(path).lower().endswith(SUFFIXES)


def read(path: str | Path, n_rows: int | None = None) -> FragmentFile:
    """Read a file of fragments, plain or compressed; lines before them that begin with # are comments.

    Three columns are chrom, start, end (BEDPE of MACS); four to six add barcode, count of read pairs and
    strand (fragments.tsv), or name, score and strand (BED, such as chromap's): a fifth column counts pairs if
    the fourth has barcodes or a tenth of its values is 1. Otherwise six or more columns are the two ends of a
    pair (BEDPE of bedtools), whose fragment is what both span. Pairs on two contigs, or without a place, are
    left out.

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
    # Looking at the first lines refuses what has none before all of it is in memory.
    first = next(line_chunks(path), (1, []))[1]
    n_comments = next((i for i, line in enumerate(first) if not line.startswith(b"#")), len(first))
    try:
        rows = pd.read_csv(
            path,
            sep="\t",
            header=None,
            skiprows=n_comments,
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
    is_bed = n < _BEDPE or (n == _BEDPE and rows[5].isin(["+", "-", "."]).all())
    numbers = [1, 2] + ([4] if n >= 5 else []) + ([] if is_bed else [5])
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
    has_counts = False
    if not is_bed:
        together = (rows[0] == rows[3]) & (rows[1] >= 0) & (rows[4] >= 0)
        rows = rows[together]
        chrom, start, end = rows[0], rows[[1, 4]].min(axis=1), rows[[2, 5]].max(axis=1)
    elif n >= 5:
        _refuse_reads(path, rows)
        has_counts = _are_counts(rows)
        count = rows[4] if has_counts else 1
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
    return FragmentFile(_table(chrom, start, end, count), has_counts, is_bed and n >= 5 and not has_counts)


def _are_counts(rows: pd.DataFrame) -> bool:
    """Whether the fifth column counts read pairs."""
    if (rows[4] < 1).any():
        return False
    return bool(rows[3].str.fullmatch(_BARCODE).all() or (rows[4] == 1).mean() >= _LEAST_SINGLE)


def _refuse_reads(path, rows: pd.DataFrame) -> None:
    """Refuse a BED whose lines are reads, so that their other ends are no ends of fragments."""
    name = rows[3].fillna("")
    if len(rows) and name.str.endswith(("/1", "/2")).all():
        what = "is of reads and not of fragments (names end in /1 and /2), as bedtools bamtobed writes"
    elif len(rows) and rows.shape[1] == _BEDPE and ((name == "N") & (rows[4] == TAG_SCORE)).all():
        what = "is a tagAlign: of reads and not of fragments"
    else:
        return
    raise InputError(f"{path}: {what}; name the BAM file itself in the sheet")


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
