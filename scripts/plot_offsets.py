"""Draw how each sample's counts go with mean and with GC content."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import normalisation, style


def main(smk):
    log = logs.to_file(smk.log[0])
    curves = tables.read_table(smk.input[0])
    style.save(normalisation.curves(curves, pd.Series(smk.params.groups)), *smk.output)
    log.info("drew %d samples", curves["sample"].nunique())


main(snakemake)
