"""Whether the test of peaks keeps its promise where nothing differs."""


rule calibrate_differential:
    """Test a contrast's peaks under permuted labels and in split groups, where nothing can differ."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        offsets=OFFSETS,
    output:
        runs=temp(part("calibration")),
        pvalues=result("calibration_pvalues"),
    log:
        "logs/calibrate_differential/{contrast}.log",
    benchmark:
        "logs/calibrate_differential/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts"),
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        code=code_digest("calibrate_differential"),
        block=lookup("block", within=config),
        offsets=lookup("differential/offsets", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
        min_count=lookup("differential/min_count", within=config),
        seed=lookup("seed", within=config),
    script:
        "../scripts/calibrate_differential.py"


rule gather_calibrations:
    """Gather the contrasts' tests of permuted labels and split groups."""
    input:
        runs=expand(part("calibration"), contrast=CONTRASTS),
    output:
        runs=result("calibration"),
    log:
        "logs/gather_calibrations.log",
    benchmark:
        "logs/gather_calibrations.benchmark.tsv"
    localrule: True
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(500),
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("gather_tables"),
    script:
        "../scripts/gather_tables.py"


rule plot_calibration:
    """Draw p-values of permuted labels and split groups against the uniform distribution."""
    input:
        result("calibration_pvalues"),
    output:
        figure("calibration_figure"),
        png("calibration_figure"),
        pdf("calibration_figure"),
    log:
        "logs/plot_calibration/{contrast}.log",
    benchmark:
        "logs/plot_calibration/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_calibration"),
    script:
        "../scripts/plot_calibration.py"
