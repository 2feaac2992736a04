"""Matrices as other programs write them, made into ours: a first column of names, then samples.

A form is told by its header. What cannot be read without a guess is refused by its name.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.errors import InputError

PLACE = ["chrom", "start", "end"]
CONTIG_NAMES = ("chrom", "chr", "chromosome", "seqnames", "contig", "#chrom", "#chr")
FEATURECOUNTS = ("Geneid", "Chr", "Start", "End", "Strand", "Length")
HOMER = re.compile(r"PeakID \(cmd=annotatePeaks\.pl\b")
_TAGS = re.compile(r"^(.*?)/? Tag Count\b.*")
_PLACED = re.compile(r"(.+)([-_])([0-9]+)\2([0-9]+)")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_UNASSIGNED = re.compile(
    r"__(no_feature|ambiguous|too_low_aQual|not_aligned|alignment_not_unique)"
    r"|N_(unmapped|multimapping|noFeature|ambiguous)"
)


def check_header(path: str | Path, header: Sequence[str], samples: Sequence[str]) -> None:
    """Refuse a first line that is no header.

    Raises
    ------
    InputError
        If it begins as bedtools multicov's, which writes none, or is HOMER's without -raw.
    """
    if len(header) > 3 and all(map(_NUMBER.fullmatch, [*header[1:3], header[-1]])):
        n_counts = len(header) - 3
        while n_counts and not all(map(_NUMBER.fullmatch, header[-n_counts:])):
            n_counts -= 1
        named = samples if 0 < len(samples) <= n_counts else [f"SAMPLE{i}" for i in range(1, n_counts + 1)]
        names = list(named)
        others = [f"column{i}" for i in range(4, len(header) - len(names) + 1)]
        line = "\\t".join([*PLACE, *others, *names])
        raise InputError(
            f"{path}, line 1: there is no header, as in what bedtools multicov writes, so columns have "
            f"no samples: put one before it, with the samples in the order of the counted BAM files: "
            f"(printf '{line}\\n' && cat {quote(str(path))}) > counts.with_header.tsv"
        )
    if HOMER.match(header[0]) and not re.search(r" -raw\b", header[0]):
        raise InputError(
            f"{path}, line 1: annotatePeaks.pl of HOMER wrote normalised counts: run it again with -raw"
        )


def made_ours(table: pd.DataFrame, path: str | Path, row: str) -> pd.DataFrame:
    """A matrix whose form is another program's, with names first and places as chrom, start, end (0-based).

    Parameters
    ----------
    table : DataFrame
        As it stands, the header included.
    path : str or Path
        For messages.
    row : {'peak', 'gene'}

    Raises
    ------
    InputError
        If featureCounts counted features of several parts as peaks.
    """
    header = [str(name) for name in table.columns]
    table = table.set_axis([_sample_column(name) for name in header], axis=1)
    if tuple(header[:6]) == FEATURECOUNTS or HOMER.match(header[0]):
        name = header[0] if header[0] in table.columns else table.columns[0]
        if row == "gene":
            return table.drop(columns=list(table.columns[1:6]))
        if table["Start"].astype(str).str.contains(";").any():
            raise InputError(
                f"{path}: featureCounts counted features of several parts, such as genes, not peaks: "
                "count in peaks, with featureCounts -F SAF"
            )
        place = {"chrom": table["Chr"], "start": _less_one(table["Start"]), "end": table["End"]}
        others = table.columns[6:] if header[0] == "Geneid" else _counted(table, header)
        return pd.concat([table[[name]], pd.DataFrame(place), table[others]], axis=1)
    first = str(table.columns[0]).lower()
    if first in CONTIG_NAMES and [str(name).lower() for name in table.columns[1:3]] == ["start", "end"]:
        one_based = first == "seqnames"  # as.data.frame of GRanges
        start = _less_one(table.iloc[:, 1]) if one_based else table.iloc[:, 1]
        place = {"chrom": table.iloc[:, 0].astype(str), "start": start, "end": table.iloc[:, 2]}
        names = intervals.peak_ids(*place.values()) if len(table) else []
        rest = table.iloc[:, 3:].drop(columns=["width", "strand"] if one_based else [], errors="ignore")
        return pd.concat([pd.DataFrame({row: names, **place}), rest], axis=1)
    return table


def unassigned(names: pd.Series) -> np.ndarray:
    """Which rows count reads that belong to no peak or gene, as HTSeq (`__no_feature`) and STAR name them."""
    return names.astype(str).str.fullmatch(_UNASSIGNED.pattern, na=False).to_numpy(bool)


def placed(ids: pd.Index) -> pd.DataFrame | None:
    """Where peaks lie whose names are `chr1-100-400`, as Signac writes them, or `chr1_100_400`; 0-based."""
    parts = pd.Series(ids.astype(str)).str.extract(f"^{_PLACED.pattern}$")
    if not len(parts) or parts[0].isna().any() or (parts[[2, 3]].map(len) > 18).any(axis=None):
        return None
    start, end = parts[2].astype(np.int64), parts[3].astype(np.int64)
    if (end <= start).any():
        return None
    return pd.DataFrame({"chrom": parts[0], "start": start, "end": end})


def sample_names(table: pd.DataFrame, samples: Sequence[str]) -> pd.DataFrame:
    """The matrix with columns such as `../bam/c1.sorted.bam` called as their samples.

    A column is a sample's if its name, without folders, is the sample's or begins with it and a point, and no
    other column's does.
    """
    here = {str(name) for name in table.columns}
    found: dict[str, list[str]] = {}
    for name in here - set(samples):
        file = name.rstrip("/").rpartition("/")[2]
        like = [sample for sample in samples if file == sample or file.startswith(f"{sample}.")]
        if like:
            found.setdefault(max(like, key=len), []).append(name)
    renames = {names[0]: sample for sample, names in found.items() if len(names) == 1 and sample not in here}
    return table.rename(columns=renames) if renames else table


def _sample_column(name: str) -> str:
    """The name of a column without what deepTools and HOMER put about it."""
    if len(name) > 2 and name.startswith("#'"):
        name = name[1:]
    if len(name) > 1 and name[0] == name[-1] == "'":
        name = name[1:-1]
    tags = _TAGS.match(name)
    return tags[1] if tags else name


def _counted(table: pd.DataFrame, header: list[str]) -> list[str]:
    """Columns of HOMER that count tags."""
    return [name for name, said in zip(table.columns, header, strict=True) if _TAGS.match(said)]


def _less_one(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce") - 1
