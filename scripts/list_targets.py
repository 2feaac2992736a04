"""List every site of the leading factors, with the change of its peak and its genes."""

from workflow_lib import beside, logs
from workflow_lib.factors import evidence, targets
from workflow_lib.io import hits, tables
from workflow_lib.peaks import consensus


def main(smk):
    log = logs.to_file(smk.log[0])
    named = {name: smk.input.get(name) for name in ("annotation", "links")}
    factors, library = evidence.read(smk.input.factors), tables.read_table(smk.input.library)
    peaks = consensus.read(smk.input.peaks)["peak"]
    changes = beside.aligned(tables.read_table(smk.input.differential), peaks, smk.input.differential)
    genes = linked = None
    if named["annotation"]:
        genes = beside.aligned(tables.read_table(named["annotation"]), peaks, named["annotation"])
    if named["links"]:
        linked = targets.linked_genes(tables.read_table(named["links"]), peaks, smk.params.alpha)
    matches = beside.of_rows(hits.read_matches(smk.input.matches), len(peaks), smk.input.matches)
    counted = targets.summarise(factors, library, matches, changes["direction"], linked)
    parts = hits.read_in_parts(smk.input.hits)
    listed = targets.rows(parts, targets.chosen(factors), library, changes, genes, linked)
    n = tables.write_parts(listed, smk.output.targets)
    tables.write_table(counted, smk.output.counts)
    log.info("%d of %d clusters, %d sites", counted["listed"].sum(), len(counted), n)


main(snakemake)
