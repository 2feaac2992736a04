"""Test one contrast's peaks under permuted labels and in split groups, where nothing can differ."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.differential import calibration, offsets
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    runs, histograms = calibration.calibrate(
        tables.read_table(smk.input.counts, index="peak"),
        pd.DataFrame.from_dict(smk.params.samples, orient="index"),
        smk.params.design,
        smk.params.contrast,
        tables.read_table(smk.input.size_factors, index="sample")["used"],
        offsets=offsets.read(smk.input.offsets, smk.params.offsets),
        alpha=smk.params.alpha,
        min_count=smk.params.min_count,
        seed=smk.params.seed,
        block=smk.params.block,
    )
    for said in calibration.sentences(runs):
        log.info("%s", said)
    runs.insert(0, "contrast", smk.wildcards.contrast)
    tables.write_table(runs, smk.output.runs)
    tables.write_table(histograms, smk.output.pvalues)


main(snakemake)
