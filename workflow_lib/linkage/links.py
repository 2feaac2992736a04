"""Links of peaks with the genes nearby whose expression they follow: all of a run, and parts of them."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib import beside, intervals
from workflow_lib.errors import InputError
from workflow_lib.genome.genes import GeneModels
from workflow_lib.linkage import background, correlation, gene_expression
from workflow_lib.linkage.correlation import FEWEST_SAMPLES
from workflow_lib.linkage.reach import pairs
from workflow_lib.stats import designs
from workflow_lib.stats.multiple_testing import bh

COLUMNS = [
    *("gene_id", "gene_name", "chrom", "tss", "peak", "distance", "n", "spearman", "pearson"),
    *("background_mean", "background_sd", "zscore", "pvalue", "padj", "pearson_within", "pvalue_within"),
]
AROUND = ["peak", "mid", "gene_id", "gene_name", "tss", "correlation", "padj"]
BEDPE = ["#chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score", "strand1", "strand2"]


@dataclass(frozen=True)
class Linkage:
    """Links of a run.

    Attributes
    ----------
    links : DataFrame
        `COLUMNS`, a row for each gene and peak within reach that vary; in gene order, then by place.
    histogram : DataFrame
        zscore, links, background; see :func:`workflow_lib.linkage.background.z_scores`.
    facts : dict
        What was left out and what was adjusted for.
    """

    links: pd.DataFrame
    histogram: pd.DataFrame
    facts: dict[str, int | str]


def link(
    counts: pd.DataFrame,
    size_factors: pd.Series,
    peaks: pd.DataFrame,
    expression: pd.DataFrame,
    genes: GeneModels,
    samples: pd.DataFrame,
    design: str,
    tested: Collection[str],
    *,
    gc: pd.Series | None = None,
    distance: int = 250_000,
    adjust: str = "nuisance",
    seed: int = 0,
) -> Linkage:
    """Correlate each gene's expression with the accessibility of the peaks around its starts.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame
    size_factors : Series indexed by sample
    peaks : (n_peaks, ...) DataFrame
        peak, chrom (missing where unknown), summit; of the peaks of `counts`.
    expression : (n_rows, ...) DataFrame of numbers of 0 or more
        Columns named by sample; others than those of `counts` are not used.
    genes : GeneModels
    samples : DataFrame indexed by sample
        The sample sheet.
    design : str
    tested : collection of str
        Columns of the sheet that contrasts compare. The design's other terms are nuisance.
    gc : Series indexed by peak, optional
        Without it background peaks are matched by mean accessibility alone.
    distance : int
        Most bases between a peak's summit and the nearest TSS of the gene.
    adjust : str
        What to take out of both sides, if that leaves as much as five samples: `nuisance`, the whole
        `design`, or `none`.
    seed : int

    Returns
    -------
    Linkage

    Raises
    ------
    InputError
        Below five shared samples; or if two rows of `expression` are of one gene.

    Notes
    -----
    Both sides are log2(x + 1) of normalised values. pearson and spearman are partial correlations given
    what is taken out (Spearman: of ranks). For the null of `pvalue` see
    :func:`workflow_lib.linkage.background.z_scores`; `padj` is BH over all links. pearson_within has the
    whole design taken out, the compared groups too, with its t-test in pvalue_within (null: no correlation
    left; normal residuals): a link that only follows the difference of groups has nothing left there.
    """
    shared = [name for name in counts.columns if name in expression.columns]
    if len(shared) < FEWEST_SAMPLES:
        raise InputError(too_few(len(shared)))
    active, facts = _expressed(expression[shared], genes.genes)
    peaks = beside.aligned(peaks, counts.index, "peaks").rename_axis("peak").reset_index()
    accessible = np.log2(counts[shared] / size_factors.loc[shared] + 1).to_numpy()
    model = designs.matrix(samples.loc[shared], design)
    basis, adjusted_for = correlation.nuisance(model, tested, adjust)
    (gene_units, varies), (peak_units, opens) = (
        correlation.unit_rows(side, basis) for side in (active.to_numpy(), accessible)
    )
    row = pd.Series(np.arange(len(active)), index=active.index)[varies]
    row = genes.genes["gene_id"].astype(str).map(row).to_numpy(float)
    usable = opens & peaks["chrom"].notna().to_numpy()
    links = pairs(genes, np.isfinite(row), peaks, usable, distance)
    placed = links["gene"].to_numpy()
    links["gene"] = row[placed].astype(np.int64)
    df_within = correlation.correlate(links, active.to_numpy(), accessible, basis, model)
    chrom = genes.genes["chrom"].astype(object).to_numpy()[placed]
    contigs = _contigs(links["gene"].to_numpy(), chrom, peaks, len(active))
    mean = np.where(usable, accessible.mean(axis=1), np.nan)
    if gc is not None:
        gc = beside.aligned(gc, peaks["peak"], "GC content")
    kinds = background.classes(mean, None if gc is None else gc.to_numpy(float))
    scores, histogram = background.z_scores(links, gene_units, peak_units, *contigs, kinds, seed)
    links = links.join(scores).assign(padj=bh(scores["pvalue"]), n=len(shared))
    links = links.assign(peak=peaks["peak"].to_numpy()[links["peak"]], chrom=chrom)
    for name in ("gene_id", "gene_name"):
        links[name] = genes.genes[name].astype(object).to_numpy()[placed]
    facts |= {
        "n_genes_constant": int((~varies).sum()),
        "n_genes_linked": int(links["gene_id"].nunique()),
        "n_peaks": len(peaks),
        "n_peaks_constant": int((~opens).sum()),
        "samples": ", ".join(shared),
        "n_samples": len(shared),
        "df": len(shared) - basis.shape[1] - 1,
        "df_within": df_within,
        "adjusted_for": adjusted_for,
        "matched_by": "mean accessibility" if gc is None else "mean accessibility and GC",
        "distance": distance,
    }
    return Linkage(links[COLUMNS], histogram, facts)


def too_few(n: int) -> str:
    """Why so many shared samples are not enough."""
    return (
        f"linkage: {n} samples have both accessibility and expression, and a correlation over fewer than "
        f"{FEWEST_SAMPLES} says nothing: name the columns of linkage.expression as the samples of the sheet"
    )


def summarise(linkage: Linkage, alpha: float) -> pd.DataFrame:
    """What a run of linkage found, as rows of item and value.

    `n_plain` is what a plain t-test of the same correlations would call, `n_within` how many called links
    (of `n_significant`) keep their sign within groups at p < 0.05.
    """
    links = linkage.links
    called = links[links["padj"] < alpha]
    kept = (called["pvalue_within"] < 0.05) & (called["pearson"] * called["pearson_within"] > 0)
    plain = bh(correlation.plain_pvalues(links["pearson"].to_numpy(), int(linkage.facts["df"])))
    found = linkage.facts | {
        "n_links": len(links),
        "n_tested": int(links["pvalue"].notna().sum()),
        "n_significant": len(called),
        "n_positive": int((called["pearson"] > 0).sum()),
        "n_negative": int((called["pearson"] < 0).sum()),
        "n_genes_significant": int(called["gene_id"].nunique()),
        "n_peaks_significant": int(called["peak"].nunique()),
        "n_within": int(kept.sum()),
        "n_plain": int((plain < alpha).sum()),
        "alpha": alpha,
    }
    return pd.DataFrame({"item": list(found), "value": list(found.values())})


def around(
    links: pd.DataFrame, chrom: str, start: int, end: int, *, alpha: float | None = None
) -> pd.DataFrame:
    """Links with both ends in a window, to be drawn as arcs.

    Parameters
    ----------
    links : DataFrame
        Of :attr:`Linkage.links`, or read from links.tsv.gz.
    chrom, start, end : str, int, int
        0-based, half-open.
    alpha : float, optional
        Only links of padj below it.

    Returns
    -------
    DataFrame
        peak, mid (of the peak), gene_id, gene_name, tss, correlation (Pearson), padj; the least significant
        first, so that the most significant is drawn last.
    """
    near = links[(links["chrom"] == chrom) & links["tss"].between(start, end - 1)]
    if alpha is not None:
        near = near[near["padj"] < alpha]
    where = intervals.parse_peak_ids(near["peak"])
    mid = ((where["start"] + where["end"]) // 2).to_numpy()
    near = near.assign(mid=mid, correlation=near["pearson"])[(mid >= start) & (mid < end)]
    order = near["padj"].sort_values(ascending=False, kind="stable", na_position="first").index
    return near.loc[order, AROUND].reset_index(drop=True)


def bedpe(links: pd.DataFrame, genes: GeneModels, alpha: float) -> pd.DataFrame:
    """Significant links as BEDPE: peak, TSS base, gene, 1000 times |Pearson|, the gene's strand."""
    called = links[links["padj"] < alpha]
    where = intervals.parse_peak_ids(called["peak"]).reset_index(drop=True)
    strand = genes.genes.drop_duplicates("gene_id").set_index("gene_id")["strand"].astype(str)
    table = where.assign(
        chrom2=called["chrom"].to_numpy(),
        start2=called["tss"].to_numpy(),
        end2=called["tss"].to_numpy() + 1,
        name=called["gene_name"].to_numpy(),
        score=np.rint(1000 * called["pearson"].abs().to_numpy()).astype(int),
        strand1=".",
        strand2=called["gene_id"].map(strand).to_numpy(),
    )
    return table.set_axis(BEDPE, axis=1)


def _expressed(values: pd.DataFrame, genes: pd.DataFrame) -> tuple[pd.DataFrame, dict]:
    """Log expression of the rows that are whole and of a known gene, by gene_id; and what was left out."""
    gene = gene_expression.match(values.index, genes)
    whole = values.notna().all(axis=1).to_numpy()
    log2, scale = gene_expression.log_expression(values[whole])
    known = gene.notna().to_numpy()
    facts = {
        "scale": scale,
        "n_genes_given": len(values),
        "n_genes_unknown": int((~known).sum()),
        "n_genes_missing": int((known & ~whole).sum()),
    }
    return log2[known[whole]].set_axis(gene[known & whole].astype(str)), facts


def _contigs(
    gene: np.ndarray, chrom: np.ndarray, peaks: pd.DataFrame, n_genes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the contigs of all genes (-1 for those without a pair) and of all peaks."""
    names = pd.Index(pd.unique(np.asarray(peaks["chrom"].dropna(), dtype=object)))
    of_genes = np.full(n_genes, -1)
    of_genes[gene] = names.get_indexer(chrom)
    return of_genes, names.get_indexer(peaks["chrom"].astype(object))
