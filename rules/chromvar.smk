"""chromVAR: accessibility of motifs in every sample, corrected for depth and GC."""


rule compute_deviations:
    """Compute deviations and z-scores of all motifs against background peaks, and their variability."""
    input:
        counts="results/counts/counts.tsv.gz",
        sequences="results/sequences/peaks.fa.gz",
        matches="results/motifs/matches.npz",
        library="results/motifs/library.tsv",
    output:
        deviations="results/chromvar/deviations.tsv.gz",
        zscores="results/chromvar/zscores.tsv.gz",
        variability="results/chromvar/variability.tsv",
        background="results/chromvar/background.h5",
    log:
        "logs/compute_deviations.log",
    benchmark:
        "logs/compute_deviations.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
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
        deviations="results/chromvar/deviations.tsv.gz",
        background="results/chromvar/background.h5",
        library="results/motifs/library.tsv",
    output:
        "results/chromvar/differential/{contrast}.tsv",
    log:
        "logs/test_deviations/{contrast}.log",
    benchmark:
        "logs/test_deviations/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("test_deviations"),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/test_deviations.py"


rule diagnose_deviations:
    """Ask how far depth, share of reads in peaks and GC content explain the z-scores of motifs."""
    input:
        counts="results/counts/counts.tsv.gz",
        sequences="results/sequences/peaks.fa.gz",
        zscores="results/chromvar/zscores.tsv.gz",
        quality="results/qc/units.tsv" if HAS_BAMS else [],
    output:
        factors="results/chromvar/diagnostics.tsv",
        samples="results/chromvar/samples.tsv",
    log:
        "logs/diagnose_deviations.log",
    benchmark:
        "logs/diagnose_deviations.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
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


REPORTED |= {
    "variability": "results/chromvar/variability.tsv",
    "variability_figure": "results/chromvar/figures/variability.svg",
    "heatmap": "results/chromvar/figures/heatmap.svg",
    "motif_samples": "results/chromvar/figures/samples.svg",
    "technical": "results/chromvar/diagnostics.tsv",
    "technical_figure": "results/chromvar/figures/technical.svg",
    "deviations": of_contrasts("results/chromvar/differential/{contrast}.tsv"),
}
EXPORTED |= {
    "deviations": "results/chromvar/deviations.tsv.gz",
    "zscores": "results/chromvar/zscores.tsv.gz",
    "variability": "results/chromvar/variability.tsv",
    "deviation_tests": REPORTED["deviations"],
}
LINKED += [
    EXPORTED["deviations"],
    EXPORTED["zscores"],
    "results/chromvar/samples.tsv",
    "results/chromvar/background.h5",
]
