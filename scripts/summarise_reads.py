"""Tabulate read numbers and shares of all samples."""

from pathlib import Path

import pandas as pd

from workflow_lib import logs, quality
from workflow_lib.fragments import FragmentStore
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    peaks = tables.read_table(smk.input.peaks)
    rows = []
    for path in smk.input.fragments:
        sample = Path(path).stem
        found = quality.summary(FragmentStore.read(path), peaks, smk.params.mitochondrial)
        rows.append({"sample": sample, "group": smk.params.groups[sample], **found})
        log.info("%s: %d fragments", sample, found["n_fragments"])
    tables.write_table(pd.DataFrame(rows), smk.output[0])


main(snakemake)
