"""How samples compare as wholes."""


rule associate_samples:
    """Ask how much of each principal component of the samples a covariate explains."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
    output:
        result("pca_associations"),
    log:
        "logs/associate_samples.log",
    benchmark:
        "logs/associate_samples.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("associate_samples"),
        covariates=SAMPLES.drop(
            columns=["bam", "size_factor", "spike_in"], errors="ignore"
        ).to_dict(),
    script:
        "../scripts/associate_samples.py"


rule plot_samples:
    """Draw the samples' principal components, what explains them, and the samples' correlation."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        associations=result("pca_associations"),
    output:
        pca=figure("pca"),
        correlation=figure("correlation"),
        association=figure("association"),
        association_png=png("association"),
        pca_png=png("pca"),
        correlation_png=png("correlation"),
    log:
        "logs/plot_samples.log",
    benchmark:
        "logs/plot_samples.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
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
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("check_samples"),
        samples=SHEET,
        design=lookup("design", within=config),
        contrasts=lookup("contrasts", within=config),
        alpha=lookup("alpha", within=config),
        min_count=lookup("differential/min_count", within=config),
        seed=lookup("seed", within=config),
    script:
        "../scripts/check_samples.py"
