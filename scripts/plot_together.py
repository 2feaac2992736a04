"""Draw overlaps of the contrasts' changed peaks, and fold change against fold change."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import style, together


def main(smk):
    log = logs.to_file(smk.log[0])
    wide = tables.read_table(smk.input.peaks)
    overlap = together.overlap(tables.read_table(smk.input.overlaps), list(smk.params.contrasts))
    style.save(overlap, smk.output.overlap, smk.output.overlap_png, smk.output.overlap_pdf)
    folds = together.fold_changes(wide, tables.read_table(smk.input.pairs))
    style.save(folds, smk.output.folds, smk.output.folds_png, smk.output.folds_pdf)
    log.info("drew %d peaks in %d contrasts", len(wide), len(smk.params.contrasts))


main(snakemake)
