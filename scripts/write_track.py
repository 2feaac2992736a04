"""Write the bigWig of one sample, or the mean of a group's samples."""

from workflow_lib import logs
from workflow_lib.genome import reference
from workflow_lib.io import tables
from workflow_lib.tracks import bigwig


def main(smk):
    log = logs.to_file(smk.log[0])
    total = bigwig.write(
        smk.output[0],
        dict(zip(smk.params.samples, smk.input.fragments, strict=True)),
        tables.read_table(smk.input.size_factors, index="sample")["used"],
        reference.read_contigs(smk.input.contigs) if smk.input.contigs else None,
        leave_out=smk.params.mitochondrial,
    )
    log.info("%s: %.8g normalised insertions, mean of %d", smk.output[0], total, len(smk.params.samples))


main(snakemake)
