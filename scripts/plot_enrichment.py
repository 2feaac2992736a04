"""Draw a contrast's enriched motifs, the balance of their backgrounds, and motifs along the fold change."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import enrichment, style


def main(smk):
    log = logs.to_file(smk.log[0])
    up, down = (tables.read_table(smk.input[way]) for way in ("up", "down"))
    balance = {way: tables.read_table(smk.input[f"{way}_balance"]) for way in ("up", "down")}
    gradient = tables.read_table(smk.input.gradient)
    alpha = smk.params.alpha
    drawn = {
        "motifs": enrichment.motifs(up, down, alpha),
        "balance": enrichment.balance(balance),
        "gradient": enrichment.gradient(gradient, alpha),
    }
    for name, figure in drawn.items():
        style.save(figure, smk.output[name], smk.output[f"{name}_png"], smk.output[f"{name}_pdf"])
    log.info("%d motifs, %d covariates", len(up), len(balance["up"]))


main(snakemake)
