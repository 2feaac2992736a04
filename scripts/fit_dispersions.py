"""Fit the dispersions of the test, of all samples together."""

import pandas as pd

from workflow_lib import differential, logs
from workflow_lib.differential import offsets
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    fitted = differential.fit(
        tables.read_table(smk.input.counts, index="peak"),
        pd.DataFrame.from_dict(smk.params.samples, orient="index"),
        smk.params.design,
        size_factors=tables.read_table(smk.input.size_factors, index="sample")["used"],
        offsets=offsets.read(smk.input.offsets, smk.params.offsets),
        min_count=smk.params.min_count,
    )
    dispersions = fitted.dispersions
    log.info("dispersions of %d peaks", len(dispersions))
    tables.write_table(dispersions, smk.output[0])


main(snakemake)
