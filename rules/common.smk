"""The validated configuration, and what it makes of the DAG."""

import os
import re
import sys

from snakemake.exceptions import WorkflowError

# Not workflow.basedir, which is another workflow's folder where this one is its module.
ROOT = os.path.dirname(workflow.current_basedir.get_path_or_uri(secret_free=True))
sys.path.insert(0, ROOT)
# Scripts run in processes of their own and import the library too.
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [ROOT, os.getenv("PYTHONPATH")]))
)

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.io import provenance

try:
    config, SAMPLES, NOTES = preflight.load(
        config,
        f"{ROOT}/config/schemas",
        config_files=workflow.configfiles,
        # with `--sdm conda` the jobs' own environment brings them
        programs=not workflow.deployment_settings.deployment_method,
    )
except InputError as error:
    raise WorkflowError(str(error)) from None

if workflow.is_main_process:
    for note in NOTES:
        print(f"Note: {note}", file=sys.stderr)

SHEET = SAMPLES.drop(columns="bam", errors="ignore").to_dict(orient="index")
GROUPS = sorted(set(SAMPLES["group"]))
CONTRASTS = list(config["contrasts"])
DIRECTIONS = ["up", "down"]
DEMO = config["demo"] is not None
HAS_BAMS = config["counts"] is None
HAS_GENOME = config["genome"]["fasta"] is not None
HAS_GENES = config["genome"]["annotation"] is not None
HAS_FOOTPRINTS = HAS_BAMS and HAS_GENOME
NO_LINKAGE = preflight.no_linkage(config, SAMPLES)  # the reason, or None
HAS_LINKAGE = NO_LINKAGE is None

# Inputs of many rules; none where the run has no genome.
CONTIGS = "resources/genome/contigs.tsv" if HAS_GENOME else []
GENOME = (
    {
        "fasta": config["genome"]["fasta"],
        "fai": "resources/genome/genome.fa.fai",
        "gzi": "resources/genome/genome.fa.gzi",
    }
    if HAS_GENOME
    else {}
)

# Stages that this configuration leaves out, each with the reason that the report gives.
SKIPPED = [
    (stage, reason)
    for runs, stage, reason in (
        (
            HAS_BAMS,
            "Reads: cut sites, quality, counting, tracks, locus plots",
            "the run starts from a count matrix (counts in the config), so there are no BAM files",
        ),
        (
            HAS_GENES,
            "Annotation of peaks with genes",
            "genome.annotation is not set",
        ),
        (
            HAS_GENOME,
            "Peak sequences, motifs, enrichment, chromVAR",
            "genome.fasta is not set, so there is no sequence to scan",
        ),
        (
            HAS_FOOTPRINTS,
            "Footprints",
            f"they need {'BAM files' if HAS_GENOME else 'genome.fasta'}, which this run lacks",
        ),
        (HAS_LINKAGE, "Links of peaks with genes", NO_LINKAGE),
    )
    if not runs
]


def code_digest(script):
    """Digest of a script and the library modules it imports: a rule reruns when its code changes."""
    return provenance.digest(f"{ROOT}/scripts/{script}.py", ROOT)


def print_answer():
    """Say where the report is, and its answer, where this run was to make it."""
    written = {str(file) for job in workflow.dag.jobs for file in job.output}
    page = result("report")
    if page in written and os.path.exists(result("answer")):
        print(f"\nThe report is {os.path.abspath(page)}. Its answer:\n")
        with open(result("answer"), encoding="utf-8") as file:
            print(file.read())


wildcard_constraints:
    sample="|".join(map(re.escape, SAMPLES.index)),
    group="|".join(map(re.escape, GROUPS)),
    contrast="|".join(map(re.escape, CONTRASTS)),
    direction="up|down",
