"""Merge the hits of all parts of the scan into one BED and one matrix."""

from workflow_lib import logs
from workflow_lib.io import fasta, hits
from workflow_lib.motifs import library


def main(smk):
    log = logs.to_file(smk.log[0])
    motifs = library.read(smk.input.library)
    _, windows = fasta.read_sequences(smk.input.sequences)
    n_hits = hits.gather(smk.input.shards, windows, motifs.ids, smk.output.hits, smk.output.matches)
    log.info("%d hits of %d motifs in %d peaks", n_hits, len(motifs), len(windows))


main(snakemake)
