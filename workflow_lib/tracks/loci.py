"""Places of the genome to draw: which, how far around, and what lies there."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib import intervals, linkage
from workflow_lib.errors import InputError
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import genes
from workflow_lib.genome.genes import GeneModels
from workflow_lib.io import hits
from workflow_lib.stats.forms import CALLED
from workflow_lib.tracks import bigwig

COLUMNS = ["name", "chrom", "start", "end", "why", "file"]
LINK_COLUMNS = ["mid", "tss", "correlation", "padj"]
MOST_BINS = 600
"""No more bins than this a window: about as many as one can tell apart in a figure."""
MOTIFS_A_DIRECTION = 3
LONGEST_NAME = 60  # signs of a name that a file name takes over


@dataclass(frozen=True)
class Coverage:
    """Normalised insertions per base in the bins of a window.

    Attributes
    ----------
    edges : (n + 1,) array of int
        Of the bins, on the grid that starts at the contig's first base; the last may reach past the window.
    values : dict of sample to (n,) array
    paired, single : int
        Samples whose fragments were chosen by length, and samples that have none.
    """

    edges: np.ndarray
    values: dict[str, np.ndarray]
    paired: int
    single: int

    def of(self, samples: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean, lowest and highest of some samples in each bin."""
        rows = np.array([self.values[sample] for sample in samples])
        return rows.mean(axis=0), rows.min(axis=0), rows.max(axis=0)


@dataclass(frozen=True)
class Sources:
    """Where the content of all loci of a contrast comes from.

    Attributes
    ----------
    stores : mapping of sample to path
        Stores of cut sites.
    size_factors : Series
        By sample: those of the test.
    differential : DataFrame
        Every consensus peak of :func:`placed`.
    models : GeneModels, optional
    hits : path, optional
        The indexed BED of motif hits.
    motifs : DataFrame
        motif_id, name, direction of the motifs to show, as :func:`enriched` gives them.
    links : DataFrame, optional
        Table of :mod:`workflow_lib.linkage`.
    alpha : float
        Largest adjusted p-value of a link that is shown.
    max_fragment : int or None
    """

    stores: Mapping[str, str | Path]
    size_factors: pd.Series
    differential: pd.DataFrame
    models: GeneModels | None = None
    hits: str | Path | None = None
    motifs: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["motif_id", "name", "direction"])
    )
    links: pd.DataFrame | None = None
    alpha: float = 0.05
    max_fragment: int | None = None


@dataclass(frozen=True)
class Locus:
    """All that lies in one window; tables as in :class:`Sources`, rows of the window alone.

    `fragments` is the longest one counted, or None.
    """

    name: str
    chrom: str
    start: int
    end: int
    why: str
    coverage: Coverage
    peaks: pd.DataFrame
    models: GeneModels | None
    hits: pd.DataFrame
    motifs: pd.DataFrame
    links: pd.DataFrame
    fragments: int | None


def placed(differential: pd.DataFrame) -> pd.DataFrame:
    """A table of peaks with chrom, start, end, read from their names."""
    at = intervals.parse_peak_ids(differential["peak"]).reset_index(drop=True)
    return differential.reset_index(drop=True).assign(**{name: at[name] for name in at})


def choose(
    asked: Sequence[str],
    differential: pd.DataFrame,
    models: GeneModels | None,
    lengths: Mapping[str, int],
    *,
    top: int,
    upstream: int,
    downstream: int,
) -> pd.DataFrame:
    """Windows of the places that were asked for, then of the strongest peaks.

    A gene is shown whole, with `upstream` and `downstream` bases in its own direction; a peak likewise, with
    upstream to the left; a region `chr:from-to` (1-based) as it is. All end where the contig does.

    Parameters
    ----------
    asked : sequence of str
        Peaks, genes (name or id, any case) or regions; what is both is taken in this order.
    differential : DataFrame
        Of :func:`placed`.
    models : GeneModels, optional
    lengths : mapping of contig to length, or a Series of lengths by contig
    top : int
        How many of the strongest peaks, see :func:`strongest`.
    upstream, downstream : int

    Returns
    -------
    DataFrame
        name, chrom, start, end (0-based, half-open), why, file (name without its ending, unlike any other's).

    Raises
    ------
    InputError
        If a name is none of these, or its contig unknown.
    """
    flanks = {"upstream": upstream, "downstream": downstream}
    rows = [row for name in asked for row in _asked(name, differential, models, lengths, **flanks)]
    shown = {row[0] for row in rows}
    rows += [row for row in strongest(differential, top, lengths, **flanks) if row[0] not in shown]
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    digits = max(2, len(str(len(table))))
    names = zip(range(1, len(table) + 1), table["name"], strict=True)
    return table.assign(file=[f"{i:0{digits}}_{file_name(name)}" for i, name in names])[COLUMNS]


