"""Pictures of single places of the genome."""


rule plot_loci:
    """Draw coverage, peaks, motif hits and genes of the places asked for and of the strongest peaks."""
    input:
        fragments=expand(result("fragments"), sample=SAMPLES.index),
        size_factors=result("size_factors"),
        differential=result("differential"),
        genes=branch(HAS_GENES, then="resources/genome/genes.parquet", otherwise=[]),
        up=branch(
            HAS_GENOME,
            then=result("enrichment", direction="up"),
            otherwise=[],
        ),
        down=branch(
            HAS_GENOME,
            then=result("enrichment", direction="down"),
            otherwise=[],
        ),
        hits=branch(HAS_GENOME, then=result("hits"), otherwise=[]),
        index=branch(HAS_GENOME, then=result("hits_index"), otherwise=[]),
        links=branch(HAS_LINKAGE, then=result("links"), otherwise=[]),
    output:
        figure("loci"),
    log:
        "logs/plot_loci/{contrast}.log",
    benchmark:
        "logs/plot_loci/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        # gene models and one contrast's table; of the cuts only what lies in a window
        mem_mb=asks_for_tables(1800, but=("fragments", "hits", "index")),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("plot_loci"),
        loci=lookup("loci", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        samples=SHEET,
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_loci.py"
