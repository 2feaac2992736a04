"""Draw the logos of the motifs that stand highest in any enrichment table."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.motifs import library
from workflow_lib.plots import logos


def main(smk):
    log = logs.to_file(smk.log[0])
    motifs = library.read(smk.input.library)
    results = [tables.read_table(path, dtype={"motif_id": str, "name": str}) for path in smk.input.enrichment]
    drawn = logos.draw_strongest(motifs, results, smk.params.top, smk.output[0])
    log.info("%d logos", len(drawn))


main(snakemake)
