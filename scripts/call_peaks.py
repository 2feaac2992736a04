"""Call peaks with MACS on the cuts of one sample, or of a whole group."""

from workflow_lib import genome, logs, peak_calling
from workflow_lib.fragments import FragmentStore


def main(smk):
    log = logs.to_file(smk.log[0])
    if smk.input.get("contigs"):
        contigs = genome.read_contigs(smk.input.contigs)
    else:
        contigs = genome.contigs_of_all(
            [FragmentStore.read(path, contigs=()).contigs for path in smk.input.fragments]
        )
    found = peak_calling.call(
        smk.input.reads,
        contigs,
        mode=smk.params.mode,
        cutoff=(smk.params.kind, smk.params.cutoff),
        mappable=smk.params.mappable,
        leave_out=smk.params.mitochondrial,
    )
    log.info("%d peaks", len(found))
    peak_calling.write(found, smk.output[0])


main(snakemake)
