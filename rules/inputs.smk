"""Input functions: what a rule needs, given the stages that this configuration runs."""

from workflow_lib import peaks as peak_sets
from workflow_lib import shards
from workflow_lib.io import fragment_files
from workflow_lib.io import motifs as motif_files


def get_bam(wildcards):
    """BAM of a sample."""
    return SAMPLES.loc[wildcards.sample, "bam"]


def get_fragment_contigs(wildcards):
    """Lengths of contigs, which a fragment file does not say and a BAM does."""
    told = not fragment_files.is_fragment_file(get_bam(wildcards))
    return [] if told or not HAS_GENOME else "resources/genome/contigs.tsv"


def get_members(group):
    """Samples of a group."""
    return list(SAMPLES.index[SAMPLES["group"] == group])


def get_levels(contrast):
    """The level of a contrast's variable that each sample has."""
    return SAMPLES[config["contrasts"][contrast]["variable"]].astype(str).to_dict()


def get_peak_files():
    """Peak files by sample or group; a single consensus file has no name."""
    files = config["peaks"]["files"]
    if config["peaks"]["call"]:
        groups = sorted(set(SAMPLES["group"]))
        files = {g: f"results/peaks/calls/groups/{g}.narrowPeak" for g in groups}
    return files if isinstance(files, dict) else {None: files}


def get_peak_groups():
    """The group of each peak file; None where one file is the consensus."""
    names = list(get_peak_files())
    return None if names == [None] else peak_sets.groups_of_inputs(names, SAMPLES)


def get_scan_parts():
    """Number of parts of the motif scan, unless `--set-scatter` says it: by the size of the peak files."""
    made_here = DEMO or (HAS_BAMS and config["peaks"]["call"])
    files = get_peak_files().values() if HAS_BAMS else [config["counts"]]
    return shards.of_scan([] if made_here else files, config["motifs"]["window"])


def get_call_inputs(wildcards):
    """Reads on which peaks are called, of one sample or of a group's together, and the contigs."""
    one = getattr(wildcards, "sample", None)
    samples = [one] if one else get_members(wildcards.group)
    inputs = {
        "reads": expand("results/peaks/reads/{sample}.bed", sample=samples),
        "fragments": expand("results/fragments/{sample}.h5", sample=samples),
    }
    if HAS_GENOME:
        inputs["contigs"] = "resources/genome/contigs.tsv"
    return inputs


def get_tracks():
    """BigWigs of all samples and groups."""
    names = [*SAMPLES.index, *sorted(set(SAMPLES["group"]))]
    return expand("results/tracks/{name}.bw", name=names)


def get_consensus_inputs(wildcards):
    """Peak files, and the genome's contigs and blacklist where the config gives them."""
    inputs = {
        "peaks": list(get_peak_files().values()),
        "preflight": ancient("results/preflight.tsv"),
    }
    if config["peaks"]["call"]:
        calls = "results/peaks/calls/samples/{sample}.narrowPeak"
        inputs["replicates"] = expand(calls, sample=SAMPLES.index)
    if HAS_GENOME:
        inputs["contigs"] = "resources/genome/contigs.tsv"
    if config["genome"]["blacklist"]:
        inputs["blacklist"] = config["genome"]["blacklist"]
    return inputs


def get_motif_files(wildcards):
    """Motif files of the user's own, one or all of a folder; none where JASPAR is the source."""
    own = config["motifs"]["source"] == "file"
    return motif_files.listed(config["motifs"]["file"]) if own else []


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
        }
        tests = {
            "deviation_tests": "results/chromvar/differential/{contrast}.tsv",
            "enrichment_up": "results/motifs/enrichment/{contrast}.up.tsv",
            "enrichment_down": "results/motifs/enrichment/{contrast}.down.tsv",
            "factors": "results/factors/{contrast}.tsv",
        }
        if HAS_FOOTPRINTS:
            tests["footprints"] = "results/footprints/{contrast}.tsv"
            found["footprint_scores"] = "results/footprints/scores.tsv.gz"
        found |= {
            kind: expand(path, contrast=CONTRASTS) for kind, path in tests.items()
        }
    if HAS_LINKAGE:
        found["links"] = "results/linkage/links.tsv.gz"
    return found


def get_workbook_tables(wildcards):
    """Tables of the workbook: those of the export, and how sound the test is."""
    checks = ["normalisation", "global_shift"]
    if config["differential"]["calibrate"]:
        checks.append("calibration")
    found = {name: f"results/differential/{name}.tsv" for name in checks}
    return found | get_export_tables(wildcards)


def get_genome_background(wildcards):
    """Windows of the genome and their hits, where these are the background."""
    if config["enrichment"]["background"] != "genome":
        return {}
    return {
        "windows": "results/motifs/background/genome.fa.gz",
        "window_matches": "results/motifs/background/genome.npz",
    }


