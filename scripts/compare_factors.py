"""Put the evidence for every cluster of motifs in all contrasts into one table."""

from workflow_lib import logs, together
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    by_contrast = dict(zip(smk.params.contrasts, map(tables.read_table, smk.input), strict=True))
    table = together.evidence(by_contrast)
    tables.write_table(table, smk.output[0])
    log.info("%d clusters in %d contrasts", table["cluster"].nunique(), len(by_contrast))


main(snakemake)
