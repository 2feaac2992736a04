"""The strongest links, and both sides of each sample by sample as their correlation has them."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from workflow_lib import beside
from workflow_lib.linkage import correlation, gene_expression
from workflow_lib.stats import ordination

N_LINKS = 6
COLUMNS = [
    *("gene_id", "gene_name", "peak", "distance", "pearson", "pvalue", "padj"),
    *("sample", "accessibility", "expression", "scale"),
]


def strongest(links: pd.DataFrame, n: int = N_LINKS) -> pd.DataFrame:
    """The n links with the smallest p-values; of equal ones the larger |z|, then table order."""
    frame = pd.DataFrame(
        {"p": links["pvalue"], "z": -links["zscore"].abs(), "row": np.arange(len(links))}
    ).dropna()
    return links.iloc[frame.sort_values(["p", "z", "row"])["row"].to_numpy()[:n]]


def by_sample(
    links: pd.DataFrame,
    counts: pd.DataFrame,
    size_factors: pd.Series,
    expression: pd.DataFrame,
    genes: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    tested: Collection[str],
    adjust: str,
) -> pd.DataFrame:
    """Accessibility and expression of the strongest links in each sample.

    Parameters
    ----------
    links : DataFrame
        Of :attr:`workflow_lib.linkage.Linkage.links`.
    counts, size_factors, expression, samples, design, tested, adjust
        As :func:`workflow_lib.linkage.link` takes them.
    genes : DataFrame
        gene_id, gene_name; see :class:`workflow_lib.genome.genes.GeneModels`.

    Returns
    -------
    DataFrame
        `COLUMNS`: a row for each link, strongest first, and sample that has both sides. Sides are log2(x + 1)
        of normalised values without what the correlation takes out, each row keeping its mean; `scale` is
        that of the expression, `counts` or `normalised`.
    """
    top = strongest(links)
    if top.empty:
        return pd.DataFrame(columns=COLUMNS)
    known = expression[[name for name in counts.columns if name in expression.columns]].dropna()
    known = known.set_axis(pd.Index(gene_expression.match(known.index, genes)))
    active, scale = gene_expression.log_expression(known)
    chosen = beside.rows(counts, top["peak"].unique(), "counts")[active.columns]
    taken_out = (samples, design, tested, adjust)
    opened = correlation.adjusted(ordination.log_counts(chosen, size_factors), *taken_out)
    expressed = correlation.adjusted(active.loc[top["gene_id"].unique()], *taken_out)
    tables = [
        pd.DataFrame(
            {
                **{name: getattr(link, name) for name in COLUMNS[:7]},
                "sample": list(active.columns),
                "accessibility": opened.loc[link.peak].to_numpy(),
                "expression": expressed.loc[link.gene_id].to_numpy(),
                "scale": scale,
            }
        )
        for link in top.itertuples(index=False)
    ]
    return pd.concat(tables, ignore_index=True)
