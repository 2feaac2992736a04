"""Find the nearest gene and the genomic feature of each peak."""

from workflow_lib import logs
from workflow_lib.genome import annotation, genes
from workflow_lib.io import tables
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    table = annotation.annotate(
        consensus.read(smk.input.peaks),
        genes.read(smk.input.genes),
        promoter=tuple(smk.params.promoter),
        proximal=smk.params.proximal,
        gene_types=smk.params.gene_types,
        prefer=smk.params.prefer,
    )
    tables.write_table(table, smk.output[0])
    log.info("%d peaks: %s", len(table), table["feature"].value_counts().to_dict())


main(snakemake)
