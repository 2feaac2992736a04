"""Where peaks lie relative to genes."""


rule annotate_peaks:
    """Give each peak a genomic feature, its gene, and the signed distance to the nearest start of a gene."""
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
        mem_mb=asks_for_tables(3000),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("annotate_peaks"),
        promoter=lookup("annotation/promoter", within=config),
        proximal=lookup("annotation/proximal", within=config),
        gene_types=lookup("annotation/gene_types", within=config),
        prefer=lookup("annotation/prefer", within=config),
    script:
        "../scripts/annotate_peaks.py"


rule score_contacts:
    """Score peaks and genes by distance and accessibility: activity by contact, without Hi-C."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        peaks=result("peaks"),
        genes="resources/genome/genes.parquet",
    output:
        result("contacts"),
    log:
        "logs/score_contacts.log",
    benchmark:
        "logs/score_contacts.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(3000),
        runtime=lambda wildcards, attempt: 20 * attempt,
    params:
        code=code_digest("score_contacts"),
        gene_types=lookup("annotation/gene_types", within=config),
    script:
        "../scripts/score_contacts.py"
