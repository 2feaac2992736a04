"""Sequences around peak summits, for motifs and GC content."""


rule extract_sequences:
    """Cut out the sequence around each summit, upper case, N for all that is not A, C, G, T."""
    input:
        **GENOME,
        peaks=result("peaks"),
    output:
        result("sequences"),
    log:
        "logs/extract_sequences.log",
    benchmark:
        "logs/extract_sequences.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("extract_sequences"),
        width=lookup("motifs/window", within=config),
    script:
        "../scripts/extract_sequences.py"
