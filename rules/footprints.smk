"""Footprints of factors: Tn5's preference, sites, scores, tests, profiles."""


rule estimate_bias:
    """Count the k-mers around a sample's cuts, for what Tn5 prefers."""
    input:
        **GENOME,
        fragments="results/fragments/{sample}.h5",
        peaks="results/peaks/peaks.tsv",
        quality="results/qc/units.tsv",
    output:
        bias=temp("results/footprints/bias/{sample}.tsv.gz"),
        logos=temp("results/footprints/bias/{sample}.logos.tsv"),
    log:
        "logs/estimate_bias/{sample}.log",
    benchmark:
        "logs/estimate_bias/{sample}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("estimate_bias"),
        exclude=lookup("genome/mitochondrial", within=config),
    script:
        "../scripts/estimate_bias.py"


rule select_sites:
    """Choose the sites of all motifs; of those of one motif that overlap, the best."""
    input:
        hits="results/motifs/hits.bed.gz",
        library="results/motifs/library.tsv",
        contigs=CONTIGS,
        counts="results/counts/counts.tsv.gz",
        size_factors="results/differential/size_factors.tsv",
        regions=get_site_regions(),
    output:
        "results/footprints/sites.h5",
    log:
        "logs/select_sites.log",
    benchmark:
        "logs/select_sites.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("select_sites"),
    script:
        "../scripts/select_sites.py"


rule score_footprints:
    """Score the footprints of all motifs in one sample, which is read once for that."""
    input:
        **GENOME,
        fragments="results/fragments/{sample}.h5",
        sites="results/footprints/sites.h5",
        bias="results/footprints/bias/{sample}.tsv.gz",
        library="results/motifs/library.tsv",
    output:
        temp("results/footprints/scores/{sample}.tsv.gz"),
    log:
        "logs/score_footprints/{sample}.log",
    benchmark:
        "logs/score_footprints/{sample}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
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
        scores=expand("results/footprints/scores/{sample}.tsv.gz", sample=SAMPLES.index),
        bias=expand("results/footprints/bias/{sample}.tsv.gz", sample=SAMPLES.index),
        logos=expand("results/footprints/bias/{sample}.logos.tsv", sample=SAMPLES.index),
    output:
        scores="results/footprints/scores.tsv.gz",
        bias="results/footprints/bias.tsv.gz",
        logos="results/footprints/bias_logos.tsv",
    log:
        "logs/gather_footprints.log",
    benchmark:
        "logs/gather_footprints.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("gather_tables"),
    script:
        "../scripts/gather_tables.py"


rule test_footprints:
    """Test every motif for a change of its footprint and of its flanks between the groups of a contrast."""
    input:
        scores="results/footprints/scores.tsv.gz",
        library="results/motifs/library.tsv",
    output:
        "results/footprints/{contrast}.tsv",
    log:
        "logs/test_footprints/{contrast}.log",
    benchmark:
        "logs/test_footprints/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("test_footprints"),
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
        fragments=expand("results/fragments/{sample}.h5", sample=SAMPLES.index),
        sites="results/footprints/sites.h5",
        bias="results/footprints/bias.tsv.gz",
        library="resources/motifs/library.json",
    output:
        directory("results/footprints/profiles"),
    log:
        "logs/profile_footprints.log",
    benchmark:
        "logs/profile_footprints.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
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
        footprints="results/footprints/{contrast}.tsv",
        profiles="results/footprints/profiles",
        sites="results/footprints/sites.h5",
        fragments=expand("results/fragments/{sample}.h5", sample=SAMPLES.index),
        library="results/motifs/library.tsv",
        contigs="resources/genome/contigs.tsv",
    output:
        folder=report(
            directory("results/footprints/figures/{contrast}"),
            patterns=["{motif}.svg"],
            caption="captions/footprint.rst",
            category="Footprints",
            labels={"contrast": "{contrast}", "figure": "{motif}"},
        ),
        profiles=report(
            "results/footprints/figures/{contrast}.profiles.svg",
            caption="captions/footprint_profiles.rst",
            category="Footprints",
            labels={"contrast": "{contrast}", "figure": "leading motifs"},
        ),
        changes=report(
            "results/footprints/figures/{contrast}.changes.svg",
            caption="captions/footprint_changes.rst",
            category="Footprints",
            labels={"contrast": "{contrast}", "figure": "depth against flanks"},
        ),
        profiles_png="results/footprints/figures/{contrast}.profiles.png",
        changes_png="results/footprints/figures/{contrast}.changes.png",
    log:
        "logs/plot_footprints/{contrast}.log",
    benchmark:
        "logs/plot_footprints/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        # one sample's cuts, and one motif's sites by positions
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("plot_footprints"),
        groups=SAMPLES["group"].to_dict(),
        levels=lambda wildcards: get_levels(wildcards.contrast),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        flank=lookup("footprints/flank", within=config),
        alpha=lookup("alpha", within=config),
    script:
        "../scripts/plot_footprints.py"


rule plot_bias:
    """Draw what Tn5 prefers around its cuts in each sample, on both strands."""
    input:
        "results/footprints/bias_logos.tsv",
    output:
        report(
            directory("results/qc/figures/tn5_bias"),
            patterns=["{name}.svg"],
            caption="captions/footprint_bias.rst",
            category="Samples",
            labels={"figure": "Tn5's preference in {name}"},
        ),
    log:
        "logs/plot_bias.log",
    benchmark:
        "logs/plot_bias.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("plot_bias"),
        samples=list(SAMPLES.index),
    script:
        "../scripts/plot_bias.py"


REPORTED |= {
    "footprints": of_contrasts("results/footprints/{contrast}.tsv"),
    "footprint_bias_logos": "results/footprints/bias_logos.tsv",
    "footprint_profiles": "results/footprints/profiles",
    "footprint_figures": of_contrasts("results/footprints/figures/{contrast}"),
    "footprint_leading": of_contrasts(
        "results/footprints/figures/{contrast}.profiles.svg"
    ),
    "footprint_changes": of_contrasts(
        "results/footprints/figures/{contrast}.changes.svg"
    ),
    "bias_figures": "results/qc/figures/tn5_bias",
}
LINKED += [
    "results/footprints/sites.h5",
    "results/footprints/scores.tsv.gz",
    "results/footprints/bias.tsv.gz",
]
EXPORTED |= {
    "footprints": REPORTED["footprints"],
    "footprint_scores": "results/footprints/scores.tsv.gz",
}
