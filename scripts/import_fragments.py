"""Read one BAM or fragment file into a store of cut sites."""

from dataclasses import replace

from workflow_lib import logs
from workflow_lib.fragments import store as fragments
from workflow_lib.io import checksums, tables


def main(smk):
    log = logs.to_file(smk.log[0])
    contigs = None
    if smk.input.contigs:
        contigs = tables.read_table(smk.input.contigs, index="contig")["length"].to_dict()
    store = fragments.from_file(
        smk.input.bam,
        min_mapq=smk.params.min_mapq,
        tn5_shift=smk.params.tn5_shift,
        contigs=contigs,
        threads=smk.threads,
        count=smk.params.unit,
    )
    log.info("%d reads, %d kept; Tn5: %s", store.n_reads, store.n_fragments(), store.tn5_evidence)
    replace(store, source=checksums.digest(smk.input.bam)).write(smk.output[0])


main(snakemake)
