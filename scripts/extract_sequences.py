"""Cut out the sequence around each peak's summit."""

from workflow_lib import logs
from workflow_lib.genome import reference, sequences
from workflow_lib.io import fasta
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    genome = reference.read(smk.input.fasta, smk.input.fai, smk.input.gzi)
    texts, windows = sequences.extract(consensus.read(smk.input.peaks), smk.params.width, genome)
    fasta.write_sequences(texts, windows, smk.output[0])
    n_cut = int((windows["end"] - windows["start"] < smk.params.width).sum())
    log.info("%d sequences, %d cut off by the end of a contig", len(texts), n_cut)


main(snakemake)
