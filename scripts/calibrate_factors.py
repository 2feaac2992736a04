"""Call factors under permuted labels: how many clusters are called when nothing is."""

import pandas as pd

from workflow_lib import beside, logs
from workflow_lib.differential import offsets
from workflow_lib.factors import permuted
from workflow_lib.io import fasta, hits, tables
from workflow_lib.motifs import matching
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    counts = beside.aligned(tables.read_table(smk.input.counts), windows["peak"], smk.input.counts)
    sizes = tables.read_table(smk.input.size_factors, index="sample")["used"]
    places = beside.aligned(consensus.read(smk.input.peaks), windows["peak"], smk.input.peaks)
    mean_count = (counts / sizes.loc[list(counts.columns)]).mean(axis=1)
    width = places["end"] - places["start"]
    result = permuted.permuted(
        counts,
        beside.of_rows(hits.read_matches(smk.input.matches), len(windows), smk.input.matches),
        matching.covariates(list(sequences.values()), width, mean_count),
        samples,
        smk.params.design,
        smk.params.contrast,
        sizes,
        tables.read_table(smk.input.library),
        offsets=offsets.read(smk.input.offsets, smk.params.offsets),
        alpha=smk.params.alpha,
        min_abs_log2fc=smk.params.min_abs_log2fc,
        min_count=smk.params.min_count,
        seed=smk.params.seed,
        block=smk.params.block,
    )
    log.info("%d labellings, clusters called: %s", len(result), result["n_clusters"].tolist())
    tables.write_table(result, smk.output[0])


main(snakemake)
