"""The matrix of peaks by samples: counted from the cut sites, or given."""

if HAS_BAMS:

    rule count_cuts:
        """Count each sample's insertions or fragments in the consensus peaks."""
        input:
            fragments=expand(result("fragments"), sample=SAMPLES.index),
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
            mem_mb=lambda wildcards, attempt: 4000 * attempt,
            runtime=lambda wildcards, attempt: 60 * attempt,
        params:
            code=code_digest("count_cuts"),
            samples=list(SAMPLES.index),
            unit=lookup("reads/count", within=config),
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
            mem_mb=lambda wildcards, attempt: 4000 * attempt,
            runtime=lambda wildcards, attempt: 30 * attempt,
        params:
            code=code_digest("import_counts"),
            units=UNITS,
            leave_out=AUTO_BLACKLIST,
        script:
            "../scripts/import_counts.py"
