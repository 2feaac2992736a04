"""Size factors, and what the choice of them changes."""


rule estimate_size_factors:
    """Estimate size factors by every method that the inputs permit."""
    input:
        counts="results/counts/counts.tsv.gz",
        reads=branch(HAS_BAMS, then="results/qc/units.tsv", otherwise=[]),
        fragments=branch(
            HAS_BAMS,
            then=expand("results/fragments/{sample}.h5", sample=SAMPLES.index),
            otherwise=[],
        ),
    output:
        "results/differential/size_factors.tsv",
    log:
        "logs/estimate_size_factors.log",
    benchmark:
        "logs/estimate_size_factors.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("estimate_size_factors"),
        method=lookup("differential/size_factors", within=config),
        mitochondrial=lookup("genome/mitochondrial", within=config),
        spike_in=SAMPLES["spike_in"].to_dict() if "spike_in" in SAMPLES else None,
        given=SAMPLES["size_factor"].to_dict() if "size_factor" in SAMPLES else None,
    script:
        "../scripts/estimate_size_factors.py"


rule estimate_offsets:
    """Follow how each sample's counts go with mean and with GC content, as curves and as offsets of peaks."""
    input:
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
        sequences=branch(HAS_GENOME, then="results/sequences/peaks.fa.gz", otherwise=[]),
    output:
        offsets="results/differential/offsets.tsv.gz",
        curves="results/differential/count_bias_curves.tsv",
        svg=report(
            "results/differential/figures/count_bias_curves.svg",
            caption="captions/count_bias_curves.rst",
            category="Differential peaks",
            labels={"contrast": "all samples", "figure": "counts by mean and GC"},
        ),
        png="results/differential/figures/count_bias_curves.png",
    log:
        "logs/estimate_offsets.log",
    benchmark:
        "logs/estimate_offsets.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("estimate_offsets"),
        groups=SAMPLES["group"].to_dict(),
        method=lookup("differential/size_factors", within=config),
        offsets=lookup("differential/offsets", within=config),
    script:
        "../scripts/estimate_offsets.py"


rule compare_normalisations:
    """Test a contrast under every set of size factors and offsets, to show how the choice changes the answer."""
    input:
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
        offsets="results/differential/offsets.tsv.gz",
        curves="results/differential/count_bias_curves.tsv",
        reads=branch(HAS_BAMS, then="results/qc/units.tsv", otherwise=[]),
    output:
        peaks="results/differential/normalisation/{contrast}.tsv.gz",
        summary=temp("results/differential/normalisation/{contrast}.summary.tsv"),
        shift=temp("results/differential/normalisation/{contrast}.shift.tsv"),
        bias=temp("results/differential/normalisation/{contrast}.bias.tsv"),
    log:
        "logs/compare_normalisations/{contrast}.log",
    benchmark:
        "logs/compare_normalisations/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        code=code_digest("compare_normalisations"),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        method=NORMALISATION,
        alpha=lookup("alpha", within=config),
        min_abs_log2fc=lookup("differential/min_abs_log2fc", within=config),
        min_count=lookup("differential/min_count", within=config),
    script:
        "../scripts/compare_normalisations.py"


rule gather_normalisations:
    """Gather what the contrasts' comparisons of size factors found."""
    input:
        summary=expand(
            "results/differential/normalisation/{contrast}.summary.tsv",
            contrast=CONTRASTS,
        ),
        shift=expand(
            "results/differential/normalisation/{contrast}.shift.tsv",
            contrast=CONTRASTS,
        ),
        bias=expand(
            "results/differential/normalisation/{contrast}.bias.tsv",
            contrast=CONTRASTS,
        ),
    output:
        summary="results/differential/normalisation.tsv",
        shift="results/differential/global_shift.tsv",
        bias="results/differential/count_bias.tsv",
    log:
        "logs/gather_normalisations.log",
    benchmark:
        "logs/gather_normalisations.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 500 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("gather_tables"),
    script:
        "../scripts/gather_tables.py"


rule plot_normalisation:
    """Draw a contrast's fold changes under each set of size factors."""
    input:
        "results/differential/normalisation/{contrast}.tsv.gz",
    output:
        report(
            "results/differential/figures/{contrast}.normalisation.svg",
            caption="captions/normalisation.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "MA plots by normalisation"},
        ),
        "results/differential/figures/{contrast}.normalisation.png",
    log:
        "logs/plot_normalisation/{contrast}.log",
    benchmark:
        "logs/plot_normalisation/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1500 * attempt,
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_normalisation"),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        method=NORMALISATION,
    script:
        "../scripts/plot_normalisation.py"


REPORTED |= {
    "size_factors": "results/differential/size_factors.tsv",
    "normalisation": "results/differential/normalisation.tsv",
    "global_shift": "results/differential/global_shift.tsv",
    "count_bias": "results/differential/count_bias.tsv",
    "count_bias_curves": "results/differential/figures/count_bias_curves.svg",
    "normalisation_figures": of_contrasts(
        "results/differential/figures/{contrast}.normalisation.svg"
    ),
}
LINKED += of_contrasts("results/differential/normalisation/{contrast}.tsv.gz")
LINKED += [
    "results/differential/offsets.tsv.gz",
    "results/differential/count_bias_curves.tsv",
]
EXPORTED["size_factors"] = "results/differential/size_factors.tsv"
