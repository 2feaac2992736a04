"""Everything in one file."""


def get_export_tables(wildcards):
    """Tables of the stages that this configuration runs, by what they hold."""
    found = {
        "counts": "results/counts/counts.tsv.gz",
        "peaks": "results/peaks/peaks.tsv",
        "size_factors": "results/differential/size_factors.tsv",
        "differential": expand(
            "results/differential/{contrast}.tsv.gz", contrast=CONTRASTS
        ),
    }
    if HAS_BAMS:
        found["quality"] = "results/qc/samples.tsv"
    if HAS_GENES:
        found["annotation"] = "results/annotation/peaks.tsv.gz"
    if HAS_GENOME:
        found |= {
            "library": "results/motifs/library.tsv",
            "matches": "results/motifs/matches.npz",
            "deviations": "results/chromvar/deviations.tsv.gz",
            "zscores": "results/chromvar/zscores.tsv.gz",
            "variability": "results/chromvar/variability.tsv",
            "deviation_tests": expand(
                "results/chromvar/differential/{contrast}.tsv", contrast=CONTRASTS
            ),
        }
    return found


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
