"""Cut sites, from BAM or fragment files."""


rule import_fragments:
    """Read one sample's BAM or fragment file once into a store of its cut sites."""
    input:
        bam=get_bam,
        reference=get_cram_reference,
        contigs=get_fragment_contigs,
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
        # 8 bytes a pair, twice over while its contig is sorted; 33 a read whose mate is not met yet
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(input.size_mb)),
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        code=code_digest("import_fragments"),
        min_mapq=lookup("reads/min_mapq", within=config),
        tn5_shift=lookup("reads/tn5_shift", within=config),
        count=lookup("reads/count", within=config),
    script:
        "../scripts/import_fragments.py"
