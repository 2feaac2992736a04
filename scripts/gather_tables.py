"""Put tables with the same columns under one another."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    for name, path in smk.output.items():
        paths = smk.input[name]
        parts = [tables.read_table(part) for part in ([paths] if isinstance(paths, str) else paths)]
        table = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
        tables.write_table(table, path)
        log.info("%s: %d rows", path, len(table))


main(snakemake)
