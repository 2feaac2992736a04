"""Differential accessibility."""


rule test_differential:
    """Test every peak for a change between the two groups of a contrast."""
    input:
        counts=result("counts"),
        peaks=result("peaks"),
        size_factors=result("size_factors"),
        offsets=OFFSETS,
        annotation=branch(HAS_GENES, then=result("annotation"), otherwise=[]),
    output:
        table=result("differential"),
        up=result("changed_peaks", direction="up"),
        down=result("changed_peaks", direction="down"),
    log:
        "logs/test_differential/{contrast}.log",
    benchmark:
        "logs/test_differential/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts"),
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
        table=result("differential"),
        counts=result("counts"),
        size_factors=result("size_factors"),
        offsets=OFFSETS,
    output:
        ma=figure("ma"),
        volcano=figure("volcano"),
        pvalues=figure("pvalues"),
        heatmap=figure("top_peaks"),
        features=figure("features"),
        ma_png=png("ma"),
        ma_pdf=pdf("ma"),
        volcano_png=png("volcano"),
        volcano_pdf=pdf("volcano"),
        pvalues_png=png("pvalues"),
        pvalues_pdf=pdf("pvalues"),
        heatmap_png=png("top_peaks"),
        heatmap_pdf=pdf("top_peaks"),
        features_png=png("features"),
        features_pdf=pdf("features"),
    log:
        "logs/plot_differential/{contrast}.log",
    benchmark:
        "logs/plot_differential/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts"),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_differential"),
        offsets=lookup("differential/offsets", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
        groups=SAMPLES["group"].to_dict(),
    script:
        "../scripts/plot_differential.py"


rule fit_dispersions:
    """Fit each peak's dispersion, the trend, and what the test uses of both."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        offsets=OFFSETS,
    output:
        result("dispersions"),
    log:
        "logs/fit_dispersions.log",
    benchmark:
        "logs/fit_dispersions.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts"),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("fit_dispersions"),
        offsets=lookup("differential/offsets", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        min_count=lookup("differential/min_count", within=config),
    script:
        "../scripts/fit_dispersions.py"


rule plot_dispersions:
    """Draw dispersions against the mean."""
    input:
        result("dispersions"),
    output:
        figure("dispersions_figure"),
        png("dispersions_figure"),
        pdf("dispersions_figure"),
    log:
        "logs/plot_dispersions.log",
    benchmark:
        "logs/plot_dispersions.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_dispersions"),
    script:
        "../scripts/plot_dispersions.py"


rule estimate_power:
    """Say what more samples or more reads would find, from this study's own variation."""
    input:
        result("dispersions"),
    output:
        result("power"),
    log:
        "logs/estimate_power.log",
    benchmark:
        "logs/estimate_power.benchmark.tsv"
    localrule: True
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("estimate_power"),
        groups=sorted(SAMPLES["group"]),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/estimate_power.py"


rule plot_power:
    """Draw power against samples and against reads."""
    input:
        result("power"),
    output:
        figure("power_figure"),
        png("power_figure"),
        pdf("power_figure"),
    log:
        "logs/plot_power.log",
    benchmark:
        "logs/plot_power.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_power"),
    script:
        "../scripts/plot_power.py"
