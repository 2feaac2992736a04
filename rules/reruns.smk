"""What makes a job run again: one digest of all that its results are made from."""

from snakemake.persistence import ParamsChange
from snakemake.settings.enums import RerunTrigger

from workflow_lib.io import identity

IDENTITIES = identity.Identities(
    f"{STATE}/identities.json", identity.known_checksums(result("inputs"))
)


def made_from(step):
    """A parameter that differs when a job's results may: settings and inputs by name, and contents of files.

    Snakemake compares parameters without their names and inputs without their order. It compares dates, too,
    which a copy changes, and an older file put in the place of a newer one does not: of the user's files the
    contents are compared (docs/adr/111).
    """

    def digest(wildcards):
        found, *_ = step.expand_input(dict(wildcards.items()))
        settings = [
            (name, item(wildcards) if callable(item) else item)
            for name, item in step.params._allitems()
            if name != "made_from"
        ]
        inputs = [
            (
                name,
                [
                    IDENTITIES.of(file) if file.is_ancient else str(file)
                    for file in listed(files)
                ],
            )
            for name, files in found._allitems()
        ]
        IDENTITIES.save()
        return identity.text_digest(repr((settings, inputs)))

    return digest


def listed(files):
    """One file or several, as several."""
    return [files] if isinstance(files, str) else list(files)


for step in workflow.rules:
    if step.script and step.basedir is not None and ROOT in str(step.basedir):
        step.set_params(made_from=made_from(step))

TRIGGERS = frozenset(
    {RerunTrigger.MTIME, RerunTrigger.PARAMS, RerunTrigger.SOFTWARE_ENV}
)


def with_records(kind):
    """Snakemake's records of finished jobs, where a result without one is not taken for finished."""

    class Records(kind):
        def has_metadata(self, job):
            return True  # or else no parameter is compared

        def params_changed(self, job, file=None):
            found = super().params_changed(job, file)
            unknown = {result for result in job.output if self.metadata(result) is None}
            if not unknown:
                return found
            said = {"no record of how it was made"}
            return found | ParamsChange(only_new=said, files=unknown)

    return Records


class Watched(type(workflow)):
    """Snakemake's workflow, with what decides here whether a job runs again.

    Its own triggers ask more: dates of scripts, which every update changes, and names of inputs, which a move
    changes. And they can be switched off on the command line, when nothing would notice another sheet or BAM.
    """

    @property
    def rerun_triggers(self):
        return TRIGGERS

    @property
    def persistence(self):
        kept = super().persistence
        if kept is not None and type(kept).__name__ != "Records":
            kept.__class__ = with_records(type(kept))
        return kept


# The command line is not read yet when rules are, so that its settings cannot simply be replaced. Where this is
# another workflow's module, that one decides.
if workflow.modifier.is_main_snakefile():
    workflow.__class__ = Watched
