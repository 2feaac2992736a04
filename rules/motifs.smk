"""Motifs: the library, the scan, logos."""


rule build_motif_library:
    """Collect and cluster the motifs, and fix, once for all parts of the scan, what makes a hit of each."""
    input:
        get_motif_files,
    output:
        library="resources/motifs/library.json",
        table=result("library"),
        meme=result("meme"),
        factors=result("tf_motifs"),
        excluded=result("excluded"),
    log:
        "logs/build_motif_library.log",
    benchmark:
        "logs/build_motif_library.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("build_motif_library"),
        release=lookup("motifs/release", within=config),
        collection=lookup("motifs/collection", within=config),
        tax_group=lookup("motifs/tax_group", within=config),
        species=lookup("motifs/species", within=config),
        pvalue=lookup("motifs/pvalue", within=config),
        short_motifs=lookup("motifs/short_motifs", within=config),
        background=lookup("motifs/background", within=config),
    script:
        "../scripts/build_motif_library.py"


rule scan_motifs:
    """Find every hit of every motif in one part of the peaks, on both strands."""
    input:
        library="resources/motifs/library.json",
        sequences=result("sequences"),
    output:
        temp("results/motifs/shards/{scatteritem}.parquet"),
    log:
        "logs/scan_motifs/{scatteritem}.log",
    benchmark:
        "logs/scan_motifs/{scatteritem}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt
        * memory.of_scan(
            get_mb(input.sequences),
            get_mb(input.library),
            int(wildcards.scatteritem.rpartition("-")[2]),
        ),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("scan_motifs"),
        engine=lookup("motifs/engine", within=config),
    script:
        "../scripts/scan_motifs.py"


rule gather_hits:
    """Merge the parts of the scan: the same bytes, however many there are."""
    input:
        library="resources/motifs/library.json",
        sequences=result("sequences"),
        shards=gather.motifs("results/motifs/shards/{scatteritem}.parquet"),
    output:
        hits=result("hits"),
        index=result("hits_index"),
        matches=result("matches"),
    log:
        "logs/gather_hits.log",
    benchmark:
        "logs/gather_hits.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_hits, "shards"),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("gather_hits"),
    script:
        "../scripts/gather_hits.py"


rule plot_logos:
    """Draw the logos of the motifs that stand highest in any table: enriched, variable, different."""
    input:
        library="resources/motifs/library.json",
        enrichment=expand(
            result("enrichment"),
            contrast=CONTRASTS,
            direction=DIRECTIONS,
        ),
        variability=result("variability"),
        deviations=expand(result("deviation_tests"), contrast=CONTRASTS),
        factors=expand(result("factors"), contrast=CONTRASTS),
        footprints=expand(
            result("footprints"),
            contrast=CONTRASTS if HAS_FOOTPRINTS else [],
        ),
    output:
        directory(result("logos")),
    log:
        "logs/plot_logos.log",
    benchmark:
        "logs/plot_logos.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_logos"),
        top=20,
    script:
        "../scripts/plot_logos.py"
