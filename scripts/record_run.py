"""Write down the run's settings, samples and versions."""

from workflow_lib import logs
from workflow_lib.io import records
from workflow_lib.report import methods


def main(smk):
    log = logs.to_file(smk.log[0])
    versions = methods.versions()
    records.write(
        smk.output[0],
        settings=smk.params.settings,
        samples=smk.params.samples,
        versions=versions,
        results=smk.params.results,
        skipped=smk.params.skipped,
        notes=smk.params.notes,
    )
    log.info("%d samples, versions of %d packages", len(smk.params.samples), len(versions))


main(snakemake)
