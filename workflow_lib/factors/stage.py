"""From counts and sequences to the table of factors, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib import chromvar, differential
from workflow_lib.differential import size_factors as factors_of_size
from workflow_lib.errors import InputError
from workflow_lib.factors import activity, changes, evidence, expressed, leading, own_genes, roles
from workflow_lib.io import expression as tables_of_expression
from workflow_lib.motifs import matching
from workflow_lib.motifs.library import MotifLibrary
from workflow_lib.motifs.scan import scan
from workflow_lib.stats import forms

LEAST_COUNT = 10
"""Peaks with fewer counts in all samples are not tested, as the workflow's default has it."""


@dataclass(frozen=True)
class FactorEvidence:
    """What :func:`from_counts` finds.

    Attributes
    ----------
    table : DataFrame
        Of :func:`workflow_lib.factors.evidence.rank`: a row a cluster of motifs.
    differential : DataFrame
        Of :func:`workflow_lib.differential.test`: a row a peak.
    enrichment : mapping of "up" and "down" to DataFrame
        Of :func:`workflow_lib.motifs.matched.test`: a row a motif. Where any difference counts, up is
        changed, and down is empty.
    chromvar : DataFrame
        Of :func:`workflow_lib.chromvar.compare_groups`: a row a motif.
    activity : DataFrame
        Of :func:`test`: a row a motif.
    """

    table: pd.DataFrame
    differential: pd.DataFrame
    enrichment: Mapping[str, pd.DataFrame]
    chromvar: pd.DataFrame
    activity: pd.DataFrame


