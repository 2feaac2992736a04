"""Read gene models from the annotation."""

from workflow_lib import logs
from workflow_lib.genome import genes, reference


def main(smk):
    log = logs.to_file(smk.log[0])
    models = genes.from_gtf(smk.input.gtf)
    if smk.input.get("contigs"):
        n_all = len(models.genes)
        models = genes.on_contigs(models, reference.read_contigs(smk.input.contigs).index)
        log.info("%d genes on contigs that the genome lacks left out", n_all - len(models.genes))
    genes.write(models, smk.output[0])
    log.info(
        "%d genes, %d transcripts, %d exons", len(models.genes), len(models.transcripts), len(models.exons)
    )


main(snakemake)
