"""Peaks whose accessibility follows the expression of a gene nearby."""

TESTED = sorted(
    {
        name
        for asked in config["contrasts"].values()
        for name in forms.parse(asked).variables
    }
)


rule link_peaks:
    """Correlate peaks with genes nearby, against the same genes with like peaks of other contigs."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        peaks=result("peaks"),
        genes="resources/genome/genes.parquet",
        expression=source(config["linkage"]["expression"]),
        sequences=branch(HAS_GENOME, then=result("sequences"), otherwise=[]),
    output:
        links=result("links"),
        bedpe=result("link_arcs"),
        summary=result("link_summary"),
        samples=result("link_samples"),
        background=result("link_background"),
    log:
        "logs/link_peaks.log",
    benchmark:
        "logs/link_peaks.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
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
        samples=result("link_samples"),
        summary=result("link_summary"),
        background=result("link_background"),
    output:
        links=figure("links_figure"),
        background=figure("link_background_figure"),
        links_png=png("links_figure"),
        links_pdf=pdf("links_figure"),
        background_png=png("link_background_figure"),
        background_pdf=pdf("link_background_figure"),
    log:
        "logs/plot_linkage.log",
    benchmark:
        "logs/plot_linkage.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(3000),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_linkage"),
        groups=SAMPLES["group"].to_dict(),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_linkage.py"
