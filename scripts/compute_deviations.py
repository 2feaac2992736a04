"""Correct each motif's accessibility for depth and GC, and measure how it varies over samples."""

from workflow_lib import chromvar, logs
from workflow_lib.io import fasta, hits, tables


def main(smk):
    log = logs.to_file(smk.log[0])
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    counts = tables.read_table(smk.input.counts, index="peak").loc[windows["peak"]]
    matches = hits.read_matches(smk.input.matches)
    motifs = tables.read_table(smk.input.library, index="motif_id")
    gc = chromvar.gc_content(sequences.values())
    background = chromvar.background_peaks(counts, gc, smk.params.iterations, smk.params.seed)
    deviations, zscores = chromvar.deviations(counts, matches, background)
    log.info("%d motifs in %d peaks, %d samples", len(deviations), *counts.shape)
    log.info("%d motifs without a deviation", deviations.isna().all(axis=1).sum())
    for frame, path in ((deviations, smk.output.deviations), (zscores, smk.output.zscores)):
        tables.write_table(frame.set_axis(motifs.index).reset_index(), path)
    variability = chromvar.variability(zscores.set_axis(motifs.index), smk.params.seed)
    variability.insert(0, "name", motifs["name"])
    variability["reaches_pvalue"] = motifs["reaches_pvalue"]
    tables.write_table(variability.reset_index(), smk.output.variability)


main(snakemake)
