"""Index the reference genome and list its contigs."""

from workflow_lib import logs
from workflow_lib.genome import reference as genome


def main(smk):
    log = logs.to_file(smk.log[0])
    reference = genome.write_index(smk.input.fasta, smk.output.fai, smk.output.gzi)
    genome.write_contigs(reference.contigs, smk.output.contigs)
    log.info("%d contigs, %d bp", len(reference.contigs), reference.contigs.sum())


main(snakemake)
