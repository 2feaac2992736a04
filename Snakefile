"""atacdiff: which chromatin regions changed, and which transcription factors drive the change."""

import sys
from os.path import exists

from snakemake.utils import min_version

min_version("9.0")


# The demo, unless the command line names another configuration: the two would be merged key by key.
if not workflow.overwrite_configfiles:
    if workflow.modifier.is_main_snakefile() and not exists("config/config.yaml"):
        sys.exit(
            "No configuration: this folder has no config/config.yaml. Add --configfile to the command, with the name "
            "of yours."
        )

    configfile: "config/config.yaml"


include: "rules/common.smk"
include: "rules/results.smk"
include: "rules/inputs.smk"
include: "rules/benchmarks.smk"


# The page that `snakemake --report` begins with.
report: "rules/report.rst"


# With `--sdm apptainer` alone: an image that you build first (docs/cluster.md, "Containers").
container: f"{ROOT}/envs/atacdiff.sif"


scattergather:
    motifs=get_scan_parts(),


if DEMO:

    include: "rules/demo.smk"


include: "rules/preflight.smk"
include: "rules/reference.smk"


if HAS_BAMS:

    include: "rules/fragments.smk"
    include: "rules/peaks.smk"
    include: "rules/quality.smk"


include: "rules/counts.smk"


if HAS_GENES:

    include: "rules/annotation.smk"


include: "rules/samples.smk"
include: "rules/normalisation.smk"
include: "rules/differential.smk"


if config["differential"]["calibrate"]:

    include: "rules/calibration.smk"


if HAS_BAMS:

    include: "rules/tracks.smk"
    include: "rules/loci.smk"


if HAS_GENOME:

    include: "rules/sequences.smk"
    include: "rules/motifs.smk"
    include: "rules/enrichment.smk"
    include: "rules/chromvar.smk"

    if HAS_FOOTPRINTS:

        include: "rules/footprints.smk"
    include: "rules/factors.smk"


if HAS_LINKAGE:

    include: "rules/linkage.smk"


if HAS_REGIONS:

    include: "rules/regions.smk"


if SEVERAL:

    include: "rules/together.smk"


if PROFILED:

    include: "rules/profiles.smk"


include: "rules/export.smk"
include: "rules/report.smk"
include: "rules/reruns.smk"
include: "rules/session.smk"


rule all:
    """The report, which needs every table and figure, and the exports, which it does without."""
    default_target: True
    input:
        result("report"),
        [result(key) for key in EXPORTS],
