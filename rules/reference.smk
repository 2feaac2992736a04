"""The reference: genome index and gene models. The motif library is in motifs.smk."""

if HAS_GENOME:

    rule index_genome:
        """Index the genome, so that contigs, their order and their lengths are known to all steps."""
        input:
            fasta=source(config["genome"]["fasta"]),
        output:
            contigs="resources/genome/contigs.tsv",
            fai="resources/genome/genome.fa.fai",
            gzi="resources/genome/genome.fa.gzi",
        log:
            "logs/index_genome.log",
        benchmark:
            "logs/index_genome.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks_always(1000),
            runtime=lambda wildcards, attempt: 30 * attempt,
        params:
            code=code_digest("index_genome"),
            kept=STATE,
        script:
            "../scripts/index_genome.py"


if HAS_GENES:

    rule read_genes:
        """Read genes, transcripts and exons from the GTF once, for annotation, quality and locus plots."""
        input:
            gtf=source(config["genome"]["annotation"]),
            contigs=CONTIGS,
        output:
            "resources/genome/genes.parquet",
        log:
            "logs/read_genes.log",
        benchmark:
            "logs/read_genes.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks_by_name(memory.of_genes, "gtf"),
            runtime=lambda wildcards, attempt: 30 * attempt,
        params:
            code=code_digest("read_genes"),
            kept=STATE,
        script:
            "../scripts/read_genes.py"
