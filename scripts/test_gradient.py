"""Test each motif in each bin of peaks along the fold change."""

from workflow_lib import logs
from workflow_lib.io import fasta, hits, tables
from workflow_lib.motifs import background, gradient
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    matches = hits.read_matches(smk.input.matches)
    motifs = tables.read_table(smk.input.library)
    sequences, _ = fasta.read_sequences(smk.input.sequences)
    differential = tables.read_table(smk.input.differential)
    places = consensus.read(smk.input.peaks)
    width, mean_count = places["end"] - places["start"], differential["baseMean"]
    covariates = background.covariates(list(sequences.values()), width, mean_count)
    fold, bins = gradient.of(differential)
    result = gradient.test(matches, fold, bins, covariates, motifs)
    log.info("%d peaks in %d bins", (bins >= 0).sum(), result["bin_number"].nunique())
    tables.write_table(result, smk.output[0])


main(snakemake)
