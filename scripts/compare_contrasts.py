"""Count which peaks change in which contrasts, and how far any two agree."""

from workflow_lib import logs, together
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    names = list(smk.params.contrasts)
    wide = together.side_by_side(dict(zip(names, map(tables.read_table, smk.input), strict=True)))
    tables.write_table(wide, smk.output.peaks, names={"contrast": names})
    tables.write_table(together.overlaps(wide, names), smk.output.overlaps)
    tables.write_table(together.pairs(wide, names), smk.output.pairs)
    log.info("%d of %d peaks change in a contrast", (wide["n_called"] > 0).sum(), len(wide))


main(snakemake)
