"""atacdiff: which chromatin regions changed, and which transcription factors drive the change."""

from snakemake.utils import min_version

min_version("9.0")


# The demo, unless the command line names another configuration: the two would be merged key by key.
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


include: "rules/common.smk"
include: "rules/inputs.smk"


scattergather:
    motifs=get_scan_parts(),


include: "rules/demo.smk"
include: "rules/preflight.smk"
include: "rules/reference.smk"
include: "rules/fragments.smk"
include: "rules/peaks.smk"
include: "rules/counts.smk"
include: "rules/annotation.smk"
include: "rules/differential.smk"
include: "rules/tracks.smk"
include: "rules/sequences.smk"
include: "rules/motifs.smk"
include: "rules/enrichment.smk"
include: "rules/chromvar.smk"
include: "rules/footprints.smk"
include: "rules/factors.smk"
include: "rules/loci.smk"
include: "rules/linkage.smk"
include: "rules/export.smk"
include: "rules/plots.smk"
include: "rules/report.smk"


rule all:
    """The report, which needs every table and figure, and the export."""
    default_target: True
    input:
        "results/report.html",
        "results/experiment.h5mu",


onsuccess:
    print_answer()
