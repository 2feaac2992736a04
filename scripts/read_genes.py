"""Read gene models from the annotation."""

from workflow_lib import logs
from workflow_lib.genome import genes


def main(smk):
    log = logs.to_file(smk.log[0])
    models = genes.from_gtf(smk.input.gtf)
    genes.write(models, smk.output[0])
    log.info(
        "%d genes, %d transcripts, %d exons", len(models.genes), len(models.transcripts), len(models.exons)
    )


main(snakemake)
