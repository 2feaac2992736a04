"""Estimate what Tn5 prefers in one sample."""

from workflow_lib import logs
from workflow_lib.footprints import tn5_bias
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference
from workflow_lib.io import tables
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    genome = reference.read(smk.input.fasta, smk.input.fai, smk.input.gzi)
    store = FragmentStore.read(smk.input.fragments)
    nuclear = [name for name in genome.contigs.index if name not in smk.params.exclude]
    outside = tn5_bias.outside_peaks(tables.read_table(smk.input.quality))
    log.info(
        "cuts are taken %s", "outside peaks" if outside else "everywhere: a sample has few outside peaks"
    )
    peaks = consensus.read(smk.input.peaks)
    bias, logos = tn5_bias.estimate(store, genome, peaks, nuclear, outside)
    log.info("%s: %d half-sites", smk.wildcards.sample, bias["n_observed"].sum())
    bias.insert(0, "sample", smk.wildcards.sample)
    logos.insert(0, "sample", smk.wildcards.sample)
    tables.write_table(bias, smk.output.bias)
    tables.write_table(logos, smk.output.logos)


main(snakemake)
