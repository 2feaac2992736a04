"""Size factors, and what the choice of them changes."""


rule estimate_size_factors:
    """Estimate size factors by every method that the inputs permit."""
    input:
        counts=result("counts"),
        reads=branch(HAS_BAMS, then=result("units"), otherwise=[]),
        measures=branch(
            HAS_BAMS,
            then=expand(result("measures"), sample=SAMPLES.index),
            otherwise=[],
        ),
    output:
        result("size_factors"),
    log:
        "logs/estimate_size_factors.log",
    benchmark:
        "logs/estimate_size_factors.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=(
            asks(memory.of_counts, "counts", "measures")
            if HAS_BAMS
            else asks(memory.of_counts, "counts")
        ),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("estimate_size_factors"),
        method=lookup("differential/size_factors", within=config),
        spike_in=SAMPLES["spike_in"].to_dict() if "spike_in" in SAMPLES else None,
        given=SAMPLES["size_factor"].to_dict() if "size_factor" in SAMPLES else None,
    script:
        "../scripts/estimate_size_factors.py"


rule estimate_offsets:
    """Follow how each sample's counts go with mean and with GC content, as curves and as offsets of peaks."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        sequences=branch(HAS_GENOME, then=result("sequences"), otherwise=[]),
    output:
        offsets=result("offsets"),
        curves=result("count_bias_curves"),
    log:
        "logs/estimate_offsets.log",
    benchmark:
        "logs/estimate_offsets.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts"),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("estimate_offsets"),
        method=lookup("differential/size_factors", within=config),
        offsets=lookup("differential/offsets", within=config),
    script:
        "../scripts/estimate_offsets.py"


rule plot_offsets:
    """Draw how each sample's counts go with mean and with GC content."""
    input:
        result("count_bias_curves"),
    output:
        figure("count_bias_curves_figure"),
        png("count_bias_curves_figure"),
        pdf("count_bias_curves_figure"),
    log:
        "logs/plot_offsets.log",
    benchmark:
        "logs/plot_offsets.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_offsets"),
        groups=SAMPLES["group"].to_dict(),
    script:
        "../scripts/plot_offsets.py"


rule compare_normalisations:
    """Test a contrast under every set of size factors and offsets, to show how the choice changes the answer."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        offsets=result("offsets"),
        curves=result("count_bias_curves"),
        reads=branch(HAS_BAMS, then=result("units"), otherwise=[]),
    output:
        peaks=result("normalisation_peaks"),
        summary=temp(part("normalisation")),
        shift=temp(part("global_shift")),
        bias=temp(part("count_bias")),
    log:
        "logs/compare_normalisations/{contrast}.log",
    benchmark:
        "logs/compare_normalisations/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts"),
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        code=code_digest("compare_normalisations"),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        method=NORMALISATION,
        factors=lookup("differential/size_factors", within=config),
        alpha=lookup("alpha", within=config),
        min_abs_log2fc=lookup("differential/min_abs_log2fc", within=config),
        min_count=lookup("differential/min_count", within=config),
    script:
        "../scripts/compare_normalisations.py"


rule gather_normalisations:
    """Gather what the contrasts' comparisons of size factors found."""
    input:
        summary=expand(
            part("normalisation"),
            contrast=CONTRASTS,
        ),
        shift=expand(
            part("global_shift"),
            contrast=CONTRASTS,
        ),
        bias=expand(
            part("count_bias"),
            contrast=CONTRASTS,
        ),
    output:
        summary=result("normalisation"),
        shift=result("global_shift"),
        bias=result("count_bias"),
    log:
        "logs/gather_normalisations.log",
    benchmark:
        "logs/gather_normalisations.benchmark.tsv"
    localrule: True
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(500),
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("gather_tables"),
    script:
        "../scripts/gather_tables.py"


rule plot_normalisation:
    """Draw a contrast's fold changes under each set of size factors."""
    input:
        result("normalisation_peaks"),
    output:
        figure("normalisation_figure"),
        png("normalisation_figure"),
        pdf("normalisation_figure"),
    log:
        "logs/plot_normalisation/{contrast}.log",
    benchmark:
        "logs/plot_normalisation/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1500),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_normalisation"),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        method=NORMALISATION,
    script:
        "../scripts/plot_normalisation.py"
