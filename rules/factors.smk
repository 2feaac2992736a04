"""Which factors changed: one table of evidence for each contrast."""

EXPRESSION = source(config["linkage"]["expression"])


rule test_activity:
    """Test the activity of motifs by sample and along the peaks' change, and what leading ones explain."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        matches=result("matches"),
        library=result("library"),
        sequences=result("sequences"),
        peaks=result("peaks"),
        differential=result("differential"),
        up=result("enrichment", direction="up"),
        down=result("enrichment", direction="down"),
    output:
        result("activity"),
    log:
        "logs/test_activity/{contrast}.log",
    benchmark:
        "logs/test_activity/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("test_activity"),
        block=lookup("block", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/test_activity.py"


rule calibrate_factors:
    """Call factors with the samples' labels permuted: how many clusters are called when nothing is."""
    input:
        counts=result("counts"),
        size_factors=result("size_factors"),
        offsets=OFFSETS,
        matches=result("matches"),
        library=result("library"),
        sequences=result("sequences"),
        peaks=result("peaks"),
    output:
        result("factors_permuted"),
    log:
        "logs/calibrate_factors/{contrast}.log",
    benchmark:
        "logs/calibrate_factors/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("calibrate_factors"),
        block=lookup("block", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
        offsets=lookup("differential/offsets", within=config),
        min_abs_log2fc=lookup("differential/min_abs_log2fc", within=config),
        min_count=lookup("differential/min_count", within=config),
        seed=lookup("seed", within=config),
    script:
        "../scripts/calibrate_factors.py"


if EXPRESSION:

    rule test_roles:
        """Test whether factors' sites follow or oppose their expression."""
        input:
            counts=result("counts"),
            size_factors=result("size_factors"),
            matches=result("matches"),
            library=result("library"),
            sequences=result("sequences"),
            expression=EXPRESSION,
            genes=branch(HAS_GENES, then="resources/genome/genes.parquet", otherwise=[]),
        output:
            result("roles"),
        log:
            "logs/test_roles.log",
        benchmark:
            "logs/test_roles.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks_for_tables(2000),
            runtime=lambda wildcards, attempt: 20 * attempt,
        params:
            code=code_digest("test_roles"),
            samples=SHEET,
            design=lookup("design", within=config),
            alpha=lookup("alpha", within=config),
            min_expression=lookup("factors/min_expression", within=config),
        script:
            "../scripts/test_roles.py"


rule rank_factors:
    """Put enrichment, chromVAR, footprints and the factors' own genes side by side, and rank by all."""
    input:
        library=result("library"),
        up=result("enrichment", direction="up"),
        down=result("enrichment", direction="down"),
        deviations=result("deviation_tests"),
        activity=result("activity"),
        differential=result("differential"),
        footprints=branch(HAS_FOOTPRINTS, then=result("footprints"), otherwise=[]),
        expression=EXPRESSION,
        roles=branch(EXPRESSION, then=result("roles"), otherwise=[]),
        genes=branch(
            EXPRESSION and HAS_GENES,
            then="resources/genome/genes.parquet",
            otherwise=[],
        ),
    output:
        result("factors"),
    log:
        "logs/rank_factors/{contrast}.log",
    benchmark:
        "logs/rank_factors/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("rank_factors"),
        block=lookup("block", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        min_expression=lookup("factors/min_expression", within=config),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/rank_factors.py"


rule list_targets:
    """List the sites of the leading factors with the change of their peaks and their genes."""
    input:
        factors=result("factors"),
        library=result("library"),
        hits=result("hits"),
        matches=result("matches"),
        peaks=result("peaks"),
        differential=result("differential"),
        annotation=branch(HAS_GENES, then=result("annotation"), otherwise=[]),
        links=branch(HAS_LINKAGE, then=result("links"), otherwise=[]),
    output:
        targets=result("targets"),
        counts=result("target_counts"),
    log:
        "logs/list_targets/{contrast}.log",
    benchmark:
        "logs/list_targets/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(800),
        runtime=lambda wildcards, attempt: 20 * attempt,
    params:
        code=code_digest("list_targets"),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/list_targets.py"


rule plot_factors:
    """Draw the evidence for the leading clusters of motifs."""
    input:
        result("factors"),
    output:
        figure("factors_figure"),
        png("factors_figure"),
        pdf("factors_figure"),
    log:
        "logs/plot_factors/{contrast}.log",
    benchmark:
        "logs/plot_factors/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_factors"),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_factors.py"
