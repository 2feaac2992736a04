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
    output:
        session=result("session"),
        genome=result("session_genome"),
        hub=result("hub"),
        genomes=result("hub_genomes"),
        stanzas=result("hub_stanzas"),
    log:
        "logs/write_session.log",
    benchmark:
        "logs/write_session.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("write_session"),
        groups=SAMPLES["group"].to_dict(),
        name=lookup("genome/name", within=config),
    script:
        "../scripts/write_session.py"
