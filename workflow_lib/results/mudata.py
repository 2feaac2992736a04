"""The whole experiment as one MuData file (.h5mu), for scanpy, muon and the like."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import anndata
import mudata
import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib import beside
from workflow_lib.errors import InputError
from workflow_lib.io import arrays, hits
from workflow_lib.io.atomic import replacing
from workflow_lib.results.run import Run

REPEATED = ("gene_name", "feature", "tss_distance", "name")
"""Columns that tables of tests repeat for readers' sake."""


def modalities(run: Run) -> tuple[anndata.AnnData, anndata.AnnData | None]:
    """Read the results that there are and make both modalities of them.

    Parameters
    ----------
    run : Run

    Returns
    -------
    peaks : AnnData
    motifs : AnnData, or None in a run without motifs
    """

    def table(key: str, index: str) -> pd.DataFrame | None:
        rows = run.find(key)
        return None if rows is None else rows.set_index(index)

    def tests(key: str, index: str, **names: str) -> dict[str, pd.DataFrame]:
        if not run.has(key):
            return {}
        return {name: run.table(key, name, **names).set_index(index) for name in run.contrasts}

    library = table("library", "motif_id")
    quality = libraries = table("quality", "sample")
    if quality is not None and not run.samples.index.isin(quality.index).all():
        quality = table("units", "sample")  # several libraries make one sample here
    peaks = peaks_modality(
        run.table("counts").set_index("peak"),
        run.samples,
        peaks=table("peaks", "peak"),
        annotation=table("annotation", "peak"),
        differential=tests("differential", "peak"),
        size_factors=table("size_factors", "sample"),
        quality=quality,
        components=run.find("pca_components"),
        matches=None if library is None else hits.read_matches(run.path("matches")),
        motif_ids=None if library is None else library.index,
    )
    if libraries is not quality and libraries is not None:
        peaks.uns["libraries"] = stored(libraries.reset_index())
    links = run.find("links")
    if links is not None:
        peaks.uns["links"] = stored(links)
    if library is None:
        return peaks, None
    enriched = {f"enrichment_{way}": tests("enrichment", "motif_id", direction=way) for way in ("up", "down")}
    motifs = motifs_modality(
        run.table("deviations").set_index("motif_id"),
        run.table("zscores").set_index("motif_id"),
        run.samples,
        library=library,
        variability=table("variability", "motif_id"),
        differential=tests("deviation_tests", "motif_id"),
        others={**enriched, "footprints": tests("footprints", "motif_id")},
        footprint_scores=run.find("footprint_scores"),
    )
    factors = {name: stored(rows.reset_index()) for name, rows in tests("factors", "rank").items()}
    if factors:
        motifs.uns["factors"] = factors
    return peaks, motifs