def get_enrichment_results():
    """Tables and figures of the enrichment's background and of the gradient along the fold change."""
    names = {
        "balance_up": "results/motifs/background/{contrast}.up.tsv",
        "balance_down": "results/motifs/background/{contrast}.down.tsv",
        "weights_up": "results/motifs/background/{contrast}.up.weights.tsv.gz",
        "weights_down": "results/motifs/background/{contrast}.down.weights.tsv.gz",
        "balance_figures": "results/motifs/figures/{contrast}.balance.svg",
        "gradient": "results/motifs/gradient/{contrast}.tsv",
        "gradient_figures": "results/motifs/figures/{contrast}.gradient.svg",
    }
    found = {name: expand(path, contrast=CONTRASTS) for name, path in names.items()}
    if config["enrichment"]["background"] == "genome":
        found["genome_windows"] = "results/motifs/background/genome.fa.gz"
    if config["enrichment"]["foreground"] == "all":
        found["all_peaks"] = "results/motifs/enrichment/all.tsv"
        found["all_peaks_balance"] = "results/motifs/background/all.tsv"
    return found


def get_locus_tables(wildcards):
    """What a picture of a place shows besides coverage and peaks."""
    tables = {"genes": "resources/genome/genes.parquet"} if HAS_GENES else {}
    if HAS_GENOME:
        enrichment = "results/motifs/enrichment/{{contrast}}.{direction}.tsv"
        paths = expand(enrichment, direction=DIRECTIONS)
        tables |= dict(zip(DIRECTIONS, paths)) | {
            "hits": "results/motifs/hits.bed.gz",
            "index": "results/motifs/hits.bed.gz.tbi",
        }
    if HAS_LINKAGE:
        tables["links"] = "results/linkage/links.tsv.gz"
    return tables


def get_factor_inputs(wildcards):
    """Tables of the evidence for a contrast's factors, of the stages that this configuration runs."""
    enrichment = "results/motifs/enrichment/{contrast}"
    found = {
        "library": "results/motifs/library.tsv",
        "up": f"{enrichment}.up.tsv",
        "down": f"{enrichment}.down.tsv",
        "deviations": "results/chromvar/differential/{contrast}.tsv",
        "differential": "results/differential/{contrast}.tsv.gz",
    }
    if HAS_FOOTPRINTS:
        found["footprints"] = "results/footprints/{contrast}.tsv"
    if config["linkage"]["expression"]:
        found["expression"] = config["linkage"]["expression"]
        found["genes"] = "resources/genome/genes.parquet" if HAS_GENES else []
    return found


def get_site_inputs(wildcards):
    """Hits, and the regions to which `footprints.sites` restricts them."""
    inputs = {
        "hits": "results/motifs/hits.bed.gz",
        "library": "results/motifs/library.tsv",
        "contigs": "resources/genome/contigs.tsv",
    }
    which = config["footprints"]["sites"]
    if which in DIRECTIONS:
        inputs["regions"] = expand(
            f"results/differential/{{contrast}}.{which}.bed", contrast=CONTRASTS
        )
    elif which != "in_peaks":
        inputs["regions"] = [which]
    return inputs


def get_profile_inputs(wildcards):
    """What profiles are made of, and the results that decide whose, unless the config does."""
    inputs = {
        "fragments": expand("results/fragments/{sample}.h5", sample=SAMPLES.index),
        "sites": "results/footprints/sites.h5",
        "bias": "results/footprints/bias.tsv.gz",
        "library": "resources/motifs/library.json",
        "fasta": config["genome"]["fasta"],
        "fai": "resources/genome/genome.fa.fai",
        "gzi": "resources/genome/genome.fa.gzi",
    }
    if config["footprints"]["motifs"] == "auto":
        inputs["footprints"] = expand(
            "results/footprints/{contrast}.tsv", contrast=CONTRASTS
        )
        inputs["enrichment"] = expand(
            "results/motifs/enrichment/{contrast}.{direction}.tsv",
            contrast=CONTRASTS,
            direction=DIRECTIONS,
        )
        inputs["planted"] = ["resources/demo/truth/motifs.tsv"] if PLANTED else []
    return inputs