def from_counts(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping,
    *,
    sequences: Mapping[str, str],
    library: MotifLibrary,
    width=501,
    matches=None,
    size_factors=None,
    expression: pd.DataFrame | None = None,
    genes: pd.DataFrame | None = None,
    min_expression: float | None = None,
    block: str | None = None,
    alpha: float = 0.05,
    seed: int = 42,
) -> FactorEvidence:
    """Which factors changed, from counts and a sequence for each peak.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers, indexed by peak
    samples : DataFrame indexed by sample
    design : str
    contrast : mapping
        As :func:`workflow_lib.differential.test`.
    sequences : mapping of peak to the sequence around its summit
        Of all peaks; looked up by name.
    library : MotifLibrary
        With thresholds and, for a row a cluster, clusters.
    width : int or (n_peaks,) array
        Of the peaks in bp.
    matches : (n_peaks, n_motifs) sparse matrix, optional
        Number of hits; sequences are scanned if not given.
    size_factors : optional
        As :func:`workflow_lib.differential.test`.
    expression : (n_genes, n_samples) DataFrame of numbers of 0 or more, indexed by gene, optional
        Counts or normalised; samples that it lacks are left out. The table then has the columns that the
        workflow adds with `linkage.expression`: likely_members, not_expressed, expression_levels, role, and
        the change of the factors' own genes.
    genes : DataFrame, optional
        gene_id, gene_name, where rows of `expression` are ids.
    min_expression : float, optional
        Level from which on a gene counts as expressed: 10 for counts, 1 for others, if not given.
    block : str, optional
        Column of subjects of several samples: tests of motifs and factors take these as correlated, as with
        `block` in the config. Tests of peaks do not.
    alpha : float
    seed : int
        Kept for what may draw at random; nothing does now.

    Returns
    -------
    FactorEvidence

    Raises
    ------
    InputError
        As :func:`workflow_lib.differential.test`; or as
        :func:`workflow_lib.io.expression.of_samples`; or if `expression` has no sample of the sheet.
    ValueError
        If a peak has no sequence, or `matches` has other peaks or motifs.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib import factors
    >>> from workflow_lib.io.motifs import Motif
    >>> from workflow_lib.motifs import clusters
    >>> from workflow_lib.motifs.library import MotifLibrary
    >>> rng = np.random.default_rng(1)
    >>> samples = pd.DataFrame({"group": ["control"] * 4 + ["treated"] * 4}, index=list("abcdefgh"))
    >>> words = rng.permuted(np.tile(np.arange(4), (6, 2)), axis=1)  # six motifs of eight bases
    >>> motifs = [Motif(f"M{i}", f"TF{i}", 97.0 * np.eye(4)[w].T + 1) for i, w in enumerate(words)]
    >>> library = clusters.assign(MotifLibrary(tuple(motifs))).calibrated(1e-4, [0.25] * 4)
    >>> bases = rng.integers(0, 4, (1000, 200))
    >>> has = np.arange(1000) % 6  # a site of one motif in each peak
    >>> bases[:, 96:104] = words[has]
    >>> means = np.outer(rng.uniform(20, 200, 1000), np.ones(8))
    >>> means[np.ix_(has == 2, range(4, 8))] *= 3  # peaks of TF2 open
    >>> noise = rng.gamma(50, 1 / 50, means.shape)
    >>> peaks = [f"p{i}" for i in range(1000)]
    >>> counts = pd.DataFrame(rng.poisson(means * noise), index=peaks, columns=samples.index)
    >>> sequences = {p: "".join("ACGT"[b] for b in row) for p, row in zip(peaks, bases, strict=True)}
    >>> contrast = {"variable": "group", "experiment": "treated", "control": "control"}
    >>> found = factors.from_counts(
    ...     counts, samples, "~ group", contrast, sequences=sequences, library=library
    ... )
    >>> found.table.iloc[0][["tf_names", "direction"]].tolist()
    ['TF2', 'up']
    """
    if expression is not None:
        expression = tables_of_expression.of_samples(expression, list(samples.index), "expression")
        if expression.empty:
            raise InputError("expression: no column is a sample of the sheet: name columns by samples")
    missing = [peak for peak in counts.index if peak not in sequences]
    if missing:
        raise ValueError(f"{len(missing)} peaks have no sequence, such as {missing[0]!r}")
    ordered = {str(peak): sequences[peak] for peak in counts.index}
    matches = sparse.csr_array(_scanned(ordered, library) if matches is None else matches)
    if matches.shape != (len(counts), len(library)):
        raise ValueError(
            f"matches are {matches.shape[0]} x {matches.shape[1]}, "
            f"but there are {len(counts)} peaks and {len(library)} motifs"
        )
    of_peaks = differential.test(
        counts,
        samples,
        design,
        contrast,
        size_factors=size_factors,
        alpha=alpha,
        min_count=LEAST_COUNT,
        shrink=False,
    )
    motifs = library.table()
    widths = np.broadcast_to(width, len(counts)).tolist()
    covariates = matching.covariates(list(ordered.values()), widths, of_peaks["baseMean"])
    any_difference = forms.parse(contrast).any
    change = changes.of(of_peaks, any_difference)
    enriched = changes.enrichment(matches, change.direction, covariates, motifs)
    counts = counts[list(samples.index)]
    sizes = _sizes(counts, size_factors)
    tested = test(
        counts,
        matches,
        covariates,
        samples,
        design,
        contrast,
        sizes,
        motifs,
        of_peaks,
        enriched,
        alpha=alpha,
        block=block,
    )
    scores = chromvar.moments(counts, matches, chromvar.gc_content(ordered.values()))
    deviations = pd.DataFrame(scores.deviations, index=motifs["motif_id"], columns=counts.columns)
    moved = chromvar.compare_groups(deviations, scores.background, samples, design, contrast, alpha, block)
    moved = moved.rename_axis("motif_id").reset_index()
    known: dict = {}
    if expression is not None:
        known["levels"], known["least"] = expressed.of_library(
            motifs, expression, samples, genes, min_expression
        )
        known["expressed"] = own_genes.expression_change(
            expression, samples, design, contrast, genes, block=block
        )
    table = evidence.rank(
        motifs,
        enriched["up"],
        enriched["down"],
        moved,
        activity=tested,
        alpha=alpha,
        any_difference=any_difference,
        **known,
    )
    if expression is not None:
        of_clusters = roles.genes_of_clusters(motifs, expression, samples, genes, min_expression)
        by_sample = pd.Series(sizes, index=counts.columns)
        gc = chromvar.gc_content(ordered.values())
        role = roles.test(
            counts, by_sample, matches, gc, motifs, expression, of_clusters, samples, design, alpha=alpha
        )
        table["role"] = table["cluster"].map(role.set_index("cluster")["role"]).fillna("undecided")
    return FactorEvidence(table, of_peaks, enriched, moved, tested)


