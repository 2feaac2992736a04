"""Peaks whose accessibility follows the expression of a gene nearby."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from workflow_lib import design as designs
from workflow_lib import expression as gene_expression
from workflow_lib import genome, intervals, linkage_background
from workflow_lib.errors import InputError
from workflow_lib.genes import GeneModels
from workflow_lib.multiple_testing import bh

FEWEST_SAMPLES = 5
"""With fewer, four points at most, a straight line is common by chance."""
COLUMNS = [
    *("gene_id", "gene_name", "chrom", "tss", "peak", "distance", "n", "spearman", "pearson"),
    *("background_mean", "background_sd", "zscore", "pvalue", "padj", "pearson_within", "pvalue_within"),
]
AROUND = ["peak", "mid", "gene_id", "gene_name", "tss", "correlation", "padj"]
BEDPE = ["#chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score", "strand1", "strand2"]
BLOCK = 2**18


@dataclass(frozen=True)
class Linkage:
    """Links of a run.

    Attributes
    ----------
    links : DataFrame
        `COLUMNS`, a row for each gene and peak within reach that vary; in gene order, then by place.
    histogram : DataFrame
        zscore, links, background; see :func:`workflow_lib.linkage_background.z_scores`.
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
        peak, chrom (missing where unknown), summit; rows as in `counts`.
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
    :func:`workflow_lib.linkage_background.z_scores`; `padj` is BH over all links. pearson_within has the
    whole design taken out, the compared groups too, with its t-test in pvalue_within (null: no correlation
    left; normal residuals): a link that only follows the difference of groups has nothing left there.
    """
    shared = [name for name in counts.columns if name in expression.columns]
    if len(shared) < FEWEST_SAMPLES:
        raise InputError(too_few(len(shared)))
    active, facts = _expressed(expression[shared], genes.genes)
    accessible = np.log2(counts[shared] / size_factors.loc[shared] + 1).to_numpy()
    model = designs.matrix(samples.loc[shared], design)
    nuisance, adjusted = _nuisance(model, tested, adjust)
    varies, opens = (unit_rows(side, nuisance)[1] for side in (active.to_numpy(), accessible))
    row = pd.Series(np.arange(len(active)), index=active.index)[varies]
    row = genes.genes["gene_id"].astype(str).map(row).to_numpy(float)
    usable = opens & peaks["chrom"].notna().to_numpy()
    found = pairs(genes, np.isfinite(row), peaks, usable, distance)
    placed = found["gene"].to_numpy()
    found["gene"] = row[placed].astype(np.int64)
    df_within = _correlate(found, active.to_numpy(), accessible, nuisance, model)

    mean = np.where(usable, accessible.mean(axis=1), np.nan)
    kinds = linkage_background.classes(
        mean, None if gc is None else gc.reindex(peaks["peak"]).to_numpy(float)
    )
    contigs = pd.Index(pd.unique(np.asarray(peaks["chrom"].dropna(), dtype=object)))
    gene_contig = np.full(len(active), -1)
    gene_contig[found["gene"]] = contigs.get_indexer(genes.genes["chrom"].astype(object).to_numpy()[placed])
    scores, histogram = linkage_background.z_scores(
        found,
        unit_rows(active.to_numpy(), nuisance)[0],
        unit_rows(accessible, nuisance)[0],
        gene_contig,
        contigs.get_indexer(peaks["chrom"].astype(object)),
        kinds,
        seed,
    )
    found = found.join(scores).assign(padj=bh(scores["pvalue"]), n=len(shared))
    found["peak"] = peaks["peak"].to_numpy()[found["peak"]]
    for name in ("gene_id", "gene_name", "chrom"):
        found[name] = genes.genes[name].astype(object).to_numpy()[placed]
    facts |= {
        "n_genes_constant": int((~varies).sum()),
        "n_genes_linked": int(found["gene_id"].nunique()),
        "n_peaks": len(peaks),
        "n_peaks_constant": int((~opens).sum()),
        "samples": ", ".join(shared),
        "n_samples": len(shared),
        "df": len(shared) - nuisance.shape[1] - 1,
        "df_within": df_within,
        "adjusted_for": adjusted,
        "matched_by": "mean accessibility" if gc is None else "mean accessibility and GC",
        "distance": distance,
    }
    return Linkage(found[COLUMNS], histogram, facts)


def too_few(n: int) -> str:
    """Why so many shared samples are not enough."""
    return (
        f"linkage: {n} samples have both accessibility and expression, and a correlation over fewer than "
        f"{FEWEST_SAMPLES} says nothing: name the columns of linkage.expression as the samples of the sheet"
    )


def pairs(
    genes: GeneModels, chosen: np.ndarray, peaks: pd.DataFrame, usable: np.ndarray, distance: int
) -> pd.DataFrame:
    """Genes and the peaks whose summit lies within reach of one of their TSSs.

    Parameters
    ----------
    genes : GeneModels
    chosen : (n_genes,) bool array
    peaks : DataFrame
        chrom, summit.
    usable : (n_peaks,) bool array
    distance : int
        Bases, inclusive.

    Returns
    -------
    DataFrame
        gene and peak (rows of `genes.genes` and `peaks`), tss (0-based base, the gene's nearest; of two as
        near the one at the left), distance (of the summit from it, negative upstream in the gene's own
        direction); by gene, then by place of the peak.
    """
    rows = np.flatnonzero(usable)
    names = pd.Index(pd.unique(np.asarray(peaks["chrom"].to_numpy()[rows], dtype=object)))
    place = genome.linear(peaks["chrom"].to_numpy()[rows], peaks["summit"].to_numpy()[rows], names)
    rows, place = rows[np.argsort(place, kind="stable")], np.sort(place)
    sites = genes.transcripts[["gene", "chrom", "tss", "strand"]]
    sites = sites[chosen[sites["gene"].to_numpy()] & sites["chrom"].isin(names).to_numpy()]
    sites = sites.drop_duplicates(["gene", "tss"]).sort_values(["gene", "tss"], kind="stable")
    gene, tss = sites["gene"].to_numpy(), sites["tss"].to_numpy(np.int64)
    minus = (sites["strand"] == "-").to_numpy()
    linear = genome.linear(sites["chrom"].astype(object), tss, names)
    first = np.flatnonzero(np.append(True, gene[1:] != gene[:-1])[: len(gene)])
    last = np.append(first[1:], len(gene))[: len(first)] - 1
    low = np.searchsorted(place, linear[first] - distance, side="left")
    high = np.searchsorted(place, linear[last] + distance, side="right")
    reach = high - low
    which = np.repeat(np.arange(len(first)), reach)
    peak = np.arange(len(which)) - np.repeat(np.cumsum(reach) - reach, reach) + np.repeat(low, reach)
    summit = peaks["summit"].to_numpy(np.int64, na_value=0)[rows[peak]] if len(peak) else peak
    order = np.repeat(np.arange(len(first)), last - first + 1).astype(np.int64)
    at = np.searchsorted(
        (order << genome.CONTIG_SHIFT) + tss, (which.astype(np.int64) << genome.CONTIG_SHIFT) + summit
    )
    left, right = (np.clip(side, first[which], last[which]) for side in (at - 1, at))
    nearest = np.where(np.abs(tss[right] - summit) < np.abs(tss[left] - summit), right, left)
    ahead = summit - tss[nearest]
    kept = np.abs(ahead) <= distance
    return pd.DataFrame(
        {
            "gene": gene[nearest][kept],
            "peak": rows[peak][kept],
            "tss": tss[nearest][kept],
            "distance": np.where(minus[nearest], -ahead, ahead)[kept],
        }
    )


def adjusted(
    values: pd.DataFrame, samples: pd.DataFrame, design: str, tested: Collection[str], adjust: str
) -> pd.DataFrame:
    """Values (rows x samples) without what :func:`link` takes out; each row keeps its mean."""
    basis, _ = _nuisance(designs.matrix(samples.loc[list(values.columns)], design), tested, adjust)
    left = values - (values.to_numpy() @ basis) @ basis.T
    return left.add(values.mean(axis=1), axis=0)


def unit_rows(values: np.ndarray, basis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows without what a basis explains, scaled to length 1; and which rows have anything left.

    Parameters
    ----------
    values : (n, n_samples) array
    basis : (n_samples, k) array
        Orthonormal columns that span the constant.

    Returns
    -------
    (n, n_samples) array
        Zeros where nothing is left.
    (n,) bool array
    """
    left = values - (values @ basis) @ basis.T
    length = np.linalg.norm(left, axis=1)
    varies = length > 1e-9 * np.linalg.norm(values, axis=1)
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=varies)
    return left * scale[:, None], varies


