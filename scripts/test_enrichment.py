"""Test each motif for enrichment in one direction's peaks against the peaks that did not change."""

from workflow_lib import logs
from workflow_lib.io import hits, tables
from workflow_lib.motifs import enrichment


def main(smk):
    log = logs.to_file(smk.log[0])
    matches = hits.read_matches(smk.input.matches)
    motifs = tables.read_table(smk.input.library)
    direction = tables.read_table(smk.input.differential)["direction"]
    foreground = (direction == smk.wildcards.direction).to_numpy(bool)
    background = (direction == "none").to_numpy(bool)
    result = enrichment.test(matches, foreground, background, motifs=motifs)
    log.info("%d peaks %s, %d unchanged", foreground.sum(), smk.wildcards.direction, background.sum())
    log.info("%d motifs at padj < %g", (result["padj"] < smk.params.alpha).sum(), smk.params.alpha)
    tables.write_table(result, smk.output[0])


main(snakemake)
