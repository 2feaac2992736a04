"""One transcript_id at several places of a contig, as in UCSC's refGene: copies, each with its start."""

import numpy as np
import pandas as pd

from workflow_lib.io.features import EXON, TRANSCRIPT

LONGEST_INTRON = 2_000_000
"""The longest known ones have 1.2 Mb in vertebrates."""


def numbered(lines: pd.DataFrame, group: np.ndarray) -> np.ndarray:
    """Which copy of its transcript each line belongs to: 0 in all but few files.

    Copies are told by transcript lines that do not overlap. Without such lines they are told by exons
    further apart than introns are long, or by lengths of exons that repeat as a whole where another gene of
    the strand lies between.

    Parameters
    ----------
    lines : DataFrame
        kind, start, end, contig, minus, gene.
    group : int array
        Of each line: what has the same id, gene, contig and strand.

    Returns
    -------
    int array
        From 0 within each group, in the order of their starts.
    """
    kind = lines["kind"].to_numpy()
    start, end = lines["start"].to_numpy(), lines["end"].to_numpy()
    whole, exon = kind == TRANSCRIPT, kind == EXON
    begins = dict(_begins(group[whole], start[whole], end[whole], 0))
    exon &= ~np.isin(group, group[whole])
    begins |= dict(_begins(group[exon], start[exon], end[exon], LONGEST_INTRON))
    begins |= dict(_repeated(group[exon], lines[exon]))
    copy = np.zeros(len(lines), dtype=np.int64)
    rows = np.flatnonzero(np.isin(group, list(begins)))
    for code, own in pd.Series(rows).groupby(group[rows]):
        at = own.to_numpy()
        copy[at] = np.maximum(np.searchsorted(begins[code], start[at], side="right") - 1, 0)
    return copy


def _begins(group: np.ndarray, start: np.ndarray, end: np.ndarray, apart: int):
    """Of groups with intervals more than `apart` from all before: where each such place begins."""
    order = np.lexsort((start, group))
    group, start = group[order], start[order]
    reach = pd.Series(end[order]).groupby(group).cummax().to_numpy()
    new = np.ones(len(group), dtype=bool)
    new[1:] = (group[1:] != group[:-1]) | (start[1:] >= reach[:-1] + apart)
    places = pd.Series(start[new]).groupby(group[new])
    several = places.size()
    for code in several.index[several > 1]:
        yield code, places.get_group(code).to_numpy()


def _repeated(group: np.ndarray, lines: pd.DataFrame):
    """Of groups whose exons' lengths, in order, are one series several times: where each begins."""
    exons = lines.assign(group=group, length=lines["end"] - lines["start"])
    exons = exons.drop_duplicates(["group", "start", "end"]).sort_values(
        ["group", "start"], ignore_index=True
    )
    length, start, end = (exons[name].to_numpy() for name in ("length", "start", "end"))
    bounds = np.flatnonzero(np.diff(exons["group"].to_numpy(), prepend=-1, append=-1))
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        unit = _period(length[first:last])
        begins = start[first:last:unit]
        if len(begins) < 2:
            continue
        own = exons.iloc[first]
        others = exons[(exons["contig"] == own["contig"]) & (exons["minus"] == own["minus"])]
        others = others[others["gene"] != own["gene"]]
        gaps = zip(end[first + unit - 1 : last - 1 : unit], begins[1:], strict=True)
        if all(((others["start"] >= low) & (others["end"] <= high)).any() for low, high in gaps):
            yield own["group"], begins


def _period(length: np.ndarray) -> int:
    """The shortest series that repeated gives the whole."""
    n = len(length)
    whole = (unit for unit in range(1, n) if n % unit == 0)
    return next((unit for unit in whole if (length.reshape(-1, unit) == length[:unit]).all()), n)
