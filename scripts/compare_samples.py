"""Compare the samples as wholes: principal components, what explains them, and correlation."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.differential import offsets
from workflow_lib.io import tables
from workflow_lib.stats import ordination


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    counts = offsets.without(counts, offsets.read(smk.input.offsets, smk.params.offsets))
    values = ordination.log_counts(counts, factors)
    covariates = pd.DataFrame(smk.params.covariates).reindex(values.columns)
    scores, shares = ordination.principal_components(values)
    tables.write_table(ordination.components(values, scores, shares), smk.output.components)
    associations = ordination.associations(scores, shares, covariates)
    tables.write_table(associations, smk.output.associations)
    tables.write_table(ordination.correlation(values), smk.output.correlation)
    log.info("%d samples, %d peaks, %d covariates", values.shape[1], len(values), covariates.shape[1])


main(snakemake)
