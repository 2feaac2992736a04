"""Differential accessibility."""


rule estimate_size_factors:
    """Estimate size factors by every method that the inputs permit."""
    input:
        counts="results/counts/counts.tsv.gz",
        reads=branch(HAS_BAMS, then="results/qc/samples.tsv", otherwise=[]),
        fragments=branch(
            HAS_BAMS,
            then=expand("results/fragments/{sample}.h5", sample=SAMPLES.index),
            otherwise=[],
        ),
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
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("estimate_size_factors"),
        method=lookup("differential/size_factors", within=config),
        mitochondrial=lookup("genome/mitochondrial", within=config),
        spike_in=SAMPLES["spike_in"].to_dict() if "spike_in" in SAMPLES else None,
        given=SAMPLES["size_factor"].to_dict() if "size_factor" in SAMPLES else None,
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


rule compare_normalisations:
    """Test a contrast under every set of size factors, to show how the choice changes the answer."""
    input:
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
        reads=branch(HAS_BAMS, then="results/qc/samples.tsv", otherwise=[]),
    output:
        peaks="results/differential/normalisation/{contrast}.tsv.gz",
        summary=temp("results/differential/normalisation/{contrast}.summary.tsv"),
        shift=temp("results/differential/normalisation/{contrast}.shift.tsv"),
    log:
        "logs/compare_normalisations/{contrast}.log",
    benchmark:
        "logs/compare_normalisations/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        code=code_digest("compare_normalisations"),
        samples=SAMPLES.drop(columns="bam", errors="ignore").to_dict(orient="index"),
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        method=lookup("differential/size_factors", within=config),
        alpha=lookup("differential/alpha", within=config),
        min_abs_log2fc=lookup("differential/min_abs_log2fc", within=config),
        min_count=lookup("differential/min_count", within=config),
    script:
        "../scripts/compare_normalisations.py"


rule gather_normalisations:
    """Gather what the contrasts' comparisons of size factors found."""
    input:
        summary=expand(
            "results/differential/normalisation/{contrast}.summary.tsv",
            contrast=CONTRASTS,
        ),
        shift=expand(
            "results/differential/normalisation/{contrast}.shift.tsv",
            contrast=CONTRASTS,
        ),
    output:
        summary="results/differential/normalisation.tsv",
        shift="results/differential/global_shift.tsv",
    log:
        "logs/gather_normalisations.log",
    benchmark:
        "logs/gather_normalisations.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 500 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("gather_tables"),
    script:
        "../scripts/gather_tables.py"


rule calibrate_differential:
    """Test a contrast's peaks under permuted labels and in split groups, where nothing can differ."""
    input:
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
    output:
        runs=temp("results/differential/calibration/{contrast}.tsv"),
        pvalues="results/differential/calibration/{contrast}.pvalues.tsv",
    log:
        "logs/calibrate_differential/{contrast}.log",
    benchmark:
        "logs/calibrate_differential/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        code=code_digest("calibrate_differential"),
        samples=SAMPLES.drop(columns="bam", errors="ignore").to_dict(orient="index"),
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("differential/alpha", within=config),
        min_count=lookup("differential/min_count", within=config),
        seed=lookup("seed", within=config),
    script:
        "../scripts/calibrate_differential.py"


rule gather_calibrations:
    """Gather the contrasts' tests of permuted labels and split groups."""
    input:
        runs=expand(
            "results/differential/calibration/{contrast}.tsv", contrast=CONTRASTS
        ),
    output:
        runs="results/differential/calibration.tsv",
    log:
        "logs/gather_calibrations.log",
    benchmark:
        "logs/gather_calibrations.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 500 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("gather_tables"),
    script:
        "../scripts/gather_tables.py"
