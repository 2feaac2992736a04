"""The matrix of peaks by samples: counted from the cut sites, or given."""

if HAS_BAMS:

    rule measure_sample:
        """Take what counts, quality and size factors need from one sample, which is read once for that."""
        input:
            fragments=result("fragments"),
            peaks=result("peaks"),
            genes=branch(HAS_GENES, then="resources/genome/genes.parquet", otherwise=[]),
        output:
            result("measures"),
        log:
            "logs/measure_sample/{sample}.log",
        benchmark:
            "logs/measure_sample/{sample}.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks(memory.of_cuts, "fragments"),
            runtime=lambda wildcards, attempt: 30 * attempt,
        params:
            code=code_digest("measure_sample"),
            unit=lookup("reads/count", within=config),
            mitochondrial=lookup("genome/mitochondrial", within=config),
        script:
            "../scripts/measure_sample.py"

    rule count_cuts:
        """Lay the counts of all samples in the consensus peaks side by side."""
        input:
            measures=expand(result("measures"), sample=SAMPLES.index),
            peaks=result("peaks"),
            peaks_origin=result("peaks_origin"),
        output:
            counts=result("counts"),
            origin=result("counts_origin"),
        log:
            "logs/count_cuts.log",
        benchmark:
            "logs/count_cuts.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks(memory.of_measures, "measures"),
            runtime=lambda wildcards, attempt: 60 * attempt,
        params:
            code=code_digest("count_cuts"),
            samples=list(SAMPLES.index),
        script:
            "../scripts/count_cuts.py"

else:

    rule import_counts:
        """Take peaks and counts from the given matrix."""
        input:
            counts=source(config["counts"]),
            contigs=CONTIGS,
            blacklist=[] if AUTO_BLACKLIST else BLACKLIST,
        output:
            counts=result("counts"),
            peaks=result("peaks"),
            bed=result("consensus"),
            artefacts=result("artefacts"),
            artefacts_bed=result("artefacts_bed"),
            origin=result("counts_origin"),
        log:
            "logs/import_counts.log",
        benchmark:
            "logs/import_counts.benchmark.tsv"
        conda:
            "../envs/atacdiff.yaml"
        threads: 1
        resources:
            mem_mb=asks(memory.of_counts, "counts"),
            runtime=lambda wildcards, attempt: 30 * attempt,
        params:
            code=code_digest("import_counts"),
            units=UNITS,
            leave_out=AUTO_BLACKLIST,
        script:
            "../scripts/import_counts.py"
