"""Follow each sample's counts along mean and GC content; write curves, and offsets of each peak."""

import pandas as pd

from workflow_lib import chromvar, logs
from workflow_lib.differential import offsets
from workflow_lib.io import fasta, tables


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    gc = None
    if smk.input.sequences:
        sequences, windows = fasta.read_sequences(smk.input.sequences)
        gc = pd.Series(chromvar.gc_content(sequences.values()), index=windows["peak"])
    by_method, curves = offsets.estimate(counts, factors, gc, refit=smk.params.method == "ratio")
    offsets.chosen(by_method, smk.params.offsets)  # refuse what is not possible before anything uses it
    log.info("offsets: %s; used: %s", ", ".join(by_method) or "none", smk.params.offsets)
    table = offsets.joined(by_method, offsets.covariates(counts, factors, gc))
    tables.write_table(table, smk.output.offsets, index=True, names={"sample": counts.columns})
    tables.write_table(curves, smk.output.curves)


main(snakemake)
