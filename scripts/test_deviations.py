"""Test every motif for a difference in accessibility between the two groups of a contrast."""

import pandas as pd

from workflow_lib import chromvar, logs
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    deviations = tables.read_table(smk.input.deviations, index="motif_id")
    motifs = tables.read_table(smk.input.library, index="motif_id")
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    result = chromvar.differential(deviations, samples, smk.params.design, smk.params.contrast)
    log.info(
        "%d motifs, %d at padj < %g", len(result), (result["padj"] < smk.params.alpha).sum(), smk.params.alpha
    )
    result.insert(0, "name", motifs["name"])
    result["reaches_pvalue"] = motifs["reaches_pvalue"]
    tables.write_table(result.reset_index(), smk.output[0])


main(snakemake)
