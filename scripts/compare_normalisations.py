"""Test one contrast under every normalisation, and say whether the choice matters."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.differential import bias, normalisation, offsets, shift, size_factors
from workflow_lib.io import tables
from workflow_lib.stats import forms


def main(smk):
    log = logs.to_file(smk.log[0])
    counts = tables.read_table(smk.input.counts, index="peak")
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    factors = tables.read_table(smk.input.size_factors, index="sample")
    smooth, along = offsets.split(tables.read_table(smk.input.offsets, index="peak"))
    contrast = smk.params.contrast
    table = normalisation.compare(
        counts,
        samples,
        smk.params.design,
        contrast,
        factors,
        offsets=smooth,
        alpha=smk.params.alpha,
        min_abs_log2fc=smk.params.min_abs_log2fc,
        min_count=smk.params.min_count,
    )
    frip = tables.read_table(smk.input.reads, index="sample")["frip"] if smk.input.reads else None
    any_difference = forms.parse(contrast).any
    summary = normalisation.summarise(table, factors, smk.params.method, any_difference)
    called = table.set_index("peak")[f"{smk.params.method}.direction"].isin(["up", "down", "changed"])
    curves = offsets.quiet_curves(counts, factors["used"], along, called)
    moved = shift.global_shift(factors, samples, contrast, frip, bias.slopes(curves).get("trended"))
    stat = table.set_index("peak")[f"{smk.params.method}.stat"]
    diagnosis = bias.diagnose(curves, samples, contrast, stat, along, smk.params.method)
    said = [shift.sentence(moved, summary, table, contrast), bias.sentence(diagnosis, contrast, summary)]
    caution = size_factors.caution(counts) if smk.params.factors == "ratio" else ""
    log.info("%s", " ".join([caution, *said]))
    name = smk.wildcards.contrast
    methods = [*factors.columns.drop("used"), *smooth]
    tables.write_table(table, smk.output.peaks, names={"method": methods})
    for of_contrast, path in (
        (summary, smk.output.summary),
        (pd.DataFrame([{**moved, "caution": caution, "sentence": said[0]}]), smk.output.shift),
        (diagnosis.assign(sentence=said[1]), smk.output.bias),
    ):
        of_contrast.insert(0, "contrast", name)
        tables.write_table(of_contrast, path)


main(snakemake)
