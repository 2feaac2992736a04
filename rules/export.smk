"""Everything in one file."""


rule export_mudata:
    """Collect counts, annotation, tests and motif accessibility in one MuData file."""
    input:
        unpack(get_export_tables),
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
        samples=SAMPLES.drop(columns="bam", errors="ignore").to_dict(orient="index"),
        design=lookup("design", within=config),
        contrasts=lookup("contrasts", within=config),
    script:
        "../scripts/export_mudata.py"
