"""Cut sites and read quality, from BAM files."""


rule import_fragments:
    """Read one sample's BAM once into a store of its cut sites."""
    input:
        bam=get_bam,
        preflight=ancient("results/preflight.tsv"),
    output:
        "results/fragments/{sample}.h5",
    log:
        "logs/import_fragments/{sample}.log",
    benchmark:
        "logs/import_fragments/{sample}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        # 30 bytes a read, three times over while sorting
        mem_mb=lambda wildcards, input, attempt: attempt
        * (1000 + int(3 * input.size_mb)),
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        code=code_digest("import_fragments"),
        min_mapq=lookup("reads/min_mapq", within=config),
        tn5_shift=lookup("reads/tn5_shift", within=config),
    script:
        "../scripts/import_fragments.py"


rule summarise_reads:
    """Gather read numbers, duplicates, mitochondria and reads in peaks of all samples."""
    input:
        fragments=expand("results/fragments/{sample}.h5", sample=SAMPLES.index),
        peaks="results/peaks/peaks.tsv",
    output:
        "results/qc/samples.tsv",
    log:
        "logs/summarise_reads.log",
    benchmark:
        "logs/summarise_reads.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("summarise_reads"),
        groups=SAMPLES["group"].to_dict(),
        mitochondrial=lookup("genome/mitochondrial", within=config),
    script:
        "../scripts/summarise_reads.py"
