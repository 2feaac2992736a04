"""Write the main tables as one Excel workbook."""

from pathlib import Path

from workflow_lib import logs
from workflow_lib.results import workbook
from workflow_lib.results.run import Run


def main(smk):
    log = logs.to_file(smk.log[0])
    given = {"settings": {"contrasts": dict.fromkeys(smk.params.contrasts)}}
    run = Run(Path(smk.output[0]).parent, made=set(smk.input.keys()), given=given)
    sheets = workbook.sheets(run)
    workbook.write(smk.output[0], sheets, workbook.columns(sheets))
    for sheet in sheets:
        log.info("%s: %d rows", sheet.name, len(sheet.table))


main(snakemake)
