"""chromVAR: accessibility of motifs in every sample, corrected for depth and GC."""


rule compute_deviations:
    """Compute deviations and z-scores of all motifs against background peaks, and their variability."""
    input:
        counts=result("counts"),
        sequences=result("sequences"),
        matches=result("matches"),
        library=result("library"),
    output:
        deviations=result("deviations"),
        zscores=result("zscores"),
        variability=result("variability"),
        background=result("chromvar_background"),
    log:
        "logs/compute_deviations.log",
    benchmark:
        "logs/compute_deviations.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts", "matches"),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("compute_deviations"),
        iterations=lookup("chromvar/iterations", within=config),
        seed=lookup("seed", within=config),
    script:
        "../scripts/compute_deviations.py"


rule test_deviations:
    """Test every motif for a difference in deviation between two groups, beyond that of peaks like its own."""
    input:
        deviations=result("deviations"),
        background=result("chromvar_background"),
        library=result("library"),
    output:
        result("deviation_tests"),
    log:
        "logs/test_deviations/{contrast}.log",
    benchmark:
        "logs/test_deviations/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("test_deviations"),
        block=lookup("block", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/test_deviations.py"


rule diagnose_deviations:
    """Ask how far depth, share of reads in peaks and GC content explain the z-scores of motifs."""
    input:
        counts=result("counts"),
        sequences=result("sequences"),
        zscores=result("zscores"),
        quality=result("units") if HAS_BAMS else [],
    output:
        factors=result("diagnostics"),
        samples=result("chromvar_samples"),
    log:
        "logs/diagnose_deviations.log",
    benchmark:
        "logs/diagnose_deviations.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts"),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("diagnose_deviations"),
        groups=SAMPLES["group"].to_dict(),
        seed=lookup("seed", within=config),
    script:
        "../scripts/diagnose_deviations.py"


rule plot_chromvar:
    """Draw how motif accessibility varies, z-scores of the most variable motifs, and technical factors."""
    input:
        library=result("library"),
        variability=result("variability"),
        zscores=result("zscores"),
        diagnostics=result("diagnostics"),
        samples=result("chromvar_samples"),
    output:
        variability=figure("variability_figure"),
        heatmap=figure("heatmap"),
        samples=figure("motif_samples"),
        technical=figure("technical_figure"),
        variability_png=png("variability_figure"),
        variability_pdf=pdf("variability_figure"),
        heatmap_png=png("heatmap"),
        heatmap_pdf=pdf("heatmap"),
        samples_png=png("motif_samples"),
        samples_pdf=pdf("motif_samples"),
        technical_png=png("technical_figure"),
        technical_pdf=pdf("technical_figure"),
    log:
        "logs/plot_chromvar.log",
    benchmark:
        "logs/plot_chromvar.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_chromvar"),
        groups=SAMPLES["group"].to_dict(),
    script:
        "../scripts/plot_chromvar.py"
