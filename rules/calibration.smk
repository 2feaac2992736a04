"""Whether the test of peaks keeps its promise where nothing differs."""


rule calibrate_differential:
    """Test a contrast's peaks under permuted labels and in split groups, where nothing can differ."""
    input:
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
        offsets=OFFSETS,
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


rule plot_calibration:
    """Draw p-values of permuted labels and split groups against the uniform distribution."""
    input:
        "results/differential/calibration/{contrast}.pvalues.tsv",
    output:
        report(
            "results/differential/figures/{contrast}.calibration.svg",
            caption="captions/calibration.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "calibration"},
        ),
        "results/differential/figures/{contrast}.calibration.png",
    log:
        "logs/plot_calibration/{contrast}.log",
    benchmark:
        "logs/plot_calibration/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_calibration"),
    script:
        "../scripts/plot_calibration.py"


REPORTED |= {
    "calibration": "results/differential/calibration.tsv",
    "calibration_figures": of_contrasts(
        "results/differential/figures/{contrast}.calibration.svg"
    ),
}
LINKED += of_contrasts("results/differential/calibration/{contrast}.pvalues.tsv")
