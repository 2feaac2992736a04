"""Footprints of factors: Tn5's preference, sites, scores, tests, profiles."""


rule estimate_bias:
    """Count the k-mers around a sample's cuts, for what Tn5 prefers."""
    input:
        **GENOME,
        fragments=result("fragments"),
        peaks=result("peaks"),
        quality=result("units"),
    output:
        bias=temp(part("bias")),
        logos=temp(part("bias_logos")),
    log:
        "logs/estimate_bias/{sample}.log",
    benchmark:
        "logs/estimate_bias/{sample}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_cuts, "fragments"),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("estimate_bias"),
        exclude=lookup("genome/mitochondrial", within=config),
    script:
        "../scripts/estimate_bias.py"


rule select_sites:
    """Choose the sites of all motifs; of those of one motif that overlap, the best."""
    input:
        hits=result("hits"),
        library=result("library"),
        contigs=CONTIGS,
        counts=result("counts"),
        size_factors=result("size_factors"),
        regions=get_site_regions(),
    output:
        result("sites"),
    log:
        "logs/select_sites.log",
    benchmark:
        "logs/select_sites.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_counts, "counts", "hits"),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("select_sites"),
    script:
        "../scripts/select_sites.py"


rule score_footprints:
    """Score the footprints of all motifs in one sample, which is read once for that."""
    input:
        **GENOME,
        fragments=result("fragments"),
        sites=result("sites"),
        bias=part("bias"),
        library=result("library"),
    output:
        temp(part("footprint_scores")),
    log:
        "logs/score_footprints/{sample}.log",
    benchmark:
        "logs/score_footprints/{sample}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_cuts, "fragments"),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("score_footprints"),
        model=lookup("footprints/bias", within=config),
        flank=lookup("footprints/flank", within=config),
    script:
        "../scripts/score_footprints.py"


rule gather_footprints:
    """Gather the samples' scores and what Tn5 prefers in each."""
    input:
        scores=expand(part("footprint_scores"), sample=SAMPLES.index),
        bias=expand(part("bias"), sample=SAMPLES.index),
        logos=expand(part("bias_logos"), sample=SAMPLES.index),
    output:
        scores=result("footprint_scores"),
        bias=result("bias"),
        logos=result("bias_logos"),
    log:
        "logs/gather_footprints.log",
    benchmark:
        "logs/gather_footprints.benchmark.tsv"
    localrule: True
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("gather_tables"),
    script:
        "../scripts/gather_tables.py"


rule test_footprints:
    """Test every motif for a change of its footprint and of its flanks between the groups of a contrast."""
    input:
        scores=result("footprint_scores"),
        library=result("library"),
    output:
        result("footprints"),
    log:
        "logs/test_footprints/{contrast}.log",
    benchmark:
        "logs/test_footprints/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("test_footprints"),
        block=lookup("block", within=config),
        samples=SHEET,
        design=lookup("design", within=config),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/test_footprints.py"


rule profile_footprints:
    """Profile the cuts around the sites of a few motifs in every sample and group."""
    input:
        **GENOME,
        **get_profile_choice(),
        fragments=expand(result("fragments"), sample=SAMPLES.index),
        sites=result("sites"),
        bias=result("bias"),
        library="resources/motifs/library.json",
    output:
        profiles=directory(result("footprint_profiles")),
        by_site=result("footprints_by_site"),
    log:
        "logs/profile_footprints.log",
    benchmark:
        "logs/profile_footprints.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_cuts, "fragments", size=get_largest_mb),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("profile_footprints"),
        samples=list(SAMPLES.index),
        groups=list(SAMPLES["group"]),
        motifs=lookup("footprints/motifs", within=config),
        model=lookup("footprints/bias", within=config),
        flank=lookup("footprints/flank", within=config),
        alpha=lookup("alpha", within=config),
        seed=lookup("seed", within=config),
    script:
        "../scripts/profile_footprints.py"


rule plot_footprints:
    """Draw profiles and single sites of the chosen motifs, and all motifs' changes of depth against flanks."""
    input:
        footprints=result("footprints"),
        profiles=result("footprint_profiles"),
        by_site=result("footprints_by_site"),
        library=result("library"),
    output:
        folder=figure("footprint_figures"),
        profiles=figure("footprint_leading"),
        changes=figure("footprint_changes"),
        profiles_png=png("footprint_leading"),
        profiles_pdf=pdf("footprint_leading"),
        changes_png=png("footprint_changes"),
        changes_pdf=pdf("footprint_changes"),
    log:
        "logs/plot_footprints/{contrast}.log",
    benchmark:
        "logs/plot_footprints/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("plot_footprints"),
        groups=SAMPLES["group"].to_dict(),
        samples=SHEET,
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_footprints.py"


rule plot_bias:
    """Draw what Tn5 prefers around its cuts in each sample, on both strands."""
    input:
        result("bias_logos"),
    output:
        figure("bias_figures"),
    log:
        "logs/plot_bias.log",
    benchmark:
        "logs/plot_bias.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_bias"),
        samples=list(SAMPLES.index),
    script:
        "../scripts/plot_bias.py"
