"""Estimate size factors by every method that the inputs permit."""

from workflow_lib import logs
from workflow_lib.differential import size_factors
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    reads = tables.read_table(smk.input.reads, index="sample") if smk.input.reads else None
    depths = counts.sum() if reads is None else reads["n_fragments"]
    result = size_factors.table(counts, depths, smk.params.given, smk.params.method)
    log.info("used (%s): %s", smk.params.method, result["used"].round(3).to_dict())
    tables.write_table(result.reset_index(), smk.output[0])


main(snakemake)
