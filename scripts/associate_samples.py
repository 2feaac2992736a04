"""Ask how much of each principal component of the samples a covariate explains."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.stats import ordination


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    values = ordination.log_counts(counts, factors)
    covariates = pd.DataFrame(smk.params.covariates).reindex(values.columns)
    table = ordination.associations(*ordination.principal_components(values), covariates)
    tables.write_table(table, smk.output[0])
    log.info("%d covariates of %d samples", covariates.shape[1], values.shape[1])


main(snakemake)
