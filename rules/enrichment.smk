"""Enrichment of motifs: the background, the tests against it, the gradient along the fold change."""

GENOME_BACKGROUND = config["enrichment"]["background"] == "genome"
BACKGROUND = {
    "windows": result("genome_windows") if GENOME_BACKGROUND else [],
    "window_matches": (result("genome_matches") if GENOME_BACKGROUND else []),
}


rule sample_genome_background:
    """Draw windows outside peaks from all contigs, in proportion to length, with the peaks' GC content."""
    input:
        **GENOME,
        peaks=result("peaks"),
        sequences=result("sequences"),
        blacklist=BLACKLIST,
    output:
        result("genome_windows"),
    log:
        "logs/sample_genome_background.log",
    benchmark:
        "logs/sample_genome_background.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
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
        sequences=result("genome_windows"),
    output:
        result("genome_matches"),
    log:
        "logs/scan_genome_background.log",
    benchmark:
        "logs/scan_genome_background.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
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
        matches=result("matches"),
        library=result("library"),
        sequences=result("sequences"),
        peaks=result("peaks"),
        differential=result("differential"),
    output:
        table=result("enrichment"),
        balance=result("balance"),
        weights=result("weights"),
    log:
        "logs/test_enrichment/{contrast}.{direction}.log",
    benchmark:
        "logs/test_enrichment/{contrast}.{direction}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("test_enrichment"),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/test_enrichment.py"


rule test_all_peaks:
    """Test each motif for enrichment in all peaks against windows of the genome."""
    input:
        **BACKGROUND,
        matches=result("matches"),
        library=result("library"),
        sequences=result("sequences"),
    output:
        table=result("enrichment_all"),
        balance=result("balance_all"),
    log:
        "logs/test_all_peaks.log",
    benchmark:
        "logs/test_all_peaks.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("test_all_peaks"),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/test_all_peaks.py"


rule test_gradient:
    """Test each motif in bins of peaks along the fold change, each against all others."""
    input:
        matches=result("matches"),
        library=result("library"),
        sequences=result("sequences"),
        peaks=result("peaks"),
        differential=result("differential"),
    output:
        result("gradient"),
    log:
        "logs/test_gradient/{contrast}.log",
    benchmark:
        "logs/test_gradient/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("test_gradient"),
    script:
        "../scripts/test_gradient.py"


rule plot_enrichment:
    """Draw a contrast's enriched motifs, their backgrounds' balance, and motifs along the fold change."""
    input:
        up=result("enrichment", direction="up"),
        down=result("enrichment", direction="down"),
        up_balance=result("balance", direction="up"),
        down_balance=result("balance", direction="down"),
        gradient=result("gradient"),
    output:
        motifs=figure("enrichment_figure"),
        motifs_png=png("enrichment_figure"),
        motifs_pdf=pdf("enrichment_figure"),
        balance=figure("balance_figure"),
        gradient=figure("gradient_figure"),
        balance_png=png("balance_figure"),
        balance_pdf=pdf("balance_figure"),
        gradient_png=png("gradient_figure"),
        gradient_pdf=pdf("gradient_figure"),
    log:
        "logs/plot_enrichment/{contrast}.log",
    benchmark:
        "logs/plot_enrichment/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_enrichment"),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_enrichment.py"
