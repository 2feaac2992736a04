"""Sets of genes and of regions among changed peaks."""

GENE_SETS = preflight.gmt_files(config) if HAS_GENES else []
REGION_SETS = config["regions"]["sets"] or {}


rule test_regions:
    """Test gene sets and regions of other studies among a contrast's changed peaks, and along all peaks."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        differential=result("differential"),
        peaks=result("peaks"),
        genes=branch(HAS_GENES, then="resources/genome/genes.parquet", otherwise=[]),
        sequences=branch(HAS_GENOME, then=result("sequences"), otherwise=[]),
        gene_sets=source(GENE_SETS),
        regions=source(list(REGION_SETS.values())),
    output:
        up=result("regions", direction="up"),
        down=result("regions", direction="down"),
        ranked=result("region_ranks"),
        sets=result("region_sets"),
    log:
        "logs/test_regions/{contrast}.log",
    benchmark:
        "logs/test_regions/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2500),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("test_regions"),
        block=lookup("block", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        names=list(REGION_SETS),
        least=lookup("regions/min_genes", within=config),
        most=lookup("regions/max_genes", within=config),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/test_regions.py"
