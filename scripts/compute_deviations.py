"""Correct each motif's accessibility for depth and GC, and measure how it varies over samples."""

import pandas as pd

from workflow_lib import beside, chromvar, logs
from workflow_lib.io import fasta, hits, tables


def main(smk):
    log = logs.to_file(smk.log[0])
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    counts = beside.aligned(tables.read_table(smk.input.counts), windows["peak"], smk.input.counts)
    matches = beside.of_rows(hits.read_matches(smk.input.matches), len(windows), smk.input.matches)
    motifs = tables.read_table(smk.input.library, index="motif_id")
    gc = chromvar.gc_content(sequences.values())
    if smk.params.iterations:
        drawn = chromvar.background_chunks(counts, gc, smk.params.iterations, smk.params.seed)
        scores = chromvar.scores(counts, matches, drawn)
    else:
        scores = chromvar.moments(counts, matches, gc)
    notes = pd.Series(chromvar.notes(scores), motifs.index)
    log.info("%d motifs in %d peaks, %d samples", len(motifs), *counts.shape)
    for words, number in notes[notes != ""].value_counts().items():
        log.info("%d motifs without all z-scores: %s", number, words)
    for values, path in (
        (scores.deviations, smk.output.deviations),
        (scores.zscores, smk.output.zscores),
    ):
        table = pd.DataFrame(values, motifs.index, counts.columns)
        tables.write_table(table, path, index=True, names={"sample": counts.columns})
    scores.background.write(smk.output.background)
    variability = chromvar.variability(pd.DataFrame(scores.zscores, motifs.index), smk.params.seed)
    variability.insert(0, "name", motifs["name"])
    variability["n_peaks"] = scores.background.n_peaks
    variability["note"] = notes
    variability["reaches_pvalue"] = motifs["reaches_pvalue"]
    tables.write_table(variability.reset_index(), smk.output.variability)


main(snakemake)
