"""Genes named after the planted factors, so that what a factor's own gene does can be told."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workflow_lib.simulate.planted import PlantedMotif

RELATIVES = ("GABPA", "SPIB", "LEF1")
"""Factors with motifs like a driver's: their genes do not change, which tells them from the driver."""

EXPRESSION = {"driver_up": 1.5, "driver_down": -1.5}
"""log2 fold change of the drivers' expression, and by its sign the promoters that they prefer."""

COLUMNS = [
    "gene_id",
    "gene_name",
    "role",
    "promoter",
    "promoter_log2_fold_change",
    "expression_log2_fold_change",
]


def name(
    models: pd.DataFrame, peaks: pd.DataFrame, motifs: Sequence[PlantedMotif]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Call some genes after factors; nothing is drawn, so whatever else is simulated stays as it is.

    A driver gets the gene whose promoter peak changes most in its direction, or one whose promoter does not
    change if there is none; all others get genes whose promoters do not change, the most open first. Only
    protein-coding genes with a peak at their start are taken; names beyond their number are left out.

    Parameters
    ----------
    models : DataFrame
        gene_id, gene_name, gene_type.
    peaks : DataFrame indexed by peak
        promoter_of, strength, log2_fold_change.
    motifs : sequence of PlantedMotif
        Without any, no gene is renamed.

    Returns
    -------
    models, peaks : DataFrames
        As given, with the new names in gene_name and promoter_of.
    named : DataFrame
        gene_id, gene_name, role (of the motif, or `relative`), promoter (a peak), promoter_log2_fold_change,
        expression_log2_fold_change.
    """
    asked = [(motif.name, motif.role) for motif in motifs] + [(name, "relative") for name in RELATIVES]
    asked.sort(key=lambda each: each[1] not in EXPRESSION)
    coding = models[models["gene_type"] == "protein_coding"].set_index("gene_name")["gene_id"]
    free = peaks[peaks["promoter_of"].isin(coding.index)].sort_values(
        "strength", ascending=False, kind="stable"
    )
    rows, names = [], {}
    for factor, role in asked if len(motifs) else []:
        effect = EXPRESSION.get(role, 0.0)
        along = free["log2_fold_change"] * np.sign(effect)
        fitting = free.loc[[along.idxmax()]] if (along > 0).any() else free[free["log2_fold_change"] == 0]
        if fitting.empty:
            continue
        promoter = fitting.iloc[0]
        names[promoter["promoter_of"]] = factor
        change = promoter["log2_fold_change"]
        rows.append((coding[promoter["promoter_of"]], factor, role, promoter.name, change, effect))
        free = free.drop(index=promoter.name)
    models = models.assign(gene_name=[names.get(own, own) for own in models["gene_name"]])
    peaks = peaks.assign(promoter_of=[names.get(own, own) for own in peaks["promoter_of"]])
    return models, peaks, pd.DataFrame(rows, columns=COLUMNS)
