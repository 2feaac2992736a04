"""Test gene sets and sets of regions in each cluster of profiles against unchanged peaks."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.profiles import sets as by_profile
from workflow_lib.regions import study


def main(smk):
    log = logs.to_file(smk.log[0])
    differential = tables.read_table(smk.input.differential)
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
    members = by_profile.memberships(differential["peak"], tables.read_table(smk.input.profiles))
    unchanged = (differential["direction"] == "none").to_numpy(bool)
    table = by_profile.regions(sets, members, unchanged, covariates)
    n_found = int((table["padj"] < smk.params.alpha).sum())
    log.info("%d of %d sets and clusters at padj < %g", n_found, len(table), smk.params.alpha)
    tables.write_table(table, smk.output[0])


main(snakemake)
