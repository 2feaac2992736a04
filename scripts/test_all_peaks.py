"""Test each motif for enrichment in all peaks against windows of the genome."""

import numpy as np

from workflow_lib import beside, logs
from workflow_lib.io import fasta, hits, tables
from workflow_lib.motifs import comparison


def main(smk):
    log = logs.to_file(smk.log[0])
    motifs = tables.read_table(smk.input.library)
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    matches = beside.of_rows(hits.read_matches(smk.input.matches), len(windows), smk.input.matches)
    others, _ = fasta.read_sequences(smk.input.windows)
    window_matches = hits.read_matches(smk.input.window_matches)
    everything = np.ones(len(sequences), dtype=bool)
    result = comparison.with_windows(matches, everything, sequences, window_matches, others, motifs)
    log.info("%d motifs at padj < %g", (result.table["padj"] < smk.params.alpha).sum(), smk.params.alpha)
    tables.write_table(result.table, smk.output.table)
    tables.write_table(result.balance, smk.output.balance)


main(snakemake)
