"""Quality of the reads."""


rule summarise_reads:
    """Gather read numbers, fragment lengths, TSS profiles and ENCODE's verdicts of all samples."""
    input:
        fragments=expand("results/fragments/{sample}.h5", sample=LIBRARIES.index),
        peaks="results/peaks/peaks.tsv",
        genes=branch(HAS_GENES, then="resources/genome/genes.parquet", otherwise=[]),
    output:
        samples="results/qc/samples.tsv",
        units="results/qc/units.tsv",
        reads="results/qc/reads.tsv",
        cautions="results/qc/cautions.tsv",
        fragment_sizes="results/qc/fragment_sizes.tsv",
        tss_profile="results/qc/tss_profile.tsv",
        samples_mqc="results/qc/atacdiff_samples_mqc.tsv",
        fragment_sizes_mqc="results/qc/atacdiff_fragment_sizes_mqc.tsv",
        tss_profile_mqc="results/qc/atacdiff_tss_profile_mqc.tsv",
    log:
        "logs/summarise_reads.log",
    benchmark:
        "logs/summarise_reads.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("summarise_reads"),
        groups=LIBRARIES["group"].to_dict(),
        units=UNITS,
        mitochondrial=lookup("genome/mitochondrial", within=config),
        assembly=lookup("genome/name", within=config),
    script:
        "../scripts/summarise_reads.py"


rule plot_quality:
    """Draw fragment lengths, TSS profiles and reads in peaks against TSS enrichment."""
    input:
        samples="results/qc/samples.tsv",
        fragment_sizes="results/qc/fragment_sizes.tsv",
        tss_profile="results/qc/tss_profile.tsv",
    output:
        fragment_sizes=report(
            "results/qc/figures/fragment_sizes.svg",
            caption="captions/fragment_sizes.rst",
            category="Reads",
            labels={"figure": "fragment lengths"},
        ),
        tss_profile=report(
            "results/qc/figures/tss_profile.svg",
            caption="captions/tss_profile.rst",
            category="Reads",
            labels={"figure": "TSS profile"},
        ),
        enrichment=report(
            "results/qc/figures/enrichment.svg",
            caption="captions/enrichment.rst",
            category="Reads",
            labels={"figure": "FRiP against TSS enrichment"},
        ),
        fragment_sizes_png="results/qc/figures/fragment_sizes.png",
        tss_profile_png="results/qc/figures/tss_profile.png",
        enrichment_png="results/qc/figures/enrichment.png",
    log:
        "logs/plot_quality.log",
    benchmark:
        "logs/plot_quality.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1500 * attempt,
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_quality"),
        assembly=lookup("genome/name", within=config),
    script:
        "../scripts/plot_quality.py"


figures = ["fragment_sizes", "tss_profile", "enrichment"]
REPORTED |= {
    "quality": "results/qc/samples.tsv",
    "cautions": "results/qc/cautions.tsv",
    "quality_figures": expand(
        "results/qc/figures/{name}.svg", name=figures if HAS_GENES else figures[:1]
    ),
}
LINKED += expand(
    "results/qc/{name}.tsv", name=["reads", "fragment_sizes", "tss_profile"]
)
LINKED += expand(
    "results/qc/atacdiff_{name}_mqc.tsv",
    name=["samples", "fragment_sizes", "tss_profile"],
)
EXPORTED["quality"] = "results/qc/samples.tsv"
