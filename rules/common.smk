"""The validated configuration, and what it makes of the DAG."""

import os
import re
import sys

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
from workflow_lib.stats import units


def refuse(message):
    """End with a message to the user, without the lines that Snakemake puts around an error's."""
    print(message, file=sys.stderr, flush=True)
    sys.exit(1)


# What a start leaves for the next one, in the folder of the run: all of it can be found anew.
STATE = ".snakemake/atacdiff"
CODE = provenance.digests(ROOT, f"{STATE}/code.json")

try:
    START = preflight.start(
        config,
        f"{ROOT}/config/schemas",
        config_files=workflow.configfiles,
        # a process that runs one job of the run finds here what the run's own has found
        deep=workflow.is_main_process,
        memory=preflight.Memory(f"{STATE}/inputs.json", CODE["check_inputs"]),
        # with `--sdm conda` the jobs' own environment brings them
        programs=not workflow.deployment_settings.deployment_method,
    )
except InputError as error:
    refuse(str(error))

config, SAMPLES, NOTES = START.config, START.samples, START.notes

# From here on a sample is a biological replicate: its libraries' counts are added before any test.
LIBRARIES = SAMPLES
UNITS = units.members(LIBRARIES)
SAMPLES = units.table(LIBRARIES)
POOLED = [name for name, libraries in UNITS.items() if len(libraries) > 1]
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
NO_REGIONS = preflight.no_regions(config)  # the reason, or None
HAS_REGIONS = NO_REGIONS is None
SEVERAL = len(CONTRASTS) > 1
PROFILED = preflight.profiled(
    config, SAMPLES
)  # contrasts whose peaks are followed over levels


def source(paths):
    """Files that the user gives. Not their dates decide what runs again but what they hold (reruns.smk).

    There is no rule that makes them, or `ancient` would hide that rule's reruns from all that follows.
    """
    if not paths:
        return []
    if not isinstance(paths, str):
        return [source(path) for path in paths]
    return paths if preflight.made_here(config, paths) else ancient(paths)


# Inputs of many rules; none where the run has no genome.
CONTIGS = "resources/genome/contigs.tsv" if HAS_GENOME else []
GENOME = (
    {
        "fasta": source(config["genome"]["fasta"]),
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
        (HAS_REGIONS, "Gene sets and regions of other studies", NO_REGIONS),
    )
    if not runs
]


def code_digest(script):
    """Digest of what a script can reach in the library: a rule reruns when that code changes."""
    return CODE[script]


def any_of(names):
    """A pattern of these names and no other."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    sample=any_of([*LIBRARIES.index, *POOLED]),
    group="|".join(map(re.escape, GROUPS)),
    contrast="|".join(map(re.escape, CONTRASTS)),
    direction="up|down",
