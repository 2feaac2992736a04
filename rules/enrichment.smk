"""Enrichment of motifs: the background, the tests against it, the gradient along the fold change."""

GENOME_BACKGROUND = config["enrichment"]["background"] == "genome"
BACKGROUND = {
    "windows": "results/motifs/background/genome.fa.gz" if GENOME_BACKGROUND else [],
    "window_matches": (
        "results/motifs/background/genome.npz" if GENOME_BACKGROUND else []
    ),
}


rule sample_genome_background:
    """Draw windows outside peaks from all contigs, in proportion to length, with the peaks' GC content."""
    input:
        **GENOME,
        peaks="results/peaks/peaks.tsv",
        sequences="results/sequences/peaks.fa.gz",
        blacklist=source(config["genome"]["blacklist"]),
    output:
        "results/motifs/background/genome.fa.gz",
    log:
        "logs/sample_genome_background.log",
    benchmark:
        "logs/sample_genome_background.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("sample_genome_background"),
        n=lookup("enrichment/n_genome", within=config),
        width=lookup("motifs/window", within=config),
        seed=lookup("seed", within=config),
        exclude=lookup("genome/mitochondrial", within=config),
    script:
        "../scripts/sample_genome_background.py"


rule scan_genome_background:
    """Scan those windows as the peaks are scanned: both strands, the same thresholds."""
    input:
        library="resources/motifs/library.json",
        sequences="results/motifs/background/genome.fa.gz",
    output:
        "results/motifs/background/genome.npz",
    log:
        "logs/scan_genome_background.log",
    benchmark:
        "logs/scan_genome_background.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("scan_genome_background"),
        engine=lookup("motifs/engine", within=config),
    script:
        "../scripts/scan_genome_background.py"


rule test_enrichment:
    """Test each motif for enrichment in one direction's peaks against a weighted background."""
    input:
        **BACKGROUND,
        matches="results/motifs/matches.npz",
        library="results/motifs/library.tsv",
        sequences="results/sequences/peaks.fa.gz",
        peaks="results/peaks/peaks.tsv",
        differential="results/differential/{contrast}.tsv.gz",
    output:
        table="results/motifs/enrichment/{contrast}.{direction}.tsv",
        balance="results/motifs/background/{contrast}.{direction}.tsv",
        weights="results/motifs/background/{contrast}.{direction}.weights.tsv.gz",
    log:
        "logs/test_enrichment/{contrast}.{direction}.log",
    benchmark:
        "logs/test_enrichment/{contrast}.{direction}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("test_enrichment"),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/test_enrichment.py"


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
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_motifs.py"


rule test_all_peaks:
    """Test each motif for enrichment in all peaks against windows of the genome."""
    input:
        **BACKGROUND,
        matches="results/motifs/matches.npz",
        library="results/motifs/library.tsv",
        sequences="results/sequences/peaks.fa.gz",
    output:
        table="results/motifs/enrichment/all.tsv",
        balance="results/motifs/background/all.tsv",
    log:
        "logs/test_all_peaks.log",
    benchmark:
        "logs/test_all_peaks.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("test_all_peaks"),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/test_all_peaks.py"


rule test_gradient:
    """Test each motif in bins of peaks along the fold change, each against all others."""
    input:
        matches="results/motifs/matches.npz",
        library="results/motifs/library.tsv",
        sequences="results/sequences/peaks.fa.gz",
        peaks="results/peaks/peaks.tsv",
        differential="results/differential/{contrast}.tsv.gz",
    output:
        "results/motifs/gradient/{contrast}.tsv",
    log:
        "logs/test_gradient/{contrast}.log",
    benchmark:
        "logs/test_gradient/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("test_gradient"),
    script:
        "../scripts/test_gradient.py"


rule plot_enrichment:
    """Draw how balanced the backgrounds of a contrast are, and its motifs along the fold change."""
    input:
        up="results/motifs/background/{contrast}.up.tsv",
        down="results/motifs/background/{contrast}.down.tsv",
        gradient="results/motifs/gradient/{contrast}.tsv",
    output:
        balance=report(
            "results/motifs/figures/{contrast}.balance.svg",
            caption="captions/balance.rst",
            category="Motifs",
            labels={"contrast": "{contrast}", "figure": "balance of the background"},
        ),
        gradient=report(
            "results/motifs/figures/{contrast}.gradient.svg",
            caption="captions/gradient.rst",
            category="Motifs",
            labels={
                "contrast": "{contrast}",
                "figure": "motifs along the fold change",
            },
        ),
        balance_png="results/motifs/figures/{contrast}.balance.png",
        gradient_png="results/motifs/figures/{contrast}.gradient.png",
    log:
        "logs/plot_enrichment/{contrast}.log",
    benchmark:
        "logs/plot_enrichment/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_enrichment"),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_enrichment.py"


REPORTED |= {
    "up": of_contrasts("results/motifs/enrichment/{contrast}.up.tsv"),
    "down": of_contrasts("results/motifs/enrichment/{contrast}.down.tsv"),
    "enrichment_figures": of_contrasts("results/motifs/figures/{contrast}.svg"),
    "balance_up": of_contrasts("results/motifs/background/{contrast}.up.tsv"),
    "balance_down": of_contrasts("results/motifs/background/{contrast}.down.tsv"),
    "balance_figures": of_contrasts("results/motifs/figures/{contrast}.balance.svg"),
    "gradient": of_contrasts("results/motifs/gradient/{contrast}.tsv"),
    "gradient_figures": of_contrasts("results/motifs/figures/{contrast}.gradient.svg"),
}
LINKED += of_contrasts("results/motifs/background/{contrast}.up.weights.tsv.gz")
LINKED += of_contrasts("results/motifs/background/{contrast}.down.weights.tsv.gz")
EXPORTED |= {"enrichment_up": REPORTED["up"], "enrichment_down": REPORTED["down"]}
if GENOME_BACKGROUND:
    LINKED.append("results/motifs/background/genome.fa.gz")
if config["enrichment"]["foreground"] == "all":
    REPORTED |= {
        "all_peaks": "results/motifs/enrichment/all.tsv",
        "all_peaks_balance": "results/motifs/background/all.tsv",
    }
