"""Write an IGV session and a UCSC track hub that open the tracks."""

import os

from workflow_lib import logs
from workflow_lib.genome import reference
from workflow_lib.io import tables
from workflow_lib.plots import style
from workflow_lib.tracks import sessions


def main(smk):
    logs.to_file(smk.log[0])
    groups = smk.params.groups
    genome = {key: smk.input[key] for key in ("fasta", "fai", "gzi") if smk.input.get(key)}
    beside = {"motif hits": smk.input.hits, "links of peaks and genes": smk.input.links}
    sessions.write_session(
        os.path.dirname(smk.output.session),
        sessions.of_samples(groups, style.group_colours(groups.values())),
        sessions.by_change(
            tables.read_table(smk.input.peaks), map(tables.read_table, smk.input.differential)
        ),
        name=smk.params.name,
        features={
            "consensus peaks": smk.input.bed,
            **dict(zip(smk.params.changes, [*smk.input.opened, *smk.input.closed], strict=True)),
            **{name: path for name, path in beside.items() if path},
        },
        contigs=reference.read_contigs(smk.input.contigs) if smk.input.contigs else None,
        **genome,
    )


main(snakemake)
