"""What makes a job run again: one digest of all that its results are made from."""

from snakemake.settings.enums import RerunTrigger

from workflow_lib.io import identity

IDENTITIES = identity.Identities(
    f"{STATE}/identities.json", identity.known_checksums("results/inputs.tsv")
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

if workflow.modifier.is_main_snakefile():
    # Snakemake's own triggers ask more: dates of scripts, which every update changes, and names of inputs, which
    # a move does. And they can be switched off on the command line, when nothing would notice another sheet or BAM.
    # The command line is not read yet when rules are, so that what it says cannot simply be replaced here.
    TRIGGERS = frozenset(
        {RerunTrigger.MTIME, RerunTrigger.PARAMS, RerunTrigger.SOFTWARE_ENV}
    )
    workflow.__class__ = type(
        "Workflow",
        (type(workflow),),
        {"rerun_triggers": property(lambda self: TRIGGERS)},
    )
