"""Test gene sets and sets of regions in each cluster of profiles against unchanged peaks."""

import numpy as np
import pandas as pd

from workflow_lib import beside, logs
from workflow_lib.genome import genes
from workflow_lib.io import bed, fasta, gene_sets, tables
from workflow_lib.motifs import matching
from workflow_lib.peaks import consensus
from workflow_lib.profiles import sets as by_profile
from workflow_lib.regions import study


def main(smk):
    log = logs.to_file(smk.log[0])
    differential = tables.read_table(smk.input.differential)
    ids = differential["peak"]
    peaks = beside.aligned(consensus.read(smk.input.peaks), ids, smk.input.peaks).reset_index()
    sets = study.prepare(
        peaks,
        genes.read(smk.input.genes, exons=False) if smk.input.genes else None,
        gene_sets.read_all(smk.input.gene_sets),
        dict(zip(smk.params.names, map(bed.read, smk.input.regions), strict=True)),
        least=smk.params.least,
        most=smk.params.most,
    )
    width, depth = peaks["end"] - peaks["start"], differential["baseMean"]
    covariates = pd.DataFrame({"width": width, "log_mean_count": np.log1p(depth)})
    if smk.input.sequences:
        sequences, windows = fasta.read_sequences(smk.input.sequences)
        texts = beside.aligned(pd.Series(list(sequences.values()), windows["peak"]), ids, smk.input.sequences)
        covariates = matching.covariates(texts.tolist(), width, depth)
    members = by_profile.memberships(ids, tables.read_table(smk.input.profiles))
    unchanged = (differential["direction"] == "none").to_numpy(bool)
    table = by_profile.regions(sets, members, unchanged, covariates)
    n_found = int((table["padj"] < smk.params.alpha).sum())
    log.info("%d of %d sets and clusters at padj < %g", n_found, len(table), smk.params.alpha)
    tables.write_table(table, smk.output[0])


main(snakemake)
