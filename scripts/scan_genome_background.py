"""Scan the windows of the genome for hits of every motif, as the peaks are scanned."""

from workflow_lib import logs
from workflow_lib.io import fasta, hits
from workflow_lib.motifs import library, scan
from workflow_lib.motifs import matches as match_matrices


def main(smk):
    log = logs.to_file(smk.log[0])
    motifs = library.read(smk.input.library)
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    sites = scan.scan_part(sequences, windows, motifs, "1-of-1", engine=smk.params.engine)
    hits.write_matches(match_matrices.matrix(sites, len(windows), len(motifs)), smk.output[0])
    log.info("%d hits of %d motifs in %d windows", len(sites), len(motifs), len(windows))


main(snakemake)
