"""Draw the variability of motif accessibility and the z-scores of the most variable motifs."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import motifs, style


def main(smk):
    log = logs.to_file(smk.log[0])
    variability = tables.read_table(smk.input.variability)
    zscores = tables.read_table(smk.input.zscores, index="motif_id")
    ranks = motifs.variability(variability, n_samples=zscores.shape[1])
    style.save(ranks, smk.output.variability, smk.output.variability_png)
    heatmap = motifs.zscores(zscores, variability, pd.Series(smk.params.groups))
    style.save(heatmap, smk.output.heatmap, smk.output.heatmap_png)
    log.info("drew %d motifs in %d samples", *zscores.shape)


main(snakemake)
