"""Tabulate read numbers, fragment lengths, TSS profiles and verdicts of all samples."""

from workflow_lib import logs
from workflow_lib.fragments import quality_tables
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import genes
from workflow_lib.io import tables
from workflow_lib.stats import units


def main(smk):
    log = logs.to_file(smk.log[0])
    tss = genes.tss(genes.read(smk.input.genes)) if smk.input.genes else None
    stores = (
        (sample, FragmentStore.read(path))
        for sample, path in zip(smk.params.groups, smk.input.fragments, strict=True)
    )
    found = quality_tables.build(
        stores,
        tables.read_table(smk.input.peaks),
        smk.params.groups,
        smk.params.mitochondrial,
        tss,
        smk.params.assembly,
    )
    for name, table in found.tables.items():
        tables.write_table(table, smk.output[name])
    of_units = units.quality(found.tables["samples"], smk.params.units)
    tables.write_table(of_units, smk.output.units)
    for name, text in found.multiqc.items():
        tables.write_text(text, smk.output[name])
    for row in found.tables["samples"].itertuples():
        log.info("%s: %d fragments, %s (%s)", row.sample, row.n_fragments, row.verdict, row.verdict_reasons)


main(snakemake)
