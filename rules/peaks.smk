"""The consensus peaks; a run that starts from a count matrix takes them from there (counts.smk)."""

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
