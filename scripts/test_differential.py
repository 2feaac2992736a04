"""Test all peaks for a change in one contrast, and write the table and the two sets."""

import pandas as pd

from workflow_lib import beside, differential, logs
from workflow_lib.differential import offsets
from workflow_lib.io import bed, tables
from workflow_lib.peaks import consensus

ANNOTATION = ["gene_name", "feature", "tss_distance"]


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    result = differential.test(
        counts,
        samples,
        smk.params.design,
        smk.params.contrast,
        size_factors=tables.read_table(smk.input.size_factors, index="sample")["used"],
        offsets=offsets.read(smk.input.offsets, smk.params.offsets),
        alpha=smk.params.alpha,
        min_abs_log2fc=smk.params.min_abs_log2fc,
        min_count=smk.params.min_count,
        shrink=smk.params.shrink,
    )
    log.info("peaks by direction: %s", result["direction"].value_counts().to_dict())
    genes = None
    if smk.input.annotation:
        genes = beside.aligned(tables.read_table(smk.input.annotation), counts.index, smk.input.annotation)
    for column in ANNOTATION:
        result[column] = None if genes is None else genes[column].to_numpy()
    result["shrunk_sign_differs"] = result.pop("shrunk_sign_differs")  # stays the last column
    tables.write_table(result, smk.output.table)
    peaks = beside.aligned(consensus.read(smk.input.peaks), counts.index, smk.input.peaks).reset_index()
    for direction in ("up", "down"):
        bed.write_bed(peaks[(result["direction"] == direction).to_numpy()], smk.output[direction])


main(snakemake)
