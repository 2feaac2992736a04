"""Several contrasts together: which peaks and which factors change in which of them."""


rule compare_contrasts:
    """Count which peaks change in which contrasts, and how far any two agree."""
    input:
        of_contrasts(result("differential")),
    output:
        peaks=result("peaks_together"),
        overlaps=result("overlaps"),
        pairs=result("pairs"),
    log:
        "logs/compare_contrasts.log",
    benchmark:
        "logs/compare_contrasts.benchmark.tsv"
    localrule: True
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2500),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("compare_contrasts"),
        contrasts=CONTRASTS,
    script:
        "../scripts/compare_contrasts.py"


rule plot_together:
    """Draw overlaps of the contrasts' changed peaks, and fold change against fold change."""
    input:
        peaks=result("peaks_together"),
        overlaps=result("overlaps"),
        pairs=result("pairs"),
    output:
        overlap=figure("overlap_figure"),
        folds=figure("fold_changes_figure"),
        overlap_png=png("overlap_figure"),
        overlap_pdf=pdf("overlap_figure"),
        folds_png=png("fold_changes_figure"),
        folds_pdf=pdf("fold_changes_figure"),
    log:
        "logs/plot_together.log",
    benchmark:
        "logs/plot_together.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_together"),
        contrasts=CONTRASTS,
    script:
        "../scripts/plot_together.py"


if HAS_GENOME:

    rule compare_factors:
        """Put the evidence for every cluster of motifs in all contrasts into one table."""
        input:
            of_contrasts(result("factors")),
        output:
            result("factors_together"),
        log:
            "logs/compare_factors.log",
        benchmark:
            "logs/compare_factors.benchmark.tsv"
        localrule: True
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks_for_tables(1000),
            runtime=lambda wildcards, attempt: 15 * attempt,
        params:
            code=code_digest("compare_factors"),
            contrasts=CONTRASTS,
        script:
            "../scripts/compare_factors.py"

    rule plot_factors_together:
        """Draw clusters of motifs by contrasts, coloured by evidence and its sign."""
        input:
            result("factors_together"),
        output:
            figure("factors_together_figure"),
            png("factors_together_figure"),
            pdf("factors_together_figure"),
        log:
            "logs/plot_factors_together.log",
        benchmark:
            "logs/plot_factors_together.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks_for_tables(1000),
            runtime=lambda wildcards, attempt: 15 * attempt,
        params:
            code=code_digest("plot_factors_together"),
            contrasts=CONTRASTS,
            alpha=lookup("alpha", within=config),
        script:
            "../scripts/plot_factors_together.py"
