"""Test each motif for enrichment in each cluster of profiles against unchanged peaks."""

from workflow_lib import logs
from workflow_lib.io import fasta, hits, tables
from workflow_lib.motifs import background
from workflow_lib.peaks import consensus
from workflow_lib.profiles import sets


def main(smk):
    log = logs.to_file(smk.log[0])
    sequences, _ = fasta.read_sequences(smk.input.sequences)
    differential = tables.read_table(smk.input.differential)
    places = consensus.read(smk.input.peaks)
    table = sets.motifs(
        list(sequences),
        hits.read_matches(smk.input.matches),
        sets.memberships(differential["peak"], tables.read_table(smk.input.profiles)),
        (differential["direction"] == "none").to_numpy(bool),
        background.covariates(
            list(sequences.values()), places["end"] - places["start"], differential["baseMean"]
        ),
        tables.read_table(smk.input.library),
    )
    called = table[table["padj"] < smk.params.alpha]
    log.info(
        "motifs by cluster at padj < %g: %s", smk.params.alpha, called["profile"].value_counts().to_dict()
    )
    tables.write_table(table, smk.output[0])


main(snakemake)
