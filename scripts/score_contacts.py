"""Score peaks and genes by distance and accessibility."""

from workflow_lib import beside, logs
from workflow_lib.genome import genes
from workflow_lib.io import tables
from workflow_lib.linkage import contacts
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    peaks = consensus.read(smk.input.peaks)
    counts = beside.aligned(tables.read_table(smk.input.counts), peaks["peak"], smk.input.counts)
    sizes = tables.read_table(smk.input.size_factors, index="sample")["used"]
    models = genes.read(smk.input.genes, exons=False)
    kinds = smk.params.gene_types
    chosen = models.genes["gene_type"].isin(kinds) if kinds else models.genes["gene_id"].notna()
    activity = (counts[list(sizes.index)] / sizes).mean(axis=1).to_numpy()
    table, left_out = contacts.score(models, chosen.to_numpy(), peaks, activity)
    log.info("%d pairs of a score of %g or more, %d below", len(table), contacts.LEAST, left_out)
    tables.write_table(table, smk.output[0])


main(snakemake)
