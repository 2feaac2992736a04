"""Pictures of single places of the genome."""


rule plot_loci:
    """Draw coverage, peaks, motif hits and genes of the places asked for and of the strongest peaks."""
    input:
        fragments=expand("results/fragments/{sample}.h5", sample=SAMPLES.index),
        size_factors="results/differential/size_factors.tsv",
        differential="results/differential/{contrast}.tsv.gz",
        genes=branch(HAS_GENES, then="resources/genome/genes.parquet", otherwise=[]),
        up=branch(
            HAS_GENOME,
            then="results/motifs/enrichment/{contrast}.up.tsv",
            otherwise=[],
        ),
        down=branch(
            HAS_GENOME,
            then="results/motifs/enrichment/{contrast}.down.tsv",
            otherwise=[],
        ),
        hits=branch(HAS_GENOME, then="results/motifs/hits.bed.gz", otherwise=[]),
        index=branch(HAS_GENOME, then="results/motifs/hits.bed.gz.tbi", otherwise=[]),
        links=branch(HAS_LINKAGE, then="results/linkage/links.tsv.gz", otherwise=[]),
    output:
        report(
            directory("results/loci/{contrast}"),
            patterns=["{locus}.svg"],
            caption="captions/locus.rst",
            category="Loci",
            labels={"contrast": "{contrast}", "locus": "{locus}"},
        ),
    log:
        "logs/plot_loci/{contrast}.log",
    benchmark:
        "logs/plot_loci/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        # gene models and one contrast's table; of the cuts only what lies in a window
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("plot_loci"),
        loci=lookup("loci", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        samples=lambda wildcards: get_levels(wildcards.contrast),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_loci.py"


REPORTED["loci"] = of_contrasts("results/loci/{contrast}")
