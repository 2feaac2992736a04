"""Draw the most enriched motifs of a contrast's up and down peaks."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import motifs, style


def main(smk):
    log = logs.to_file(smk.log[0])
    up, down = (tables.read_table(smk.input[direction]) for direction in ("up", "down"))
    style.save(motifs.enrichment(up, down, smk.params.alpha), smk.output.svg, smk.output.png, smk.output.pdf)
    log.info("drew the strongest of %d motifs", len(up))


main(snakemake)
