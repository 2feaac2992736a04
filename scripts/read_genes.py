"""Read gene models from the annotation."""

from pathlib import Path

from workflow_lib import logs
from workflow_lib.genome import genes, reference
from workflow_lib.io import kept


def main(smk):
    log = logs.to_file(smk.log[0])
    kept_in = Path(smk.params.kept)
    models = genes.from_gtf(smk.input.gtf, kept_in)
    if smk.input.get("contigs"):
        n_all = len(models.genes)
        models = genes.on_contigs(models, reference.read_contigs(smk.input.contigs).index)
        log.info("%d genes on contigs that the genome lacks left out", n_all - len(models.genes))
    genes.write(models, smk.output[0])
    kept.drop_features(kept_in)
    log.info(
        "%d genes, %d transcripts, %d exons", len(models.genes), len(models.transcripts), len(models.exons)
    )


main(snakemake)
