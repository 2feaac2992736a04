"""Draw the most enriched motifs of each cluster of profiles."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import profiles, style


def main(smk):
    log = logs.to_file(smk.log[0])
    table = tables.read_table(smk.input[0])
    style.save(profiles.motifs(table, smk.params.alpha), *smk.output)
    log.info("drew motifs of %d clusters", table["profile"].nunique())


main(snakemake)
