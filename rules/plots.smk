"""Figures, each as SVG and PNG."""


rule plot_differential:
    """Draw a contrast's MA and volcano plots, p-values, strongest peaks and features."""
    input:
        table="results/differential/{contrast}.tsv.gz",
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
    output:
        ma=report(
            "results/differential/figures/{contrast}.ma.svg",
            caption="captions/ma.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "MA plot"},
        ),
        volcano=report(
            "results/differential/figures/{contrast}.volcano.svg",
            caption="captions/volcano.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "volcano plot"},
        ),
        pvalues=report(
            "results/differential/figures/{contrast}.pvalues.svg",
            caption="captions/pvalues.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "p-value histogram"},
        ),
        heatmap=report(
            "results/differential/figures/{contrast}.heatmap.svg",
            caption="captions/top_peaks.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "strongest peaks"},
        ),
        features=report(
            "results/differential/figures/{contrast}.features.svg",
            caption="captions/features.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "features"},
        ),
        ma_png="results/differential/figures/{contrast}.ma.png",
        volcano_png="results/differential/figures/{contrast}.volcano.png",
        pvalues_png="results/differential/figures/{contrast}.pvalues.png",
        heatmap_png="results/differential/figures/{contrast}.heatmap.png",
        features_png="results/differential/figures/{contrast}.features.png",
    log:
        "logs/plot_differential/{contrast}.log",
    benchmark:
        "logs/plot_differential/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_differential"),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("differential/alpha", within=config),
        groups=SAMPLES["group"].to_dict(),
    script:
        "../scripts/plot_differential.py"


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
        method=lookup("differential/size_factors", within=config),
    script:
        "../scripts/plot_normalisation.py"


rule plot_calibration:
    """Draw p-values of permuted labels and split groups against the uniform distribution."""
    input:
        "results/differential/calibration/{contrast}.pvalues.tsv",
    output:
        report(
            "results/differential/figures/{contrast}.calibration.svg",
            caption="captions/calibration.rst",
            category="Differential peaks",
            labels={"contrast": "{contrast}", "figure": "calibration"},
        ),
        "results/differential/figures/{contrast}.calibration.png",
    log:
        "logs/plot_calibration/{contrast}.log",
    benchmark:
        "logs/plot_calibration/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_calibration"),
    script:
        "../scripts/plot_calibration.py"


rule plot_dispersions:
    """Draw each peak's dispersion, the trend, and what the test uses of both."""
    input:
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
    output:
        table="results/differential/dispersions.tsv.gz",
        svg=report(
            "results/differential/figures/dispersions.svg",
            caption="captions/dispersions.rst",
            category="Differential peaks",
            labels={"contrast": "all samples", "figure": "dispersions"},
        ),
        png="results/differential/figures/dispersions.png",
    log:
        "logs/plot_dispersions.log",
    benchmark:
        "logs/plot_dispersions.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("plot_dispersions"),
        samples=SAMPLES.drop(columns="bam", errors="ignore").to_dict(orient="index"),
        design=lookup("design", within=config),
        min_count=lookup("differential/min_count", within=config),
    script:
        "../scripts/plot_dispersions.py"


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


rule plot_motifs:
    """Draw the most enriched motifs of a contrast's up and down peaks."""
    input:
        up="results/motifs/enrichment/{contrast}.up.tsv",
        down="results/motifs/enrichment/{contrast}.down.tsv",
    output:
        svg=report(
            "results/motifs/figures/{contrast}.svg",
            caption="captions/motifs.rst",
            category="Motifs",
            labels={"contrast": "{contrast}", "figure": "enriched motifs"},
        ),
        png="results/motifs/figures/{contrast}.png",
    log:
        "logs/plot_motifs/{contrast}.log",
    benchmark:
        "logs/plot_motifs/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_motifs"),
        alpha=lookup("differential/alpha", within=config),
    script:
        "../scripts/plot_motifs.py"


rule plot_chromvar:
    """Draw how motif accessibility varies, z-scores of the most variable motifs, and technical factors."""
    input:
        library="results/motifs/library.tsv",
        variability="results/chromvar/variability.tsv",
        zscores="results/chromvar/zscores.tsv.gz",
        diagnostics="results/chromvar/diagnostics.tsv",
        samples="results/chromvar/samples.tsv",
    output:
        variability=report(
            "results/chromvar/figures/variability.svg",
            caption="captions/variability.rst",
            category="Motifs",
            labels={"contrast": "all samples", "figure": "chromVAR variability"},
        ),
        heatmap=report(
            "results/chromvar/figures/heatmap.svg",
            caption="captions/heatmap.rst",
            category="Motifs",
            labels={"contrast": "all samples", "figure": "chromVAR z-scores"},
        ),
        samples=report(
            "results/chromvar/figures/samples.svg",
            caption="captions/motif_samples.rst",
            category="Motifs",
            labels={"contrast": "all samples", "figure": "chromVAR z by sample"},
        ),
        technical=report(
            "results/chromvar/figures/technical.svg",
            caption="captions/technical.rst",
            category="Motifs",
            labels={
                "contrast": "all samples",
                "figure": "chromVAR and technical factors",
            },
        ),
        variability_png="results/chromvar/figures/variability.png",
        heatmap_png="results/chromvar/figures/heatmap.png",
        samples_png="results/chromvar/figures/samples.png",
        technical_png="results/chromvar/figures/technical.png",
    log:
        "logs/plot_chromvar.log",
    benchmark:
        "logs/plot_chromvar.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_chromvar"),
        groups=SAMPLES["group"].to_dict(),
    script:
        "../scripts/plot_chromvar.py"
