"""Which factors changed: one table of evidence for each contrast."""


rule rank_factors:
    """Put enrichment, chromVAR, footprints and the factors' own genes side by side, and rank by all."""
    input:
        unpack(get_factor_inputs),
    output:
        "results/factors/{contrast}.tsv",
    log:
        "logs/rank_factors/{contrast}.log",
    benchmark:
        "logs/rank_factors/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("rank_factors"),
        samples=SAMPLES.drop(columns="bam", errors="ignore").to_dict(orient="index"),
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("differential/alpha", within=config),
    script:
        "../scripts/rank_factors.py"


rule plot_factors:
    """Draw the evidence for the leading groups of motifs."""
    input:
        "results/factors/{contrast}.tsv",
    output:
        report(
            "results/factors/figures/{contrast}.svg",
            caption="captions/factors.rst",
            category="Factors",
            labels={"contrast": "{contrast}", "figure": "evidence"},
        ),
        "results/factors/figures/{contrast}.png",
    log:
        "logs/plot_factors/{contrast}.log",
    benchmark:
        "logs/plot_factors/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_factors"),
        alpha=lookup("differential/alpha", within=config),
    script:
        "../scripts/plot_factors.py"
