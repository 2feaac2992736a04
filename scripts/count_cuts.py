"""Lay the counts of all samples in the consensus peaks side by side."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.fragments.measures import Measures
from workflow_lib.io import tables
from workflow_lib.results import origin


def main(smk):
    log = logs.to_file(smk.log[0])
    peaks = tables.read_table(smk.input.peaks)
    matrix = pd.DataFrame({"peak": peaks["peak"]})
    digests = tables.read_table(smk.input.peaks_origin, index="input")["digest"].to_dict()
    for sample, path in zip(smk.params.samples, smk.input.measures, strict=True):
        measured = Measures.read(path)
        matrix[sample] = measured.counts
        digests |= measured.sources
    n_empty = int((matrix.drop(columns="peak").sum(axis=1) == 0).sum())
    log.info("%d of %d peaks have no count in any sample: kept, not tested", n_empty, len(matrix))
    tables.write_table(matrix, smk.output.counts, names={"sample": smk.params.samples})
    tables.write_table(origin.table(digests), smk.output.origin)


main(snakemake)
