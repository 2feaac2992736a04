"""Look at samples as wholes: noise, structure beyond the design, sex, swaps."""

import functools

import pandas as pd

from workflow_lib import logs
from workflow_lib.differential import bias, offsets, without
from workflow_lib.io import tables
from workflow_lib.samples import checks
from workflow_lib.stats import designs


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    matrix = designs.matrix(samples, smk.params.design)
    chrom = tables.read_table(smk.input.peaks, index="peak")["chrom"]
    slopes = bias.slopes(tables.read_table(smk.input.curves))
    technical = slopes.rename(columns={"trended": "signal-to-noise", "gc": "GC bias"})
    if smk.input.reads:
        reads = tables.read_table(smk.input.reads, index="sample")
        technical = technical.reindex(samples.index).join(reads["frip"].rename("share of reads in peaks"))
    checked = checks.every(counts, factors, samples, matrix, chrom, technical, smk.params.seed)
    calls = functools.partial(
        without.calls,
        design=smk.params.design,
        contrasts=smk.params.contrasts,
        size_factors=factors,
        offsets=offsets.read(smk.input.offsets, smk.params.offsets),
        alpha=smk.params.alpha,
        min_abs_log2fc=smk.params.min_abs_log2fc,
        min_count=smk.params.min_count,
    )
    noisy = checked[checked["check"] == "noise"]
    told = checks.leaving_out(noisy, lambda dropped: calls(counts, samples, dropped))
    checked = pd.concat([told, checked[checked["check"] != "noise"]])
    for sentence in checked.loc[checked["verdict"] == "note", "sentence"]:
        log.warning("%s", sentence)
    tables.write_table(checked, smk.output[0])


main(snakemake)