def strongest(
    differential: pd.DataFrame, n: int, lengths: Mapping[str, int], *, upstream: int, downstream: int
) -> list[tuple]:
    """Windows of the n peaks with the smallest p-values; a peak that an earlier window shows needs none.

    Peaks that changed come alone. Without any, the smallest p-values are shown for orientation; without
    tests the largest fold changes of the better covered half. Either is said.

    Returns
    -------
    list of (name, chrom, start, end, why)
    """
    table, kind = _ranked(differential)
    rows: list[tuple] = []
    for peak in table.itertuples():
        if len(rows) == n:
            break
        seen = [row for row in rows if row[1] == peak.chrom and row[2] <= peak.start and peak.end <= row[3]]
        if not seen:
            start, end = _window(peak.chrom, peak.start, peak.end, lengths, upstream, downstream)
            rows.append((str(peak.peak), peak.chrom, start, end, f"{kind}: {_finding(peak)}"))
    return rows


def _ranked(differential: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Peaks, strongest first, and what they are."""
    changed = differential[differential["direction"].isin(CALLED)]
    if len(changed):
        return changed.sort_values("pvalue", kind="stable"), "top peak"
    tested = differential.dropna(subset="pvalue")
    if len(tested):
        return tested.sort_values("pvalue", kind="stable"), "smallest p-value, not significant"
    covered = differential[differential["baseMean"] >= differential["baseMean"].median()]
    by_size = covered["log2FoldChange"].abs().dropna().sort_values(ascending=False, kind="stable")
    return covered.loc[by_size.index], "largest fold change, not tested"


def _finding(peak) -> str:
    parts = [f"log2 fold change {peak.log2FoldChange:+.2f}"]
    parts += [f"q = {peak.padj:.2g}"] if pd.notna(peak.padj) else []
    name = getattr(peak, "gene_name", None)
    return ", ".join(parts + ([f"gene {name}"] if isinstance(name, str) else []))


def _asked(name: str, differential, models, lengths, *, upstream: int, downstream: int) -> list[tuple]:
    """Windows of one name that was asked for: more than one if a gene stands in several places."""
    flanks = upstream, downstream
    peak = differential[differential["peak"] == name]
    if len(peak):
        row = next(peak.itertuples())
        start, end = _window(row.chrom, row.start, row.end, lengths, *flanks)
        return [(name, row.chrom, start, end, f"peak asked for: {_finding(row)}")]
    found = genes.find(models, name) if models is not None else pd.DataFrame({"chrom": []})
    known = found["chrom"].isin(list(lengths.keys()))  # a gene may have copies on patches that reads lack
    found = found[known]
    if len(found):
        rows = []
        for gene in found.itertuples():
            sides = flanks if gene.strand == "+" else flanks[::-1]
            start, end = _window(str(gene.chrom), gene.start, gene.end, lengths, *sides)
            rows.append((str(gene.gene_name), str(gene.chrom), start, end, f"gene asked for as {name}"))
        return rows
    region = intervals.parse_region(name)
    if region is None:
        raise InputError(
            f"loci.genes: {name!r} is no peak, no gene of the annotation and no region such as "
            "chr1:10,000-20,000; correct it in the config"
        )
    return [(name, region[0], *_window(*region, lengths, 0, 0), "region asked for")]


def _window(chrom: str, start: int, end: int, lengths: Mapping[str, int], left: int, right: int):
    """The interval with so many bases on either side, as far as the contig has them."""
    if chrom not in lengths or start >= lengths[chrom]:
        has = f"which ends at {lengths[chrom]:,}" if chrom in lengths else "which the reads do not have"
        asked = intervals.region(chrom, start, end)
        raise InputError(f"loci.genes: {asked} lies beyond {chrom}, {has}; correct it in the config")
    return max(0, int(start) - left), min(int(lengths[chrom]), int(end) + right)


def file_name(name: str) -> str:
    """A name as part of a file name: signs other than letters, digits, `.`, `_`, `-` become `_`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:LONGEST_NAME].strip("._") or "locus"


