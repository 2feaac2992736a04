"""Test every motif for a change of its footprint and of its flanks."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.footprints import differential
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    scores = tables.read_table(smk.input.scores)
    motifs = tables.read_table(smk.input.library, index="motif_id")
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    asked = (samples, smk.params.design, smk.params.contrast)
    table = differential.test(scores, motifs, *asked, block=smk.params.block)
    for kind, padj in (("footprint", "padj"), ("flanks", "flank_padj")):
        n = (table[padj] < smk.params.alpha).sum()
        log.info("%s: %d of %d motifs at padj < %g", kind, n, table[padj].notna().sum(), smk.params.alpha)
    tables.write_table(table, smk.output[0])


main(snakemake)
