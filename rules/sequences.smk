"""Sequences around peak summits, for motifs and GC content."""

if HAS_GENOME:

    rule extract_sequences:
        """Cut out the sequence around each summit, upper case, N for all that is not A, C, G, T."""
        input:
            peaks="results/peaks/peaks.tsv",
            fasta=lookup("genome/fasta", within=config),
            fai="resources/genome/genome.fa.fai",
            gzi="resources/genome/genome.fa.gzi",
        output:
            "results/sequences/peaks.fa.gz",
        log:
            "logs/extract_sequences.log",
        benchmark:
            "logs/extract_sequences.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=lambda wildcards, attempt: 2000 * attempt,
            runtime=lambda wildcards, attempt: 30 * attempt,
        params:
            code=code_digest("extract_sequences"),
            width=lookup("motifs/window", within=config),
        script:
            "../scripts/extract_sequences.py"
