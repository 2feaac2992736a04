"""Draw a contrast's fold changes under each set of size factors."""

from workflow_lib import logs
from workflow_lib.differential import normalisation as comparison
from workflow_lib.io import tables
from workflow_lib.plots import normalisation, style
from workflow_lib.stats import forms


def main(smk):
    log = logs.to_file(smk.log[0])
    table = tables.read_table(smk.input[0])
    methods = comparison.methods(table)
    groups = forms.parse(smk.params.contrast).names
    style.save(normalisation.ma_panels(table, methods, smk.params.method, *groups), *smk.output)
    log.info("drew %s", ", ".join(methods))


main(snakemake)
