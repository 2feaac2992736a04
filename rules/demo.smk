"""The demo: all inputs from a simulator, and the results against the truth that it knows."""

from workflow_lib import simulate

# The simulator plants differences of treated against control: the contrast that asks for them, if any.
PLANTED = [
    name
    for name, contrast in config["contrasts"].items()
    if HAS_GENOME
    and (contrast.get("experiment"), contrast.get("control")) == ("treated", "control")
][:1]
HAS["planted"] = bool(PLANTED)


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
        mem_mb=asks_always(1500),
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
        differential=expand(result("differential"), contrast=PLANTED),
        up=expand(result("enrichment", direction="up"), contrast=PLANTED),
        down=expand(result("enrichment", direction="down"), contrast=PLANTED),
        variability=result("variability"),
        deviations=expand(result("deviation_tests"), contrast=PLANTED),
    output:
        peaks=result("truth"),
        motifs=result("truth_motifs"),
    log:
        "logs/compare_truth.log",
    benchmark:
        "logs/compare_truth.benchmark.tsv"
    localrule: True
    conda:
        "../envs/atacdiff.yaml"
    threads: 1
    resources:
        mem_mb=asks_for_tables(1000),
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        code=code_digest("compare_truth"),
    script:
        "../scripts/compare_truth.py"
