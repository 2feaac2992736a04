"""A large paired-end BAM and peaks for benchmarks, of human size, made in a minute."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.io import alignments, tables

CONTIGS = {f"chr{i + 1}": 240_000_000 - 8_500_000 * i for i in range(22)} | {
    "chrX": 150_000_000,
    "chrM": 16_569,
}
READ_LENGTH = 76
PEAK_WIDTH = 501


def peaks(n: int, rng: np.random.Generator, contigs: Mapping[str, int] = CONTIGS) -> pd.DataFrame:
    """Peaks that do not overlap, on all contigs but the last in proportion to length: chrom, start, end."""
    *names, _ = contigs
    share = np.array([contigs[name] for name in names], dtype=float)
    chosen = np.sort(rng.choice(len(names), n, p=share / share.sum()))
    tables_ = []
    for i in np.unique(chosen):
        slots = contigs[names[i]] // (2 * PEAK_WIDTH)
        start = np.sort(rng.choice(slots, np.count_nonzero(chosen == i), replace=False)) * 2 * PEAK_WIDTH
        tables_.append(pd.DataFrame({"chrom": names[i], "start": start, "end": start + PEAK_WIDTH}))
    return pd.concat(tables_, ignore_index=True)


def write(folder: Path, n_reads: int, n_peaks: int, seed: int = 1) -> tuple[Path, Path]:
    """Write `reads.bam` (+ .bai) and `peaks.bed`."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    bed = peaks(n_peaks, rng)
    write_reads(folder / "reads.bam", n_reads, bed, rng)
    tables.write_text(bed.to_csv(sep="\t", header=False, index=False), folder / "peaks.bed")
    return folder / "reads.bam", folder / "peaks.bed"


def illumina_names(n: int, rng: np.random.Generator) -> np.ndarray:
    """Different names as an Illumina machine gives them, of one length."""
    tile, x = (
        np.char.zfill(rng.integers(1101, 2678, n).astype(str), 4),
        np.char.zfill(np.arange(n).astype(str), 10),
    )
    parts = (np.full(n, "A00123:456:HXYZ2DSX7"), rng.integers(1, 5, n).astype(str), tile)
    found = parts[0]
    for part in (*parts[1:], np.array([f"{i[:5]}:{i[5:]}" for i in x.tolist()])):
        found = np.char.add(np.char.add(found, ":"), part)
    return found.astype(f"S{np.char.str_len(found).max()}")  # of itself as long as the longest integer


def write_reads(
    path: Path,
    n_reads: int,
    bed: pd.DataFrame,
    rng: np.random.Generator,
    contigs: Mapping[str, int] = CONTIGS,
    weights: np.ndarray | None = None,
) -> None:
    """Write a BAM and its index: 40 % of pairs in peaks, 10 % duplicates, 5 % of the last contig."""
    names, lengths = list(contigs), np.array(list(contigs.values()))
    n = n_reads // 2
    kind = rng.random(n)
    length = np.clip(
        rng.choice([80, 190, 380], n, p=[0.55, 0.35, 0.1]) + rng.normal(0, 20, n), READ_LENGTH, 900
    )
    length = length.astype(np.int64)
    contig = rng.choice(len(names) - 1, n, p=lengths[:-1] / lengths[:-1].sum())
    contig[kind > 0.95] = len(names) - 1
    start = (rng.random(n) * (lengths[contig] - 1000)).astype(np.int64)
    in_peak = np.flatnonzero(kind < 0.4)
    if weights is None:
        at = rng.integers(0, len(bed), len(in_peak))
    else:
        at = rng.choice(len(bed), len(in_peak), p=weights / weights.sum())
    contig[in_peak] = pd.Categorical(bed["chrom"], categories=names).codes[at]
    start[in_peak] = bed["start"].to_numpy()[at] + rng.integers(-100, 400, len(in_peak))
    start = np.clip(start, 0, lengths[contig] - 1000)
    twins = rng.random(n) < 0.1
    twins[0] = False
    original = np.maximum.accumulate(np.where(twins, 0, np.arange(n)))
    contig, start, length = contig[original], start[original], length[original]
    mapq = rng.choice([42, 40, 23, 3], n, p=[0.8, 0.1, 0.05, 0.05])
    duplicate = np.where(twins, alignments.DUPLICATE, 0)
    right = start + length - READ_LENGTH
    bases = rng.integers(0, 4, 50_000_000 + READ_LENGTH, dtype=np.uint8)
    window = np.lib.stride_tricks.sliding_window_view(bases, READ_LENGTH)
    position = np.concatenate([start, right])
    reads = alignments.Reads(
        name=np.tile(illumina_names(n, rng), 2),
        flag=np.concatenate([99 | duplicate, 147 | duplicate]),
        mapq=np.tile(mapq, 2),
        contig=np.tile(contig, 2),
        position=position,
        mate_contig=np.tile(contig, 2),
        mate_position=np.concatenate([right, start]),
        template_length=np.concatenate([length, -length]),
        bases=window[position % 50_000_000],
    )
    # four levels, in runs, as current machines give them: constant ones would decompress too easily
    level = np.repeat(
        rng.choice([37, 25, 11, 2], 10_000_000, p=[0.8, 0.1, 0.07, 0.03]), rng.integers(1, 12, 10_000_000)
    )
    quality = np.lib.stride_tricks.sliding_window_view(level[:50_000_000].astype(np.uint8), READ_LENGTH)
    quality = quality[rng.integers(0, len(quality), 2 * n)]
    alignments.write_bam(reads, dict(contigs), path, quality=quality)
