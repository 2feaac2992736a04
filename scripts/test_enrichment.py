"""Test each motif for enrichment in one direction's peaks against a weighted background."""

from workflow_lib import beside, logs
from workflow_lib.io import fasta, hits, tables
from workflow_lib.motifs import comparison
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    motifs = tables.read_table(smk.input.library)
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    matches = beside.of_rows(hits.read_matches(smk.input.matches), len(windows), smk.input.matches)
    differential = beside.aligned(
        tables.read_table(smk.input.differential), windows["peak"], smk.input.differential
    )
    foreground = (differential["direction"] == smk.wildcards.direction).to_numpy(bool)
    if smk.input.windows:
        others, _ = fasta.read_sequences(smk.input.windows)
        window_matches = hits.read_matches(smk.input.window_matches)
        result = comparison.with_windows(matches, foreground, sequences, window_matches, others, motifs)
    else:
        unchanged = (differential["direction"] == "none").to_numpy(bool)
        places = beside.aligned(consensus.read(smk.input.peaks), windows["peak"], smk.input.peaks)
        width, mean_count = places["end"] - places["start"], differential["baseMean"]
        result = comparison.with_peaks(matches, foreground, unchanged, sequences, width, mean_count, motifs)
    log.info("%d motifs at padj < %g", (result.table["padj"] < smk.params.alpha).sum(), smk.params.alpha)
    tables.write_table(result.table, smk.output.table)
    tables.write_table(result.balance, smk.output.balance)
    tables.write_table(result.weights, smk.output.weights)


main(snakemake)
