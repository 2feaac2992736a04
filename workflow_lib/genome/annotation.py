"""Where peaks lie relative to genes."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from workflow_lib.genome import genes as gene_models
from workflow_lib.genome import reference

FEATURES = (
    "promoter",
    "5'UTR",
    "3'UTR",
    "first exon",
    "exon",
    "first intron",
    "intron",
    "proximal",
    "distal",
)
COLUMNS = [
    "peak", "chrom", "start", "end", "summit", "feature",
    "gene_id", "gene_name", "gene_type", "tss_distance", "transcript_id",
]  # fmt: skip


def annotate(
    peaks: pd.DataFrame,
    genes: gene_models.GeneModels,
    *,
    promoter: tuple[int, int] = (-2000, 500),
    proximal: int = 10_000,
    gene_types: Collection[str] | None = None,
) -> pd.DataFrame:
    """Nearest transcription start site and genomic feature of each peak, both by its summit alone.

    Parameters
    ----------
    peaks : DataFrame
        peak, chrom, start, end, summit (0-based base).
    genes : GeneModels
    promoter : (int, int)
        First and last base of a promoter, relative to its TSS and in the gene's direction; both inclusive.
    proximal : int
        A summit nearer than this many bases to a TSS, and in no gene, is `proximal`, else `distal`.
    gene_types : collection of str, optional
        Use genes of these types alone, for the TSS as for the feature.

    Returns
    -------
    DataFrame
        A row for each peak, in order: peak, chrom, start, end, summit, feature, gene_id, gene_name,
        gene_type, tss_distance, transcript_id.

        The last five are of the nearest TSS of any transcript; equal distances (upstream of one gene,
        downstream of another, say) go to the gene that comes first in the genome, then to its first
        transcript. `tss_distance` is in bases, negative upstream in the gene's own direction, 0 on the TSS.
        They are missing on contigs without genes. All but `peak` is missing for a peak without a chrom.

        `feature` is the first of these that holds at the summit, over all transcripts: promoter, 5'UTR,
        3'UTR, first exon, exon, first intron, intron, proximal, distal.
    """
    models = genes if gene_types is None else gene_models.of_types(genes, gene_types)
    table = peaks[COLUMNS[:5]].reset_index(drop=True)
    placed = table[table["chrom"].notna()].astype(dict.fromkeys(("start", "end", "summit"), np.int64))
    transcript, distance = nearest_tss(placed, models)
    found = transcript >= 0
    gene = np.full(len(placed), -1)
    gene[found] = models.transcripts["gene"].to_numpy()[transcript[found]]
    near = found & (np.abs(distance) < proximal)
    columns = {"feature": _features(placed, models, promoter, near)}
    for name in ("gene_id", "gene_name", "gene_type"):
        columns[name] = _looked_up(models.genes[name], gene)
    columns["tss_distance"] = pd.array(np.where(found, distance, 0), dtype="Int64")
    columns["tss_distance"][~found] = pd.NA
    columns["transcript_id"] = _looked_up(models.transcripts["transcript_id"], transcript)
    return table.join(pd.DataFrame(columns, index=placed.index))


def nearest_tss(peaks: pd.DataFrame, genes: gene_models.GeneModels) -> tuple[np.ndarray, np.ndarray]:
    """For each summit, the transcript with the nearest TSS and the distance to it in the gene's direction.

    Returns
    -------
    (n_peaks,) array of int
        Row in `genes.transcripts`, -1 where the contig has none.
    (n_peaks,) array of int
        Signed distance in bases, 0 where there is none.
    """
    transcripts = genes.transcripts
    names = pd.Index(transcripts["chrom"].cat.categories.astype(object))
    summit = reference.linear(peaks["chrom"], peaks["summit"], names)
    # sites in genome order; of transcripts that share one, the first in gene order stands for it
    sites, first = np.unique(
        reference.linear(transcripts["chrom"], transcripts["tss"], names), return_index=True
    )
    nearest = np.full(len(peaks), -1)
    gap = np.full(len(peaks), np.iinfo(np.int64).max)
    for site in (reference.nearest_before(summit, sites), reference.nearest_after(summit, sites)):
        rows = np.flatnonzero(site >= 0)
        rows = rows[(sites[site[rows]] ^ summit[rows]) >> reference.CONTIG_SHIFT == 0]
        candidate, away = first[site[rows]], np.abs(sites[site[rows]] - summit[rows])
        better = (away < gap[rows]) | ((away == gap[rows]) & (candidate < nearest[rows]))
        nearest[rows[better]], gap[rows[better]] = candidate[better], away[better]
    found = nearest >= 0
    distance = np.zeros(len(peaks), dtype=np.int64)
    site = transcripts["tss"].to_numpy()[nearest[found]]
    minus = (transcripts["strand"] == "-").to_numpy()[nearest[found]]
    ahead = peaks["summit"].to_numpy()[found] - site
    distance[found] = np.where(minus, -ahead, ahead)
    return nearest, distance


def _features(
    peaks: pd.DataFrame, models: gene_models.GeneModels, promoter: tuple[int, int], near: np.ndarray
) -> np.ndarray:
    summits = pd.DataFrame({"chrom": peaks["chrom"], "start": peaks["summit"], "end": peaks["summit"] + 1})
    exons, introns, utrs = models.exons, gene_models.introns(models), gene_models.utrs(models)
    regions = [
        _promoters(models.transcripts, promoter),
        utrs[utrs["side"] == "5"],
        utrs[utrs["side"] == "3"],
        exons[exons["number"] == 1],
        exons,
        introns[introns["number"] == 1],
        introns,
    ]
    holds = [reference.count_overlaps(summits, region) > 0 for region in regions]
    return np.select([*holds, near], FEATURES[:-1], default=FEATURES[-1]).astype(object)


def _promoters(transcripts: pd.DataFrame, promoter: tuple[int, int]) -> pd.DataFrame:
    tss, plus = transcripts["tss"], transcripts["strand"] == "+"
    first, last = promoter
    start = np.where(plus, tss + first, tss - last)
    end = np.where(plus, tss + last, tss - first) + 1
    return pd.DataFrame({"chrom": transcripts["chrom"], "start": np.maximum(start, 0), "end": end})


def _looked_up(values: pd.Series, rows: np.ndarray) -> np.ndarray:
    """Values at the rows, None where the row is -1."""
    found = np.full(len(rows), None, dtype=object)
    found[rows >= 0] = values.to_numpy(dtype=object)[rows[rows >= 0]]
    return found
