"""All sets of a study, and what a contrast's peaks say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import ndtr

from workflow_lib import beside
from workflow_lib.errors import InputError
from workflow_lib.factors import activity
from workflow_lib.genome.genes import GeneModels
from workflow_lib.genome.genes import read as read_genes
from workflow_lib.io import bed, fasta
from workflow_lib.io.gene_sets import GeneSet
from workflow_lib.io.gene_sets import read_all as read_gene_sets
from workflow_lib.motifs import matching
from workflow_lib.peaks import consensus
from workflow_lib.regions import enrichment, loci, ranked, sets
from workflow_lib.stats import propensity
from workflow_lib.stats.multiple_testing import bh

GENES, REGIONS = "genes", "regions"
LEAST_GENES, MOST_GENES = 10, 2000
COLUMNS = ["kind", "set", "description", "source", "n_genes", "n_found", "used", "reason"]


@dataclass(frozen=True)
class Sets:
    """Sets of genes and of regions, as sets of one study's peaks.

    Attributes
    ----------
    table : DataFrame
        kind (genes or regions), set, description, source, n_genes, n_found (genes given, and of these in the
        annotation; missing for regions), used (whether it is tested) and reason (if not).
    genes : (n_genes, n_used_gene_sets) csc_array
    regions : (n_peaks, n_region_sets) csc_array
    loci : Loci
    names : list of str
        Of the genes.
    """

    table: pd.DataFrame
    genes: sparse.csc_array
    regions: sparse.csc_array
    loci: loci.Loci
    names: list[str]


def prepare(
    peaks: pd.DataFrame,
    models: GeneModels | None,
    gene_sets: Sequence[GeneSet] = (),
    regions: Mapping[str, pd.DataFrame] | None = None,
    *,
    least: int = LEAST_GENES,
    most: int = MOST_GENES,
) -> Sets:
    """Match sets with a study's genes and peaks.

    Parameters
    ----------
    peaks : DataFrame
        chrom, start, end, summit.
    models : GeneModels, optional
        Needed for gene sets.
    gene_sets : sequence of GeneSet
    regions : mapping of name to DataFrame
        chrom, start, end of each set of regions.
    least, most : int
        Gene sets with fewer or more genes in the annotation are not tested.

    Raises
    ------
    InputError
        If no gene of any set is in the annotation.
    """
    rows: list[dict] = []
    genes = sparse.csc_array((0 if models is None else len(models.genes), 0))
    if gene_sets and models is not None:
        found = sets.match(gene_sets, models.genes)
        if not found.n_found:
            known = ", ".join(map(str, models.genes["gene_name"].dropna().unique()[:3]))
            raise InputError(
                f"regions.gene_sets: none of {found.n_names:,} genes ({', '.join(found.unknown[:3])}, ...) "
                f"is in the annotation ({known}, ...); give sets of this species, by symbol or by gene_id"
            )
        n = found.sets["n_found"]
        reasons = [f"fewer than {least} genes of the annotation", f"more than {most} genes of the annotation"]
        reason = pd.Series(np.select([n < least, n > most], reasons, "")).replace("", None)
        rows += found.sets.assign(kind=GENES, used=reason.isna(), reason=reason).to_dict("records")
        genes = found.genes[:, np.flatnonzero(reason.isna())]
    named = regions or {}
    for name, table in named.items():
        empty = None if len(table) else "no region"
        rows.append({"kind": REGIONS, "set": name, "used": empty is None, "reason": empty})
    return Sets(
        table=pd.DataFrame(rows, columns=COLUMNS).astype({"n_genes": "Int64", "n_found": "Int64"}),
        genes=genes,
        regions=sets.overlaps(peaks, {name: table for name, table in named.items() if len(table)}),
        loci=loci.of_peaks(peaks, models),
        names=[] if models is None else models.genes["gene_name"].tolist(),
    )


def compare(study: Sets, foreground, background, covariates: pd.DataFrame) -> pd.DataFrame:
    """Test every set in a foreground of peaks against comparable other peaks.

    Parameters
    ----------
    study : Sets
    foreground, background : (n_peaks,) arrays of bool
    covariates : (n_peaks, n_covariates) DataFrame
        What else may decide on a change, such as GC content, width and mean count.

    Returns
    -------
    DataFrame
        kind, set, description, source, n_genes, n_found, then as
        :func:`workflow_lib.regions.enrichment.of_gene_sets`; padj is within a kind. Sorted by p-value.
    """
    foreground = np.asarray(foreground, dtype=bool)
    background = np.asarray(background, dtype=bool) & ~foreground
    chance = propensity.of(covariates, foreground, background)
    found = enrichment.changes(foreground, background, study.loci.locus, chance)
    of_genes = enrichment.of_gene_sets(found, study.loci, study.genes, _leading(study, GENES), study.names)
    of_regions = enrichment.test(found, study.regions, _leading(study, REGIONS)).assign(genes=None)
    return _sorted([of_genes, of_regions])


def read(
    differential: pd.DataFrame,
    peaks: str | Path,
    models: str | Path | None,
    gene_sets: Sequence[str | Path],
    regions: Mapping[str, str | Path],
    sequences: str | Path | None,
    *,
    least: int = LEAST_GENES,
    most: int = MOST_GENES,
) -> tuple[Sets, pd.DataFrame]:
    """Sets and covariates of the peaks of a differential table, from the files of a run.

    Parameters
    ----------
    differential : DataFrame
        peak, baseMean.
    peaks, models, gene_sets, sequences : path, or sequence of paths
        Consensus peaks, gene models, GMT files, scanned sequences; models and sequences may be missing.
    regions : mapping of name to path
        BED files.
    least, most : int
        As of :func:`prepare`.
    """
    ids = differential["peak"]
    places = beside.aligned(consensus.read(peaks), ids, str(peaks)).reset_index()
    sets_ = prepare(
        places,
        read_genes(models, exons=False) if models else None,
        read_gene_sets(gene_sets),
        {name: bed.read(path) for name, path in regions.items()},
        least=least,
        most=most,
    )
    scanned = None
    if sequences:
        texts = pd.Series(fasta.read_sequences(sequences)[0])
        scanned = beside.aligned(texts, ids, str(sequences)).tolist()
    return sets_, covariates(places, differential["baseMean"], scanned)


def covariates(
    peaks: pd.DataFrame, mean_count: pd.Series, sequences: Sequence[str] | None = None
) -> pd.DataFrame:
    """What a peak's chance to change may follow: width and mean count, and composition where it is known.

    Parameters
    ----------
    peaks : DataFrame
        start, end.
    mean_count : (n_peaks,) Series
        Mean normalised count.
    sequences : sequence of str, optional
        Of each peak, as they were scanned.
    """
    width = peaks["end"] - peaks["start"]
    if sequences is not None:
        return matching.covariates(sequences, width, mean_count)
    return pd.DataFrame({"width": width, "log_mean_count": np.log1p(mean_count)})


def by_samples(
    study: Sets,
    counts: pd.DataFrame,
    covariates: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping,
    size_factors,
    *,
    block: str | None = None,
) -> pd.DataFrame:
    """Ask of every set whether the samples bear its change: the sample is the unit, not the peak.

    Parameters
    ----------
    study : Sets
    counts, covariates, samples, design, contrast, size_factors, block
        As :func:`workflow_lib.factors.activity.test`, where a set's peaks stand for a motif's.

    Returns
    -------
    DataFrame
        A row a set, indexed by kind and set: activity (log2 change of its peaks beyond comparable ones), and
        rise_log10p, fall_log10p (one-sided, by the set's own variation between samples).
    """
    asked = (covariates, samples, design, contrast, size_factors)
    found = [
        activity.test(counts, members, *asked, block=block).set_index(
            pd.MultiIndex.from_frame(_leading(study, kind)[["kind", "set"]])
        )
        for kind, members in _members(study).items()
        if members.shape[1]
    ]
    columns = {"activity": "activity", "own_rise_log10p": "rise_log10p", "own_fall_log10p": "fall_log10p"}
    if not found:
        return pd.DataFrame(columns=list(columns.values()), index=pd.MultiIndex.from_arrays([[], []]))
    return pd.concat(found)[list(columns)].rename(columns=columns)


def along(
    study: Sets, statistic, covariates: pd.DataFrame, samples: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Test every set for a shift along the ranked statistic.

    Parameters
    ----------
    study : Sets
    statistic, covariates
        As :func:`workflow_lib.regions.ranked.test`.
    samples : DataFrame, optional
        Of :func:`by_samples`. Both then have to say so, on one side: the larger p counts (intersection-union,
        Berger 1982). Peaks alone see no variation between samples: a set that differs from sample to sample
        would be called.

    Returns
    -------
    DataFrame
        kind, set, description, source, n_genes, n_found, n_peaks, shift, stat; with `samples` peaks_pvalue,
        activity and activity_pvalue; pvalue, padj (within a kind). Sorted by p-value.
    """
    return _sorted(
        [
            _both(ranked.test(statistic, covariates, study.loci, members, _leading(study, kind)), samples)
            for kind, members in _members(study).items()
        ]
    )


def _members(study: Sets) -> dict[str, sparse.csc_array]:
    """Peaks by set, of either kind."""
    return {GENES: sparse.csc_array(study.loci.genes @ study.genes), REGIONS: study.regions}


def _both(table: pd.DataFrame, samples: pd.DataFrame | None) -> pd.DataFrame:
    """The larger of the p of peaks and of samples, of the side on which both are smaller."""
    if samples is None:
        return table
    own = samples.reindex(pd.MultiIndex.from_frame(table[["kind", "set"]]))
    rise, fall = (10.0 ** own[f"{way}_log10p"].to_numpy(float) for way in ("rise", "fall"))
    opens, closes = ndtr(-table["stat"]), ndtr(table["stat"])
    two_sided = np.minimum(2 * np.minimum(np.maximum(rise, opens), np.maximum(fall, closes)), 1.0)
    return table.drop(columns=["pvalue", "padj"]).assign(
        peaks_pvalue=table["pvalue"],
        activity=own["activity"].to_numpy(float),
        activity_pvalue=np.minimum(2 * np.minimum(rise, fall), 1.0),
        pvalue=np.maximum(two_sided, np.finfo(float).tiny),
        padj=np.nan,
    )


def _leading(study: Sets, kind: str) -> pd.DataFrame:
    rows = study.table[(study.table["kind"] == kind) & study.table["used"].astype(bool)]
    return rows.drop(columns=["used", "reason"]).reset_index(drop=True)


def _sorted(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables as one, smallest p first; a kind's p-values are adjusted among themselves."""
    tables = [table.assign(padj=bh(table["pvalue"])) if len(table) else table for table in tables]
    rows = [row for table in tables for row in table.to_dict("records")]
    together = pd.DataFrame(rows, columns=tables[0].columns)
    return together.sort_values("pvalue", kind="stable", ignore_index=True)
