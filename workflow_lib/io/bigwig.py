"""Writing bigWig files: sections laid out by numpy, compressed by isal, indexed as browsers read them.

The layout is that of Kent et al. 2010, Bioinformatics 26:2204, supplement, tables 5 to 18.
"""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pandas as pd
from isal import isal_zlib

from workflow_lib.io.atomic import replacing

MAGIC, TREE_MAGIC, INDEX_MAGIC = 0x888FFC26, 0x78CA8C91, 0x2468ACE0
ITEMS = 2048  # intervals in a section
SUMMARIES = 1024  # records in a section of a zoom level
PIECE = 512 * ITEMS  # intervals that are summed up at a time
BRANCHES = 256  # children of a node of an index
FINEST, COARSER, MOST_LEVELS = 800, 4, 10
"""Zoom levels: bases that a record of the finest sums up, how much each is coarser, how many at the most."""

INTERVAL = np.dtype([("start", "<u4"), ("end", "<u4"), ("value", "<f4")])
SUMMARY = np.dtype(
    [
        *(("contig", "<u4"), ("start", "<u4"), ("end", "<u4"), ("n_bases", "<u4")),
        *(("min", "<f4"), ("max", "<f4"), ("sum", "<f4"), ("sum_squares", "<f4")),
    ]
)
SECTION = np.dtype(
    [
        *(("contig", "<u4"), ("start", "<u4"), ("last_contig", "<u4"), ("end", "<u4")),
        *(("offset", "<u8"), ("size", "<u8")),
    ]
)


class Total(NamedTuple):
    """What all bases of a file add up to."""

    n_bases: int = 0
    smallest: float = np.inf
    largest: float = -np.inf
    total: float = 0.0
    squares: float = 0.0


def write_bigwig(
    path: str | Path,
    contigs: pd.Series,
    intervals: Iterable[tuple[str, np.ndarray, np.ndarray, np.ndarray]],
) -> None:
    """Write a bigWig, whole or not at all.

    Parameters
    ----------
    path : str or Path
    contigs : Series
        Lengths by name, in the order in which they stand in the file.
    intervals : iterable of (contig, starts, ends, values)
        In the order of `contigs`; a contig may come in several pieces. Within a piece each interval begins
        where the one before ends.

    Notes
    -----
    A record of a zoom level sums up a window, the piece's part of it, or a run of windows that lie in one
    interval: stretches without reads cost one record. Memory: one piece, summaries of `PIECE` intervals of
    it, and the compressed zoom levels.
    """
    numbers = {str(name): i for i, name in enumerate(contigs.index)}
    levels = zoom_levels(int(contigs.max()) if len(contigs) else 0)
    zooms: list[list[tuple[np.ndarray, bytes]]] = [[] for _ in levels]
    with replacing(path) as partial, open(partial, "w+b") as file:
        file.write(bytes(64 + 24 * len(levels) + 40))
        tree_at = file.tell()
        _write_contigs(file, contigs)
        data_at = file.tell()
        file.write(bytes(8))
        total, sections = Total(), [np.empty(0, SECTION)]
        for contig, starts, ends, values in _pieces(intervals):
            number = numbers[str(contig)]
            sections.append(_write_sections(file, number, _intervals(starts, ends, values)))
            summaries = summaries_of(starts, ends, values.astype(np.float64))
            total = _added(total, summaries)
            for width, kept in zip(levels, zooms, strict=True):
                summaries = summarise(summaries, width)
                blocks = _blocks(_records(summaries, number), SUMMARIES)
                kept += [(block[[0, -1]], isal_zlib.compress(block, 1)) for block in blocks]
        placed = np.concatenate(sections)
        index_at = _write_index(file, placed, ITEMS)
        places = [_write_zoom(file, kept) for kept in zooms]
        file.write(struct.pack("<I", MAGIC))
        file.seek(0)
        largest = max(24 + ITEMS * INTERVAL.itemsize, SUMMARIES * SUMMARY.itemsize)
        summary_at = 64 + 24 * len(levels)
        offsets = (tree_at, data_at, index_at, 0, 0, 0, summary_at)
        file.write(struct.pack("<IHHQQQHHQQIQ", MAGIC, 4, len(levels), *offsets, largest, 0))
        for width, (records_at, records_index_at) in zip(levels, places, strict=True):
            file.write(struct.pack("<IIQQ", width, 0, records_at, records_index_at))
        smallest, highest = (total.smallest, total.largest) if total.n_bases else (0.0, 0.0)
        file.write(struct.pack("<Qdddd", total.n_bases, smallest, highest, total.total, total.squares))
        file.seek(data_at)
        file.write(struct.pack("<Q", len(placed)))


