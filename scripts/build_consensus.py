"""Build the consensus peaks from one set, or from one a sample or group."""

from workflow_lib import genome, logs, peaks


def main(smk):
    logs.to_file(smk.log[0])
    contigs = genome.read_contigs(smk.input.contigs) if smk.input.get("contigs") else None
    blacklist = peaks.read_blacklist(smk.input.blacklist) if smk.input.get("blacklist") else None
    inputs = [peaks.read_intervals(path, contigs) for path in smk.input.peaks]
    if smk.params.groups is None:
        consensus = peaks.as_given(inputs[0], contigs, blacklist=blacklist)
    else:
        consensus = peaks.consensus(
            dict(zip(smk.params.groups, inputs, strict=True)),
            contigs,
            width=smk.params.width,
            min_replicates=smk.params.min_replicates,
            groups=smk.params.groups,
            blacklist=blacklist,
        )
    peaks.write(consensus, smk.output.bed, smk.output.table)


main(snakemake)
