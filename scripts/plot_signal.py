"""Draw coverage around the regions that changed in a contrast."""

import pandas as pd

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.plots import signal as plots
from workflow_lib.plots import style
from workflow_lib.stats import sides
from workflow_lib.tracks import signal


def main(smk):
    log = logs.to_file(smk.log[0])
    table = tables.read_table(smk.input.signal)
    samples = pd.DataFrame.from_dict(smk.params.samples, orient="index")
    groups = list(dict.fromkeys(samples["group"].astype(str)))
    n = signal.each(smk.params.n_contrasts, len(groups))
    chosen = signal.leading(tables.read_table(smk.input.differential), n)
    compared = sides.samples_by_level(samples, smk.params.contrast)
    shown = [name for name in compared if name in groups] or groups
    style.save(plots.changes(table, chosen, shown[: plots.MOST_GROUPS]), *smk.output)
    log.info("%d regions", len(chosen))


main(snakemake)
