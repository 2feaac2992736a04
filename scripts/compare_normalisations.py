"""Test one contrast under every set of size factors, and say whether the choice matters."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.differential import normalisation
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    factors = tables.read_table(smk.input.size_factors, index="sample")
    contrast = smk.params.contrast
    table = normalisation.compare(
        counts,
        samples,
        smk.params.design,
        contrast,
        factors,
        alpha=smk.params.alpha,
        min_abs_log2fc=smk.params.min_abs_log2fc,
        min_count=smk.params.min_count,
    )
    frip = tables.read_table(smk.input.reads, index="sample")["frip"] if smk.input.reads else None
    summary = normalisation.summarise(table, factors, smk.params.method)
    shift = normalisation.global_shift(factors, samples, contrast, frip)
    said = normalisation.sentence(shift, summary, table, contrast)
    log.info("%s", said)
    name = smk.wildcards.contrast
    tables.write_table(table, smk.output.peaks)
    summary.insert(0, "contrast", name)
    tables.write_table(summary, smk.output.summary)
    tables.write_table(pd.DataFrame([{"contrast": name, **shift, "sentence": said}]), smk.output.shift)


main(snakemake)
