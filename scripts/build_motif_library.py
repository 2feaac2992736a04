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
    found = found.calibrated(asked.pvalue, asked.background)
    too_short = int((~found.calibration.reached).sum())
    log.info("%d motifs, %d too short to reach p = %g", len(found), too_short, asked.pvalue)
    log.info("short_motifs: %s", asked.short_motifs)
    found = clusters.assign(found.with_short_motifs(asked.short_motifs))
    log.info("%d motifs in %d clusters", len(found), len(set(found.clusters)))
    library.write(found, smk.output.library)
    tables.write_table(found.table(), smk.output.table)
    motifs.write_meme(smk.output.meme, found.motifs, found.calibration.background)
    tables.write_table(found.factors(), smk.output.factors)


main(snakemake)
