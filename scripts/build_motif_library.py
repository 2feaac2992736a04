"""Collect the motifs, compute the score that makes a hit of each, and list their factors."""

from workflow_lib import logs
from workflow_lib.io import motifs, tables
from workflow_lib.motifs import library


def main(smk):
    log = logs.to_file(smk.log[0])
    if smk.input:
        found = library.read(smk.input[0])
    else:
        found = library.from_jaspar(smk.params.release, smk.params.collection, smk.params.tax_group)
    found = found.calibrated(smk.params.pvalue, smk.params.background)
    table = found.table()
    too_short = int((table["pvalue_attained"] > smk.params.pvalue).sum())
    log.info("%d motifs, %d too short to reach p = %g", len(found), too_short, smk.params.pvalue)
    library.write(found, smk.output.library)
    tables.write_table(table, smk.output.table)
    motifs.write_meme(smk.output.meme, found.motifs, found.calibration.background)
    tables.write_table(found.factors(), smk.output.factors)


main(snakemake)
