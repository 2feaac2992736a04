"""Sets of genes and of regions as sets of peaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib.genome import reference
from workflow_lib.io.gene_sets import GeneSet

VERSION = r"\.\d+$"


@dataclass(frozen=True)
class Matched:
    """Gene sets whose genes were looked for in an annotation.

    Attributes
    ----------
    sets : DataFrame
        name, description, source, n_genes (given), n_found (of these in the annotation); a row a set.
    genes : (n_annotation_genes, n_sets) csc_array of 0 and 1
    n_names, n_found : int
        Different names in all sets, and how many of them the annotation has.
    unknown : tuple of str
        The first few that it lacks.
    """

    sets: pd.DataFrame
    genes: sparse.csc_array
    n_names: int
    n_found: int
    unknown: tuple[str, ...]


def match(gene_sets: Sequence[GeneSet], genes: pd.DataFrame) -> Matched:
    """Find the genes of sets in an annotation: by gene_id with or without version, name, or Entrez id.

    Parameters
    ----------
    gene_sets : sequence of GeneSet
    genes : DataFrame
        gene_id, gene_name and, where the annotation has it, entrez_id; see
        :class:`workflow_lib.genome.genes.GeneModels`.

    Notes
    -----
    Names count without regard to case: sets of human symbols reach mouse genes of the same symbol. A name
    that several genes of the annotation have stands for all of them.
    """
    names = list(dict.fromkeys(gene for one in gene_sets for gene in one.genes))
    rows = _rows_by_name(genes)
    ids = pd.Series(names, dtype=object).astype(str).str.casefold()
    bare = ids.str.replace(VERSION, "", regex=True)
    found = [rows.get(name) or rows.get(other, []) for name, other in zip(ids, bare, strict=True)]
    of_name = dict(zip(names, found, strict=True))
    entries = [(row, i) for i, one in enumerate(gene_sets) for gene in one.genes for row in of_name[gene]]
    pairs = np.unique(np.array(entries, dtype=np.int64).reshape(-1, 2), axis=0)
    matrix = sparse.csc_array(
        (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(genes), len(gene_sets))
    )
    table = pd.DataFrame(
        {
            "set": [one.name for one in gene_sets],
            "description": [one.description for one in gene_sets],
            "source": [one.source for one in gene_sets],
            "n_genes": [len(one.genes) for one in gene_sets],
            "n_found": [sum(bool(of_name[gene]) for gene in one.genes) for one in gene_sets],
        }
    )
    unknown = [name for name in names if not of_name[name]]
    return Matched(table, matrix, len(names), len(names) - len(unknown), tuple(unknown[:5]))


def overlaps(peaks: pd.DataFrame, regions: Mapping[str, pd.DataFrame]) -> sparse.csc_array:
    """Which peaks share a base with any region of each set: (n_peaks, n_sets) of 0 and 1.

    Parameters
    ----------
    peaks : DataFrame
        chrom, start, end.
    regions : mapping of name to DataFrame
        chrom, start, end of each set.

    Examples
    --------
    >>> import pandas as pd
    >>> from workflow_lib.regions import sets
    >>> peaks = pd.DataFrame({"chrom": ["chr1", "chr1"], "start": [100, 900], "end": [200, 1000]})
    >>> enhancers = pd.DataFrame({"chrom": ["chr1"], "start": [150], "end": [160]})
    >>> sets.overlaps(peaks, {"enhancers": enhancers}).toarray().ravel().tolist()
    [1.0, 0.0]
    """
    columns = [reference.count_overlaps(peaks, table) > 0 for table in regions.values()]
    dense = np.column_stack(columns) if columns else np.empty((len(peaks), 0), bool)
    return sparse.csc_array(dense.astype(float))


def _rows_by_name(genes: pd.DataFrame) -> dict[str, list[int]]:
    """Rows of an annotation by what a set may call them; ids go before names."""
    ids = genes["gene_id"].astype(str).str.casefold()
    rows: dict[str, list[int]] = {}
    entrez = genes["entrez_id"] if "entrez_id" in genes else pd.Series(None, genes.index, dtype=object)
    for keys in (
        ids,
        ids.str.replace(VERSION, "", regex=True),
        genes["gene_name"].astype(str).str.casefold(),
        entrez.astype(object).where(entrez.notna(), None),
    ):
        here: dict[str, list[int]] = {}
        for row, key in enumerate(keys):
            if key is not None:
                here.setdefault(key, []).append(row)
        rows = here | rows
    return rows
