"""Draw windows of the genome outside peaks, with the peaks' GC content."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.genome import reference
from workflow_lib.io import fasta
from workflow_lib.motifs import genome_windows
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    genome = reference.read(smk.input.fasta, smk.input.fai, smk.input.gzi)
    sequences, scanned = fasta.read_sequences(smk.input.sequences)
    avoid = [consensus.read(smk.input.peaks), scanned]
    if smk.input.blacklist:
        avoid.append(consensus.read_blacklist(smk.input.blacklist))
    texts, windows = genome_windows.sample(
        genome,
        pd.concat([table[["chrom", "start", "end"]] for table in avoid], ignore_index=True),
        sequences.values(),
        smk.params.n,
        smk.params.width,
        smk.params.seed,
        smk.params.exclude,
    )
    log.info("%d windows on %d contigs", len(windows), windows["chrom"].nunique())
    fasta.write_sequences(texts, windows, smk.output[0])


main(snakemake)
