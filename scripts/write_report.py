"""Write the report: one file that needs nothing beside it."""

import pandas as pd

from workflow_lib import logs, report
from workflow_lib.io import tables
from workflow_lib.report import plain


def main(smk):
    log = logs.to_file(smk.log[0])
    content = report.collect(
        dict(smk.input.items()),
        smk.output[0],
        settings=smk.params.settings,
        contrasts=smk.params.settings["contrasts"],
        samples=pd.DataFrame.from_dict(smk.params.samples, orient="index"),
        skipped=smk.params.skipped,
        notes=smk.params.notes,
    )
    html = report.render(content)
    tables.write_text(html, smk.output[0])
    tables.write_text(plain.answer(content), smk.output.answer)
    log.info("%d sections, %.1f MB", len(content.sections), len(html) / 1e6)


main(snakemake)
