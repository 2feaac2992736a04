"""Cut out the sequence around each peak's summit."""

from workflow_lib import genome, logs, peaks, sequences
from workflow_lib.io import fasta


def main(smk):
    log = logs.to_file(smk.log[0])
    reference = genome.read(smk.input.fasta, smk.input.fai, smk.input.gzi)
    found, windows = sequences.extract(peaks.read(smk.input.peaks), smk.params.width, reference)
    fasta.write_sequences(found, windows, smk.output[0])
    n_cut = int((windows["end"] - windows["start"] < smk.params.width).sum())
    log.info("%d sequences, %d cut off by the end of a contig", len(found), n_cut)


main(snakemake)
