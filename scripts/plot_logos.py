"""Draw the logos of the motifs that stand highest in any table."""

from workflow_lib import logs
from workflow_lib.factors import evidence
from workflow_lib.io import tables
from workflow_lib.motifs import leading, library
from workflow_lib.plots import logos


def main(smk):
    log = logs.to_file(smk.log[0])
    motifs = library.read(smk.input.library)
    kinds = (smk.input.enrichment, smk.input.deviations, smk.input.footprints)
    results = [tables.read_table(path) for paths in kinds for path in paths]
    variable = tables.read_table(smk.input.variability).nlargest(smk.params.top, "variability")
    ranked = [evidence.read(path) for path in smk.input.factors]
    results += [table.rename(columns={"representative": "motif_id"}) for table in ranked]
    drawn = leading.leading(motifs, [*results, variable], smk.params.top)
    logos.draw_all(drawn, smk.output[0])
    log.info("%d logos", len(drawn))


main(snakemake)
