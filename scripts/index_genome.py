"""Index the reference genome and list its contigs."""

from workflow_lib import logs
from workflow_lib.genome import reference


def main(smk):
    log = logs.to_file(smk.log[0])
    genome = reference.write_index(smk.input.fasta, smk.output.fai, smk.output.gzi, smk.params.kept)
    reference.write_contigs(genome.contigs, smk.output.contigs)
    log.info("%d contigs, %d bp", len(genome.contigs), genome.contigs.sum())


main(snakemake)
