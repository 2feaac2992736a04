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
    "nearest_gene_id", "nearest_gene_name",
]  # fmt: skip


def annotate(
    peaks: pd.DataFrame,
    genes: gene_models.GeneModels,
    *,
    promoter: tuple[int, int] = (-2000, 500),
    proximal: int = 10_000,
    gene_types: Collection[str] | None = None,
    prefer: Collection[str] = (),
) -> pd.DataFrame:
    """Genomic feature of each peak, the gene it is of, and the nearest TSS, all by the peak's summit.

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
    prefer : collection of str
        Where a feature is of several genes, those of these types go first.

    Returns
    -------
    DataFrame
        A row for each peak, in order: peak, chrom, start, end, summit, feature, gene_id, gene_name,
        gene_type, tss_distance, transcript_id, nearest_gene_id, nearest_gene_name. All but `peak` is missing
        for a peak without a chrom.

        `feature` is the first of these that holds at the summit, over all transcripts: promoter, 5'UTR,
        3'UTR, first exon, exon, first intron, intron, proximal, distal.

        gene_id, gene_name, gene_type, transcript_id: whose promoter, UTR, exon or intron that is; of several,
        the transcript with the nearest TSS, then the first in the genome. Of proximal and distal peaks, that
        of the nearest TSS.

        tss_distance, nearest_gene_id, nearest_gene_name: of the nearest TSS of any transcript; equal
        distances (upstream of one gene, downstream of another, say) go to the gene that comes first in the
        genome. The distance is in bases, negative upstream in the gene's own direction, 0 on the TSS. They
        are missing on contigs without genes.
    """
    models = genes if gene_types is None else gene_models.of_types(genes, gene_types)
    table = peaks[COLUMNS[:5]].reset_index(drop=True)
    placed = table[table["chrom"].notna()].astype(dict.fromkeys(("start", "end", "summit"), np.int64))
    nearest, distance = nearest_tss(placed, models)
    found = nearest >= 0
    near = found & (np.abs(distance) < proximal)
    feature, transcript = _features(placed, models, promoter, near, prefer)
    transcript = np.where(transcript >= 0, transcript, nearest)
    columns: dict[str, object] = {"feature": feature}
    for name in ("gene_id", "gene_name", "gene_type"):
        columns[name] = _looked_up(models.genes[name], _gene_of(models, transcript))
    columns["tss_distance"] = pd.array(np.where(found, distance, 0), dtype="Int64")
    columns["tss_distance"][~found] = pd.NA  # type: ignore[index]
    columns["transcript_id"] = _looked_up(models.transcripts["transcript_id"], transcript)
    for name in ("gene_id", "gene_name"):
        columns[f"nearest_{name}"] = _looked_up(models.genes[name], _gene_of(models, nearest))
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
    peaks: pd.DataFrame,
    models: gene_models.GeneModels,
    promoter: tuple[int, int],
    near: np.ndarray,
    prefer: Collection[str],
) -> tuple[np.ndarray, np.ndarray]:
    """Feature of each peak, and the transcript that it is of; -1 for proximal and distal ones."""
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
    feature = np.where(near, *FEATURES[-2:]).astype(object)
    transcript = np.full(len(peaks), -1)
    summit = peaks["summit"].to_numpy(np.int64)
    tss = models.transcripts["tss"].to_numpy(np.int64)
    types = models.genes["gene_type"].to_numpy(dtype=object)[models.transcripts["gene"].to_numpy()]
    later = ~np.isin(types.astype(str), list(prefer))
    for word, region in zip(FEATURES, regions, strict=False):
        left = np.flatnonzero(transcript < 0)
        peak, row = reference.pairs_within(peaks["chrom"].to_numpy()[left], summit[left], region)
        owner = region["transcript"].to_numpy()[row]
        order = np.lexsort([owner, np.abs(summit[left[peak]] - tss[owner]), later[owner], peak])
        first = order[np.unique(peak[order], return_index=True)[1]]
        feature[left[peak[first]]], transcript[left[peak[first]]] = word, owner[first]
    return feature, transcript


def _gene_of(models: gene_models.GeneModels, transcript: np.ndarray) -> np.ndarray:
    """Row of each transcript's gene, -1 where the transcript is -1."""
    gene = np.full(len(transcript), -1)
    gene[transcript >= 0] = models.transcripts["gene"].to_numpy()[transcript[transcript >= 0]]
    return gene


def _promoters(transcripts: pd.DataFrame, promoter: tuple[int, int]) -> pd.DataFrame:
    tss, plus = transcripts["tss"], transcripts["strand"] == "+"
    first, last = promoter
    start = np.where(plus, tss + first, tss - last)
    end = np.where(plus, tss + last, tss - first) + 1
    place = {"chrom": transcripts["chrom"], "start": np.maximum(start, 0), "end": end}
    return pd.DataFrame(place | {"transcript": np.arange(len(transcripts))})


def _looked_up(values: pd.Series, rows: np.ndarray) -> np.ndarray:
    """Values at the rows, None where the row is -1."""
    found = np.full(len(rows), None, dtype=object)
    found[rows >= 0] = values.to_numpy(dtype=object)[rows[rows >= 0]]
    return found
