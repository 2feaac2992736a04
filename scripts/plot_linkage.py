"""Draw the strongest links of peaks with genes, and how links differ from their background."""

import pandas as pd

from workflow_lib import linkage, logs
from workflow_lib.genome import genes
from workflow_lib.io import expression as expression_files
from workflow_lib.io import tables
from workflow_lib.linkage import expression
from workflow_lib.plots import linkage as plots
from workflow_lib.plots import style
from workflow_lib.stats import ordination


def main(smk):
    log = logs.to_file(smk.log[0])
    links = tables.read_table(smk.input.links)
    counts = tables.read_table(smk.input.counts, index="peak")
    size_factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    values = expression_files.read(smk.input.expression, list(counts.columns)).dropna()
    values.index = expression.match(values.index, genes.read(smk.input.genes).genes)
    top = plots.strongest(links)
    active, scale = expression.log_expression(values)
    accessible = ordination.log_counts(counts.loc[top["peak"].unique(), active.columns], size_factors)
    sheet = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    taken_out = (sheet, smk.params.design, smk.params.tested, smk.params.adjust)
    sides = [linkage.adjusted(side, *taken_out) for side in (accessible, active.loc[top["gene_id"].unique()])]
    figure = plots.links(top, *sides, sheet["group"], alpha=smk.params.alpha, scale=scale)
    style.save(figure, smk.output.links, smk.output.links_png)
    background = plots.background(tables.read_table(smk.input.background), len(links))
    style.save(background, smk.output.background, smk.output.background_png)
    log.info("drew %d of %d links", len(top), len(links))


main(snakemake)
