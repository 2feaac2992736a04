"""Quality of the reads."""


rule summarise_reads:
    """Gather read numbers, fragment lengths, TSS profiles and ENCODE's verdicts of all samples."""
    input:
        measures=expand(result("measures"), sample=LIBRARIES.index),
        peaks=result("peaks"),
    output:
        samples=result("quality"),
        units=result("units"),
        reads=result("reads"),
        cautions=result("cautions"),
        fragment_sizes=result("fragment_sizes"),
        tss_profile=result("tss_profile"),
        saturation=result("saturation"),
        samples_mqc=result("samples_mqc"),
        fragment_sizes_mqc=result("fragment_sizes_mqc"),
        tss_profile_mqc=result("tss_profile_mqc"),
        saturation_mqc=result("saturation_mqc"),
    log:
        "logs/summarise_reads.log",
    benchmark:
        "logs/summarise_reads.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_measures, "measures"),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("summarise_reads"),
        groups=LIBRARIES["group"].to_dict(),
        units=UNITS,
        assembly=lookup("genome/name", within=config),
    script:
        "../scripts/summarise_reads.py"


rule plot_quality:
    """Draw fragment lengths, TSS profiles, saturation and reads in peaks against TSS enrichment."""
    input:
        samples=result("quality"),
        fragment_sizes=result("fragment_sizes"),
        tss_profile=result("tss_profile"),
        saturation=result("saturation"),
    output:
        fragment_sizes=figure("fragment_sizes_figure"),
        tss_profile=figure("tss_profile_figure"),
        enrichment=figure("tss_enrichment_figure"),
        saturation=figure("saturation_figure"),
        fragment_sizes_png=png("fragment_sizes_figure"),
        fragment_sizes_pdf=pdf("fragment_sizes_figure"),
        tss_profile_png=png("tss_profile_figure"),
        tss_profile_pdf=pdf("tss_profile_figure"),
        enrichment_png=png("tss_enrichment_figure"),
        enrichment_pdf=pdf("tss_enrichment_figure"),
        saturation_png=png("saturation_figure"),
        saturation_pdf=pdf("saturation_figure"),
    log:
        "logs/plot_quality.log",
    benchmark:
        "logs/plot_quality.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1500),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_quality"),
        assembly=lookup("genome/name", within=config),
    script:
        "../scripts/plot_quality.py"
