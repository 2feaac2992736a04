"""Windows of the genome outside peaks, with the GC content of the peaks: a background that is not open."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.errors import InputError
from workflow_lib.genome.reference import Genome, count_overlaps

GC_BIN = 0.025  # width of the bins in which GC content is matched
TRIED = 60  # tiles looked at for each window wanted, at most
BATCH = 20_000

log = logging.getLogger("atacdiff")


def sample(
    genome: Genome,
    avoid: pd.DataFrame,
    sequences: Iterable[str],
    n: int,
    width: int,
    seed: int,
    exclude: Iterable[str] = (),
) -> tuple[list[str], pd.DataFrame]:
    """Draw windows of the genome with the same GC content as the given sequences.

    Parameters
    ----------
    genome : Genome
    avoid : DataFrame
        chrom, start, end of what no window may touch: peaks, blacklist.
    sequences : iterable of str
        Of the peaks. Those without a known base do not count.
    n : int
        Number of windows.
    width : int
        In bp, of each window.
    seed : int
    exclude : iterable of str
        Contigs left out, such as the mitochondrial.

    Returns
    -------
    list of str
        Sequences of the plus strand, A, C, G, T only.
    DataFrame
        peak (`chrom:start-end` of the window), chrom, start, end; in genome order, none overlapping another.

    Raises
    ------
    InputError
        If no window is found.

    Notes
    -----
    Each contig is cut into tiles of `width` bp from an offset drawn at random; tiles come in random order,
    each as likely as any other, so contigs are drawn in proportion to their length. A tile that touches
    `avoid` or has a letter other than A, C, G, T is passed over, never mended; others are taken until each
    bin of GC content (2.5 %) holds its share of `n`. Where the genome, or the first 60 n tiles, have too few
    of some GC content, there are fewer windows (weights make up for it), and the log says so.
    """
    contigs = genome.contigs[~genome.contigs.index.isin(list(exclude))]
    rng = np.random.default_rng(seed)
    left = _quota(gc_bins(sequences), n)
    kept, texts = [], []
    for table in _tiles(contigs, width, TRIED * n, rng):
        table = table[count_overlaps(table, avoid) == 0] if len(avoid) else table
        found = genome.fetch(table)
        chosen = _take(gc_bins(found, whole=True), left, rng)
        left -= np.bincount(chosen.bins, minlength=len(left))
        kept.append(table.iloc[chosen.rows])
        texts += [found[row] for row in chosen.rows]
        if not left.any():
            break
    if not texts:
        raise InputError(
            f"{genome.fasta}: no window of {width} bp outside peaks has the peaks' GC content and no N; "
            "set enrichment.background to peaks"
        )
    if left.any():
        log.warning(
            "only %d of %d windows found: too little of the genome has that GC content", len(texts), n
        )
    windows = pd.concat(kept, ignore_index=True)
    windows["sequence"] = texts
    windows = intervals.sort_by_genome(windows, genome.contigs.index).reset_index(drop=True)
    windows.insert(0, "peak", intervals.peak_ids(windows["chrom"], windows["start"], windows["end"]))
    return windows.pop("sequence").tolist(), windows


def _tiles(contigs: pd.Series, width: int, most: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Tiles (chrom, start, end) in random order, a batch at a time, each batch in genome order."""
    offset = rng.integers(0, width, len(contigs))
    n_tiles = np.maximum((contigs.to_numpy() - offset) // width, 0)
    ends = np.cumsum(n_tiles)
    total = int(ends[-1]) if len(ends) else 0
    order = rng.choice(total, min(total, most), replace=False) if total else np.empty(0, dtype=np.int64)
    for first in range(0, len(order), BATCH):
        tile = np.sort(order[first : first + BATCH])  # genome order reads quickly
        contig = np.searchsorted(ends, tile, side="right")
        start = (tile - (ends - n_tiles)[contig]) * width + offset[contig]
        yield pd.DataFrame({"chrom": contigs.index.to_numpy()[contig], "start": start, "end": start + width})


@dataclass(frozen=True)
class _Chosen:
    """Rows taken from a batch, and the bins of their GC content."""

    rows: np.ndarray
    bins: np.ndarray


def _take(bins: np.ndarray, left: np.ndarray, rng: np.random.Generator) -> _Chosen:
    """Of each bin as many rows as are wanted, at random: the batch is sorted, and its first are no sample."""
    rows = rng.permutation(len(bins))
    rows = rows[np.argsort(bins[rows], kind="stable")]
    ordered = bins[rows]
    number = np.arange(len(rows)) - np.searchsorted(ordered, ordered, side="left")  # within the bin
    rows = np.sort(rows[(ordered >= 0) & (number < left[ordered])])
    return _Chosen(rows, bins[rows])


def gc_bins(sequences: Iterable[str], *, whole: bool = False) -> np.ndarray:
    """Number of the GC bin of each sequence; -1 where no base is known, or with `whole` if any is not."""
    counted = [
        (sequence.count("G") + sequence.count("C"), len(sequence) - sequence.count("N"), len(sequence))
        for sequence in sequences
    ]
    table = np.array(counted, dtype=float).reshape(-1, 3)
    gc, known, length = table.T
    fine = (known == length) & (known > 0) if whole else known > 0
    share = np.divide(gc, known, out=np.zeros_like(gc), where=known > 0)
    return np.where(fine, np.floor(share / GC_BIN + 1e-9).astype(np.int64), -1)


def _quota(bins: np.ndarray, n: int) -> np.ndarray:
    """Windows wanted of each GC bin: n in the sequences' proportions, by largest remainders."""
    n_bins = round(1 / GC_BIN) + 1
    counts = np.bincount(bins[bins >= 0], minlength=n_bins).astype(float)
    if not counts.any():
        return np.zeros(n_bins, dtype=np.int64)
    exact = n * counts / counts.sum()
    quota = np.floor(exact).astype(np.int64)
    most = np.argsort(-(exact - quota), kind="stable")[: n - quota.sum()]
    quota[most] += 1
    return quota
