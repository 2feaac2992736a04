"""Draw how motif accessibility varies, z-scores of the most variable motifs, and technical factors."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import chromvar, style


def main(smk):
    log = logs.to_file(smk.log[0])
    library = tables.read_table(smk.input.library, index="motif_id")
    variability = tables.read_table(smk.input.variability)
    variability["cluster"] = variability["motif_id"].map(library["cluster"])
    zscores = tables.read_table(smk.input.zscores, index="motif_id")
    groups = pd.Series(smk.params.groups)
    ranks = chromvar.variability(variability, n_samples=zscores.shape[1])
    style.save(ranks, smk.output.variability, smk.output.variability_png, smk.output.variability_pdf)
    heatmap = chromvar.zscores(zscores, variability, groups)
    style.save(heatmap, smk.output.heatmap, smk.output.heatmap_png, smk.output.heatmap_pdf)
    by_sample = chromvar.samples(zscores, variability, groups)
    style.save(by_sample, smk.output.samples, smk.output.samples_png, smk.output.samples_pdf)
    technical = chromvar.technical(
        tables.read_table(smk.input.samples), tables.read_table(smk.input.diagnostics)
    )
    style.save(technical, smk.output.technical, smk.output.technical_png, smk.output.technical_pdf)
    log.info("drew %d motifs in %d samples", *zscores.shape)


main(snakemake)
