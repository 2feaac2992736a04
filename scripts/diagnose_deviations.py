"""Ask how far depth, share of reads in peaks and GC content explain the z-scores of motifs."""

import pandas as pd

from workflow_lib import beside, chromvar, logs
from workflow_lib.io import fasta, tables


def main(smk):
    log = logs.to_file(smk.log[0])
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    counts = beside.aligned(tables.read_table(smk.input.counts), windows["peak"], smk.input.counts)
    zscores = tables.read_table(smk.input.zscores, index="motif_id")
    quality = tables.read_table(smk.input.quality, index="sample") if smk.input.get("quality") else None
    frip = quality["frip"].to_dict() if quality is not None and "frip" in quality else None
    factors = chromvar.sample_factors(counts, chromvar.gc_content(sequences.values()), frip)
    diagnosis = chromvar.technical(zscores, factors, pd.Series(smk.params.groups), smk.params.seed)
    tables.write_table(diagnosis.factors, smk.output.factors)
    tables.write_table(diagnosis.samples, smk.output.samples)
    log.info("%d factors in %d samples", len(diagnosis.factors), len(diagnosis.samples))


main(snakemake)
