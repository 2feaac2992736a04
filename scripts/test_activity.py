"""Test the activity of every motif by sample, along the peaks' change, and given the motifs that lead."""

import pandas as pd

from workflow_lib import beside, logs
from workflow_lib.factors import stage
from workflow_lib.io import fasta, hits, tables
from workflow_lib.motifs import matching
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    counts = beside.aligned(tables.read_table(smk.input.counts), windows["peak"], smk.input.counts)
    sizes = tables.read_table(smk.input.size_factors, index="sample")["used"]
    differential = beside.aligned(
        tables.read_table(smk.input.differential), windows["peak"], smk.input.differential
    )
    places = beside.aligned(consensus.read(smk.input.peaks), windows["peak"], smk.input.peaks)
    width, mean_count = places["end"] - places["start"], differential["baseMean"]
    result = stage.test(
        counts,
        beside.of_rows(hits.read_matches(smk.input.matches), len(windows), smk.input.matches),
        matching.covariates(list(sequences.values()), width, mean_count),
        samples,
        smk.params.design,
        smk.params.contrast,
        sizes.loc[list(samples.index)].to_numpy(float),
        tables.read_table(smk.input.library),
        differential.reset_index(),
        {way: tables.read_table(smk.input[way]) for way in ("up", "down")},
        alpha=smk.params.alpha,
        block=smk.params.block,
    )
    explained = result["explained_by"].notna().sum()
    log.info("%d motifs, %d of clusters that another explains", len(result), explained)
    tables.write_table(result, smk.output[0])


main(snakemake)
