"""Cut sites, from BAM or fragment files."""


rule import_fragments:
    """Read one sample's BAM or fragment file once into a store of its cut sites."""
    input:
        bam=get_bam,
        reference=get_cram_reference,
        contigs=get_fragment_contigs,
    output:
        result("fragments"),
    log:
        "logs/import_fragments/{sample}.log",
    benchmark:
        "logs/import_fragments/{sample}.benchmark.tsv"
    wildcard_constraints:
        sample=any_of(LIBRARIES.index),
    # everything waits for the imports, and nothing for checks and checksums
    priority: 1
    conda:
        "../envs/atacdiff.yaml"
    threads: get_import_threads()
    resources:
        mem_mb=asks_by_name(memory.of_reads, "bam"),
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        code=code_digest("import_fragments"),
        name=get_read_name,
        min_mapq=lookup("reads/min_mapq", within=config),
        tn5_shift=lookup("reads/tn5_shift", within=config),
        unit=lookup("reads/count", within=config),
    script:
        "../scripts/import_fragments.py"


rule pool_fragments:
    """Pool the cut sites of the libraries of one biological replicate."""
    input:
        lambda wildcards: expand(result("fragments"), sample=UNITS[wildcards.sample]),
    output:
        result("fragments"),
    log:
        "logs/pool_fragments/{sample}.log",
    benchmark:
        "logs/pool_fragments/{sample}.benchmark.tsv"
    wildcard_constraints:
        sample=any_of(POOLED),
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * memory.of_cuts(input.size_mb),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("pool_fragments"),
        libraries=lambda wildcards: UNITS[wildcards.sample],
    script:
        "../scripts/pool_fragments.py"
