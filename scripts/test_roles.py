"""Test whether factors' sites follow or oppose their expression: activators and repressors."""

import pandas as pd

from workflow_lib import beside, chromvar, logs
from workflow_lib.factors import roles
from workflow_lib.genome import genes
from workflow_lib.io import expression, fasta, hits, tables


def main(smk):
    log = logs.to_file(smk.log[0])
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    counts = beside.aligned(tables.read_table(smk.input.counts), windows["peak"], smk.input.counts)
    library = tables.read_table(smk.input.library)
    values = expression.read(smk.input.expression, list(samples.index))
    known = genes.read(smk.input.genes, exons=False).genes if smk.input.get("genes") else None
    table = roles.test(
        counts,
        tables.read_table(smk.input.size_factors, index="sample")["used"],
        beside.of_rows(hits.read_matches(smk.input.matches), len(windows), smk.input.matches),
        chromvar.gc_content(sequences.values()),
        library,
        values,
        roles.genes_of_clusters(library, values, samples, known, smk.params.min_expression),
        samples,
        smk.params.design,
        alpha=smk.params.alpha,
    )
    log.info("%d clusters: %s", len(table), table["role"].value_counts().to_dict())
    tables.write_table(table, smk.output[0])


main(snakemake)
