"""Find the nearest gene and the genomic feature of each peak."""

from workflow_lib import annotation, genes, logs, peaks
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    table = annotation.annotate(
        peaks.read(smk.input.peaks),
        genes.read(smk.input.genes),
        promoter=tuple(smk.params.promoter),
        proximal=smk.params.proximal,
        gene_types=smk.params.gene_types,
    )
    tables.write_table(table, smk.output[0])
    log.info("%d peaks: %s", len(table), table["feature"].value_counts().to_dict())


main(snakemake)
