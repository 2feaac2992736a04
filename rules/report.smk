"""The report, and in the demo the comparison with what was planted."""


rule compare_truth:
    """Compare called peaks and motifs with those that the simulator planted."""
    input:
        peaks="resources/demo/truth/peaks.tsv",
        motifs="resources/demo/truth/motifs.tsv",
        differential=expand("results/differential/{name}.tsv.gz", name=PLANTED),
        up=expand("results/motifs/enrichment/{name}.up.tsv", name=PLANTED),
        down=expand("results/motifs/enrichment/{name}.down.tsv", name=PLANTED),
        variability="results/chromvar/variability.tsv",
        deviations=expand("results/chromvar/differential/{name}.tsv", name=PLANTED),
    output:
        peaks="results/demo/truth.tsv",
        motifs="results/demo/truth_motifs.tsv",
    log:
        "logs/compare_truth.log",
    benchmark:
        "logs/compare_truth.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("compare_truth"),
    script:
        "../scripts/compare_truth.py"


rule checksum_inputs:
    """Write size and SHA-256 of every input file: the methods name them."""
    input:
        preflight.paths(config, SAMPLES),
    output:
        "results/inputs.tsv",
    log:
        "logs/checksum_inputs.log",
    benchmark:
        "logs/checksum_inputs.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 4
    resources:
        mem_mb=lambda wildcards, attempt: 500 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("checksum_inputs"),
    script:
        "../scripts/checksum_inputs.py"


rule write_report:
    """Write the report: one file that needs nothing beside it."""
    input:
        unpack(get_report_inputs),
    output:
        "results/report.html",
        answer="results/answer.txt",
    log:
        "logs/write_report.log",
    benchmark:
        "logs/write_report.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1500 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("write_report"),
        settings=config,
        samples=SAMPLES.drop(columns="bam", errors="ignore").to_dict(orient="index"),
        skipped=SKIPPED,
        notes=NOTES,
    script:
        "../scripts/write_report.py"
