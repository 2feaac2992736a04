"""Count insertions or fragments of all samples in the consensus peaks."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.fragments import counts
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.io import tables
from workflow_lib.results import origin


def main(smk):
    log = logs.to_file(smk.log[0])
    peaks = tables.read_table(smk.input.peaks)
    matrix = pd.DataFrame({"peak": peaks["peak"]})
    digests = tables.read_table(smk.input.peaks_origin, index="input")["digest"].to_dict()
    for sample, path in zip(smk.params.samples, smk.input.fragments, strict=True):
        store = FragmentStore.read(path, contigs=set(peaks["chrom"]))
        matrix[sample] = counts.COUNTERS[smk.params.unit](store, peaks)
        digests |= store.sources
        log.info("%s: %d %s in peaks", sample, matrix[sample].sum(), smk.params.unit)
    n_empty = int((matrix.drop(columns="peak").sum(axis=1) == 0).sum())
    log.info("%d of %d peaks have no count in any sample: kept, not tested", n_empty, len(matrix))
    tables.write_table(matrix, smk.output.counts, names={"sample": smk.params.samples})
    tables.write_table(origin.table(digests), smk.output.origin)


main(snakemake)
