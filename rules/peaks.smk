"""The consensus peaks; a run that starts from a count matrix takes them from there (counts.smk)."""

from workflow_lib import peaks


def get_peak_files():
    """Peak files by sample or group; a single consensus file has no name."""
    files = config["peaks"]["files"]
    return files if isinstance(files, dict) else {None: files}


def get_peak_groups():
    """The group of each peak file; None where one file is the consensus."""
    names = list(get_peak_files())
    return None if names == [None] else peaks.groups_of_inputs(names, SAMPLES)


def get_consensus_inputs(wildcards):
    """Peak files, and the genome's contigs and blacklist where the config gives them."""
    inputs = {
        "peaks": list(get_peak_files().values()),
        "preflight": ancient("results/preflight.tsv"),
    }
    if HAS_GENOME:
        inputs["contigs"] = "resources/genome/contigs.tsv"
    if config["genome"]["blacklist"]:
        inputs["blacklist"] = config["genome"]["blacklist"]
    return inputs


if HAS_BAMS:

    rule build_consensus:
        """Make one peak set of all samples, the rows of every later table."""
        input:
            unpack(get_consensus_inputs),
        output:
            bed="results/peaks/consensus.bed",
            table="results/peaks/peaks.tsv",
        log:
            "logs/build_consensus.log",
        benchmark:
            "logs/build_consensus.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=lambda wildcards, attempt: 2000 * attempt,
            runtime=lambda wildcards, attempt: 30 * attempt,
        params:
            code=code_digest("build_consensus"),
            groups=get_peak_groups(),
            width=lookup("peaks/width", within=config),
            min_replicates=lookup("peaks/min_replicates", within=config),
        script:
            "../scripts/build_consensus.py"
