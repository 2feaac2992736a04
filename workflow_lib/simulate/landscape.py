"""Where the peaks lie, how wide and strong they are, and what moves them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.intervals import peak_ids
from workflow_lib.simulate import matrix

CELL = 1_000  # bp; at most one distal peak each
END = 3_000  # bp of N at each contig end
SOLITUDE = 2_400  # bp between a gene's start and the middle of the nearest cell with a distal peak
REACH = 300  # bp to either side of a summit that hold signal; no peak is wider, no two summits closer


def place_gaps(lengths: Mapping[str, int], genes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Runs of N: both ends of every contig, and up to two cells a contig between genes.

    Returns
    -------
    DataFrame
        chrom, start, end.
    """
    rows = []
    for chrom, length in lengths.items():
        rows += [(chrom, 0, END), (chrom, length - END, length)]
        cells = np.arange(END // CELL + 3, length // CELL - END // CELL - 3) * CELL
        own = genes[genes["chrom"] == chrom]
        edges = np.concatenate([own["start"], own["end"]])
        if len(edges):
            # an even number of gene edges to the left means: between genes, since genes do not overlap
            between = np.searchsorted(np.sort(edges), cells) % 2 == 0
            clear = np.abs(cells[:, None] + CELL // 2 - edges[None]).min(axis=1) > 2 * CELL
            cells = cells[between & clear]
        chosen = np.sort(rng.choice(cells, size=min(2, len(cells)), replace=False))
        rows += [(chrom, start, start + CELL) for start in chosen]
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])


def place_peaks(
    lengths: Mapping[str, int],
    genes: pd.DataFrame,
    gaps: pd.DataFrame,
    n_peaks: int,
    rng: np.random.Generator,
    *,
    active: float = 0.8,
) -> pd.DataFrame:
    """Peaks at most gene starts, the rest anywhere between; summits at least 600 bp apart.

    Parameters
    ----------
    lengths : mapping of contig to bp
    genes : DataFrame
        chrom, start, end, strand, gene_name.
    gaps : DataFrame
        chrom, start, end of N runs, which peaks avoid.
    n_peaks : int
    rng : numpy.random.Generator
    active : float
        Share of the genes with a peak at their start.

    Returns
    -------
    DataFrame
        chrom, start, end, summit, promoter_of (gene name or NA), core (sd of the open core, bp), strength
        (relative signal, mean 1); indexed by peak, in genome order.

    Raises
    ------
    ValueError
        If the peaks do not fit.
    """
    parts = []
    for chrom, length in lengths.items():
        own = genes[genes["chrom"] == chrom]
        plus = (own["strand"] == "+").to_numpy()
        tss = np.where(plus, own["start"], own["end"] - 1)
        upstream = np.rint(rng.normal(30, 15, size=len(own))).astype(int)
        summit = np.where(plus, tss - upstream, tss + upstream)
        on = rng.random(len(own)) < active
        cells = np.arange(END // CELL + 1, length // CELL - END // CELL - 1) * CELL
        centre = cells + CELL // 2
        if len(tss):
            cells = cells[np.abs(centre[:, None] - summit[None]).min(axis=1) >= SOLITUDE]
        own_gaps = gaps[gaps["chrom"] == chrom]
        low, high = own_gaps["start"].to_numpy() - CELL, own_gaps["end"].to_numpy()
        cells = cells[~((cells[:, None] >= low) & (cells[:, None] <= high)).any(axis=1)]
        distal = cells + 300 + rng.integers(0, CELL - 600, size=len(cells))
        parts.append(
            pd.DataFrame({"chrom": chrom, "summit": summit[on], "promoter_of": own["gene_name"][on]})
        )
        parts.append(pd.DataFrame({"chrom": chrom, "summit": distal, "promoter_of": None}))
    candidates = pd.concat(parts, ignore_index=True)
    promoters = np.flatnonzero(candidates["promoter_of"].notna())[:n_peaks]
    others = np.flatnonzero(candidates["promoter_of"].isna())
    if n_peaks > len(promoters) + len(others):
        raise ValueError(f"{n_peaks} peaks do not fit: the contigs hold {len(promoters) + len(others)}")
    rest = rng.choice(others, size=n_peaks - len(promoters), replace=False)
    peaks = candidates.iloc[np.concatenate([promoters, rest])]
    rank = peaks["chrom"].map({name: i for i, name in enumerate(lengths)})
    peaks = peaks.iloc[np.lexsort([peaks["summit"], rank])].reset_index(drop=True)
    return _shape(peaks, rng)


def _shape(peaks: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(peaks)
    core = np.clip(rng.lognormal(np.log(60), 0.25, size=n), 40, 100)
    half = np.clip(np.rint(core[:, None] * rng.uniform(2.1, 2.9, size=(n, 2))), 100, REACH - 10).astype(int)
    strength = np.exp(rng.normal(0.0, 0.7, size=n)) * np.where(peaks["promoter_of"].notna(), 3.5, 1.0)
    peaks = peaks.assign(
        start=peaks["summit"] - half[:, 0],
        end=peaks["summit"] + half[:, 1] + 1,
        core=core,
        strength=strength / strength.mean(),
    )
    columns = ["chrom", "start", "end", "summit", "promoter_of", "core", "strength"]
    return peaks[columns].set_axis(peak_ids(peaks["chrom"], peaks["start"], peaks["end"]))


def draw_effects(
    peaks: pd.DataFrame,
    mean: float,
    rng: np.random.Generator,
    *,
    up: float,
    down: float,
    asymptote: float,
    batch_share: float,
    batch_sd: float,
) -> pd.DataFrame:
    """What moves each peak: the treatment (promoters less readily), the batch, and chance.

    Parameters
    ----------
    peaks : DataFrame
        With promoter_of and strength.
    mean : float
        Mean fragments of a peak, for the dispersion trend.
    up, down, asymptote, batch_share, batch_sd
        As in :func:`workflow_lib.simulate.matrix.counts`.

    Returns
    -------
    DataFrame indexed by peak
        change, log2_fold_change, log2_batch, dispersion.
    """
    readiness = np.where(peaks["promoter_of"].notna(), 0.4, 1.0)
    change, log2_fold_change = matrix.draw_changes(len(peaks), rng, up=up, down=down, weights=readiness)
    batch = matrix.draw_batch(len(peaks), rng, share=batch_share, sd=batch_sd)
    dispersion = matrix.draw_dispersions(mean * peaks["strength"].to_numpy(), rng, asymptote=asymptote)
    return pd.DataFrame(
        {
            "change": change,
            "log2_fold_change": log2_fold_change,
            "log2_batch": batch,
            "dispersion": dispersion,
        },
        index=peaks.index,
    )
