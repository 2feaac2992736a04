"""Choose the motif sites at which footprints are looked for."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.footprints import sites
from workflow_lib.genome import reference
from workflow_lib.io import bed, hits, tables


def main(smk):
    log = logs.to_file(smk.log[0])
    all_hits = hits.read_hits(smk.input.hits)
    motif_ids = tables.read_table(smk.input.library)["motif_id"]
    contigs = reference.read_contigs(smk.input.contigs)
    beds = [bed.read(path) for path in smk.input.get("regions", [])]
    regions = pd.concat(beds, ignore_index=True) if beds else None
    counts = tables.read_table(smk.input.counts, index="peak")
    mean = (counts / tables.read_table(smk.input.size_factors, index="sample")["used"]).mean(axis=1)
    chosen = sites.select(all_hits, motif_ids, contigs.index, regions=regions, mean_count=mean)
    log.info("%d sites of %d motifs, of %d hits", len(chosen), chosen["motif"].nunique(), len(all_hits))
    sites.write(chosen, smk.output[0])


main(snakemake)
