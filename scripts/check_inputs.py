"""Write which contig is in which input, as the run found at its start or as it is found now."""

import pandas as pd

from workflow_lib import logs, preflight
from workflow_lib.io import tables


def main(smk):
    log = logs.to_file(smk.log[0])
    samples = pd.DataFrame(smk.params.samples).set_index("sample")
    survey = preflight.surveyed(smk.params.config, samples, smk.params.memory)
    if survey is None:
        survey = preflight.survey(smk.params.config, samples, deep=True)
    table = survey.table()
    for note in survey.notes:
        log.info("note: %s", note)
    if survey.problems:
        # The table itself does not outlive a failed job.
        odd = table[table["verdict"] != "ok"]
        log.info("contigs that differ:\n%s", odd.to_string(index=False) if len(odd) else "none")
    preflight.raise_all(survey.problems)
    log.info("%d contigs in %d inputs", len(table), len(survey.contigs))
    tables.write_table(table, smk.output[0], names=survey.names)


main(snakemake)
