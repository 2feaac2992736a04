"""Draw the evidence for the leading clusters of motifs of a contrast."""

from workflow_lib import logs
from workflow_lib.factors import evidence
from workflow_lib.plots import factors as plots
from workflow_lib.plots import style


def main(smk):
    log = logs.to_file(smk.log[0])
    table = evidence.read(smk.input[0])
    style.save(plots.evidence(table, smk.params.alpha), *smk.output)
    log.info("%d clusters of motifs", len(table))


main(snakemake)
