"""Where peaks lie relative to genes."""


rule annotate_peaks:
    """Give each peak its nearest gene, the signed distance to its start, and a genomic feature."""
    input:
        peaks=result("peaks"),
        genes="resources/genome/genes.parquet",
    output:
        result("annotation"),
    log:
        "logs/annotate_peaks.log",
    benchmark:
        "logs/annotate_peaks.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("annotate_peaks"),
        promoter=lookup("annotation/promoter", within=config),
        proximal=lookup("annotation/proximal", within=config),
        gene_types=lookup("annotation/gene_types", within=config),
    script:
        "../scripts/annotate_peaks.py"
