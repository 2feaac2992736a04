"""Which members of a cluster of motifs are expressed: only those are likely to be what changed."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from workflow_lib.differential import size_factors
from workflow_lib.factors import own_genes
from workflow_lib.factors.clusters import padded
from workflow_lib.linkage import gene_expression

LEAST = {"counts": 10.0, "normalised": 1.0}
"""Level from which on a gene counts as expressed, where none is given: counts over size factors, or TPM."""
COLUMNS = ("likely_members", "not_expressed", "expression_levels")


def levels(
    values: pd.DataFrame, samples: pd.DataFrame, genes: pd.DataFrame | None = None
) -> tuple[pd.Series, str]:
    """Level of each gene: its mean over the samples of a group, in the group where that is highest.

    Parameters
    ----------
    values : (n_genes, n_samples) DataFrame
        Whole numbers are taken for counts and divided by size factors (median of ratios over genes); all else
        stays in its own unit.
    samples : DataFrame indexed by sample
        With `group`.
    genes : DataFrame, optional
        gene_id, gene_name, to name rows that are ids.

    Returns
    -------
    Series indexed by gene name
        Of several genes of one name the highest.
    scale : str
        `counts` or `normalised`.
    """
    shared = [name for name in samples.index if name in values.columns]
    known = values.loc[values.notna().all(axis=1), shared]
    numbers = known.to_numpy(float)
    scale = "counts" if (numbers == np.rint(numbers)).all() else "normalised"
    if scale == "counts" and (numbers > 0).any():
        known = known / size_factors.ratio(known)
    highest = known.T.groupby(samples.loc[shared, "group"]).mean().max()
    names = pd.Series(highest.index.astype(str), index=highest.index)
    if genes is not None:
        by_id = genes.drop_duplicates("gene_id").set_index("gene_id")["gene_name"]
        names = gene_expression.match(highest.index, genes).map(by_id).fillna(names)
    return highest.groupby(names.to_numpy()).max(), scale


def of_factors(factors: Collection[str], known: pd.Series) -> pd.Series:
    """Level of each factor, NaN where no gene is called so; names match in any case, and by aliases."""
    folded = known.groupby(known.index.astype(str).str.casefold()).max()
    look_up = own_genes.finder(folded.index)
    found = {}
    for factor in dict.fromkeys(factors):
        keys = look_up(factor)
        found[factor] = max((float(folded[key]) for key in keys), default=np.nan)
    return pd.Series(found, dtype=float)


def of_library(
    library: pd.DataFrame,
    values: pd.DataFrame,
    samples: pd.DataFrame,
    genes: pd.DataFrame | None = None,
    least: float | None = None,
) -> tuple[pd.Series, float]:
    """Level of every factor of a library, and from which on a factor counts as expressed."""
    found, scale = levels(values, samples, genes)
    factors = library["tf_names"].dropna().astype(str).str.split(";").explode()
    return of_factors(list(factors[factors != ""]), found), LEAST[scale] if least is None else least


def of_motifs(tf_names: pd.Series, of_factor: pd.Series, least: float) -> np.ndarray:
    """Level of each motif: of a dimer that of its scarcer half; NaN where that is not known.

    Parameters
    ----------
    tf_names : (n_motifs,) Series
        Factors split by `;`.
    of_factor : Series by factor
    least : float
        A dimer with a half below is not expressed, whatever the other half.
    """
    result = []
    for text in tf_names.fillna("").astype(str):
        own = np.array([of_factor.get(name, np.nan) for name in text.split(";") if name])
        known = own[~np.isnan(own)]
        enough = len(known) and (len(known) == len(own) or known.min() < least)
        result.append(known.min() if enough else np.nan)
    return np.array(result, dtype=float)


def preferred(log10p: np.ndarray, grouping: np.ndarray, level: np.ndarray, least: float) -> np.ndarray:
    """p-values of the members of each cluster, NaN for all but those of the factor that is expressed most.

    Clusters without an expressed member that was tested keep all.
    """
    own = padded(level, grouping)
    good = (own >= least) & ~np.isnan(log10p)
    best = np.where(good, own, -np.inf).max(axis=0, initial=-np.inf)
    return np.where(good.any(axis=0) & ~(good & (own == best)), np.nan, log10p)


def tell(
    table: pd.DataFrame, library: pd.DataFrame, level: np.ndarray, of_factor: pd.Series, least: float
) -> pd.DataFrame:
    """Add which members of each cluster are likely, which are not expressed, and the levels.

    Parameters
    ----------
    table : DataFrame
        cluster, tf_names; a row a cluster.
    library : DataFrame
        motif_id, name, cluster.
    level : (n_motifs,) array
        Of :func:`of_motifs`.
    of_factor : Series by factor
    least : float

    Returns
    -------
    DataFrame
        With likely_members (names, the most expressed first, then those without a row in the matrix, marked
        by `?`), not_expressed (names) and expression_levels (`SPI1 11.2, SPIB 0`, in the matrix' unit).
    """
    keys = library["cluster"].fillna(library["motif_id"]) if "cluster" in library else library["motif_id"]
    own = pd.DataFrame({"key": keys.astype(str), "name": library["name"].astype(str), "level": level})
    own = own.sort_values("level", ascending=False, kind="stable", na_position="last")
    said: dict[str, list[str | None]] = {name: [] for name in COLUMNS}
    by_key = dict(list(own.groupby("key")))
    for row in table.itertuples():
        members = by_key[str(row.cluster)]
        low = members["level"] < least
        likely = members["name"].where(members["level"].notna(), members["name"] + "?")[~low]
        said["likely_members"].append(", ".join(dict.fromkeys(likely)) or None)
        silent = [name for name in dict.fromkeys(members["name"][low]) if name not in set(likely)]
        said["not_expressed"].append(", ".join(silent) or None)
        factors = row.tf_names.split(";") if isinstance(row.tf_names, str) else []
        known = of_factor.reindex(factors).dropna().sort_values(ascending=False, kind="stable")
        words = ", ".join(f"{factor} {_number(value)}" for factor, value in known.items())
        said["expression_levels"].append(words or None)
    return table.assign(**{name: pd.Series(words, dtype=object) for name, words in said.items()})


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
