"""Input functions: what a rule needs, given the stages that this configuration runs."""

from workflow_lib import peaks as peak_sets


def get_bam(wildcards):
    """BAM of a sample."""
    return SAMPLES.loc[wildcards.sample, "bam"]


def get_peak_files():
    """Peak files by sample or group; a single consensus file has no name."""
    files = config["peaks"]["files"]
    return files if isinstance(files, dict) else {None: files}


def get_peak_groups():
    """The group of each peak file; None where one file is the consensus."""
    names = list(get_peak_files())
    return None if names == [None] else peak_sets.groups_of_inputs(names, SAMPLES)


def get_consensus_inputs(wildcards):
    """Peak files, and the genome's contigs and blacklist where the config gives them."""
    inputs = {
        "peaks": list(get_peak_files().values()),
        "preflight": ancient("results/preflight.tsv"),
    }
    if HAS_GENOME:
        inputs["contigs"] = "resources/genome/contigs.tsv"
    if config["genome"]["blacklist"]:
        inputs["blacklist"] = config["genome"]["blacklist"]
    return inputs


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
        "results/experiment.h5mu",
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