def peaks_modality(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    *,
    peaks: pd.DataFrame | None = None,
    annotation: pd.DataFrame | None = None,
    differential: Mapping[str, pd.DataFrame] | None = None,
    size_factors: pd.DataFrame | None = None,
    quality: pd.DataFrame | None = None,
    components: pd.DataFrame | None = None,
    matches=None,
    motif_ids: Iterable[str] | None = None,
) -> anndata.AnnData:
    """Samples x peaks: counts with all that is known of samples and peaks.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
    samples : DataFrame indexed by sample
        The sample sheet.
    peaks, annotation : DataFrames indexed by peak, optional
        Their columns become columns of `var`; of a column that both have, the first stays.
    differential : mapping of contrast to DataFrame indexed by peak, optional
        Columns become `{contrast}:{column}` in `var`, save the repeated ones of the annotation.
    size_factors : DataFrame indexed by sample, optional
        Columns become `size_factor_{method}` in `obs`; counts over those of the column `used` become
        `layers["normalised"]`.
    quality : DataFrame indexed by sample, optional
        Columns are added to `obs`.
    components : DataFrame, optional
        Principal components, a row for each and sample: component, share, sample, score. They become
        `obsm["X_pca"]`, where scanpy looks for them, and their shares `uns["pca"]["variance_ratio"]`.
    matches : (n_peaks, n_motifs) sparse matrix, optional
        Number of hits; becomes `varm["motif_matches"]`, its columns named in `uns["motif_ids"]`.
    motif_ids : iterable of str
        Needed with `matches`.

    Returns
    -------
    AnnData
        X: sparse integer counts.

    Raises
    ------
    InputError
        If a table lacks a sample or peak, or matches have another shape.
    """
    obs = [samples]
    if size_factors is not None:
        obs.append(size_factors.add_prefix("size_factor_"))
    if quality is not None:
        obs.append(quality)
    var = [table for table in (peaks, annotation) if table is not None]
    var += _prefixed(differential)
    values = counts.to_numpy().T
    wide = values.size and values.max() > np.iinfo(np.int32).max
    data = anndata.AnnData(
        X=sparse.csr_matrix(values.astype(np.int64 if wide else np.int32)),
        obs=_beside(counts.columns, obs, "sample"),
        var=_beside(counts.index, var, "peak"),
    )
    if size_factors is not None and "used" in size_factors:
        used = data.obs["size_factor_used"].to_numpy(float)
        data.layers["normalised"] = sparse.csr_matrix(data.X.multiply(1 / used[:, None]))
    if components is not None and len(components):
        wide = components.pivot(index="sample", columns="component", values="score")
        order = components["component"].unique()
        scores = beside.rows(wide, counts.columns, "the principal components", of="sample")[order]
        data.obsm["X_pca"] = scores.to_numpy(float)
        shares = components.drop_duplicates("component")["share"].to_numpy(float)
        data.uns["pca"] = {"variance_ratio": shares}
    if matches is not None:
        motif_ids = [] if motif_ids is None else list(motif_ids)
        if matches.shape != (len(counts), len(motif_ids)):
            raise InputError(
                f"matches are of {matches.shape[0]} peaks and {matches.shape[1]} motifs, but there are "
                f"{len(counts)} peaks and {len(motif_ids)} motifs; run the scan again"
            )
        data.varm["motif_matches"] = sparse.csr_matrix(matches)
        data.uns["motif_ids"] = np.array(motif_ids, dtype=object)
    return data


def motifs_modality(
    deviations: pd.DataFrame,
    zscores: pd.DataFrame,
    samples: pd.DataFrame,
    *,
    library: pd.DataFrame | None = None,
    variability: pd.DataFrame | None = None,
    differential: Mapping[str, pd.DataFrame] | None = None,
    others: Mapping[str, Mapping[str, pd.DataFrame]] | None = None,
    footprint_scores: pd.DataFrame | None = None,
) -> anndata.AnnData:
    """Samples x motifs: chromVAR's z-scores, deviations and what is known of motifs.

    Parameters
    ----------
    deviations, zscores : (n_motifs, n_samples) DataFrames
    samples : DataFrame indexed by sample
    library, variability : DataFrames indexed by motif, optional
        Their columns become columns of `var`; of a column that both have, the first stays. The interval
        and p-values of `variability` are prefixed `variability_`.
    differential : mapping of contrast to DataFrame indexed by motif, optional
        Columns become `{contrast}:{column}` in `var`, save the name.
    others : mapping of kind of test to mapping as `differential`, optional
        Columns become `{contrast}:{kind}:{column}` in `var`.
    footprint_scores : DataFrame, optional
        motif_id, sample, depth, flank; missing where a motif has no score.

    Returns
    -------
    AnnData
        X: z-scores; layers["deviations"], and of scores layers["footprint_depth"] and
        layers["footprint_flank"].

    Raises
    ------
    InputError
        If a table lacks a sample or a motif.
    """
    var = [] if library is None else [library]
    if variability is not None:
        names = {name: f"variability_{name}" for name in ("ci_low", "ci_high", "pvalue", "padj")}
        var.append(variability.rename(columns=names))
    var += _prefixed(differential)
    for kind, tests in (others or {}).items():
        var += _prefixed({f"{contrast}:{kind}": table for contrast, table in tests.items()})
    data = anndata.AnnData(
        X=zscores.to_numpy(float).T,
        obs=_beside(zscores.columns, [samples], "sample"),
        var=_beside(zscores.index, var, "motif_id"),
    )
    data.layers["deviations"] = deviations.loc[zscores.index, zscores.columns].to_numpy(float).T
    if footprint_scores is not None:
        for name in ("depth", "flank"):
            wide = footprint_scores.pivot(index="motif_id", columns="sample", values=name)
            wide = wide.reindex(index=zscores.index, columns=zscores.columns)
            data.layers[f"footprint_{name}"] = wide.to_numpy(float).T
    return data


