"""What others take along: everything in one file, the main tables in a workbook, what the run was."""


rule export_mudata:
    """Collect counts, annotation, tests and motif accessibility in one MuData file."""
    input:
        **made(lambda entry: entry.mudata),
    output:
        result("mudata"),
    log:
        "logs/export_mudata.log",
    benchmark:
        "logs/export_mudata.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(900),
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
        **made(lambda entry: entry.sheet),
    output:
        result("workbook"),
    log:
        "logs/export_workbook.log",
    benchmark:
        "logs/export_workbook.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1200),
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        code=code_digest("export_workbook"),
        words=WORDS,
        contrasts=CONTRASTS,
    script:
        "../scripts/export_workbook.py"


rule record_run:
    """Write down the run's settings, samples and versions."""
    output:
        result("run"),
    log:
        "logs/record_run.log",
    benchmark:
        "logs/record_run.benchmark.tsv"
    localrule: True
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_always(500),
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("record_run"),
        settings=config,
        samples=SHEET,
        results=list(made(lambda entry: True)),
        skipped=SKIPPED,
        notes=NOTES,
    script:
        "../scripts/record_run.py"


rule checksum_inputs:
    """Write size and SHA-256 of every input file: the methods name them."""
    input:
        source(preflight.paths(config, LIBRARIES)),
    output:
        result("inputs"),
    log:
        "logs/checksum_inputs.log",
    benchmark:
        "logs/checksum_inputs.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_always(500),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        code=code_digest("checksum_inputs"),
        names=preflight.labels(config, LIBRARIES),
    script:
        "../scripts/checksum_inputs.py"