def enriched(tables: Mapping[str, pd.DataFrame], alpha: float, n: int = MOTIFS_A_DIRECTION) -> pd.DataFrame:
    """The motifs to show: of each direction the n most significantly enriched, one a cluster.

    Parameters
    ----------
    tables : mapping of direction to enrichment table
    alpha : float
    n : int

    Returns
    -------
    DataFrame
        motif_id, name, direction.
    """
    shown = []
    for direction, table in tables.items():
        rows = table[table["padj"] < alpha]
        if "representative" in rows:
            rows = rows[rows["representative"].astype(bool)]
        rows = rows.sort_values("log10_pvalue", kind="stable").head(n)
        shown.append(rows[["motif_id", "name"]].assign(direction=direction))
    if not shown:
        return pd.DataFrame(columns=["motif_id", "name", "direction"])
    table = pd.concat(shown, ignore_index=True).drop_duplicates("motif_id", ignore_index=True)
    twice = table["name"].duplicated(keep=False)
    return table.assign(name=table["name"].where(~twice, table["name"] + " (" + table["motif_id"] + ")"))


def coverage(
    stores: Mapping[str, str | Path],
    size_factors: pd.Series,
    chrom: str,
    start: int,
    end: int,
    *,
    max_fragment: int | None = None,
) -> Coverage:
    """The signal of :mod:`workflow_lib.tracks` in a window: insertions per base over size factor, in bins.

    Bins are those of the tracks, or so many of them together that there are at most `MOST_BINS`; with
    `max_fragment` None their values are the means of the bigWig's.

    Parameters
    ----------
    stores : mapping of sample to path
    size_factors : Series
        By sample.
    chrom, start, end
        0-based, half-open.
    max_fragment : int or None
        Leave out longer fragments; it does nothing to single-end reads.
    """
    width = bigwig.BIN * max(1, -(-(end - start) // (MOST_BINS * bigwig.BIN)))
    first, last = start // width, -(-end // width)
    values, n_paired = {}, 0
    for sample, path in stores.items():
        store = FragmentStore.read(path, contigs={chrom}, window=(first * width, last * width))
        n_paired += store.paired
        if store.paired and max_fragment is not None:
            kept = store.lengths(chrom) <= max_fragment
            of_pairs = [cut[kept] for cut in store.fragments(chrom)]
            cuts = np.sort(np.concatenate([*of_pairs, store.single_cuts(chrom)]))
        else:
            cuts = store.cuts(chrom)
        cuts = cuts[np.searchsorted(cuts, first * width) : np.searchsorted(cuts, last * width)]
        values[sample] = bigwig.density(
            cuts,
            first * width,
            last * width,
            store.contigs.get(chrom, last * width),
            float(size_factors[sample]),
            width,
        )
    edges = np.arange(first, last + 1) * width
    return Coverage(edges, values, n_paired, len(values) - n_paired)


def at(sources: Sources, place) -> Locus:
    """What lies in one window.

    Parameters
    ----------
    sources : Sources
    place : named tuple
        A row of :func:`choose`.
    """
    chrom, start, end = str(place.chrom), int(place.start), int(place.end)
    table = sources.differential
    peaks = table[(table["chrom"] == chrom) & (table["start"] < end) & (table["end"] > start)]
    motif_ids: Collection[str] = set(sources.motifs["motif_id"])
    if sources.hits is None or not motif_ids:
        found = pd.DataFrame(columns=hits.COLUMNS[:-1])
    else:
        found = hits.read_hits_within(sources.hits, chrom, start, end, motif_ids)
    links = pd.DataFrame(columns=LINK_COLUMNS)
    if sources.links is not None:
        links = linkage.around(sources.links, chrom, start, end, alpha=sources.alpha)
    signal = coverage(
        sources.stores, sources.size_factors, chrom, start, end, max_fragment=sources.max_fragment
    )
    return Locus(
        name=str(place.name),
        chrom=chrom,
        start=start,
        end=end,
        why=str(place.why),
        coverage=signal,
        peaks=peaks,
        models=None if sources.models is None else genes.within(sources.models, chrom, start, end),
        hits=found,
        motifs=sources.motifs,
        fragments=sources.max_fragment,
        links=links,
    )


def collect(places: pd.DataFrame, sources: Sources) -> Iterator[tuple[str, Locus]]:
    """File name and content of each place of :func:`choose`, one after the other."""
    for place in places.itertuples():
        yield str(place.file), at(sources, place)


def lanes(starts: Sequence[float], ends: Sequence[float]) -> np.ndarray:
    """The lane of each interval: the first in which it meets none of those before it.

    Parameters
    ----------
    starts, ends : sequences of float, equally long
        The most important first, since they come to lie in the first lanes.

    Returns
    -------
    (n,) array of int
    """
    filled: list[list[tuple[float, float]]] = []
    chosen = []
    for start, end in zip(starts, ends, strict=True):
        free = (
            i
            for i, lane in enumerate(filled)
            if all(end <= other_start or start >= other_end for other_start, other_end in lane)
        )
        lane = next(free, len(filled))
        if lane == len(filled):
            filled.append([])
        filled[lane].append((start, end))
        chosen.append(lane)
    return np.array(chosen, dtype=np.int64)
