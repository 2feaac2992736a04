"""Test each motif for enrichment in each cluster of profiles against unchanged peaks."""

from workflow_lib import beside, logs
from workflow_lib.io import fasta, hits, tables
from workflow_lib.motifs import matching
from workflow_lib.peaks import consensus
from workflow_lib.profiles import sets


def main(smk):
    log = logs.to_file(smk.log[0])
    sequences, windows = fasta.read_sequences(smk.input.sequences)
    ids = windows["peak"]
    tested = beside.aligned(tables.read_table(smk.input.differential), ids, smk.input.differential)
    places = beside.aligned(consensus.read(smk.input.peaks), ids, smk.input.peaks)
    matches = beside.of_rows(hits.read_matches(smk.input.matches), len(ids), smk.input.matches)
    table = sets.motifs(
        list(sequences),
        matches,
        sets.memberships(ids, tables.read_table(smk.input.profiles)),
        (tested["direction"] == "none").to_numpy(bool),
        matching.covariates(list(sequences.values()), places["end"] - places["start"], tested["baseMean"]),
        tables.read_table(smk.input.library),
    )
    called = table[table["padj"] < smk.params.alpha]
    log.info(
        "motifs by cluster at padj < %g: %s", smk.params.alpha, called["profile"].value_counts().to_dict()
    )
    tables.write_table(table, smk.output[0])


main(snakemake)
