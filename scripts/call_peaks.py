"""Call peaks with MACS on the cuts of one sample, or of a whole group."""

from workflow_lib import logs
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference
from workflow_lib.peaks import calling


def main(smk):
    log = logs.to_file(smk.log[0])
    if smk.input.get("contigs"):
        contigs = reference.read_contigs(smk.input.contigs)
    else:
        contigs = reference.contigs_of_all(
            [FragmentStore.read(path, contigs=()).contigs for path in smk.input.fragments]
        )
    called = calling.call(
        smk.input.reads,
        contigs,
        mode=smk.params.mode,
        cutoff=(smk.params.kind, smk.params.cutoff),
        mappable=smk.params.mappable,
        leave_out=smk.params.mitochondrial,
    )
    log.info("%d peaks", len(called))
    calling.write(called, smk.output[0])


main(snakemake)
