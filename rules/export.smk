"""What others take along: everything in one file, the main tables in a workbook, what the run was."""

CHECKS = ("normalisation", "global_shift", "calibration")


rule export_mudata:
    """Collect counts, annotation, tests and motif accessibility in one MuData file."""
    input:
        **EXPORTED,
    output:
        "results/experiment.h5mu",
    log:
        "logs/export_mudata.log",
    benchmark:
        "logs/export_mudata.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 15 * attempt,
    params:
        code=code_digest("export_mudata"),
        samples=SHEET,
        design=lookup("design", within=config),
        contrasts=lookup("contrasts", within=config),
    script:
        "../scripts/export_mudata.py"


rule export_workbook:
    """Write the main tables as one Excel workbook."""
    input:
        **EXPORTED,
        **{kind: REPORTED[kind] for kind in CHECKS if kind in REPORTED},
    output:
        "results/tables.xlsx",
    log:
        "logs/export_workbook.log",
    benchmark:
        "logs/export_workbook.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("export_workbook"),
        contrasts=CONTRASTS,
    script:
        "../scripts/export_workbook.py"


rule record_run:
    """Write down the run's settings, samples and versions."""
    input:
        ancient("results/preflight.tsv"),
    output:
        "results/run.json",
    log:
        "logs/record_run.log",
    benchmark:
        "logs/record_run.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 500 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("record_run"),
        settings=config,
        samples=SHEET,
        skipped=SKIPPED,
        notes=NOTES,
    script:
        "../scripts/record_run.py"


rule checksum_inputs:
    """Write size and SHA-256 of every input file: the methods name them."""
    input:
        preflight.paths(config, LIBRARIES),
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


REPORTED["inputs"] = "results/inputs.tsv"
LINKED += ["results/experiment.h5mu", "results/tables.xlsx", "results/run.json"]
