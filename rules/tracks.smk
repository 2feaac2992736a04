"""Tracks for genome browsers, scaled by the size factors of the test."""

TRACKS = expand(result("tracks"), name=[*SAMPLES.index, *GROUPS])


rule write_track:
    """Write a sample's insertions, binned and over its size factor, as bigWig."""
    input:
        fragments=[result("fragments")],
        size_factors=result("size_factors"),
        contigs=CONTIGS,
    output:
        result("tracks", name="{sample}"),
    log:
        "logs/write_track/{sample}.log",
    benchmark:
        "logs/write_track/{sample}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks(memory.of_track, "fragments", size=get_largest_mb),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("write_track"),
        samples=lambda wildcards: [wildcards.sample],
        mitochondrial=lookup("genome/mitochondrial", within=config),
    script:
        "../scripts/write_track.py"


use rule write_track as write_group_track with:
    input:
        fragments=lambda wildcards: expand(
            result("fragments"), sample=get_members(wildcards.group)
        ),
        size_factors=result("size_factors"),
        contigs=CONTIGS,
    output:
        result("tracks", name="{group}"),
    log:
        "logs/write_group_track/{group}.log",
    benchmark:
        "logs/write_group_track/{group}.benchmark.tsv"
    params:
        code=code_digest("write_track"),
        samples=lambda wildcards: get_members(wildcards.group),
        mitochondrial=lookup("genome/mitochondrial", within=config),


rule write_session:
    """Write the files that open all tracks in IGV and in the UCSC browser, with relative paths."""
    input:
        **GENOME,
        tracks=TRACKS,
        peaks=result("peaks"),
        bed=result("consensus"),
        differential=of_contrasts(result("differential")),
        opened=of_contrasts(result("changed_peaks", direction="up")),
        closed=of_contrasts(result("changed_peaks", direction="down")),
        contigs=CONTIGS,
        hits=branch(HAS_GENOME, then=result("hits"), otherwise=[]),
        hits_index=branch(HAS_GENOME, then=result("hits_index"), otherwise=[]),
        links=branch(HAS_LINKAGE, then=result("link_arcs"), otherwise=[]),
    output:
        session=result("session"),
        sizes=result("session_sizes"),
        genome=result("session_genome"),
        hub=result("hub"),
        genomes=result("hub_genomes"),
        stanzas=result("hub_stanzas"),
    log:
        "logs/write_session.log",
    benchmark:
        "logs/write_session.benchmark.tsv"
    localrule: True
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("write_session"),
        changes=[f"{way}: {name}" for way in ("opened", "closed") for name in CONTRASTS],
        groups=SAMPLES["group"].to_dict(),
        name=lookup("genome/name", within=config),
    script:
        "../scripts/write_session.py"


rule summarise_signal:
    """Coverage around the regions that changed most in any contrast, by group."""
    input:
        fragments=expand(result("fragments"), sample=SAMPLES.index),
        size_factors=result("size_factors"),
        differential=of_contrasts(result("differential")),
    output:
        result("signal"),
    log:
        "logs/summarise_signal.log",
    benchmark:
        "logs/summarise_signal.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        # one contig of one sample at a time, who may have all cuts there
        mem_mb=lambda wildcards, input, attempt: attempt
        * (1500 + int(5 * get_largest_mb(input.fragments))),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("summarise_signal"),
        groups=SAMPLES["group"].to_dict(),
    script:
        "../scripts/summarise_signal.py"


rule plot_signal:
    """Draw coverage around the regions that changed in a contrast."""
    input:
        signal=result("signal"),
        differential=result("differential"),
    output:
        figure("signal_figure"),
        png("signal_figure"),
        pdf("signal_figure"),
    log:
        "logs/plot_signal/{contrast}.log",
    benchmark:
        "logs/plot_signal/{contrast}.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("plot_signal"),
        contrast=lambda wildcards: config["contrasts"][wildcards.contrast],
        n_contrasts=len(CONTRASTS),
        samples=SHEET,
    script:
        "../scripts/plot_signal.py"
