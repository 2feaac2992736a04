"""Test each motif in each bin of peaks along the fold change."""

from workflow_lib import beside, logs
from workflow_lib.io import fasta, hits, tables
from workflow_lib.motifs import gradient, matching
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    motifs = tables.read_table(smk.input.library)
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    differential = beside.aligned(
        tables.read_table(smk.input.differential), windows["peak"], smk.input.differential
    )
    places = beside.aligned(consensus.read(smk.input.peaks), windows["peak"], smk.input.peaks)
    width, mean_count = places["end"] - places["start"], differential["baseMean"]
    covariates = matching.covariates(list(sequences.values()), width, mean_count)
    matches = beside.of_rows(hits.read_matches(smk.input.matches), len(windows), smk.input.matches)
    fold, bins = gradient.of(differential)
    result = gradient.test(matches, fold, bins, covariates, motifs)
    log.info("%d peaks in %d bins", (bins >= 0).sum(), result["bin_number"].nunique())
    tables.write_table(result, smk.output[0])


main(snakemake)