def write(
    path: str | Path,
    samples: pd.DataFrame,
    peaks: anndata.AnnData,
    motifs: anndata.AnnData | None = None,
    *,
    design: str | None = None,
    contrasts: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Write modalities `peaks` and, where there is one, `motifs` as .h5mu, whole or not at all.

    Parameters
    ----------
    path : str or Path
    samples : DataFrame indexed by sample
        Becomes the `obs` that the modalities share.
    peaks, motifs : AnnData
        As :func:`peaks_modality` and :func:`motifs_modality` make them.
    design : str, optional
        Formula; becomes `uns["design"]`.
    contrasts : mapping of name to mapping, optional
        Becomes the table `uns["contrasts"]`.
    """
    modalities = {"peaks": peaks} | ({} if motifs is None else {"motifs": motifs})
    # The shared tables hold no copies of the modalities' columns.
    with mudata.set_options(pull_on_update=False), replacing(path) as partial:
        data = mudata.MuData(modalities)
        data.obs = _beside(peaks.obs_names, [samples], "sample")
        if design is not None:
            data.uns["design"] = design
        if contrasts:
            written = {
                name: {
                    key: value if isinstance(value, str) else json.dumps(value)
                    for key, value in contrast.items()
                }
                for name, contrast in contrasts.items()
            }
            data.uns["contrasts"] = pd.DataFrame.from_dict(written, orient="index", dtype=str).fillna("")
        data.write_h5mu(partial, compression="gzip")
        arrays.check(partial)


def stored(table: pd.DataFrame) -> pd.DataFrame:
    """A table of its own, in columns of one kind each."""
    rows = pd.RangeIndex(len(table)).astype(str).astype(object)
    return pd.DataFrame({name: _storable(table[name]) for name in table.columns}, index=rows)


def _prefixed(tests: Mapping[str, pd.DataFrame] | None) -> list[pd.DataFrame]:
    return [
        table.drop(columns=list(REPEATED), errors="ignore").add_prefix(f"{contrast}:")
        for contrast, table in (tests or {}).items()
    ]


def _beside(index: pd.Index, tables: Iterable[pd.DataFrame], name: str) -> pd.DataFrame:
    """Tables side by side on a common index; of two columns of one name the first stays."""
    index = pd.Index(index.astype(str), dtype=object, name=name)
    result: dict[str, np.ndarray | pd.Categorical] = {}
    for table in tables:
        table = table.set_axis(table.index.astype(str))
        what = f"the table with columns {', '.join(map(str, table.columns[:3]))}"
        own = (beside.aligned if name == "peak" else beside.rows)(table, index, what, of=name)
        for column in own.columns:
            result.setdefault(str(column).replace("/", "_"), _storable(own[column]))
    return pd.DataFrame(result, index=index)


def _storable(column: pd.Series) -> np.ndarray | pd.Categorical:
    """Numbers as plain numbers, NaN where missing; all else as categories of text, NA being none of them."""
    gaps = column.isna()
    if pd.api.types.is_bool_dtype(column) and not gaps.any():
        return column.to_numpy(bool)
    if pd.api.types.is_integer_dtype(column) and not gaps.any():
        return column.to_numpy(np.int64)
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.to_numpy(float, na_value=np.nan)
    labels = [None if gap else str(value) for value, gap in zip(column, gaps, strict=True)]
    return pd.Categorical(labels, categories=sorted({value for value in labels if value is not None}))