def _pieces(
    intervals: Iterable[tuple[str, np.ndarray, np.ndarray, np.ndarray]],
) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """The same intervals, at most `PIECE` at a time: the summaries of one take some 90 bytes."""
    for contig, *columns in intervals:
        for first in range(0, len(columns[0]), PIECE):
            # copies, so that nobody who holds a piece holds the contig
            starts, ends, values = (column[first : first + PIECE].copy() for column in columns)
            yield contig, starts, ends, values
        del columns


def zoom_levels(longest: int) -> list[int]:
    """Bases a record of each zoom level sums up, as long as the longest contig has more than one."""
    widths = [FINEST * COARSER**i for i in range(MOST_LEVELS)]
    return [width for width in widths if width < longest]


class Summaries(NamedTuple):
    """Stretches of a contig, each beginning where the one before ends, and what their bases add up to.

    Where a stretch is wider than the windows it was made for, all its bases have one value.
    """

    starts: np.ndarray
    ends: np.ndarray
    smallest: np.ndarray
    largest: np.ndarray
    totals: np.ndarray
    squares: np.ndarray


def summaries_of(starts: np.ndarray, ends: np.ndarray, values: np.ndarray) -> Summaries:
    """Intervals as summaries of themselves."""
    totals = values * (ends - starts)
    return Summaries(starts, ends, values, values, totals, totals * values)


