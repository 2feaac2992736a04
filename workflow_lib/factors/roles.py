"""Activator or repressor: do a factor's sites open or close where the factor is expressed more?"""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import ndtr

from workflow_lib.factors import own_genes
from workflow_lib.factors.activity import accessibility
from workflow_lib.factors.expressed import of_library
from workflow_lib.factors.targets import cluster_of
from workflow_lib.linkage import background, correlation, gene_expression
from workflow_lib.motifs.matches import presence
from workflow_lib.stats import designs
from workflow_lib.stats.multiple_testing import bh

FEWEST_SAMPLES = 6
FEWEST_PEAKS = 10
"""A cluster in fewer peaks, or with fewer matched peaks without a hit, is not tested."""
LEAST_DF = 2
FEWEST_CURVED = 200
"""Peaks from which on each sample's curves in GC content and mean are taken off."""
COLUMNS = ("cluster", "factor", "n_samples", "n_peaks", "shift", "r_within", "r_all", "pvalue", "padj")


def genes_of_clusters(
    library: pd.DataFrame,
    values: pd.DataFrame,
    samples: pd.DataFrame,
    genes: pd.DataFrame | None = None,
    least: float | None = None,
) -> pd.DataFrame:
    """The factor of each cluster that is expressed most, and its row of expression.

    Parameters
    ----------
    library : DataFrame
        motif_id, cluster, tf_names.
    values, samples, genes, least
        As :func:`workflow_lib.factors.expressed.of_library`.

    Returns
    -------
    DataFrame
        cluster, factor, row (of `values`); no row where no member that is not a dimer is expressed.
    """
    level, least = of_library(library, values, samples, genes, least)
    own = pd.DataFrame({"cluster": cluster_of(library).astype(str), "factor": library["tf_names"]})
    own = own[own["factor"].notna() & ~own["factor"].astype(str).str.contains(";")]
    own = own.assign(level=own["factor"].map(level))
    own = own[own["level"] >= least].sort_values("level", ascending=False, kind="stable")
    own = own.drop_duplicates("cluster")
    names = pd.Series(values.index.astype(str), index=values.index)
    if genes is not None:
        by_id = genes.drop_duplicates("gene_id").set_index("gene_id")["gene_name"]
        names = gene_expression.match(values.index, genes).map(by_id).fillna(names)
    folded = names.astype(str).str.casefold()
    order = values.mean(axis=1).sort_values(ascending=False, kind="stable").index
    row_of = {folded[row]: row for row in reversed(order)}
    look_up = own_genes.finder(row_of)
    rows = []
    for factor in own["factor"]:
        found = look_up(factor)
        best = max(found, key=lambda key: values.loc[row_of[key]].mean()) if found else None
        rows.append(None if best is None else row_of[best])
    kept = own.assign(row=rows).dropna(subset="row")
    return kept[["cluster", "factor", "row"]].sort_index().reset_index(drop=True)


