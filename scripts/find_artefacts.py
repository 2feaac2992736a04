"""Find places where all samples have extreme cuts for their surroundings."""

from workflow_lib import logs
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference
from workflow_lib.io import bed, tables
from workflow_lib.peaks import artefacts


def main(smk):
    log = logs.to_file(smk.log[0])
    genome = None
    if smk.input.get("contigs"):
        contigs = reference.read_contigs(smk.input.contigs)
        genome = reference.read(smk.input.fasta, smk.input.fai, smk.input.gzi)
    else:
        contigs = reference.contigs_of_all(
            [FragmentStore.read(path, contigs=()).contigs for path in smk.input.fragments]
        )
    places = artefacts.find(
        map(FragmentStore.read, smk.input.fragments),
        contigs,
        leave_out=smk.params.mitochondrial,
        genome=genome,
    )
    log.info("%d places, %d bp", len(places), (places["end"] - places["start"]).sum())
    tables.write_table(places, smk.output.table)
    bed.write_regions(places, smk.output.bed)


main(snakemake)
