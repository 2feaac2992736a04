"""Which factors changed: one table of evidence for each contrast."""

EXPRESSION = source(config["linkage"]["expression"])


rule rank_factors:
    """Put enrichment, chromVAR, footprints and the factors' own genes side by side, and rank by all."""
    input:
        library="results/motifs/library.tsv",
        up="results/motifs/enrichment/{contrast}.up.tsv",
        down="results/motifs/enrichment/{contrast}.down.tsv",
        deviations="results/chromvar/differential/{contrast}.tsv",
        differential="results/differential/{contrast}.tsv.gz",
        footprints=branch(
            HAS_FOOTPRINTS, then="results/footprints/{contrast}.tsv", otherwise=[]
        ),
        expression=EXPRESSION,
        genes=branch(
            EXPRESSION and HAS_GENES,
            then="resources/genome/genes.parquet",
            otherwise=[],
        ),
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
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
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
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_factors.py"


REPORTED |= {
    "factors": of_contrasts("results/factors/{contrast}.tsv"),
    "factor_figures": of_contrasts("results/factors/figures/{contrast}.svg"),
}
EXPORTED["factors"] = REPORTED["factors"]
