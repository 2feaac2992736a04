"""Estimate size factors by every method that the inputs permit."""

from workflow_lib import logs
from workflow_lib.differential import size_factors
from workflow_lib.fragments import measures
from workflow_lib.fragments.measures import Measures
from workflow_lib.genome import reference
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    depths, bins = counts.sum(), None
    if smk.input.reads:
        depths = tables.read_table(smk.input.reads, index="sample")["n_fragments"]
        measured = dict(zip(counts.columns, map(Measures.read, smk.input.measures), strict=True))
        contigs = reference.contigs_of_all([each.contigs for each in measured.values()])
        bins = measures.common_bins(measured, contigs)
    result = size_factors.table(
        counts, depths, smk.params.method, bins=bins, spike_in=smk.params.spike_in, given=smk.params.given
    )
    log.info("methods: %s", ", ".join(result.columns.drop("used")))
    log.info("used (%s): %s", smk.params.method, result["used"].round(3).to_dict())
    tables.write_table(result.reset_index(), smk.output[0])


main(snakemake)
