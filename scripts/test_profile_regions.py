"""Test gene sets and sets of regions in each cluster of profiles against unchanged peaks."""

import pandas as pd

from workflow_lib import beside, logs
from workflow_lib.genome import genes
from workflow_lib.io import bed, fasta, gene_sets, tables
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
    scanned = None
    if smk.input.sequences:
        sequences = pd.Series(fasta.read_sequences(smk.input.sequences)[0])
        scanned = beside.aligned(sequences, ids, smk.input.sequences).tolist()
    covariates = study.covariates(peaks, differential["baseMean"], scanned)
    members = by_profile.memberships(ids, tables.read_table(smk.input.profiles))
    unchanged = (differential["direction"] == "none").to_numpy(bool)
    table = by_profile.regions(sets, members, unchanged, covariates)
    n_found = int((table["padj"] < smk.params.alpha).sum())
    log.info("%d of %d sets and clusters at padj < %g", n_found, len(table), smk.params.alpha)
    tables.write_table(table, smk.output[0])


main(snakemake)
