"""Draw what Tn5 prefers in each sample, on both strands."""

from pathlib import Path

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import style, tn5_bias


def main(smk):
    log = logs.to_file(smk.log[0])
    logos = tables.read_table(smk.input[0])
    for sample in smk.params.samples:
        drawn = tn5_bias.draw(logos[logos["sample"] == sample], sample)
        stem = Path(smk.output[0]) / sample
        style.save(drawn, *style.forms(stem))
    log.info("%d samples", len(smk.params.samples))


main(snakemake)
