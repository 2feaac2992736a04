"""Input functions: what a rule needs, given the stages that this configuration runs."""

from workflow_lib import peaks as peak_sets
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
            "deviation_tests": expand(
                "results/chromvar/differential/{contrast}.tsv", contrast=CONTRASTS
            ),
        }
    return found


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
        ]
    if PLANTED:
        results["truth"] = "results/demo/truth.tsv"
        results["truth_motifs"] = "results/demo/truth_motifs.tsv"
    return results | {"linked": linked}
