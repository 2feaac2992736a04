"""Collect counts, annotation, tests and motif accessibility in one MuData file."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import export


def main(smk):
    log = logs.to_file(smk.log[0])
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    contrasts = smk.params.contrasts
    peaks, motifs = export.read_modalities(dict(smk.input.items()), samples, contrasts)
    export.write_mudata(smk.output[0], samples, peaks, motifs, design=smk.params.design, contrasts=contrasts)
    log.info("%d samples x %d peaks", *peaks.shape)
    log.info("%d motifs", 0 if motifs is None else motifs.n_vars)


main(snakemake)
