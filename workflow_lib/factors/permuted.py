"""The table of factors under permuted labels: how many clusters are called when nothing is."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib import differential
from workflow_lib.differential import labellings
from workflow_lib.factors import changes, evidence, stage
from workflow_lib.motifs.matches import presence
from workflow_lib.stats import forms

MOST = 10
"""Labellings tried; three against three have nine."""


def permuted(
    counts: pd.DataFrame,
    matches,
    covariates: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping,
    size_factors: pd.Series,
    motifs: pd.DataFrame,
    *,
    offsets: pd.DataFrame | None = None,
    alpha: float = 0.05,
    min_abs_log2fc: float = 0.0,
    min_count: int = stage.LEAST_COUNT,
    seed: int = 0,
    most: int = MOST,
    block: str | None = None,
) -> pd.DataFrame:
    """Call factors with the samples' labels permuted, through the whole stage.

    Parameters
    ----------
    counts, matches, covariates, samples, design, contrast, motifs, alpha
        As :func:`workflow_lib.factors.stage.test`.
    size_factors, offsets, min_abs_log2fc, min_count
        As :func:`workflow_lib.differential.test`: those of the run's own test.
    seed : int
        Of the labellings, where there are more than `most`.
    most : int
    block : str, optional
        Column of subjects of several samples: labels move with all samples of a subject.

    Returns
    -------
    DataFrame
        A row a labelling: labelling (from 1), experiment (samples labelled so, joined by `+`), n_peaks and
        n_clusters called, smallest_padj, possible (distinct labellings; NA if too many to count). No row
        where the design leaves none.

    Notes
    -----
    Peaks are tested anew under each labelling, then enrichment, trend, activity and what leaders explain, as
    :func:`workflow_lib.factors.stage.from_counts` does, without chromVAR and footprints. Labels that mix true
    groups make true changes into variation between samples: few calls there say less than in data without
    any change.
    """
    found, possible = labellings.permutations(samples, design, contrast, limit=most, seed=seed, block=block)
    none = pd.DataFrame({"motif_id": motifs["motif_id"], "delta": np.nan, "pvalue": np.nan, "padj": np.nan})
    none["n_peaks"] = np.asarray(presence(matches).sum(axis=0)).ravel()
    any_difference = forms.parse(contrast).any
    rows = []
    for i, labelling in enumerate(found, 1):
        asked = labelling.samples, labelling.design, labelling.contrast
        peaks = differential.test(
            counts,
            *asked,
            size_factors=size_factors,
            offsets=offsets,
            alpha=alpha,
            min_abs_log2fc=min_abs_log2fc,
            min_count=min_count,
            shrink=False,
        )
        change = changes.of(peaks, any_difference)
        enriched = changes.enrichment(matches, change.direction, covariates, motifs)
        sizes = size_factors.loc[list(labelling.samples.index)].to_numpy(float)
        given = (sizes, motifs, peaks, enriched)
        own = stage.test(counts, matches, covariates, *asked, *given, alpha=alpha, block=block)
        table = evidence.rank(
            motifs,
            enriched["up"],
            enriched["down"],
            none,
            activity=own,
            alpha=alpha,
            any_difference=any_difference,
        )
        rows.append(
            {
                "labelling": i,
                "experiment": "+".join(map(str, labelling.experiment)),
                "n_peaks": int(peaks["direction"].isin(forms.CALLED).sum()),
                "n_clusters": int(table["direction"].isin(forms.CALLED).sum()),
                "smallest_padj": table["padj"].min(),
                "possible": possible if possible >= 0 else np.nan,
            }
        )
    columns = ["labelling", "experiment", "n_peaks", "n_clusters", "smallest_padj", "possible"]
    return pd.DataFrame(rows, columns=columns)
