"""Read one BAM or fragment file into a store of cut sites."""

from dataclasses import replace

from workflow_lib import logs
from workflow_lib.fragments import store as fragments
from workflow_lib.io import checksums, cram, tables


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
        reference=cram.Reference(*smk.input.reference) if smk.input.reference else None,
    )
    log.info("%d reads, %d kept; Tn5: %s", store.n_reads, store.n_fragments(), store.tn5_evidence)
    sources = {smk.params.name: checksums.digest(smk.input.bam)}
    replace(store, sources=sources).write(smk.output[0])


main(snakemake)