def summarise(finer: Summaries, width: int) -> Summaries:
    """Summaries of windows of `width` bases, neighbours that lie in one stretch of equal values together.

    Parameters
    ----------
    finer : Summaries
        Intervals, or windows of which `width` is a multiple.
    width : int
    """
    starts, ends = finer.starts, finer.ends
    bounds = np.arange(starts[0] // width + 1, (ends[-1] - 1) // width + 1) * width
    holder = np.searchsorted(ends, bounds, side="right")  # the stretch that a bound lies in, or begins
    left, right = np.maximum(bounds - width, starts[0]), np.minimum(bounds + width, ends[-1])
    parts = (starts[holder] > left) | (ends[holder] < right)
    bounds, holder = bounds[parts], holder[parts]
    begin, end = np.r_[starts[0], bounds], np.r_[bounds, ends[-1]]
    first = np.r_[0, holder]
    last = np.r_[holder - (starts[holder] == bounds), len(starts) - 1]
    rest = (ends[holder] - bounds) / (ends[holder] - starts[holder])
    sums = []
    for measure in (finer.totals, finer.squares):
        through = np.cumsum(measure)
        among = np.diff(np.r_[0.0, through[holder] - measure[holder] * rest, through[-1]])
        alone = measure[first] * ((end - begin) / (ends[first] - starts[first]))
        sums.append(np.where(first == last, alone, among))  # a difference of long sums leaves dust behind
    edges = np.column_stack([first, last + 1]).ravel()
    smallest = np.minimum.reduceat(np.append(finer.smallest, 0), edges)[
        ::2
    ]  # an edge may stand behind the last
    largest = np.maximum.reduceat(np.append(finer.largest, 0), edges)[::2]
    return Summaries(begin, end, smallest, largest, *sums)


def _records(summaries: Summaries, contig: int) -> np.ndarray:
    """Summaries as a zoom level holds them."""
    found = np.empty(len(summaries.starts), SUMMARY)
    found["contig"], found["n_bases"] = contig, summaries.ends - summaries.starts
    for name, values in zip(("start", "end", "min", "max", "sum", "sum_squares"), summaries, strict=True):
        found[name] = values
    return found


def _intervals(starts: np.ndarray, ends: np.ndarray, values: np.ndarray) -> np.ndarray:
    piece = np.empty(len(starts), INTERVAL)
    piece["start"], piece["end"], piece["value"] = starts, ends, values
    return piece


def _added(total: Total, piece: Summaries) -> Total:
    return Total(
        total.n_bases + int(piece.ends[-1] - piece.starts[0]),
        min(total.smallest, float(piece.smallest.min())),
        max(total.largest, float(piece.largest.max())),
        total.total + float(piece.totals.sum()),
        total.squares + float(piece.squares.sum()),
    )


def _blocks(items: np.ndarray, size: int) -> Iterator[np.ndarray]:
    return (items[first : first + size] for first in range(0, len(items), size))


def _write_sections(file: BinaryIO, contig: int, piece: np.ndarray) -> np.ndarray:
    """Write a piece's intervals; where each section came to lie."""
    placed = []
    for block in _blocks(piece, ITEMS):
        start, end = int(block["start"][0]), int(block["end"][-1])
        head = struct.pack("<IIIIIBBH", contig, start, end, 0, 0, 1, 0, len(block))
        offset = file.tell()
        size = file.write(isal_zlib.compress(head + block.tobytes(), 1))
        placed.append((contig, start, contig, end, offset, size))
    return np.array(placed, SECTION)


def _write_zoom(file: BinaryIO, blocks: list[tuple[np.ndarray, bytes]]) -> tuple[int, int]:
    """Write a zoom level from its compressed blocks, each with its first and last record; where it lies."""
    at = file.tell()
    file.write(struct.pack("<I", len(blocks)))
    placed = []
    for (first, last), content in blocks:
        offset = file.tell()
        size = file.write(content)
        placed.append((first["contig"], first["start"], last["contig"], last["end"], offset, size))
    return at, _write_index(file, np.array(placed, SECTION), SUMMARIES)


def _write_index(file: BinaryIO, sections: np.ndarray, items: int) -> int:
    """Write the tree over sections, root first; where it begins."""
    at = file.tell()
    whole = _spans(sections, max(len(sections), 1)) if len(sections) else np.zeros(1, SECTION)
    bounds = tuple(int(whole[name][0]) for name in ("contig", "start", "last_contig", "end"))
    file.write(struct.pack("<IIQIIIIQII", INDEX_MAGIC, BRANCHES, len(sections), *bounds, at, items, 0))
    levels = [sections]
    while len(levels[0]) > BRANCHES:
        levels.insert(0, _spans(levels[0], BRANCHES))
    here = file.tell()
    for depth, children in enumerate(levels):
        is_leaf = depth == len(levels) - 1
        n_nodes = max(-(-len(children) // BRANCHES), 1)
        item_size = 32 if is_leaf else 24
        next_level = here + 4 * n_nodes + item_size * len(children)
        if not is_leaf:  # a child node holds BRANCHES of the items below, but for the last
            below_size = 32 if depth + 2 == len(levels) else 24
            children["offset"] = next_level + (4 + below_size * BRANCHES) * np.arange(len(children))
        columns = list(SECTION.names[:6] if is_leaf else SECTION.names[:5])  # type: ignore[index]
        content = np.empty(len(children), [(name, SECTION[name]) for name in columns])
        for name in columns:
            content[name] = children[name]
        for node in range(n_nodes):
            part = content[node * BRANCHES : (node + 1) * BRANCHES]
            file.write(struct.pack("<BBH", is_leaf, 0, len(part)) + part.tobytes())
        here = next_level
    return at


def _spans(sections: np.ndarray, size: int) -> np.ndarray:
    """What each run of `size` sections spans, from its first start to its last end."""
    first = np.arange(0, len(sections), size)
    spans = sections[first].copy()
    last = sections[np.minimum(first + size, len(sections)) - 1]
    spans["last_contig"], spans["end"] = last["last_contig"], last["end"]
    return spans


def _write_contigs(file: BinaryIO, contigs: pd.Series) -> None:
    """Write the tree of names, sorted as its readers search it; numbers are those of the order given."""
    size = max([len(str(name).encode()) for name in contigs.index] + [1])
    items = sorted(
        (str(name).encode().ljust(size, b"\0"), struct.pack("<II", i, int(length)))
        for i, (name, length) in enumerate(contigs.items())
    )
    file.write(struct.pack("<IIIIQQ", TREE_MAGIC, BRANCHES, size, 8, len(items), 0))
    item_size = size + 8  # of leaves and, with the offset of a child, of nodes alike
    levels = [items]
    while len(levels[0]) > BRANCHES:
        levels.insert(0, [levels[0][i] for i in range(0, len(levels[0]), BRANCHES)])
    here = file.tell()
    for depth, nodes in enumerate(levels):
        n_nodes = max(-(-len(nodes) // BRANCHES), 1)
        next_level = here + 4 * n_nodes + item_size * len(nodes)
        is_leaf = depth == len(levels) - 1
        for node in range(n_nodes):
            part = nodes[node * BRANCHES : (node + 1) * BRANCHES]
            file.write(struct.pack("<BBH", is_leaf, 0, len(part)))
            for i, (name, content) in enumerate(part, node * BRANCHES):
                child = struct.pack("<Q", next_level + (4 + item_size * BRANCHES) * i)
                file.write(name + (content if is_leaf else child))
        here = next_level
