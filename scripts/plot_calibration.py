"""Draw p-values of permuted labels and split groups against the uniform distribution."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import normalisation, style


def main(smk):
    log = logs.to_file(smk.log[0])
    histograms = tables.read_table(smk.input[0])
    style.save(normalisation.calibration(histograms), *smk.output)
    log.info("drew %d labellings", histograms[["kind", "run"]].drop_duplicates().shape[0])


main(snakemake)
