"""Peak identifiers and genome order: 0-based, half-open intervals everywhere."""

import re

import numpy as np
import pandas as pd


def peak_ids(chrom, start, end) -> pd.Index:
    """Identifiers `chrom:start-end` of intervals given as three equally long arrays.

    Examples
    --------
    >>> from workflow_lib import intervals
    >>> list(intervals.peak_ids(["chr1"], [100], [601]))
    ['chr1:100-601']
    """
    chrom, start, end = (pd.Series(np.asarray(column)).astype(str) for column in (chrom, start, end))
    return pd.Index(chrom + ":" + start + "-" + end, name="peak", dtype=object)


def parse_peak_ids(ids) -> pd.DataFrame:
    """Columns chrom, start, end of identifiers `chrom:start-end`, indexed by the identifier.

    Raises
    ------
    ValueError
        Naming the first identifier of another form.

    Examples
    --------
    >>> from workflow_lib import intervals
    >>> intervals.parse_peak_ids(["chr1:100-601"]).iloc[0].tolist()
    ['chr1', np.int64(100), np.int64(601)]
    """
    ids = pd.Index(ids, name="peak")
    parts = pd.Series(ids.astype(str)).str.extract(r"^(.+):([0-9]{1,18})-([0-9]{1,18})$")
    bad = parts[0].isna().to_numpy()
    if bad.any():
        raise ValueError(f"not a peak identifier of the form chrom:start-end: {ids[bad][0]!r}")
    table = pd.DataFrame(
        {"chrom": parts[0], "start": parts[1].astype(np.int64), "end": parts[2].astype(np.int64)}
    )
    return table.set_axis(ids)


def parse_region(text: str) -> tuple[str, int, int] | None:
    """Contig, start, end (0-based, half-open) of `chr:from-to` as people write it: 1-based, both ends in,
    perhaps with thousands separators; None if the text is no region.

    Examples
    --------
    >>> from workflow_lib import intervals
    >>> intervals.parse_region("chr2:1,001-2,000")
    ('chr2', 1000, 2000)
    """
    found = re.fullmatch(r"(\S+):([0-9][0-9,]*)-([0-9][0-9,]*)", text.strip())
    if found is None:
        return None
    first, last = (int(number.replace(",", "")) for number in found.groups()[1:])
    return (found[1], first - 1, last) if 1 <= first <= last else None


def region(chrom: str, start: int, end: int) -> str:
    """`chr1:1,001-1,500`, from 1 and both ends in, as browsers write it: what :func:`parse_region` reads."""
    return f"{chrom}:{start + 1:,}-{end:,}"


def union(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unions of one contig's intervals that meet.

    Parameters
    ----------
    start, end : (n,) arrays of int
        In order of start.

    Returns
    -------
    start, end : (n_unions,) arrays
    owner : (n,) array of int
        The union of each interval.
    """
    reach = np.maximum.accumulate(end)
    first = np.r_[True, start[1:] > reach[:-1]][: len(start)]
    at = np.flatnonzero(first)
    return start[at], reach[np.r_[at[1:], len(end)][: len(at)] - 1], np.cumsum(first) - 1


def sort_by_genome(table: pd.DataFrame, contigs) -> pd.DataFrame:
    """Rows in the order of `contigs`, then start, then end (stable); other contigs come last, by name."""
    order = {name: i for i, name in enumerate(contigs)}
    for name in sorted(set(table["chrom"]) - set(order)):
        order[name] = len(order)
    keys = pd.DataFrame({"chrom": table["chrom"].map(order), "start": table["start"], "end": table["end"]})
    ranks = np.lexsort([keys["end"].to_numpy(), keys["start"].to_numpy(), keys["chrom"].to_numpy()])
    return table.iloc[ranks]
