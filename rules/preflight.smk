"""The input files, read in full before anything is made of them."""


rule check_inputs:
    """Check that the inputs are whole and of one genome, and say which contig is in which file."""
    input:
        source(preflight.paths(config, LIBRARIES)),
    output:
        result("preflight"),
    log:
        "logs/check_inputs.log",
    benchmark:
        "logs/check_inputs.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=ask_for_checks,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("check_inputs"),
        config=preflight.about_files(config),
        memory=f"{STATE}/inputs.json",
        samples=LIBRARIES.filter(["group", "bam"]).reset_index().to_dict("list"),
    script:
        "../scripts/check_inputs.py"
