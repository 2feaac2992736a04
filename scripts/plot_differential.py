"""Draw the MA plot, the volcano plot and the p-value histogram of a contrast."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import differential, style


def main(smk):
    log = logs.to_file(smk.log[0])
    table = tables.read_table(smk.input[0])
    alpha = smk.params.alpha
    groups = smk.params.contrast["experiment"], smk.params.contrast["control"]
    style.save(differential.ma(table, alpha, *groups), smk.output.ma, smk.output.ma_png)
    style.save(differential.volcano(table, alpha, *groups), smk.output.volcano, smk.output.volcano_png)
    style.save(differential.pvalue_histogram(table), smk.output.pvalues, smk.output.pvalues_png)
    log.info("drew %d peaks", len(table))


main(snakemake)
