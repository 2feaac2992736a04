"""Test gene sets and sets of regions among a contrast's changed peaks, and along its whole list of peaks."""

import pandas as pd

from workflow_lib import beside, logs
from workflow_lib.io import tables
from workflow_lib.regions import study


def main(smk):
    log = logs.to_file(smk.log[0])
    differential = tables.read_table(smk.input.differential)
    ids = differential["peak"]
    sets, covariates = study.read(
        differential,
        smk.input.peaks,
        smk.input.genes,
        smk.input.gene_sets,
        dict(zip(smk.params.names, smk.input.regions, strict=True)),
        smk.input.sequences,
        least=smk.params.least,
        most=smk.params.most,
    )
    unchanged = differential["direction"] == "none"
    for direction, path in zip(("up", "down"), (smk.output.up, smk.output.down), strict=True):
        table = study.compare(sets, differential["direction"] == direction, unchanged, covariates)
        n_found = int((table["padj"] < smk.params.alpha).sum())
        log.info("%s: %d of %d sets at padj < %g", direction, n_found, len(table), smk.params.alpha)
        tables.write_table(table, path)
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    sizes = tables.read_table(smk.input.size_factors, index="sample")["used"]
    borne = study.by_samples(
        sets,
        beside.aligned(tables.read_table(smk.input.counts), ids, smk.input.counts),
        covariates,
        samples,
        smk.params.design,
        smk.params.contrast,
        sizes.loc[list(samples.index)].to_numpy(float),
        block=smk.params.block,
    )
    tables.write_table(study.along(sets, differential["stat"], covariates, borne), smk.output.ranked)
    tables.write_table(sets.table, smk.output.sets)


main(snakemake)
