"""Collect counts, annotation, tests and motif accessibility in one MuData file."""

from pathlib import Path

from workflow_lib import logs
from workflow_lib.results import mudata
from workflow_lib.results.run import Run


def main(smk):
    log = logs.to_file(smk.log[0])
    contrasts = smk.params.contrasts
    given = {"settings": {"contrasts": contrasts}, "samples": smk.params.samples}
    run = Run(Path(smk.output[0]).parent, made=set(smk.input.keys()), given=given)
    peaks, motifs = mudata.modalities(run)
    written = run.samples, peaks, motifs
    mudata.write(smk.output[0], *written, design=smk.params.design, contrasts=contrasts)
    log.info("%d samples x %d peaks", *peaks.shape)
    log.info("%d motifs", 0 if motifs is None else motifs.n_vars)


main(snakemake)
