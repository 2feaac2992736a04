"""Scan one part of the peak sequences for hits of every motif."""

from workflow_lib import logs
from workflow_lib.io import fasta, hits
from workflow_lib.motifs import library, scan


def main(smk):
    log = logs.to_file(smk.log[0])
    motifs = library.read(smk.input.library)
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    part = smk.wildcards.scatteritem
    sites = scan.scan_part(sequences, windows, motifs, part, engine=smk.params.engine)
    log.info("%d hits of %d motifs in part %s", len(sites), len(motifs), part)
    hits.write_shard(sites, smk.output[0])


main(snakemake)
