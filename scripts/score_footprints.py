"""Score the footprints of all motifs in one sample."""

from workflow_lib import logs
from workflow_lib.footprints import scores, sites
from workflow_lib.footprints.tn5_bias import Preference
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    motif_ids = tables.read_table(smk.input.library)["motif_id"]
    genome = reference.read(smk.input.fasta, smk.input.fai, smk.input.gzi)
    store = FragmentStore.read(smk.input.fragments)
    preference = Preference(tables.read_table(smk.input.bias), smk.params.model)
    chosen = sites.read(smk.input.sites)
    table = scores.score(store, chosen, motif_ids, genome, preference, smk.params.flank)
    log.info("%s: %d motifs with sites", smk.wildcards.sample, (table["n_sites"] > 0).sum())
    table.insert(1, "sample", smk.wildcards.sample)
    tables.write_table(table, smk.output[0])


main(snakemake)
