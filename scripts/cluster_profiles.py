"""Group a contrast's changed peaks by their mean profile over the levels, and write each group as BED."""

from pathlib import Path

import pandas as pd

from workflow_lib import beside, logs, profiles
from workflow_lib.differential import offsets
from workflow_lib.io import bed, tables
from workflow_lib.peaks import consensus
from workflow_lib.profiles import values
from workflow_lib.stats import forms, ordination


def main(smk):
    log = logs.to_file(smk.log[0])
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    form = forms.parse(smk.params.contrast)
    tested = tables.read_table(smk.input.differential, index="peak")
    changed = tested.index[tested["direction"].isin(forms.CALLED)]
    counts = beside.rows(tables.read_table(smk.input.counts), changed, smk.input.counts)[list(samples.index)]
    counts = offsets.without(counts, offsets.read(smk.input.offsets, smk.params.offsets))
    factors = tables.read_table(smk.input.size_factors, index="sample")["used"]
    logged = ordination.log_counts(counts, factors)
    logged = profiles.without_nuisance(logged, samples, smk.params.design, form)
    cells = profiles.levels_of(form, samples)
    means = profiles.level_means(logged, cells)
    shapes = profiles.standardised(means)
    clustered = profiles.cluster(shapes, smk.params.clusters, seed=smk.params.seed)
    sizes = clustered["cluster"].value_counts().sort_index().to_dict()
    log.info("%d changed peaks over %s, by cluster: %s", len(clustered), ", ".join(cells), sizes)
    table = clustered.join(means.add_prefix("mean.")).rename_axis("peak").reset_index()
    tables.write_table(table, smk.output.table, names={"level": list(cells)})
    tables.write_table(values.summary(shapes, clustered["cluster"], cells), smk.output.clusters)
    peaks = beside.rows(consensus.read(smk.input.peaks), changed, smk.input.peaks).reset_index()
    Path(smk.output.beds).mkdir(parents=True, exist_ok=True)
    for number in sizes:
        members = peaks[(clustered["cluster"] == number).to_numpy()]
        bed.write_bed(members, Path(smk.output.beds) / f"cluster_{number}.bed")


main(snakemake)
