"""Draw the balance of the backgrounds of a contrast, and its motifs along the fold change."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import balance as enrichment
from workflow_lib.plots import style


def main(smk):
    log = logs.to_file(smk.log[0])
    balance = {way: tables.read_table(smk.input[way]) for way in ("up", "down")}
    gradient = tables.read_table(smk.input.gradient)
    style.save(
        enrichment.balance(balance), smk.output.balance, smk.output.balance_png, smk.output.balance_pdf
    )
    drawn = enrichment.gradient(gradient, smk.params.alpha)
    style.save(drawn, smk.output.gradient, smk.output.gradient_png, smk.output.gradient_pdf)
    log.info("%d covariates, %d motifs", len(balance["up"]), gradient["motif_id"].nunique())


main(snakemake)
