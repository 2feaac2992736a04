"""Peaks whose accessibility follows the expression of a gene nearby."""

TESTED = sorted({contrast["variable"] for contrast in config["contrasts"].values()})


rule link_peaks:
    """Correlate peaks with genes nearby, against the same genes with like peaks of other contigs."""
    input:
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
        peaks="results/peaks/peaks.tsv",
        genes="resources/genome/genes.parquet",
        expression=source(config["linkage"]["expression"]),
        sequences=branch(HAS_GENOME, then="results/sequences/peaks.fa.gz", otherwise=[]),
    output:
        links="results/linkage/links.tsv.gz",
        bedpe="results/linkage/links.bedpe",
        summary="results/linkage/summary.tsv",
        background="results/linkage/background.tsv",
    log:
        "logs/link_peaks.log",
    benchmark:
        "logs/link_peaks.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("link_peaks"),
        samples=SHEET,
        design=lookup("design", within=config),
        tested=TESTED,
        distance=lookup("linkage/distance", within=config),
        adjust=lookup("linkage/adjust", within=config),
        alpha=lookup("alpha", within=config),
        seed=lookup("seed", within=config),
    script:
        "../scripts/link_peaks.py"


rule plot_linkage:
    """Draw the strongest links, sample by sample, and how links differ from their background."""
    input:
        links="results/linkage/links.tsv.gz",
        background="results/linkage/background.tsv",
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
        expression=source(config["linkage"]["expression"]),
        genes="resources/genome/genes.parquet",
    output:
        links=report(
            "results/linkage/figures/links.svg",
            caption="captions/links.rst",
            category="Linkage",
            labels={"contrast": "all samples", "figure": "strongest links"},
        ),
        background=report(
            "results/linkage/figures/background.svg",
            caption="captions/link_background.rst",
            category="Linkage",
            labels={
                "contrast": "all samples",
                "figure": "links and their background",
            },
        ),
        links_png="results/linkage/figures/links.png",
        background_png="results/linkage/figures/background.png",
    log:
        "logs/plot_linkage.log",
    benchmark:
        "logs/plot_linkage.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_linkage"),
        samples=SHEET,
        design=lookup("design", within=config),
        tested=TESTED,
        adjust=lookup("linkage/adjust", within=config),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_linkage.py"


REPORTED |= {
    "links": "results/linkage/links.tsv.gz",
    "link_summary": "results/linkage/summary.tsv",
    "link_figure": "results/linkage/figures/links.svg",
    "link_background": "results/linkage/figures/background.svg",
}
LINKED += ["results/linkage/links.bedpe", "results/linkage/background.tsv"]
EXPORTED["links"] = "results/linkage/links.tsv.gz"
