"""Draw the samples' principal components, what explains them, and the samples' correlation."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import samples, style


def main(smk):
    log = logs.to_file(smk.log[0])
    groups = pd.Series(smk.params.groups)
    batches = None if smk.params.batches is None else pd.Series(smk.params.batches)
    pca = samples.pca(tables.read_table(smk.input.components), groups, batches)
    style.save(pca, smk.output.pca, smk.output.pca_png, smk.output.pca_pdf)
    explained = samples.association(tables.read_table(smk.input.associations))
    style.save(explained, smk.output.association, smk.output.association_png, smk.output.association_pdf)
    heat = samples.correlation(tables.read_table(smk.input.correlation), groups)
    style.save(heat, smk.output.correlation, smk.output.correlation_png, smk.output.correlation_pdf)
    log.info("drew %d samples", len(groups))


main(snakemake)
