"""How samples compare as wholes."""


rule compare_samples:
    """Find principal components of the samples, what explains them, and the samples' correlation."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        offsets=OFFSETS,
    output:
        components=result("pca_components"),
        associations=result("pca_associations"),
        correlation=result("sample_correlation"),
    log:
        "logs/compare_samples.log",
    benchmark:
        "logs/compare_samples.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts"),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("compare_samples"),
        offsets=lookup("differential/offsets", within=config),
        covariates=SAMPLES.drop(
            columns=["bam", "size_factor", "spike_in"], errors="ignore"
        ).to_dict(),
    script:
        "../scripts/compare_samples.py"


rule plot_samples:
    """Draw the samples' principal components, what explains them, and the samples' correlation."""
    input:
        components=result("pca_components"),
        associations=result("pca_associations"),
        correlation=result("sample_correlation"),
    output:
        pca=figure("pca"),
        correlation=figure("correlation"),
        association=figure("association"),
        association_png=png("association"),
        association_pdf=pdf("association"),
        pca_png=png("pca"),
        pca_pdf=pdf("pca"),
        correlation_png=png("correlation"),
        correlation_pdf=pdf("correlation"),
    log:
        "logs/plot_samples.log",
    benchmark:
        "logs/plot_samples.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_samples"),
        groups=SAMPLES["group"].to_dict(),
        batches=SAMPLES["batch"].to_dict() if "batch" in SAMPLES.columns else None,
    script:
        "../scripts/plot_samples.py"


rule check_samples:
    """Look at samples as wholes: noise, structure beyond the design, sex, swaps. All of it are notes."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        offsets=OFFSETS,
        peaks=result("peaks"),
        curves=result("count_bias_curves"),
        reads=branch(HAS_BAMS, then=result("units"), otherwise=[]),
    output:
        result("sample_checks"),
    log:
        "logs/check_samples.log",
    benchmark:
        "logs/check_samples.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts"),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("check_samples"),
        samples=SHEET,
        design=lookup("design", within=config),
        contrasts=lookup("contrasts", within=config),
        alpha=lookup("alpha", within=config),
        offsets=lookup("differential/offsets", within=config),
        min_abs_log2fc=lookup("differential/min_abs_log2fc", within=config),
        min_count=lookup("differential/min_count", within=config),
        seed=lookup("seed", within=config),
    script:
        "../scripts/check_samples.py"
