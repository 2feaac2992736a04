"""All sets of a study, and what a contrast's peaks say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib.errors import InputError
from workflow_lib.genome.genes import GeneModels
from workflow_lib.io.gene_sets import GeneSet
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


def along(study: Sets, statistic, covariates: pd.DataFrame) -> pd.DataFrame:
    """Test every set for a shift along the ranked statistic; see :func:`workflow_lib.regions.ranked.test`."""
    kinds = {GENES: study.loci.genes @ study.genes, REGIONS: study.regions}
    return _sorted(
        [
            ranked.test(statistic, covariates, study.loci, members, _leading(study, kind))
            for kind, members in kinds.items()
        ]
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
