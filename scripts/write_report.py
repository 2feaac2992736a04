"""Write the report: one file that needs nothing beside it."""

from pathlib import Path

from workflow_lib import logs, report
from workflow_lib.io import tables
from workflow_lib.report import plain
from workflow_lib.results import origin
from workflow_lib.results.run import Run


def main(smk):
    log = logs.to_file(smk.log[0])
    page = Path(smk.output[0])
    given = {"settings": smk.params.settings, "samples": smk.params.samples}
    run = Run(page.parent, page, made=set(smk.input.keys()), given=given)
    origin.check(run.table("counts_origin"), run.table("inputs"))
    told = {name: smk.params[name] for name in ("skipped", "notes", "exports")}
    content = report.collect(run, **told, date=logs.today())
    html = report.render(content)
    tables.write_text(html, smk.output[0])
    tables.write_text(plain.answer(content), smk.output.answer)
    log.info("%d sections, %.1f MB", len(content.sections), len(html) / 1e6)


main(snakemake)
