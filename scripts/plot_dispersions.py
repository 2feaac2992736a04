"""Draw dispersions against the mean."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import differential, style


def main(smk):
    log = logs.to_file(smk.log[0])
    dispersions = tables.read_table(smk.input[0], index="peak")
    style.save(differential.dispersions(dispersions), *smk.output)
    log.info("drew %d peaks", len(dispersions))


main(snakemake)
