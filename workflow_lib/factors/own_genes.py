"""What a factor's own gene did: accessibility of its promoter, and expression."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from workflow_lib.io import factor_names
from workflow_lib.linkage import gene_expression
from workflow_lib.stats import forms, moderated
from workflow_lib.stats.combination import SMALLEST, cauchy
from workflow_lib.stats.multiple_testing import bh

GENE_COLUMNS = ("gene", "log2FC", "padj", "genes")


def promoter_peaks(differential: pd.DataFrame) -> pd.DataFrame | None:
    """Changes of the peaks in promoters, by gene: gene_name, log2FC, pvalue, padj; None without genes."""
    if "feature" not in differential or differential["gene_name"].isna().all():
        return None
    chosen = differential[(differential["feature"] == "promoter") & differential["gene_name"].notna()]
    return chosen.rename(columns={"log2FoldChange": "log2FC"})[["gene_name", "log2FC", "pvalue", "padj"]]


def expression_change(
    values: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    genes: pd.DataFrame | None = None,
    *,
    block: str | None = None,
) -> pd.DataFrame | None:
    """Change of expression between the groups of a contrast, by gene.

    Parameters
    ----------
    values : (n_genes, n_samples) DataFrame
        Counts or normalised expression, as :func:`workflow_lib.linkage.gene_expression.log_expression` takes
        them.
    samples : DataFrame indexed by sample
        Those that `values` lacks are left out.
    design, contrast, block
        As :func:`workflow_lib.stats.moderated.test`, which tests log2 expression.
    genes : DataFrame, optional
        gene_id, gene_name, to name rows that are ids.

    Returns
    -------
    DataFrame or None
        gene_name, log2FC, pvalue, padj; None if a group of the contrast has no sample with expression.
    """
    shared = [name for name in samples.index if name in values.columns]
    sheet = samples.loc[shared]
    if not all(members.any() for members in forms.parse(contrast).cells(sheet).values()):
        return None
    known = values.loc[values.notna().all(axis=1) & (values > 0).any(axis=1), shared]
    logged, _ = gene_expression.log_expression(known)
    tested = moderated.test(logged, sheet, design, contrast, block=block)
    names = pd.Series(tested.index.astype(str), index=tested.index)
    if genes is not None:
        by_id = genes.drop_duplicates("gene_id").set_index("gene_id")["gene_name"]
        names = gene_expression.match(tested.index, genes).map(by_id).fillna(names)
    columns = {"coef": "log2FC"}
    result = tested.rename(columns=columns)[["log2FC", "pvalue", "padj"]].reset_index(drop=True)
    result.insert(0, "gene_name", names.to_numpy())
    return result


def add(table: pd.DataFrame, prefix: str, genes: pd.DataFrame | None) -> None:
    """Add what the genes of each cluster's factors did: the strongest, an adjusted p, and all in words.

    Parameters
    ----------
    table : DataFrame
        With tf_names (split by `;`), which match gene names in any case; changed in place by the columns
        {prefix}_gene, {prefix}_log2FC, {prefix}_padj and {prefix}_genes.
    prefix : str
    genes : DataFrame or None
        gene_name, log2FC, pvalue, padj; a gene may have several rows, as it may have several promoter peaks.

    Notes
    -----
    {prefix}_padj belongs to all rows of the cluster's genes together: Cauchy combination of their p-values,
    BH over clusters. So it does not matter that the strongest gene is the one shown.
    """
    for column in GENE_COLUMNS:
        table[f"{prefix}_{column}"] = None if column.startswith("gene") else np.nan
    if genes is None or genes.empty or table.empty:
        return
    factors = table["tf_names"].str.split(";").explode().dropna()
    known = genes.assign(key=genes["gene_name"].astype(str).str.casefold())
    look_up = finder(known["key"])
    found = {factor: look_up(factor) for factor in factors.unique()}
    asked = pd.DataFrame({"row": factors.index, "key": factors.map(found).to_numpy()}).explode("key")
    asked = asked.dropna().drop_duplicates()
    both = asked.merge(known, on="key").sort_values(["row", "pvalue"], kind="stable", na_position="last")
    log10p = np.full(len(table), np.nan)
    for row, rows in both.groupby("row"):
        with np.errstate(invalid="ignore"):
            log10p[row] = cauchy(np.log10(np.maximum(rows["pvalue"].to_numpy(float), SMALLEST)))
        each = rows.drop_duplicates("key")
        table.loc[row, f"{prefix}_gene"] = each["gene_name"].iloc[0]
        table.loc[row, f"{prefix}_log2FC"] = each["log2FC"].iloc[0]
        table.loc[row, f"{prefix}_genes"] = ", ".join(
            f"{gene.gene_name} {gene.log2FC:+.2f}{'' if pd.isna(gene.padj) else f' ({gene.padj:.2g})'}"
            for gene in each.itertuples()
        )
    table[f"{prefix}_padj"] = np.maximum(10.0 ** bh(log10p, log10=True), SMALLEST)


def finder(known: Iterable[str]) -> Callable[[str], list[str]]:
    """Folded names of a factor's gene, of those known: its own, else an older or another one."""
    own = set(known)
    look_up = factor_names.finder(sorted(own))
    return lambda factor: [factor.casefold()] if factor.casefold() in own else look_up(factor)
