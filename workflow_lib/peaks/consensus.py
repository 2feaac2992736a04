"""The consensus peaks: one set of intervals that every later step counts, scans and tests."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.errors import InputError
from workflow_lib.genome import reference
from workflow_lib.io import bed, peak_files, tables

COLUMNS = ["peak", "chrom", "start", "end", "summit", "score"]

log = logging.getLogger("atacdiff")


def read_intervals(
    path: str | Path, contigs: pd.Series | None = None, *, may_be_empty: bool = False
) -> pd.DataFrame:
    """Read peaks called by another program (:mod:`workflow_lib.io.peak_files`).

    Parameters
    ----------
    path : str or Path
    contigs : Series, optional
        Lengths by contig name; without it, contigs and ends are not checked.
    may_be_empty : bool
        A file without intervals is one: of our own calls it says that there is no peak, of a given file more
        likely that its caller failed.

    Returns
    -------
    DataFrame
        chrom, start, end, summit (0-based base; the midpoint (start + end) // 2 where the file gives none),
        score (NaN where the file gives none); in file order.

    Raises
    ------
    InputError
        If the file has no interval, or naming the first line that is malformed, on a contig that the genome
        lacks, or past its contig's end.
    """
    table = peak_files.read(path)
    if not len(table) and not may_be_empty:
        raise InputError(f"{path}: holds no interval; check that the peak caller finished")
    if contigs is not None:
        length = table["chrom"].map(contigs)
        if length.isna().any():
            row = table[length.isna()].iloc[0]
            known = ", ".join(list(contigs.index[:3]))
            raise InputError(
                f"{path}:{row['line']}: contig {row['chrom']} is not in the genome (which has {known}, ...); "
                "use the FASTA that the peaks were called on, or rename or delete these peaks"
            )
        past = (table["end"] > length).to_numpy()
        if past.any():
            row = table[past].iloc[0]
            raise InputError(
                f"{path}:{row['line']}: ends at {row['end']}, past the end of {row['chrom']} "
                f"({contigs[row['chrom']]} bp); use the FASTA that the peaks were called on"
            )
    middle = (table["start"] + table["end"]) // 2
    table["summit"] = table["summit"].where(table["summit"] != bed.NO_SUMMIT, middle)
    return table[["chrom", "start", "end", "summit", "score"]]


def read_blacklist(path: str | Path) -> pd.DataFrame:
    """Regions (chrom, start, end) in which no peak may lie; contigs that the genome lacks do no harm."""
    return bed.read(path)[["chrom", "start", "end"]]


def as_given(
    table: pd.DataFrame,
    contigs: pd.Series | None = None,
    *,
    blacklist: pd.DataFrame | None = None,
    width: int = peak_files.SUMMIT_WIDTH,
) -> pd.DataFrame:
    """A consensus set that the user brings, used as it is but for order, repeats and the blacklist.

    Of several rows with the same interval (MACS `--call-summits` gives one a summit) the highest score is
    kept. Peaks that share a base with the blacklist are dropped. Peaks may overlap each other. Where every
    interval is one base they are summits: each is widened, and of windows that overlap the best stays.

    Parameters
    ----------
    table : DataFrame
        As :func:`read_intervals` gives it.
    contigs : Series, optional
        Lengths by contig name, in genome order; without it, contigs are ordered by name.
    blacklist : DataFrame, optional
        chrom, start, end.
    width : int
        Of windows around summits.

    Returns
    -------
    DataFrame
        peak, chrom, start, end, summit, score (0 where unknown); in genome order.

    Raises
    ------
    InputError
        If no peak is left.
    """
    if peak_files.are_summits(table):
        names = contigs.index if contigs is not None else pd.Index(sorted(set(table["chrom"])))
        log.info("every peak is one base, so each is a summit and becomes %d bp", width)
        windows = _input_windows("peaks", table, names, contigs, width, blacklist)
        if not len(windows):
            raise InputError(
                f"no peak is left: none of {len(table)} windows is inside its contig and allowed"
            )
        return _finished(windows, contigs)
    ranked = table.assign(score=table["score"].fillna(0.0)).sort_values(
        "score", ascending=False, kind="stable"
    )
    best = ranked.drop_duplicates(["chrom", "start", "end"])
    kept = _outside(best, blacklist)
    overlapping = int((reference.count_overlaps(kept, kept) > 1).sum())
    log.info(
        "%d peaks: %d given, %d repeats merged, %d in the blacklist dropped; %d overlap another",
        len(kept), len(table), len(table) - len(best), len(best) - len(kept), overlapping,
    )  # fmt: skip
    if not len(kept):
        raise InputError(f"no peak is left: all {len(best)} lie in the blacklist")
    return _finished(kept, contigs)


def consensus(
    tables_by_name: Mapping[str, pd.DataFrame],
    contigs: pd.Series | None = None,
    *,
    width: int = 501,
    min_replicates: int = 2,
    groups: Mapping[str, str] | None = None,
    replicates: Mapping[str, Sequence[pd.DataFrame]] | None = None,
    blacklist: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One set of equally wide, non-overlapping peaks from several samples' or groups' peaks.

    In each input, windows of `width` bp are laid around the summits; those that pass an end of their contig
    or share a base with the blacklist are dropped, not trimmed; then the most significant is kept, what
    overlaps it removed, and so on. Scores become scores per million within the input, so that depth does not
    decide, and the same is done with all inputs' windows together. A peak is *seen* in an input that has a
    window overlapping it, and in a group if seen in `min_replicates` of the group's inputs (in all, where
    there are fewer); it stays if some group sees it.

    Parameters
    ----------
    tables_by_name : mapping of str to DataFrame
        Of each input, chrom, start, end, summit, score, as :func:`read_intervals` gives them.
    contigs : Series, optional
        Lengths by contig name, in genome order; without it, ends are not checked and contigs ordered by name.
    width : int
        Odd, for the summit to be the middle.
    min_replicates : int
    groups : mapping of str to str, optional
        The group of each input; by default all are replicates of one. An input that is a whole group's is its
        own.
    replicates : mapping of str to sequence of DataFrame, optional
        Of each group, the calls (chrom, start, end) of its samples.
    blacklist : DataFrame, optional
        chrom, start, end.

    Returns
    -------
    DataFrame
        peak, chrom, start, end, summit, score (per million; greater is more significant), then, if `groups`
        are given, a column of 0 and 1 for each, in alphabetical order; rows in genome order.

    Raises
    ------
    InputError
        If an input has a score that is missing (while others are not) or negative, or no peak is left.

    References
    ----------
    Corces et al. 2018, Science 362:eaav1898; Grandi et al. 2022, Nature Protocols 17:1518. Equal scores are
    decided by genome order, then by the inputs' names.

    Examples
    --------
    >>> import pandas as pd
    >>> from workflow_lib.peaks.consensus import consensus
    >>> one = pd.DataFrame({"chrom": ["chr1", "chr1"], "start": [900, 5000], "end": [1100, 5200]})
    >>> one["summit"], one["score"] = [1000, 5100], [50.0, 20.0]
    >>> two = one.head(1).assign(summit=1010)
    >>> consensus({"a": one, "b": two}, width=501)["peak"].tolist()  # the second peak is in one file only
    ['chr1:760-1261']
    """
    names = sorted(tables_by_name)
    for name in names:
        if not len(tables_by_name[name]):
            log.warning("%s: no peak", name)
    if not any(map(len, tables_by_name.values())):
        raise InputError(
            f"no peak in {', '.join(names)}; look at the reads' quality, or be less strict (peaks.qvalue)"
        )
    all_contigs = pd.Index(
        contigs.index if contigs is not None
        else sorted({name for table in tables_by_name.values() for name in table["chrom"].unique()})
    )  # fmt: skip
    windows = {
        name: _input_windows(name, tables_by_name[name], all_contigs, contigs, width, blacklist)
        for name in names
    }
    pooled = pd.concat([windows[name] for name in names], ignore_index=True)
    merged = pooled.iloc[_without_overlaps(pooled, all_contigs, width)]

    group_of = {name: groups[name] if groups is not None else "all" for name in names}
    seen = pd.DataFrame(index=merged.index)
    for group in sorted(set(group_of.values())):
        found = _in_enough(
            merged, [windows[name] for name in names if group_of[name] == group], min_replicates
        )
        if replicates is not None:
            found &= _in_enough(merged, replicates[group], min_replicates)
        seen[group] = found.astype(int)
    kept = seen.any(axis=1)
    log.info(
        "%d peaks: %d without overlaps, %d of them in too few replicates",
        kept.sum(),
        len(kept),
        (~kept).sum(),
    )
    if not kept.any():
        raise InputError(
            f"no peak is left: of {sum(map(len, tables_by_name.values()))} read, {len(merged)} lie inside "
            "their contig, outside the blacklist and without overlaps, none of them in "
            f"{min_replicates} replicates of a group; lower peaks.min_replicates or give more peaks"
        )
    if groups is not None:
        clash = sorted(set(seen.columns) & set(COLUMNS))
        if clash:
            raise InputError(f"group {clash[0]}: the name of a column of the peak table; rename the group")
        merged = pd.concat([merged, seen], axis=1)
    return _finished(merged[kept], contigs)


def groups_of_inputs(names: Iterable[str], samples: pd.DataFrame) -> dict[str, str]:
    """The group of each input of :func:`consensus`, which is named after a sample or after a whole group.

    Parameters
    ----------
    names : iterable of str
    samples : DataFrame
        Indexed by sample, with a column `group`.

    Raises
    ------
    InputError
        Naming the first input that is neither.
    """
    groups = {str(group): str(group) for group in samples["group"]}
    known = groups | {str(sample): str(group) for sample, group in samples["group"].items()}
    for name in names:
        if name not in known:
            raise InputError(
                f"peaks.files: {name} is neither a sample nor a group of the sample sheet; "
                f"use one of {', '.join(known)}"
            )
    return {name: known[name] for name in names}


def by_group(tables_of_samples: Sequence[pd.DataFrame], groups: Mapping[str, str]) -> dict[str, list]:
    """Tables of samples, in the order of `groups` (sample to group), as a list a group."""
    found: dict[str, list] = {}
    for table, group in zip(tables_of_samples, groups.values(), strict=True):
        found.setdefault(group, []).append(table)
    return found


def from_ids(ids) -> pd.DataFrame:
    """Peaks as identifiers `chrom:start-end` say them, in the order given.

    Returns
    -------
    DataFrame
        peak, chrom, start, end, summit (the midpoint (start + end) // 2), score (0, since none is known).

    Raises
    ------
    ValueError
        Naming the first identifier of another form.
    """
    return _at(intervals.parse_peak_ids(ids))


def from_matrix(ids, coordinates: pd.DataFrame | None, contigs: Iterable[str] | None = None) -> pd.DataFrame:
    """Peaks of a given matrix of counts.

    Parameters
    ----------
    ids : sequence of str
        The matrix's rows.
    coordinates : DataFrame or None
        chrom, start, end of the rows, indexed by peak; None where the matrix does not say.
    contigs : iterable of str, optional
        In genome order; without it, contigs are ordered by name.

    Returns
    -------
    DataFrame
        As :func:`from_ids`, in genome order; without coordinates, in the matrix's order and all but `peak`
        and `score` missing.
    """
    if coordinates is not None:
        return _at(intervals.sort_by_genome(coordinates, contigs if contigs is not None else []))
    table = pd.DataFrame({"peak": np.asarray(ids, dtype=object), "chrom": None, "score": 0.0})
    unknown = pd.Series(pd.NA, index=table.index, dtype="Int64")
    return table.assign(start=unknown, end=unknown, summit=unknown)[COLUMNS]


def write(
    peaks: pd.DataFrame, bed_path: str | Path, table_path: str | Path, groups: Iterable[str] | None = None
) -> None:
    """Write peaks as BED6 (see :func:`workflow_lib.io.bed.write_bed`) and as a table with all columns.

    `groups` are those that have a column of their own, if any.
    """
    bed.write_bed(peaks, bed_path)
    tables.write_table(peaks, table_path, names={"group": groups or ()})


def read(table_path: str | Path) -> pd.DataFrame:
    """Read the table that :func:`write` wrote."""
    return tables.read_table(table_path)


def _input_windows(name, table, all_contigs, contigs, width, blacklist) -> pd.DataFrame:
    """Windows of one input without overlaps, scores per million: chrom, start, end, summit, score."""
    score = table["score"]
    if score.isna().all():
        score = pd.Series(1.0, index=table.index)
    if score.isna().any() or (score < 0).any():
        at = int(np.argmax((score.isna() | (score < 0)).to_numpy()))
        place = intervals.peak_ids(*(table.iloc[[at]][column] for column in ("chrom", "start", "end")))[0]
        raise InputError(f"peaks of {name}: {place} has no score, or a negative one; give every peak a score")
    start = table["summit"] - width // 2
    table = table[["chrom", "summit"]].assign(start=start, end=start + width, score=score)
    inside = table["start"] >= 0
    if contigs is not None:
        inside &= table["end"] <= table["chrom"].map(contigs)
    clean = _outside(table[inside], blacklist)
    kept = clean.iloc[_without_overlaps(clean, all_contigs, width)]
    log.info(
        "%s: %d peaks read, %d past a contig's end and %d in the blacklist dropped, %d left without overlaps",
        name, len(table), (~inside).sum(), inside.sum() - len(clean), len(kept),
    )  # fmt: skip
    total = kept["score"].sum()
    return kept.assign(score=kept["score"] * (1e6 / total if total > 0 else 0.0))


def _without_overlaps(windows: pd.DataFrame, contigs: pd.Index, width: int) -> np.ndarray:
    """Rows that stay when, best score first, each window removes those it overlaps; sorted.

    All windows have one width, so in buckets of that width at most one start a bucket can stay, and a window
    needs to look at three buckets only: linear time after the sort.
    """
    position = reference.linear(windows["chrom"], windows["start"], contigs)
    order = np.lexsort([np.arange(len(windows)), position, -windows["score"].to_numpy()])
    taken: dict[int, int] = {}
    stays = []
    for row, start in zip(order.tolist(), position[order].tolist(), strict=True):
        bucket = start // width
        if bucket in taken:
            continue
        left, right = taken.get(bucket - 1), taken.get(bucket + 1)
        if (left is None or start - left >= width) and (right is None or right - start >= width):
            taken[bucket] = start
            stays.append(row)
    return np.sort(np.array(stays, dtype=np.int64))


def _in_enough(peaks: pd.DataFrame, inputs: Sequence[pd.DataFrame], least: int) -> np.ndarray:
    """Whether each peak overlaps something in so many of the inputs, or in all where there are fewer."""
    overlapped = [reference.count_overlaps(peaks, intervals) > 0 for intervals in inputs]
    return np.sum(overlapped, axis=0) >= min(least, len(inputs))


def _outside(table: pd.DataFrame, blacklist: pd.DataFrame | None) -> pd.DataFrame:
    if blacklist is None or not len(blacklist):
        return table
    return table[reference.count_overlaps(table, blacklist) == 0]


def _at(coordinates: pd.DataFrame) -> pd.DataFrame:
    """Peaks of which no more is known than where they lie."""
    middle = (coordinates["start"] + coordinates["end"]) // 2
    return coordinates.assign(summit=middle, score=0.0).rename_axis("peak").reset_index()[COLUMNS]


def _finished(table: pd.DataFrame, contigs: pd.Series | None) -> pd.DataFrame:
    """Genome order, identifiers, columns in their order."""
    table = intervals.sort_by_genome(table, contigs.index if contigs is not None else [])
    ids = intervals.peak_ids(table["chrom"], table["start"], table["end"])
    table = table.assign(peak=ids)
    others = [name for name in table.columns if name not in COLUMNS]
    return table[COLUMNS + others].reset_index(drop=True)
