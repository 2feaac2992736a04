"""Read one BAM into a store of cut sites."""

from workflow_lib import fragments, logs


def main(smk):
    log = logs.to_file(smk.log[0])
    store = fragments.from_bam(smk.input.bam, min_mapq=smk.params.min_mapq, tn5_shift=smk.params.tn5_shift)
    log.info("%d reads, %d kept; Tn5: %s", store.n_reads, store.n_fragments(), store.tn5_evidence)
    store.write(smk.output[0])


main(snakemake)
