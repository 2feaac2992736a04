"""The consensus peaks, given or called; a run from a count matrix takes them from there (counts.smk)."""

if config["peaks"]["call"]:

    rule write_cut_bed:
        """Write a sample's cuts as the peak caller reads them."""
        input:
            result("fragments"),
        output:
            temp("results/peaks/reads/{sample}.bed"),
        log:
            "logs/write_cut_bed/{sample}.log",
        benchmark:
            "logs/write_cut_bed/{sample}.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=lambda wildcards, input, attempt: attempt
            * memory.of_cuts(input.size_mb),
            runtime=lambda wildcards, attempt: 30 * attempt,
        params:
            code=code_digest("write_cut_bed"),
            mode=lookup("peaks/mode", within=config),
            mitochondrial=lookup("genome/mitochondrial", within=config),
        script:
            "../scripts/write_cut_bed.py"

    rule call_peaks:
        """Call peaks on the cuts of all samples of a group together."""
        input:
            unpack(get_call_inputs),
        output:
            result("called_peaks"),
        log:
            "logs/call_peaks/{group}.log",
        benchmark:
            "logs/call_peaks/{group}.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            # a line of 31 bytes a cut, which MACS keeps in a few copies
            mem_mb=lambda wildcards, input, attempt: attempt
            * (2000 + int(2 * input.size_mb)),
            runtime=lambda wildcards, attempt: 240 * attempt,
        params:
            code=code_digest("call_peaks"),
            mode=lookup("peaks/mode", within=config),
            kind="q",
            cutoff=lookup("peaks/qvalue", within=config),
            mappable=lookup("peaks/mappable", within=config),
            mitochondrial=lookup("genome/mitochondrial", within=config),
        script:
            "../scripts/call_peaks.py"

    use rule call_peaks as call_replicates with:
        output:
            result("replicate_peaks"),
        log:
            "logs/call_replicates/{sample}.log",
        benchmark:
            "logs/call_replicates/{sample}.benchmark.tsv"
        params:
            code=code_digest("call_peaks"),
            mode=lookup("peaks/mode", within=config),
            # support of a peak that its group has, so less strict (ENCODE's relaxed threshold)
            kind="p",
            cutoff=0.01,
            mappable=lookup("peaks/mappable", within=config),
            mitochondrial=lookup("genome/mitochondrial", within=config),


rule find_artefacts:
    """Find places where all samples have extreme cuts for their surroundings, such as satellites."""
    input:
        **GENOME,
        contigs=CONTIGS,
        fragments=expand(result("fragments"), sample=sorted(SAMPLES.index)),
    output:
        table=result("artefacts"),
        bed=result("artefacts_bed"),
    log:
        "logs/find_artefacts.log",
    benchmark:
        "logs/find_artefacts.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        # of the largest store its cuts, and of each sample a number a kb of the genome
        mem_mb=lambda wildcards, input, attempt: attempt
        * (2000 + int(4 * get_largest_mb(input.fragments)) + 60 * len(input.fragments)),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("find_artefacts"),
        mitochondrial=lookup("genome/mitochondrial", within=config),
    script:
        "../scripts/find_artefacts.py"


rule build_consensus:
    """Make one peak set of all samples, the rows of every later table."""
    input:
        peaks=get_consensus_inputs(),
        replicates=expand(
            result("replicate_peaks"),
            sample=SAMPLES.index if config["peaks"]["call"] else [],
        ),
        contigs=CONTIGS,
        blacklist=BLACKLIST,
    output:
        bed=result("consensus"),
        table=result("peaks"),
        origin=result("peaks_origin"),
    log:
        "logs/build_consensus.log",
    benchmark:
        "logs/build_consensus.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(2000),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        **(get_merging() if get_peak_groups() else {}),
        code=code_digest("build_consensus"),
        groups=get_peak_groups(),
        names=get_peak_names(),
        called=lookup("peaks/call", within=config),
        replicates=SAMPLES["group"].to_dict() if config["peaks"]["call"] else None,
        auto_blacklist=AUTO_BLACKLIST,
        # what a single file does not ask for does not make its peaks anew
    script:
        "../scripts/build_consensus.py"
