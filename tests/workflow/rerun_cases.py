"""What an edit of a finished study has to run again: for every key of the configuration, and every kind of file.

A case names the rules (or single jobs, by rule and wildcards) that read what is edited; they and all that follows
them in the graph have to run, and nothing else.
"""

from dataclasses import dataclass, field

SHOWN = ("record_run", "write_report")
"""They write every setting down."""
SHEET = (
    *("test_differential", "compare_normalisations", "calibrate_differential", "plot_dispersions"),
    *("test_deviations", "test_footprints", "rank_factors", "link_peaks", "plot_linkage", "export_mudata"),
    "plot_samples",
)
"""They read the sheet's columns."""
FASTA = (
    *("index_genome", "extract_sequences", "estimate_bias", "score_footprints", "profile_footprints"),
    "write_session",
)
READ = ("check_inputs", "checksum_inputs")
"""They read every input."""


@dataclass(frozen=True)
class Case:
    """One edit.

    Attributes
    ----------
    key : str
        The key of the configuration, dotted; or the name of the edit of a file.
    value : object
        The new value, or a function that edits the folder of the study.
    roots : tuple of str
        What reads it.
    base : str
        The study that is edited: `reads`, or `called` (peaks called, motifs of JASPAR, a genome background).
    also : dict
        Further keys that the value needs.
    """

    key: str
    value: object
    roots: tuple[str, ...]
    base: str = "reads"
    also: dict = field(default_factory=dict)


BASES = {
    "reads": {},
    "called": {
        "peaks": {"call": True},
        "motifs": {"source": "jaspar", "release": "JASPAR2024", "tax_group": "nematodes"},
        "enrichment": {"background": "genome", "n_genome": 200},
    },
}

KEYS = [
    Case("samples", "other_name.tsv", ("check_inputs",)),
    Case("counts", "data/counts.tsv", (*READ, "import_counts", "build_motif_library", *SHEET)),
    Case("genome.fasta", "data/other.fa", (*READ, *FASTA)),
    Case("genome.name", "hg38", ("check_inputs", "summarise_reads", "plot_quality", "write_session")),
    Case("genome.annotation", "data/other.gtf", (*READ, "read_genes")),
    Case("genome.blacklist", "data/other.bed", (*READ, "build_consensus")),
    Case(
        "genome.blacklist", "data/other.bed", (*READ, "build_consensus", "sample_genome_background"), "called"
    ),
    Case(
        "genome.mitochondrial",
        ["chrM"],
        ("check_inputs", "summarise_reads", "estimate_size_factors", "write_track", "write_group_track")
        + ("estimate_bias",),
    ),
    Case("genome.mitochondrial", ["chrM"], ("write_cut_bed", "call_peaks", "call_replicates"), "called"),
    Case("peaks.files", "data/other.narrowPeak", (*READ, "build_consensus")),
    Case("peaks.call", True, ("build_consensus",)),
    Case("peaks.mode", "fragments", ("write_cut_bed", "call_peaks", "call_replicates"), "called"),
    Case("peaks.qvalue", 0.02, ("call_peaks",), "called"),
    Case("peaks.mappable", 0.8, ("call_peaks", "call_replicates"), "called"),
    Case("peaks.width", 401, ("build_consensus",), "called"),
    Case("peaks.width", 401, ()),
    Case("peaks.min_replicates", 1, ("build_consensus",), "called"),
    Case("reads.min_mapq", 20, ("import_fragments",)),
    Case("reads.tn5_shift", [0, 0], ("import_fragments",)),
    Case("reads.count", "fragments", ("count_cuts",)),
    Case("design", "~ batch + group", tuple(rule for rule in SHEET if rule != "plot_samples")),
    Case(
        "contrasts.variable",
        {"batches": {"variable": "batch", "experiment": "B", "control": "A"}},
        ("link_peaks", "plot_linkage", "test_differential", "export_mudata", "export_workbook")
        + ("plot_footprints", "plot_loci", "rank_factors", "compare_normalisations")
        + (
            "calibrate_differential",
            "test_deviations",
            "test_footprints",
            "profile_footprints",
            "plot_logos",
        ),
        also={"design": "~ batch + group"},
    ),
]
