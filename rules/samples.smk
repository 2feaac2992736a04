"""How samples compare as wholes."""


rule plot_samples:
    """Draw the samples' principal components, what explains them, and the samples' correlation."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
    output:
        pca=figure("pca"),
        correlation=figure("correlation"),
        association=figure("association"),
        associations=result("pca_associations"),
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
        covariates=SAMPLES.drop(
            columns=["bam", "size_factor", "spike_in"], errors="ignore"
        ).to_dict(),
    script:
        "../scripts/plot_samples.py"
