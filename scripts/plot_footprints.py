"""Draw a contrast's footprints: profiles, single sites, and changes of depth against those of flanks."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.footprints import by_site, profiles
from workflow_lib.io import tables
from workflow_lib.plots import footprints, style
from workflow_lib.stats import forms, sides


def main(smk):
    log = logs.to_file(smk.log[0])
    given, chosen = smk.input, smk.params
    tests = tables.read_table(given.footprints)
    lengths = tables.read_table(given.library, index="motif_id")["length"].to_dict()
    drawn = profiles.read(given.profiles, tests["motif_id"].tolist())
    groups = sides.groups(pd.DataFrame.from_dict(chosen.samples, orient="index"), chosen.contrast)
    look = (tests, lengths, groups, style.group_colours(chosen.groups.values()))
    footprints.draw_all(drawn, by_site.read(given.by_site), *look, smk.output.folder)
    small = footprints.profiles(drawn, *look)
    style.save(small, smk.output.profiles, smk.output.profiles_png, smk.output.profiles_pdf)
    names = forms.parse(chosen.contrast).names
    changes = footprints.changes(tests, chosen.alpha, *names)
    style.save(changes, smk.output.changes, smk.output.changes_png, smk.output.changes_pdf)
    log.info("drew profiles of %d motifs", len(drawn))


main(snakemake)
