"""Draw the strongest links of peaks with genes, and how links differ from their background."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import linkage, style


def main(smk):
    log = logs.to_file(smk.log[0])
    strongest = tables.read_table(smk.input.samples)
    links = linkage.links(strongest, pd.Series(smk.params.groups), alpha=smk.params.alpha)
    style.save(links, smk.output.links, smk.output.links_png, smk.output.links_pdf)
    n_links = int(tables.read_table(smk.input.summary, index="item").loc["n_links", "value"])
    background = linkage.background(tables.read_table(smk.input.background), n_links)
    style.save(background, smk.output.background, smk.output.background_png, smk.output.background_pdf)
    log.info("drew %d of %d links", len(strongest[["gene_id", "peak"]].drop_duplicates()), n_links)


main(snakemake)
