"""Draw power against samples and against reads."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import power, style


def main(smk):
    log = logs.to_file(smk.log[0])
    table = tables.read_table(smk.input[0])
    style.save(power.curves(table), *smk.output)
    log.info("drew %d rows", len(table))


main(snakemake)
