"""Lay the evidence for every cluster of similar motifs side by side, and rank them by all of it."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.factors import evidence, own_genes
from workflow_lib.factors import expressed as expressed_members
from workflow_lib.genome import genes
from workflow_lib.io import expression, tables
from workflow_lib.stats import forms


def main(smk):
    log = logs.to_file(smk.log[0])
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    library = tables.read_table(smk.input.library)
    named = {name: smk.input.get(name) for name in ("footprints", "expression", "genes", "roles")}
    expressed = levels = None
    least = smk.params.min_expression
    if named["expression"]:
        known = genes.read(named["genes"], exons=False).genes if named["genes"] else None
        values = expression.read(named["expression"], list(samples.index))
        asked = (samples, smk.params.design, smk.params.contrast)
        expressed = own_genes.expression_change(values, *asked, known, block=smk.params.block)
        levels, least = expressed_members.of_library(library, values, samples, known, least)
        log.info("expressed from %g on: %d of %d factors", least, (levels >= least).sum(), len(levels))
    result = evidence.rank(
        library,
        tables.read_table(smk.input.up),
        tables.read_table(smk.input.down),
        tables.read_table(smk.input.deviations),
        activity=tables.read_table(smk.input.activity),
        footprints=tables.read_table(named["footprints"]) if named["footprints"] else None,
        promoters=own_genes.promoter_peaks(tables.read_table(smk.input.differential)),
        expressed=expressed,
        levels=levels,
        least=least or 0.0,
        alpha=smk.params.alpha,
        any_difference=forms.parse(smk.params.contrast).any,
    )
    if named["roles"]:
        role = tables.read_table(named["roles"]).set_index("cluster")["role"]
        result["role"] = result["cluster"].map(role).fillna("undecided")
    counts = result["direction"].value_counts()
    log.info("%d clusters of motifs: %s", len(result), counts.to_dict())
    tables.write_table(result, smk.output[0])


main(snakemake)
