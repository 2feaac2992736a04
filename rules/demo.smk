"""The demo: all inputs from a simulator, and the results against the truth that it knows."""

from workflow_lib import simulate

# The simulator plants differences of treated against control: the contrast that asks for them, if any.
PLANTED = [
    name
    for name, contrast in config["contrasts"].items()
    if HAS_GENOME
    and (contrast["experiment"], contrast["control"]) == ("treated", "control")
][:1]


rule simulate_demo:
    """Make the demo from one seed: genome, genes, peaks, six BAMs and the truth behind them."""
    output:
        genome="resources/demo/genome.fa",
        genes="resources/demo/genes.gtf",
        peaks="resources/demo/peaks.narrowPeak",
        expression="resources/demo/expression.tsv",
        bams=expand("resources/demo/{sample}.bam", sample=simulate.SAMPLES.index),
        indexes=expand("resources/demo/{sample}.bam.bai", sample=simulate.SAMPLES.index),
        truth=expand("resources/demo/truth/{table}.tsv", table=simulate.TRUTH),
    log:
        "logs/simulate_demo.log",
    benchmark:
        "logs/simulate_demo.benchmark.tsv"
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1500 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        code=code_digest("simulate_demo"),
        seed=lookup("demo/seed", within=config),
    script:
        "../scripts/simulate_demo.py"


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


if PLANTED:
    REPORTED |= {
        "truth": "results/demo/truth.tsv",
        "truth_motifs": "results/demo/truth_motifs.tsv",
    }
