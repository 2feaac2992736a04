"""Collect and cluster the motifs, compute the score that makes a hit of each, and list their factors."""

from workflow_lib import logs
from workflow_lib.io import motifs, tables
from workflow_lib.motifs import clusters, library


def main(smk):
    log = logs.to_file(smk.log[0])
    asked = smk.params
    if smk.input:
        found = library.read_all(smk.input)
    else:
        found = library.from_jaspar(asked.release, asked.collection, asked.tax_group, asked.species)
    whole = found.calibrated(asked.pvalue, asked.background)
    found = clusters.assign(whole.with_short_motifs(asked.short_motifs))
    excluded = whole.without(found)
    log.info("%d motifs; short_motifs: %s, %d excluded", len(whole), asked.short_motifs, len(excluded))
    log.info("%d motifs in %d clusters", len(found), len(set(found.clusters)))
    library.write(found, smk.output.library)
    tables.write_table(found.table(), smk.output.table)
    motifs.write_meme(smk.output.meme, found.motifs, found.calibration.background)
    tables.write_table(found.factors(), smk.output.factors)
    tables.write_table(excluded, smk.output.excluded)


main(snakemake)
