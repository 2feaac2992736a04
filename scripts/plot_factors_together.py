"""Draw clusters of motifs by contrasts, coloured by evidence and its sign."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import style, together


def main(smk):
    log = logs.to_file(smk.log[0])
    table = tables.read_table(smk.input[0])
    style.save(together.factors(table, list(smk.params.contrasts), smk.params.alpha), *smk.output)
    log.info("drew %d contrasts", table["contrast"].nunique())


main(snakemake)