def products(a: np.ndarray, b: np.ndarray, found: pd.DataFrame) -> np.ndarray:
    """Correlation of each pair of rows (gene of a, peak of b) of length 1; NaN where one is all zeros."""
    gene, peak = found["gene"].to_numpy(), found["peak"].to_numpy()
    result = np.empty(len(found))
    for first in range(0, len(found), BLOCK):
        part = slice(first, first + BLOCK)
        result[part] = np.einsum("ij,ij->i", a[gene[part]], b[peak[part]])
    missing = ~(a != 0).any(axis=1)[gene] | ~(b != 0).any(axis=1)[peak]
    return np.where(missing, np.nan, np.clip(result, -1, 1))


def plain_pvalues(correlation: np.ndarray, df: int) -> np.ndarray:
    """Two-sided t-test of a (partial) correlation; NaN without degrees of freedom."""
    if df < 1:
        return np.full(len(correlation), np.nan)
    r = np.clip(correlation, -1 + 1e-15, 1 - 1e-15)
    return 2 * stats.t.sf(np.abs(r) * np.sqrt(df / (1 - r**2)), df)


def summarise(linkage: Linkage, alpha: float) -> pd.DataFrame:
    """What a run of linkage found, as rows of item and value.

    `n_plain` is what a plain t-test of the same correlations would call, `n_within` how many called links
    (of `n_significant`) keep their sign within groups at p < 0.05.
    """
    links = linkage.links
    called = links[links["padj"] < alpha]
    kept = (called["pvalue_within"] < 0.05) & (called["pearson"] * called["pearson_within"] > 0)
    plain = bh(plain_pvalues(links["pearson"].to_numpy(), int(linkage.facts["df"])))
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


