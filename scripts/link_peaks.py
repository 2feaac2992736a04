"""Correlate peaks with the expression of genes nearby, and test the correlations."""

import pandas as pd

from workflow_lib import chromvar, linkage, logs
from workflow_lib.genome import genes
from workflow_lib.io import expression, fasta, tables
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    gc = None
    if smk.input.sequences:
        sequences, windows = fasta.read_sequences(smk.input.sequences)
        gc = pd.Series(chromvar.gc_content(sequences.values()), index=windows["peak"])
    models = genes.read(smk.input.genes, exons=False)
    size_factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    expressed = expression.read(smk.input.expression, list(counts.columns))
    sheet = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    design, tested, adjust = smk.params.design, smk.params.tested, smk.params.adjust
    places = consensus.read(smk.input.peaks)
    options = {"gc": gc, "distance": smk.params.distance, "adjust": adjust, "seed": smk.params.seed}
    result = linkage.link(counts, size_factors, places, expressed, models, sheet, design, tested, **options)
    strongest = linkage.by_sample(
        result.links, counts, size_factors, expressed, models.genes, sheet, design, tested, adjust
    )
    summary = linkage.summarise(result, smk.params.alpha)
    for item, value in summary.itertuples(index=False):
        log.info("%s: %s", item, value)
    tables.write_table(result.links, smk.output.links)
    tables.write_table(linkage.bedpe(result.links, models, smk.params.alpha), smk.output.bedpe)
    tables.write_table(summary, smk.output.summary)
    tables.write_table(strongest, smk.output.samples)
    tables.write_table(result.histogram, smk.output.background)


main(snakemake)
