"""Draw the places that were asked for and the strongest peaks of a contrast."""

from pathlib import Path

import pandas as pd

from workflow_lib import logs
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import genes, reference
from workflow_lib.io import tables
from workflow_lib.plots import loci as pictures
from workflow_lib.plots import style
from workflow_lib.stats import forms, sides
from workflow_lib.tracks import loci


def main(smk):
    log = logs.to_file(smk.log[0])
    given, chosen, alpha = smk.input, smk.params.loci, smk.params.alpha
    stores = dict(zip(smk.params.samples, given.fragments, strict=True))
    sources = loci.Sources(
        stores=stores,
        size_factors=tables.read_table(given.size_factors, index="sample")["used"],
        differential=loci.placed(tables.read_table(given.differential)),
        models=genes.read(given.genes) if given.get("genes") else None,
        hits=given.get("hits") or None,
        motifs=loci.enriched({w: tables.read_table(given[w]) for w in ("up", "down") if given.get(w)}, alpha),
        links=tables.read_table(given.links) if given.get("links") else None,
        alpha=alpha,
        max_fragment=chosen["max_fragment"],
    )
    contigs = [FragmentStore.read(path, contigs=()).contigs for path in stores.values()]
    window = {name: chosen[name] for name in ("top", "upstream", "downstream")}
    lengths = reference.contigs_of_all(contigs)
    places = loci.choose(chosen["genes"], sources.differential, sources.models, lengths, **window)
    sheet = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    groups = sides.samples_by_level(sheet, smk.params.contrast)
    named = forms.named(smk.params.contrast)
    look = (groups, style.group_colours(groups), alpha, named["experiment"])
    pictures.draw_all(loci.collect(places, sources), *look, smk.output[0], kind=named["kind"])
    tables.write_table(places, Path(smk.output[0]) / "loci.tsv")
    log.info("%d loci, %d motifs shown", len(places), len(sources.motifs))


main(snakemake)
