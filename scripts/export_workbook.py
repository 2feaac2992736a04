"""Write the main tables as one Excel workbook."""

from workflow_lib import logs
from workflow_lib.io import workbook


def main(smk):
    log = logs.to_file(smk.log[0])
    sheets = workbook.read_sheets(dict(smk.input.items()), smk.params.contrasts)
    workbook.write(smk.output[0], sheets)
    for sheet in sheets:
        log.info("%s: %d rows", sheet.name, len(sheet.table))


main(snakemake)