def test(
    counts: pd.DataFrame,
    size_factors: pd.Series,
    matches,
    gc: np.ndarray,
    library: pd.DataFrame,
    values: pd.DataFrame,
    asked: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    *,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Test whether the sites of each cluster follow, or oppose, the expression of its factor.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame
    size_factors : Series by sample
    matches : (n_peaks, n_motifs) sparse matrix
    gc : (n_peaks,) array
    library : DataFrame
        motif_id, cluster; in the order of the columns of `matches`.
    values : (n_genes, n_samples) DataFrame
        Expression, as :func:`workflow_lib.linkage.gene_expression.log_expression` takes it.
    asked : DataFrame
        cluster, factor, row: of :func:`genes_of_clusters`.
    samples : DataFrame indexed by sample
    design : str
    alpha : float

    Returns
    -------
    DataFrame
        A row a cluster of `asked`: cluster, factor, n_samples, n_peaks; shift (mean correlation of its peaks
        with the factor's expression within groups, less that of matched peaks); r_within, r_all (correlation
        of its mean accessibility, less that of matched peaks, with expression; with the design taken out of
        both, and as they are); pvalue, padj; role (activator, repressor, undecided) and why it is undecided.

    Notes
    -----
    Each peak with a hit is compared with peaks without one of its class of mean count and GC content
    (:func:`workflow_lib.linkage.background.classes`); the moments of that null, draws of as many such
    peaks, are computed and not drawn. That is the test of the source, whose unit is the peak. It says
    nothing of chance over samples: peaks of one factor move together, so a factor that varies from sample to
    sample correlates with any gene. So the same is asked of samples: a t-test of `r_within`. The larger p
    counts (both have to reject: Berger 1982), adjusted by BH over clusters.

    Null: within groups the sites' accessibility has nothing to do with the factor's expression. What the
    groups differ in is taken out, since whatever a treatment does moves both without one moving the other:
    undecided, where only the groups differ, and where all samples together say the opposite. Few samples can
    seldom tell: with six in two groups, three degrees of freedom, r has to exceed 0.88.

    References
    ----------
    Berest et al. 2019, Cell Rep 29:3147 (diffTF's classification: correlations of a factor's sites with its
    expression, against those of other peaks). Berger 1982, Technometrics 24:295.
    """
    shared = [name for name in samples.index if name in values.columns and name in counts.columns]
    known = values.loc[values.notna().all(axis=1), shared]
    logged, _ = gene_expression.log_expression(known)
    sheet = samples.loc[shared]
    table = asked[["cluster", "factor"]].assign(n_samples=len(shared)).reset_index(drop=True)
    found: dict[str, list[float]] = {name: [] for name in ("n_peaks", "shift", "r_within", "r_all", "pvalue")}
    basis = correlation.basis_of(designs.matrix(sheet, design).to_numpy(float)) if shared else None
    df = 0 if basis is None else len(shared) - basis.shape[1] - 1
    able = len(shared) >= FEWEST_SAMPLES and df >= LEAST_DF
    if able and basis is not None:
        sites = _Sites(counts[shared], size_factors, matches, gc, library, basis)
        for cluster, row in zip(asked["cluster"], asked["row"], strict=True):
            said = sites.against(
                str(cluster), logged.loc[row].to_numpy(float) if row in logged.index else None
            )
            for name, value in zip(found, (*said, sites.pvalue(said[1:3], df)), strict=True):
                found[name].append(value)
    else:
        found = {name: [np.nan] * len(table) for name in found}
    table = table.assign(**found)
    table["padj"] = bh(table["pvalue"].to_numpy(float))
    called = (table["padj"] < alpha) & (np.sign(table["r_within"]) == np.sign(table["r_all"]))
    role = np.where(table["r_within"] > 0, "activator", "repressor")
    table["role"] = np.where(called, role, "undecided")
    table["why"] = [
        None if one else _why(row, able, alpha) for one, row in zip(called, table.itertuples(), strict=True)
    ]
    return table


test.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's


def _why(row, able: bool, alpha: float) -> str:
    if not able:
        return f"too few samples with expression ({row.n_samples}) for the design"
    if np.isnan(row.pvalue):
        return "too few peaks, or no variation within groups"
    if row.padj < alpha:
        return "groups differ the other way than samples within them"
    return "not significant within groups"


def _straight(values: np.ndarray, gc: np.ndarray) -> np.ndarray:
    """Accessibility without each sample's curves in GC content and mean, cubic over all peaks.

    Libraries differ in these curves, and so may expression with them (degraded samples): within a class of
    peaks a motif of GC-rich sites would follow any such gene.
    """
    if len(values) < FEWEST_CURVED:
        return values
    columns, known = [np.ones(len(values))], np.isfinite(gc)
    usual = gc[known].mean() if known.any() else 0.0
    for covariate in (np.where(known, gc, usual), values.mean(axis=1)):
        spread = covariate.std()
        if spread > 0:
            scaled = (covariate - covariate.mean()) / spread
            columns += [scaled, scaled**2, scaled**3]
    x, _ = np.linalg.qr(np.stack(columns, axis=1))
    change = values - values.mean(axis=1, keepdims=True)
    return values - x @ (x.T @ change)


class _Sites:
    """Accessibility of clusters' sites beside that of matched peaks."""

    def __init__(self, counts, size_factors, matches, gc, library, basis):
        self.values, _ = accessibility(counts, size_factors.loc[list(counts.columns)].to_numpy(float))
        self.values = _straight(self.values, np.asarray(gc, dtype=float))
        self.basis = basis
        self.rows, self.varies = correlation.unit_rows(self.values, basis)
        mean = np.where(self.varies, np.log2(counts.to_numpy(float).mean(axis=1) + 1), np.nan)
        self.kind = background.classes(mean, np.asarray(gc, dtype=float))
        keys = cluster_of(library).astype(str)
        number, names = pd.factorize(keys)
        own = sparse.coo_array((np.ones(len(keys)), (np.arange(len(keys)), number)))
        self.carried = sparse.csc_array(presence(sparse.csr_array(matches) @ own.tocsr()))
        self.column = {name: i for i, name in enumerate(names)}

    def against(self, cluster: str, expressed: np.ndarray | None) -> tuple[float, float, float, float]:
        """Peaks, shift with its z kept for :meth:`pvalue`, and both correlations."""
        column = self.column[cluster]
        inside = np.zeros(len(self.values), dtype=bool)
        inside[self.carried.indices[self.carried.indptr[column] : self.carried.indptr[column + 1]]] = True
        n_all, outside = float(inside.sum()), ~inside & (self.kind >= 0)
        hit = inside & (self.kind >= 0)
        n_classes = int(self.kind.max(initial=-1)) + 1
        n = np.bincount(self.kind[hit], minlength=n_classes)
        m = np.bincount(self.kind[outside], minlength=n_classes)
        n = np.where(m >= 2, n, 0)  # peaks without like ones have nothing to be compared with
        if len(n):
            hit &= n[np.maximum(self.kind, 0)] > 0
        if expressed is None or n.sum() < FEWEST_PEAKS or m[n > 0].sum() < FEWEST_PEAKS:
            return n_all, np.nan, np.nan, np.nan
        unit, varies = correlation.unit_rows(expressed[None, :], self.basis)
        if not varies[0]:
            return n_all, np.nan, np.nan, np.nan
        weight = np.zeros(len(self.values))
        weight[hit] = 1 / n.sum()
        weight[outside] = -(n / np.maximum(m, 1))[self.kind[outside]] / n.sum()
        r = self.rows @ unit[0]
        shift = float(weight @ r)
        self.z = shift / np.sqrt(self._variance(r, outside, n, m))
        activity = weight @ self.values
        within = correlation.unit_rows(activity[None, :], self.basis)[0][0] @ unit[0]
        return n_all, shift, float(within), float(np.corrcoef(activity, expressed)[0, 1])

    def _variance(self, r: np.ndarray, outside: np.ndarray, n: np.ndarray, m: np.ndarray) -> float:
        """Variance of the shift where the cluster's peaks are draws of like ones."""
        sums = np.bincount(self.kind[outside], r[outside], len(n))
        squares = np.bincount(self.kind[outside], r[outside] ** 2, len(n))
        some = n > 0
        own = (squares[some] - sums[some] ** 2 / m[some]) / (m[some] - 1)
        return float(np.maximum((own * (n[some] + n[some] ** 2 / m[some])).sum(), 1e-300) / n.sum() ** 2)

    def pvalue(self, said: tuple[float, float], df: int) -> float:
        """The larger of the two-sided p over peaks and over samples; 1 where they point to two sides."""
        shift, within = said
        if np.isnan(shift):
            return np.nan
        if np.sign(shift) != np.sign(within):
            return 1.0
        over_samples = float(correlation.plain_pvalues(np.array([within]), df)[0])
        return max(float(2 * ndtr(-abs(self.z))), over_samples)
