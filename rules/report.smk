"""The report: what the stages have put down for it."""


rule write_report:
    """Write the report: one file that needs nothing beside it."""
    input:
        **made(get_reported),
    output:
        result("report"),
        answer=result("answer"),
    log:
        "logs/write_report.log",
    benchmark:
        "logs/write_report.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1500),
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("write_report"),
        words=WORDS,
        settings=config,
        samples=SHEET,
        skipped=SKIPPED,
        notes=NOTES,
        exports=list(EXPORTS),
    script:
        "../scripts/write_report.py"
