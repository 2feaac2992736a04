"""Estimate what a study like this one finds with more samples or more reads."""

from workflow_lib import logs
from workflow_lib.differential import power
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    replicates = power.replicates(smk.params.groups)
    result = power.table(tables.read_table(smk.input[0], index="peak"), replicates, alpha=smk.params.alpha)
    for said in power.sentences(result):
        log.info("%s", said)
    tables.write_table(result, smk.output[0])


main(snakemake)
