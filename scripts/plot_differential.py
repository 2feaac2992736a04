"""Draw a contrast's MA and volcano plots, p-values, strongest peaks and features."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.differential import leading, offsets
from workflow_lib.io import tables
from workflow_lib.plots import differential, style
from workflow_lib.stats import forms


def main(smk):
    log = logs.to_file(smk.log[0])
    table = tables.read_table(smk.input.table)
    counts = tables.read_table(smk.input.counts, index="peak")
    factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    counts = offsets.without(counts, offsets.read(smk.input.offsets, smk.params.offsets))
    alpha = smk.params.alpha
    groups = forms.parse(smk.params.contrast).names
    figures = {
        "ma": differential.ma(table, alpha, *groups),
        "volcano": differential.volcano(table, alpha, *groups),
        "pvalues": differential.pvalue_histogram(table),
        "heatmap": differential.heatmap(
            leading.standard_scores(table, counts, factors), pd.Series(smk.params.groups)
        ),
        "features": differential.features(table),
    }
    for name, figure in figures.items():
        style.save(figure, smk.output[name], smk.output[f"{name}_png"], smk.output[f"{name}_pdf"])
    log.info("drew %d peaks", len(table))


main(snakemake)
