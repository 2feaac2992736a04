if DEMO:

    from workflow_lib import simulate

    rule simulate_demo:
        """Make the demo from one seed: genome, genes, peaks, six BAMs and the truth behind them."""
        output:
            genome="resources/demo/genome.fa",
            genes="resources/demo/genes.gtf",
            peaks="resources/demo/peaks.narrowPeak",
            expression="resources/demo/expression.tsv",
            bams=expand("resources/demo/{sample}.bam", sample=simulate.SAMPLES.index),
            indexes=expand(
                "resources/demo/{sample}.bam.bai", sample=simulate.SAMPLES.index
            ),
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
