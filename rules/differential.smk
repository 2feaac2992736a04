"""Differential accessibility."""


rule test_differential:
    """Test every peak for a change between the two groups of a contrast."""
    input:
        counts="results/counts/counts.tsv.gz",
        peaks="results/peaks/peaks.tsv",
        size_factors="results/differential/size_factors.tsv",
        offsets=OFFSETS,
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
        offsets=lookup("differential/offsets", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
        min_abs_log2fc=lookup("differential/min_abs_log2fc", within=config),
        min_count=lookup("differential/min_count", within=config),
        shrink=lookup("differential/shrink", within=config),
    script:
        "../scripts/test_differential.py"


rule plot_differential:
    """Draw a contrast's MA and volcano plots, p-values, strongest peaks and features."""
    input:
        table="results/differential/{contrast}.tsv.gz",
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
        offsets=OFFSETS,
    output:
        ma=report(
            "results/differential/figures/{contrast}.ma.svg",
            caption="captions/ma.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "MA plot"},
        ),
        volcano=report(
            "results/differential/figures/{contrast}.volcano.svg",
            caption="captions/volcano.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "volcano plot"},
        ),
        pvalues=report(
            "results/differential/figures/{contrast}.pvalues.svg",
            caption="captions/pvalues.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "p-value histogram"},
        ),
        heatmap=report(
            "results/differential/figures/{contrast}.heatmap.svg",
            caption="captions/top_peaks.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "strongest peaks"},
        ),
        features=report(
            "results/differential/figures/{contrast}.features.svg",
            caption="captions/features.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "features"},
        ),
        ma_png="results/differential/figures/{contrast}.ma.png",
        volcano_png="results/differential/figures/{contrast}.volcano.png",
        pvalues_png="results/differential/figures/{contrast}.pvalues.png",
        heatmap_png="results/differential/figures/{contrast}.heatmap.png",
        features_png="results/differential/figures/{contrast}.features.png",
    log:
        "logs/plot_differential/{contrast}.log",
    benchmark:
        "logs/plot_differential/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_differential"),
        offsets=lookup("differential/offsets", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
        groups=SAMPLES["group"].to_dict(),
    script:
        "../scripts/plot_differential.py"


rule plot_dispersions:
    """Draw each peak's dispersion, the trend, and what the test uses of both."""
    input:
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
        offsets=OFFSETS,
    output:
        table="results/differential/dispersions.tsv.gz",
        svg=report(
            "results/differential/figures/dispersions.svg",
            caption="captions/dispersions.rst",
            category="Differential peaks",
            labels={"contrast": "all samples", "figure": "dispersions"},
        ),
        png="results/differential/figures/dispersions.png",
    log:
        "logs/plot_dispersions.log",
    benchmark:
        "logs/plot_dispersions.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("plot_dispersions"),
        offsets=lookup("differential/offsets", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        min_count=lookup("differential/min_count", within=config),
    script:
        "../scripts/plot_dispersions.py"


REPORTED |= {
    "differential": of_contrasts("results/differential/{contrast}.tsv.gz"),
    "ma": of_contrasts("results/differential/figures/{contrast}.ma.svg"),
    "volcano": of_contrasts("results/differential/figures/{contrast}.volcano.svg"),
    "pvalues": of_contrasts("results/differential/figures/{contrast}.pvalues.svg"),
    "top_peaks": of_contrasts("results/differential/figures/{contrast}.heatmap.svg"),
    "features": of_contrasts("results/differential/figures/{contrast}.features.svg"),
    "dispersions": "results/differential/figures/dispersions.svg",
}
LINKED += of_contrasts("results/differential/{contrast}.up.bed")
LINKED += of_contrasts("results/differential/{contrast}.down.bed")
LINKED.append("results/differential/dispersions.tsv.gz")
EXPORTED["differential"] = REPORTED["differential"]