def _nuisance(whole: pd.DataFrame, tested: Collection[str], adjust: str) -> tuple[np.ndarray, str]:
    """Orthonormal basis of the constant and of the terms that are taken out; and their names."""
    constant = np.full((len(whole), 1), len(whole) ** -0.5)
    names = [name for name in whole.columns if name != "Intercept"]
    if adjust == "nuisance":
        names = [name for name in names if not _involves(name, tested)]
    if adjust == "none" or not names:
        return constant, "nothing"
    basis = _basis(whole[names].to_numpy(float))
    if len(whole) - basis.shape[1] < FEWEST_SAMPLES - 1:
        return constant, "nothing (too few samples)"
    return basis, ", ".join(names)


def _involves(coefficient: str, variables: Collection[str]) -> bool:
    """Whether a coefficient such as `batch[T.B]:group[T.x]` is of one of these columns."""
    bare = re.sub(r"\[[^\]]*\]", "", coefficient)
    return any(re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", bare) for name in variables)


def _basis(matrix: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span the constant and those of a matrix."""
    columns = np.column_stack([np.ones(len(matrix)), matrix])
    length = np.linalg.norm(columns, axis=0)
    u, s, _ = np.linalg.svd(columns / np.where(length > 0, length, 1.0), full_matrices=False)
    return u[:, s > 1e-9 * s[0]]


def _correlate(
    found: pd.DataFrame, active: np.ndarray, accessible: np.ndarray, nuisance: np.ndarray, model: pd.DataFrame
) -> int:
    """Add pearson, spearman, pearson_within and pvalue_within; give the degrees of freedom within groups."""
    found["pearson"] = _correlations(active, accessible, nuisance, found)
    found["spearman"] = _correlations(_ranks(active), _ranks(accessible), nuisance, found)
    whole = _basis(model.to_numpy(float))
    df = max(len(model) - whole.shape[1] - 1, 0)
    within = _correlations(active, accessible, whole, found)
    found["pearson_within"] = within if df else np.nan
    found["pvalue_within"] = plain_pvalues(within, df)
    return df


def _correlations(a: np.ndarray, b: np.ndarray, basis: np.ndarray, found: pd.DataFrame) -> np.ndarray:
    return products(unit_rows(a, basis)[0], unit_rows(b, basis)[0], found)


def _ranks(values: np.ndarray) -> np.ndarray:
    return stats.rankdata(values, axis=1) if values.size else values
