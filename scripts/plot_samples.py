"""Draw the samples' principal components, what explains them, and the samples' correlation."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import samples, style
from workflow_lib.stats import ordination


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    groups = pd.Series(smk.params.groups)
    batches = None if smk.params.batches is None else pd.Series(smk.params.batches)
    values = ordination.log_counts(counts, factors)
    style.save(samples.pca(values, groups, batches), smk.output.pca, smk.output.pca_png)
    table = tables.read_table(smk.input.associations)
    style.save(samples.association(table), smk.output.association, smk.output.association_png)
    style.save(samples.correlation(values, groups), smk.output.correlation, smk.output.correlation_png)
    log.info("drew %d samples, %d peaks", values.shape[1], len(values))


main(snakemake)
