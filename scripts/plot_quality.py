"""Draw fragment lengths, TSS profiles and reads in peaks against TSS enrichment."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import quality, style


def main(smk):
    log = logs.to_file(smk.log[0])
    samples = tables.read_table(smk.input.samples)
    groups = samples.set_index("sample")["group"].astype(str)
    figures = {
        "fragment_sizes": quality.fragment_sizes(tables.read_table(smk.input.fragment_sizes), groups),
        "tss_profile": quality.tss_profile(tables.read_table(smk.input.tss_profile), groups),
        "saturation": quality.saturation(tables.read_table(smk.input.saturation), groups),
        "enrichment": quality.tss_enrichment(samples, smk.params.assembly),
    }
    for name, figure in figures.items():
        style.save(figure, smk.output[name], smk.output[f"{name}_png"], smk.output[f"{name}_pdf"])
    log.info("drew %d samples", len(samples))


main(snakemake)
