"""Build the consensus peaks from one set, or from one a sample or group, given or called."""

from workflow_lib import logs
from workflow_lib.genome import reference
from workflow_lib.io import checksums, tables
from workflow_lib.peaks import consensus as peaks
from workflow_lib.results import origin


def main(smk):
    logs.to_file(smk.log[0])
    groups, called = smk.params.groups, smk.params.called
    contigs = reference.read_contigs(smk.input.contigs) if smk.input.get("contigs") else None
    blacklist = peaks.read_blacklist(smk.input.blacklist) if smk.input.get("blacklist") else None
    inputs = [peaks.read_intervals(path, contigs, may_be_empty=called) for path in smk.input.peaks]
    if groups is None:
        consensus = peaks.as_given(inputs[0], contigs, blacklist=blacklist)
    else:
        replicates = smk.input.get("replicates", [])
        calls = [peaks.read_intervals(path, contigs, may_be_empty=True) for path in replicates]
        consensus = peaks.consensus(
            dict(zip(groups, inputs, strict=True)),
            contigs,
            width=smk.params.width,
            min_replicates=smk.params.min_replicates,
            groups=groups,
            replicates=peaks.by_group(calls, smk.params.replicates) if called else None,
            blacklist=blacklist,
        )
    peaks.write(consensus, smk.output.bed, smk.output.table, groups)
    given = [] if called else zip(smk.params.names, smk.input.peaks, strict=True)
    digests = {name: checksums.digest(path) for name, path in given}
    if smk.input.get("blacklist") and not smk.params.auto_blacklist:
        digests["blacklist"] = checksums.digest(smk.input.blacklist)
    tables.write_table(origin.table(digests), smk.output.origin)


main(snakemake)
