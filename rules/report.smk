"""The report, and in the demo the comparison with what was planted."""

# The simulator plants differences of treated against control: the contrast that asks for them, if any.
PLANTED = [
    name
    for name, contrast in config["contrasts"].items()
    if DEMO
    and HAS_GENOME
    and (contrast["experiment"], contrast["control"]) == ("treated", "control")
][:1]


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


def get_report_inputs(wildcards):
    """Results that the report shows (tables and figures by name) or links to."""
    figures = "results/differential/figures/{contrast}"
    results = {
        "differential": expand(
            "results/differential/{contrast}.tsv.gz", contrast=CONTRASTS
        ),
        "ma": expand(f"{figures}.ma.svg", contrast=CONTRASTS),
        "volcano": expand(f"{figures}.volcano.svg", contrast=CONTRASTS),
        "pvalues": expand(f"{figures}.pvalues.svg", contrast=CONTRASTS),
        "size_factors": "results/differential/size_factors.tsv",
        "pca": "results/qc/figures/pca.svg",
        "correlation": "results/qc/figures/correlation.svg",
    }
    linked = [
        "results/preflight.tsv",
        "results/peaks/consensus.bed",
        "results/peaks/peaks.tsv",
        "results/counts/counts.tsv.gz",
    ]
    linked += expand(
        "results/differential/{contrast}.{direction}.bed",
        contrast=CONTRASTS,
        direction=DIRECTIONS,
    )
    if HAS_BAMS:
        results["quality"] = "results/qc/samples.tsv"
    if HAS_GENES:
        linked.append("results/annotation/peaks.tsv.gz")
    if HAS_GENOME:
        enrichment = "results/motifs/enrichment/{contrast}"
        results |= {
            "library": "results/motifs/library.tsv",
            "logos": "results/motifs/logos",
            "up": expand(f"{enrichment}.up.tsv", contrast=CONTRASTS),
            "down": expand(f"{enrichment}.down.tsv", contrast=CONTRASTS),
            "enrichment_figures": expand(
                "results/motifs/figures/{contrast}.svg", contrast=CONTRASTS
            ),
            "variability": "results/chromvar/variability.tsv",
            "deviations": expand(
                "results/chromvar/differential/{contrast}.tsv", contrast=CONTRASTS
            ),
            "variability_figure": "results/chromvar/figures/variability.svg",
            "heatmap": "results/chromvar/figures/heatmap.svg",
        }
        linked += [
            "results/sequences/peaks.fa.gz",
            "results/motifs/library.meme",
            "results/motifs/tf_motifs.tsv",
            "results/motifs/hits.bed.gz",
            "results/motifs/matches.npz",
            "results/chromvar/deviations.tsv.gz",
            "results/chromvar/zscores.tsv.gz",
        ]
    if PLANTED:
        results["truth"] = "results/demo/truth.tsv"
        results["truth_motifs"] = "results/demo/truth_motifs.tsv"
    return results | {"linked": linked}


rule write_report:
    """Write the report: one file that needs nothing beside it."""
    input:
        unpack(get_report_inputs),
    output:
        "results/report.html",
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
