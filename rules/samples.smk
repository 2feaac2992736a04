"""How samples compare as wholes."""


rule plot_samples:
    """Draw the samples' principal components, what explains them, and the samples' correlation."""
    input:
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
    output:
        pca=report(
            "results/qc/figures/pca.svg",
            caption="captions/pca.rst",
            category="Samples",
            labels={"figure": "principal components"},
        ),
        correlation=report(
            "results/qc/figures/correlation.svg",
            caption="captions/correlation.rst",
            category="Samples",
            labels={"figure": "correlation"},
        ),
        association=report(
            "results/qc/figures/pca_associations.svg",
            caption="captions/association.rst",
            category="Samples",
            labels={"figure": "principal components by covariates"},
        ),
        associations="results/qc/pca_associations.tsv",
        association_png="results/qc/figures/pca_associations.png",
        pca_png="results/qc/figures/pca.png",
        correlation_png="results/qc/figures/correlation.png",
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


REPORTED |= {
    "pca": "results/qc/figures/pca.svg",
    "correlation": "results/qc/figures/correlation.svg",
    "association": "results/qc/figures/pca_associations.svg",
    "associations": "results/qc/pca_associations.tsv",
}
