"""Test every motif for a difference in accessibility between the two groups of a contrast."""

import pandas as pd

from workflow_lib import chromvar, logs
from workflow_lib.io import tables
from workflow_lib.stats.forms import CALLED


def main(smk):
    log = logs.to_file(smk.log[0])
    deviations = tables.read_table(smk.input.deviations, index="motif_id")
    background = chromvar.Background.read(smk.input.background)
    motifs = tables.read_table(smk.input.library, index="motif_id")
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    alpha = smk.params.alpha
    result = chromvar.compare_groups(
        deviations, background, samples, smk.params.design, smk.params.contrast, alpha, smk.params.block
    )
    called = result["direction"].isin(CALLED)
    log.info("%d motifs, %d differ more than peaks like theirs (%g)", len(result), called.sum(), alpha)
    log.info("%d at padj < %g by the moderated t alone", (result["padj"] < alpha).sum(), alpha)
    result.insert(0, "name", motifs["name"])
    result["reaches_pvalue"] = motifs["reaches_pvalue"]
    tables.write_table(result.reset_index(), smk.output[0])


main(snakemake)
