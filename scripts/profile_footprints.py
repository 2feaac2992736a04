"""Profile the cuts around the sites of chosen motifs in every sample and group."""

from workflow_lib import logs
from workflow_lib.footprints import by_site, profiles, sites
from workflow_lib.genome import reference
from workflow_lib.io import tables
from workflow_lib.motifs import choice, library


def main(smk):
    log = logs.to_file(smk.log[0])
    motifs = library.read(smk.input.library)
    footprints, enrichment = (
        [tables.read_table(path) for path in smk.input[kind]] for kind in ("footprints", "enrichment")
    )
    chosen = choice.chosen(smk.params.motifs, motifs, footprints, enrichment, smk.params.alpha)
    genome = reference.read(smk.input.fasta, smk.input.fai, smk.input.gzi)
    groups = dict(zip(smk.params.samples, smk.params.groups, strict=True))
    stores = dict(zip(smk.params.samples, smk.input.fragments, strict=True))
    known = (chosen, motifs.ids, sites.read(smk.input.sites), stores, groups)
    bias, model, flank = tables.read_table(smk.input.bias), smk.params.model, smk.params.flank
    profiles.write(*known, genome, bias, model, flank, smk.params.seed, smk.output.profiles)
    by_site.write(by_site.collect(*known, list(genome.contigs.index), flank), smk.output.by_site)
    log.info("%d motifs: %s", len(chosen), ", ".join(chosen))


main(snakemake)
