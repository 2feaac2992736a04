"""Draw changed peaks over the levels, by cluster, and the clusters' mean profiles."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import profiles, style


def main(smk):
    log = logs.to_file(smk.log[0])
    table = tables.read_table(smk.input.table)
    summary = tables.read_table(smk.input.clusters, dtype={"level": str})
    style.save(profiles.clusters(table, summary), *smk.output)
    log.info("drew %d peaks", len(table))


main(snakemake)
