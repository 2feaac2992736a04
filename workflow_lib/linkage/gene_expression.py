"""Expression of genes: one log scale, and which gene of the annotation each row is."""

import numpy as np
import pandas as pd

from workflow_lib.differential import size_factors
from workflow_lib.errors import InputError

VERSION = r"\.\d+$"
MILLION = 1e6


def log_expression(values: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Expression on a log2 scale on which samples compare.

    Whole numbers are taken for counts: they are divided by size factors (median of ratios over genes) and
    log2(x + 1) is taken. Anything else is taken as normalised (TPM, FPKM, CPM): all samples are multiplied by
    one number that makes the median sample add up to a million, then log2(x + 1) is taken, so that the unit
    does not decide how much the 1 weighs.

    Parameters
    ----------
    values : (n_genes, n_samples) DataFrame of numbers of 0 or more; none missing

    Returns
    -------
    log2 : DataFrame of the shape of `values`
    scale : str
        `counts` or `normalised`.
    """
    numbers = values.to_numpy(float)
    if not numbers.size:
        return values.astype(float), "counts"
    if (numbers == np.rint(numbers)).all():
        return np.log2(values / size_factors.ratio(values) + 1), "counts"
    return np.log2(values * (MILLION / np.median(numbers.sum(axis=0))) + 1), "normalised"


def match(names: pd.Index, genes: pd.DataFrame) -> pd.Series:
    """The gene of the annotation that each row of a matrix of expression is of.

    A row is named by gene_id, else by gene_name, else by a gene_id of another version (ENSG00000141510.18 for
    ENSG00000141510). A name that several gene_ids share is not resolved.

    Parameters
    ----------
    names : (n,) Index of str
    genes : DataFrame
        gene_id, gene_name; see :class:`workflow_lib.genome.genes.GeneModels`.

    Returns
    -------
    (n,) Series of gene_id indexed by `names`
        None where the annotation has no such gene, or more than one.

    Raises
    ------
    InputError
        If two rows are of one gene; both are named.
    """
    ids = genes["gene_id"].astype(str)
    asked = pd.Series(names.astype(str), index=names)
    bare = asked.str.replace(VERSION, "", regex=True)
    gene_ids = pd.Series(np.nan, index=names, dtype=object)
    for keys, wanted in (
        (ids, asked),
        (genes["gene_name"].astype(str), asked),
        (ids.str.replace(VERSION, "", regex=True), bare),
    ):
        known = pd.DataFrame({"key": keys, "gene_id": ids}).drop_duplicates()
        known = known[~known["key"].duplicated(keep=False)].set_index("key")["gene_id"]
        gene_ids = gene_ids.where(gene_ids.notna(), wanted.map(known))
    gene_ids = gene_ids.where(gene_ids.notna(), None)
    twice = gene_ids.notna() & gene_ids.duplicated(keep=False)
    if twice.any():
        gene = gene_ids[twice].iloc[0]
        rows = ", ".join(map(str, gene_ids.index[(gene_ids == gene).to_numpy()]))
        raise InputError(f"expression: rows {rows} are all of gene {gene}: give each gene one row")
    return gene_ids