def get_footprint_results():
    """Tables and figures of the footprints."""
    figures = "results/footprints/figures/{contrast}"
    return {
        "footprints": expand("results/footprints/{contrast}.tsv", contrast=CONTRASTS),
        "footprint_scores": "results/footprints/scores.tsv.gz",
        "footprint_bias": "results/footprints/bias.tsv.gz",
        "footprint_bias_logos": "results/footprints/bias_logos.tsv",
        "footprint_profiles": "results/footprints/profiles",
        "footprint_figures": expand(figures, contrast=CONTRASTS),
        "footprint_leading": expand(f"{figures}.profiles.svg", contrast=CONTRASTS),
        "footprint_changes": expand(f"{figures}.changes.svg", contrast=CONTRASTS),
        "bias_figures": "results/qc/figures/tn5_bias",
    }


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
        "top_peaks": expand(f"{figures}.heatmap.svg", contrast=CONTRASTS),
        "features": expand(f"{figures}.features.svg", contrast=CONTRASTS),
        "normalisation": "results/differential/normalisation.tsv",
        "global_shift": "results/differential/global_shift.tsv",
        "normalisation_figures": expand(
            f"{figures}.normalisation.svg", contrast=CONTRASTS
        ),
        "size_factors": "results/differential/size_factors.tsv",
        "inputs": "results/inputs.tsv",
        "pca": "results/qc/figures/pca.svg",
        "correlation": "results/qc/figures/correlation.svg",
        "association": "results/qc/figures/pca_associations.svg",
        "associations": "results/qc/pca_associations.tsv",
        "dispersions": "results/differential/figures/dispersions.svg",
    }
    linked = [
        "results/preflight.tsv",
        "results/peaks/consensus.bed",
        "results/peaks/peaks.tsv",
        "results/counts/counts.tsv.gz",
        "results/experiment.h5mu",
        "results/tables.xlsx",
        "results/run.json",
        "results/differential/dispersions.tsv.gz",
    ]
    linked += expand(
        "results/differential/{contrast}.{direction}.bed",
        contrast=CONTRASTS,
        direction=DIRECTIONS,
    )
    linked += expand(
        "results/differential/normalisation/{contrast}.tsv.gz", contrast=CONTRASTS
    )
    if config["differential"]["calibrate"]:
        results["calibration"] = "results/differential/calibration.tsv"
        linked += expand(
            "results/differential/calibration/{contrast}.pvalues.tsv",
            contrast=CONTRASTS,
        )
        results["calibration_figures"] = expand(
            f"{figures}.calibration.svg", contrast=CONTRASTS
        )
    if HAS_BAMS:
        results["loci"] = expand("results/loci/{contrast}", contrast=CONTRASTS)
        results["quality"] = "results/qc/samples.tsv"
        figures = ["fragment_sizes", "tss_profile", "enrichment"]
        results["quality_figures"] = expand(
            "results/qc/figures/{name}.svg", name=figures if HAS_GENES else figures[:1]
        )
        linked += ["results/qc/fragment_sizes.tsv", "results/qc/tss_profile.tsv"]
        linked += expand(
            "results/qc/atacdiff_{name}_mqc.tsv",
            name=["samples", "fragment_sizes", "tss_profile"],
        )
        linked += [
            *get_tracks(),
            "results/tracks/igv_session.xml",
            "results/tracks/hub.txt",
        ]
    if HAS_GENES:
        linked.append("results/annotation/peaks.tsv.gz")
    if HAS_GENOME:
        enrichment = "results/motifs/enrichment/{contrast}"
        results |= {
            "library": "results/motifs/library.tsv",
            "excluded": "results/motifs/excluded.tsv",
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
            "factors": expand("results/factors/{contrast}.tsv", contrast=CONTRASTS),
            "factor_figures": expand(
                "results/factors/figures/{contrast}.svg", contrast=CONTRASTS
            ),
            "variability_figure": "results/chromvar/figures/variability.svg",
            "heatmap": "results/chromvar/figures/heatmap.svg",
            "motif_samples": "results/chromvar/figures/samples.svg",
            "technical_figure": "results/chromvar/figures/technical.svg",
            "technical": "results/chromvar/diagnostics.tsv",
            **get_enrichment_results(),
        }
        linked += [
            "results/sequences/peaks.fa.gz",
            "results/motifs/library.meme",
            "results/motifs/tf_motifs.tsv",
            "results/motifs/hits.bed.gz",
            "results/motifs/matches.npz",
            "results/chromvar/deviations.tsv.gz",
            "results/chromvar/zscores.tsv.gz",
            "results/chromvar/samples.tsv",
            "results/chromvar/background.h5",
        ]
    if HAS_FOOTPRINTS:
        results |= get_footprint_results()
        linked.append("results/footprints/sites.h5")
    if HAS_LINKAGE:
        results["links"] = "results/linkage/links.tsv.gz"
        results["link_summary"] = "results/linkage/summary.tsv"
        results["link_figure"] = "results/linkage/figures/links.svg"
        results["link_background"] = "results/linkage/figures/background.svg"
        linked += ["results/linkage/links.bedpe", "results/linkage/background.tsv"]
    if PLANTED:
        results["truth"] = "results/demo/truth.tsv"
        results["truth_motifs"] = "results/demo/truth_motifs.tsv"
    return results | {"linked": linked}
