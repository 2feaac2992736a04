"""Coverage around the regions that changed most in any contrast, by group."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.tracks import signal


def main(smk):
    log = logs.to_file(smk.log[0])
    groups = {sample: str(group) for sample, group in smk.params.groups.items()}
    n = signal.each(len(smk.input.differential), len(set(groups.values())))
    chosen = [signal.leading(tables.read_table(path), n)["peak"] for path in smk.input.differential]
    peaks = list(dict.fromkeys(pd.concat(chosen)))
    stores = dict(zip(groups, smk.input.fragments, strict=True))
    factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    table = signal.by_group(stores, factors, groups, peaks)
    tables.write_table(table, smk.output[0], names={"position": map(str, signal.POSITIONS)})
    log.info("%d regions, at most %d of a direction of a contrast", len(peaks), n)


main(snakemake)
