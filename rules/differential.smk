"""Differential accessibility."""


rule estimate_size_factors:
    """Estimate size factors by every method that the inputs permit."""
    input:
        counts="results/counts/counts.tsv.gz",
        reads=branch(HAS_BAMS, then="results/qc/samples.tsv", otherwise=[]),
    output:
        "results/differential/size_factors.tsv",
    log:
        "logs/estimate_size_factors.log",
    benchmark:
        "logs/estimate_size_factors.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("estimate_size_factors"),
        method=lookup("differential/size_factors", within=config),
        given=(
            SAMPLES["size_factor"].to_dict()
            if "size_factor" in SAMPLES.columns
            else None
        ),
    script:
        "../scripts/estimate_size_factors.py"


rule test_differential:
    """Test every peak for a change between the two groups of a contrast."""
    input:
        counts="results/counts/counts.tsv.gz",
        peaks="results/peaks/peaks.tsv",
        size_factors="results/differential/size_factors.tsv",
        annotation=branch(
            HAS_GENES, then="results/annotation/peaks.tsv.gz", otherwise=[]
        ),
    output:
        table="results/differential/{contrast}.tsv.gz",
        up="results/differential/{contrast}.up.bed",
        down="results/differential/{contrast}.down.bed",
    log:
        "logs/test_differential/{contrast}.log",
    benchmark:
        "logs/test_differential/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("test_differential"),
        samples=SAMPLES.drop(columns="bam", errors="ignore").to_dict(orient="index"),
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("differential/alpha", within=config),
        min_abs_log2fc=lookup("differential/min_abs_log2fc", within=config),
        min_count=lookup("differential/min_count", within=config),
        shrink=lookup("differential/shrink", within=config),
    script:
        "../scripts/test_differential.py"
