"""Result files and what they hold, for the list of links."""

import posixpath
from collections.abc import Iterable
from fnmatch import fnmatchcase

DESCRIPTIONS = (
    ("*/preflight.tsv", "contigs of all inputs side by side, with verdict"),
    ("*/inputs.tsv", "size and SHA-256 of every input file"),
    ("*/qc/samples.tsv", "quality of each sample"),
    ("*/qc/fragment_sizes.tsv", "fragment lengths"),
    ("*/qc/tss_profile.tsv", "cuts around transcription start sites"),
    ("*/qc/pca_associations.tsv", "what explains the principal components"),
    ("*/peaks/consensus.bed", "consensus peaks"),
    ("*/peaks/peaks.tsv", "consensus peaks with summits, scores and the groups that have them"),
    ("*/counts/counts.tsv.gz", "counts, peaks by samples"),
    ("*/annotation/peaks.tsv.gz", "nearest gene and feature of every peak"),
    ("*/differential/size_factors.tsv", "size factors by every method"),
    ("*/differential/normalisation.tsv", "how the choice of size factors changes the answer"),
    ("*/differential/count_bias.tsv", "whether groups differ in how counts go with mean or GC"),
    ("*/differential/count_bias_curves.tsv", "each sample's counts along mean and GC"),
    ("*/differential/offsets.tsv.gz", "mean, GC content and offsets of every region"),
    ("*/differential/global_shift.tsv", "whether all peaks shift at once between groups"),
    ("*/differential/normalisation/*.tsv.gz", "every peak's test under every set of size factors"),
    ("*/differential/dispersions.tsv.gz", "every peak's dispersion: alone, of the trend, as used"),
    ("*/differential/calibration/*.pvalues.tsv", "p-values where nothing differs, counted in bins"),
    ("*/qc/*_mqc.tsv", "the same for MultiQC pages"),
    ("*/differential/calibration.tsv", "significant peaks and p-values where nothing differs"),
    ("*/differential/*.up.bed", "peaks more open in the experiment"),
    ("*/differential/*.down.bed", "peaks less open in the experiment"),
    ("*/differential/*.tsv.gz", "every peak's test"),
    ("*/tracks/*.bw", "insertions per base over size factor, a sample or the mean of a group"),
    ("*/tracks/igv_session.xml", "opens the tracks in IGV"),
    ("*/tracks/hub.txt", "opens the tracks in the UCSC browser (needs the folder on a web server)"),
    ("*/loci/*", "pictures of single places (SVG, PNG), and loci.tsv, which lists them"),
    ("*/sequences/peaks.fa.gz", "sequences around summits"),
    ("*/motifs/library.tsv", "motifs with thresholds"),
    ("*/motifs/excluded.tsv", "motifs too short for the p-value that were left out"),
    ("*/motifs/library.meme", "motifs in MEME format"),
    ("*/motifs/hits.bed.gz", "every motif hit"),
    ("*/motifs/matches.npz", "hits, peaks by motifs (sparse)"),
    ("*/motifs/tf_motifs.tsv", "transcription factors and their motifs"),
    ("*/motifs/enrichment/*.tsv", "every motif's enrichment"),
    ("*/motifs/background/*.weights.tsv.gz", "weight of every background peak"),
    ("*/motifs/background/*.tsv", "balance of the background"),
    ("*/motifs/background/genome.fa.gz", "windows of the genome, the background"),
    ("*/motifs/gradient/*.tsv", "every motif's enrichment along the fold change"),
    ("*/footprints/scores.tsv.gz", "footprints: depth and flanks of every motif in every sample"),
    ("*/footprints/bias.tsv.gz", "what Tn5 prefers in each sample: k-mers around cuts"),
    ("*/footprints/bias_logos.tsv", "the same, base by base, for both strands"),
    ("*/footprints/sites.h5", "sites that footprints are made of"),
    ("*/footprints/profiles/*.tsv", "cuts around one motif's sites: observed, expected, corrected"),
    ("*/footprints/*.tsv", "every motif's change of footprint"),
    ("*/chromvar/deviations.tsv.gz", "chromVAR deviations, motifs by samples"),
    ("*/chromvar/zscores.tsv.gz", "chromVAR z-scores, motifs by samples"),
    ("*/chromvar/variability.tsv", "variability of every motif"),
    ("*/chromvar/diagnostics.tsv", "how far technical factors explain the z-scores"),
    ("*/chromvar/samples.tsv", "technical factors of each sample beside its z-scores"),
    ("*/chromvar/background.h5", "covariance of every motif's background deviations"),
    ("*/chromvar/differential/*.tsv", "every motif's difference between groups"),
    ("*/factors/*.tsv", "all evidence for every group of like motifs, ranked"),
    ("*/linkage/links.tsv.gz", "every pair of a gene and a peak nearby: correlation, background, test"),
    ("*/linkage/links.bedpe", "significant links, as arcs for a genome browser"),
    ("*/linkage/summary.tsv", "what was linked and what was left out"),
    ("*/linkage/background.tsv", "links against their background, counted in bins"),
    ("*/demo/truth.tsv", "demo: planted against called peaks"),
    ("*/demo/truth_motifs.tsv", "demo: ranks of planted motifs"),
    ("*/experiment.h5mu", "everything as MuData"),
    ("*/tables.xlsx", "the main tables as an Excel workbook"),
    ("*/run.json", "settings, samples and versions of this run"),
)


def described(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Each data file once, in the order of the pipeline, with its description; figures are left out."""
    rank = {}
    for path in dict.fromkeys(str(path) for path in paths):
        for i, (pattern, _) in enumerate(DESCRIPTIONS):
            if fnmatchcase(path if path.startswith("/") else f"/{path}", pattern):
                rank[path] = i
                break
    return [(path, DESCRIPTIONS[rank[path]][1]) for path in sorted(rank, key=lambda path: (rank[path], path))]


def relative(path: str, report: str) -> str:
    """Address of a file as seen from the report."""
    return posixpath.relpath(str(path), posixpath.dirname(str(report)) or ".")