def test(
    counts: pd.DataFrame,
    matches,
    covariates: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping,
    size_factors,
    motifs: pd.DataFrame,
    differential: pd.DataFrame,
    enriched: Mapping[str, pd.DataFrame],
    *,
    alpha: float = 0.05,
    block: str | None = None,
) -> pd.DataFrame:
    """Activity of every motif by sample, along the peaks' statistic, and given the motifs that lead.

    Parameters
    ----------
    counts, matches, covariates, samples, design, contrast, size_factors
        As :func:`workflow_lib.factors.activity.test`.
    motifs : DataFrame
        The library's table.
    differential : DataFrame
        stat, pvalue, padj and direction of each peak, in order.
    enriched : mapping of "up" and "down" to DataFrame
        As :func:`workflow_lib.factors.changes.enrichment` has it. Where any difference counts it is not
        looked at: changed peaks are tested here.
    alpha : float
    block : str, optional
        Column of subjects of several samples.

    Returns
    -------
    DataFrame
        A row a motif: motif_id, name; slope, slope_z (:func:`workflow_lib.factors.activity.along`);
        wide_up_log2, wide_up_log10p, and the same for down (enrichment in the wide set of peaks, see
        :mod:`workflow_lib.factors.changes`); n_peaks, activity, activity_pvalue, focused_pvalue, df_residual,
        rise_log10p, fall_log10p, own_rise_log10p, own_fall_log10p
        (:func:`workflow_lib.factors.activity.test`); given_pvalue, explained_by
        (:func:`workflow_lib.factors.leading.explain`). Where any difference counts, up is changed.
    """
    change = changes.of(differential, forms.parse(contrast).any)
    if change.any:
        enriched = changes.enrichment(matches, change.direction, covariates, motifs)
    wide = changes.enrichment(matches, change.wide, covariates, motifs)
    asked = (samples, design, contrast, size_factors)
    by_sample = activity.test(counts, matches, covariates, *asked, block=block)
    along = activity.along(change.statistic, matches, covariates)
    peaks = leading.Peaks(sparse.csr_array(matches), covariates, change)
    given = leading.explain(motifs, enriched, wide, along, peaks, alpha)
    named = motifs[["motif_id", "name"]].reset_index(drop=True)
    for way, table in wide.items():
        along[f"wide_{way}_log2"] = table["log2_enrichment"].to_numpy(float)
        along[f"wide_{way}_log10p"] = table["log10_pvalue"].to_numpy(float)
    return pd.concat([named, along, by_sample, given], axis=1)


test.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's


def _scanned(sequences: Mapping[str, str], library: MotifLibrary) -> sparse.csr_array:
    """Number of hits of each motif in each sequence."""
    known = library.calibration
    hits = scan(sequences, library, known.pvalue, known.background)
    shape = (len(sequences), len(library))
    row = pd.Index(list(sequences)).get_indexer(hits["name"].astype(str))
    column = pd.Index(library.ids).get_indexer(hits["motif_id"].astype(str))
    return sparse.csr_array(
        sparse.coo_array((np.ones(len(hits), dtype=np.int64), (row, column)), shape=shape)
    )


def _sizes(counts: pd.DataFrame, given) -> np.ndarray:
    """Size factors in the order of the samples: those given, or medians of ratios."""
    if given is None:
        return factors_of_size.ratio(counts).to_numpy(float)
    if isinstance(given, (Mapping, pd.Series)):
        return pd.Series(given).loc[list(counts.columns)].to_numpy(float)
    return np.asarray(given, dtype=float)
