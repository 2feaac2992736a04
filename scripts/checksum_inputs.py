"""Write size and SHA-256 of every input file."""

from workflow_lib import logs
from workflow_lib.io import checksums, tables


def main(smk):
    log = logs.to_file(smk.log[0])
    table = checksums.table(smk.params.names, smk.threads)
    log.info("%d files, %.1f MB", len(table), table["bytes"].sum() / 1e6)
    tables.write_table(table, smk.output[0])


main(snakemake)
