"""Tabulate read numbers, fragment lengths, TSS profiles and verdicts of all samples."""

from workflow_lib import logs
from workflow_lib.fragments import quality_tables
from workflow_lib.fragments.measures import Measures
from workflow_lib.io import tables
from workflow_lib.stats import units


def main(smk):
    log = logs.to_file(smk.log[0])
    measured = zip(smk.params.groups, map(Measures.read, smk.input.measures), strict=True)
    peaks = tables.read_table(smk.input.peaks)
    summary = quality_tables.build(measured, peaks, smk.params.groups, smk.params.assembly)
    for name, table in summary.tables.items():
        tables.write_table(table, smk.output[name])
    of_units = units.quality(summary.tables["samples"], smk.params.units)
    tables.write_table(of_units, smk.output.units)
    for name, text in summary.multiqc.items():
        tables.write_text(text, smk.output[name])
    for row in summary.tables["samples"].itertuples():
        log.info("%s: %d fragments, %s (%s)", row.sample, row.n_fragments, row.verdict, row.verdict_reasons)


main(snakemake)
