"""Profiles: changed peaks grouped by how their accessibility runs over the levels of a column."""


rule cluster_profiles:
    """Group a contrast's changed peaks by their mean profile over the levels."""
    input:
        differential=result("differential"),
        counts=result("counts"),
        peaks=result("peaks"),
        size_factors=result("size_factors"),
        offsets=OFFSETS,
    output:
        table=result("profiles"),
        clusters=result("profile_clusters"),
        beds=directory(result("profile_beds")),
    log:
        "logs/cluster_profiles/{contrast}.log",
    benchmark:
        "logs/cluster_profiles/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2500),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("cluster_profiles"),
        offsets=lookup("differential/offsets", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        clusters=lookup("profiles/clusters", within=config),
        seed=lookup("seed", within=config),
    script:
        "../scripts/cluster_profiles.py"


rule plot_profiles:
    """Draw changed peaks over the levels, by cluster, and the clusters' mean profiles."""
    input:
        table=result("profiles"),
        clusters=result("profile_clusters"),
    output:
        figure("profiles_figure"),
        png("profiles_figure"),
        pdf("profiles_figure"),
    log:
        "logs/plot_profiles/{contrast}.log",
    benchmark:
        "logs/plot_profiles/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1500),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_profiles"),
    script:
        "../scripts/plot_profiles.py"


if HAS_GENOME:

    rule test_profile_motifs:
        """Test each motif for enrichment in each cluster of profiles against unchanged peaks like its own."""
        input:
            matches=result("matches"),
            library=result("library"),
            sequences=result("sequences"),
            peaks=result("peaks"),
            differential=result("differential"),
            profiles=result("profiles"),
        output:
            result("profile_motifs"),
        log:
            "logs/test_profile_motifs/{contrast}.log",
        benchmark:
            "logs/test_profile_motifs/{contrast}.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks_for_tables(2000),
            runtime=lambda wildcards, attempt: 60 * attempt,
        params:
            code=code_digest("test_profile_motifs"),
            alpha=lookup("alpha", within=config),
        script:
            "../scripts/test_profile_motifs.py"

    rule plot_profile_motifs:
        """Draw the most enriched motifs of each cluster of profiles."""
        input:
            result("profile_motifs"),
        output:
            figure("profile_motifs_figure"),
            png("profile_motifs_figure"),
            pdf("profile_motifs_figure"),
        log:
            "logs/plot_profile_motifs/{contrast}.log",
        benchmark:
            "logs/plot_profile_motifs/{contrast}.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks_for_tables(1000),
            runtime=lambda wildcards, attempt: 10 * attempt,
        params:
            code=code_digest("plot_profile_motifs"),
            alpha=lookup("alpha", within=config),
        script:
            "../scripts/plot_profile_motifs.py"


if HAS_REGIONS:

    rule test_profile_regions:
        """Test gene sets and regions of other studies in each cluster of profiles against unchanged peaks."""
        input:
            differential=result("differential"),
            peaks=result("peaks"),
            genes=branch(HAS_GENES, then="resources/genome/genes.parquet", otherwise=[]),
            sequences=branch(HAS_GENOME, then=result("sequences"), otherwise=[]),
            gene_sets=source(GENE_SETS),
            regions=source(list(REGION_SETS.values())),
            profiles=result("profiles"),
        output:
            result("profile_regions"),
        log:
            "logs/test_profile_regions/{contrast}.log",
        benchmark:
            "logs/test_profile_regions/{contrast}.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks_for_tables(2500),
            runtime=lambda wildcards, attempt: 30 * attempt,
        params:
            code=code_digest("test_profile_regions"),
            names=list(REGION_SETS),
            least=lookup("regions/min_genes", within=config),
            most=lookup("regions/max_genes", within=config),
            alpha=lookup("alpha", within=config),
        script:
            "../scripts/test_profile_regions.py"
