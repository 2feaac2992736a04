"""Take from the store of one sample all that counts, quality and size factors need."""

from workflow_lib import logs
from workflow_lib.fragments import measures
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import genes
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    measured = measures.measure(
        FragmentStore.read(smk.input.fragments),
        tables.read_table(smk.input.peaks),
        smk.params.mitochondrial,
        genes.tss(genes.read(smk.input.genes, exons=False)) if smk.input.genes else None,
        smk.params.unit,
    )
    log.info("%s: %d %s in peaks", smk.wildcards.sample, measured.counts.sum(), smk.params.unit)
    measured.write(smk.output[0])


main(snakemake)
