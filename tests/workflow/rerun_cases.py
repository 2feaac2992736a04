"""What an edit of a finished study has to run again: a case for every key, and for every kind of file.

A case names what reads the thing that is edited, as rules or as single jobs (rule and wildcards). These have
to run, all that follows them, and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import study

CHECKS = ("check_inputs", "checksum_inputs")
"""They read every input."""
TESTS = (
    *("test_differential", "compare_normalisations", "calibrate_differential"),
    *("test_deviations", "test_footprints", "check_samples", "test_activity", "calibrate_factors"),
)
"""The first of a contrast's jobs."""
PEAKS = ("build_consensus",)
DRAWS = ("check_samples", "calibrate_differential", "calibrate_factors", "compute_deviations", "link_peaks")
CALLS = ("write_cut_bed",)  # what is piled up is not kept, so that it is made again for every call


@dataclass(frozen=True)
class Key:
    """Another value of a key of the configuration.

    Attributes
    ----------
    name : str
        The key, dotted.
    value : object
    roots : tuple of str
        What reads it, besides `record_run`, which writes every setting down (and so does the report).
    base : str
        The study that is edited: one of BASES.
    also : dict
        Other keys that go with the value.
    """

    name: str
    value: object
    roots: tuple[str, ...] = ()
    base: str = "reads"
    also: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Edit:
    """An edit of a file of the study.

    Attributes
    ----------
    name : str
    change : callable
        Takes the folder of the study.
    roots : tuple of str
    base : str
    """

    name: str
    change: Callable[[Path], object]
    roots: tuple[str, ...] = ()
    base: str = "reads"


BASES = {
    "reads": {},
    "called": {
        "peaks.files": None,
        "peaks.call": True,
        "motifs.source": "jaspar",
        "motifs.file": None,
        "motifs.release": "JASPAR2024",
        "motifs.tax_group": "nematodes",
        "enrichment.background": "genome",
    },
    "counts": {"counts": "data/counts.tsv", "peaks.files": None},
    "many": {"counts": "data/many.tsv", "peaks.files": None},
    "groups": {
        "peaks.files": {"control": "data/peaks.narrowPeak", "treated": "data/other.narrowPeak"},
        "alpha": 0.125,
        "differential.min_abs_log2fc": 0.25,
        "regions.gene_sets": "data/sets.gmt",
    },
    "any": {
        "contrasts": {
            "differs": {"variable": "group", "test": "any"},
            "treated": {"variable": "group", "experiment": "treated", "control": "control"},
        },
        "regions.gene_sets": "data/sets.gmt",
    },
}

KEYS = [
    Key("title", "Another name"),
    Key("samples", "other.tsv", ("check_inputs",)),
    Key("counts", "data/counts.tsv", (*CHECKS, "import_counts")),
    Key("counts", "data/other_counts.tsv", (*CHECKS, "import_counts"), "counts"),
    Key("genome.fasta", "data/other.fa", (*CHECKS, "index_genome")),
    Key("genome.name", "hg38", ("check_inputs", "summarise_reads")),
    Key("genome.annotation", "data/other.gtf", (*CHECKS, "read_genes")),
    Key("genome.blacklist", "data/other.bed", (*CHECKS, "build_consensus")),
    Key("genome.blacklist", "data/other.bed", (*CHECKS, "sample_genome_background", *PEAKS), "called"),
    Key("genome.blacklist", "auto", (*CHECKS, "build_consensus")),
    Key("genome.blacklist", "auto", (*CHECKS, "import_counts"), "counts"),
    Key("genome.blacklist", "data/other.bed", (*CHECKS, "import_counts"), "counts"),
    Key(
        "genome.mitochondrial",
        ["chrM"],
        ("check_inputs", "measure_sample", "estimate_bias", "find_artefacts"),
    ),
    Key("genome.mitochondrial", ["chrM"], ("check_inputs", "find_artefacts", *CALLS), "called"),
    Key("peaks.files", "data/other.narrowPeak", (*CHECKS, "build_consensus")),
    Key("peaks.call", True, (*CHECKS, *CALLS), also={"peaks.files": None}),
    Key("peaks.mode", "fragments"),
    Key("peaks.mode", "fragments", CALLS, "called"),
    Key("peaks.qvalue", 0.02, CALLS, "called"),
    Key("peaks.mappable", 0.8, CALLS, "called"),
    Key("peaks.width", 401),
    Key("peaks.width", 401, PEAKS, "called"),
    Key("peaks.width", 401, PEAKS, "groups"),
    Key("peaks.min_replicates", 1, PEAKS, "called"),
    Key("reads.min_mapq", 20, ("import_fragments",)),
    Key("reads.tn5_shift", [0, 0], ("import_fragments",)),
    Key("reads.count", "fragments", ("import_fragments",)),
    Key("design", "~ batch + group", (*TESTS, "fit_dispersions", "link_peaks", "test_roles")),
    Key(
        "block",
        "batch",
        (
            *("calibrate_differential", "test_deviations", "test_footprints", "test_activity"),
            *("calibrate_factors", "rank_factors"),
        ),
    ),
    Key(
        "contrasts.<name>.variable",
        {"treated_vs_control": {"variable": "batch", "experiment": "B", "control": "A"}},
        (*TESTS, "fit_dispersions", "link_peaks", "test_roles"),
        also={"design": "~ batch + group"},
    ),
    Key("contrasts.<name>.experiment", {"other": {"experiment": "treated", "control": "control"}}, TESTS),
    Key(
        "contrasts.<name>.control",
        {"treated_vs_control": {"experiment": "control", "control": "treated"}},
        TESTS,
    ),
    Key(
        "contrasts.<name>.where",
        {"t": {"experiment": "treated", "control": "control", "where": {"batch": "A"}}},
        (*TESTS, "fit_dispersions", "link_peaks", "test_roles"),
        also={"design": "~ batch * group"},
    ),
    Key(
        "contrasts.<name>.interaction",
        {"t": {"interaction": {"group": ["treated", "control"], "batch": ["B", "A"]}}},
        (*TESTS, "fit_dispersions", "link_peaks", "test_roles"),
        also={"design": "~ batch * group"},
    ),
    Key("contrasts.<name>.test", {"t": {"variable": "group", "test": "any"}}, TESTS),
    Key("alpha", 0.1, (*TESTS, "link_peaks", "test_roles", "estimate_power")),
    Key("differential.size_factors", "library", ("estimate_size_factors",)),
    Key("differential.offsets", "trended", ("estimate_offsets",), "many"),
    Key(
        "differential.min_abs_log2fc",
        0.5,
        ("test_differential", "compare_normalisations", "check_samples", "calibrate_factors"),
    ),
    Key(
        "differential.min_count",
        12,
        (
            "check_samples",
            "test_differential",
            "compare_normalisations",
            "calibrate_differential",
            "calibrate_factors",
            "fit_dispersions",
        ),
    ),
    Key("differential.shrink", False, ("test_differential",)),
    Key("differential.calibrate", False, ("export_workbook",)),
    Key("annotation.promoter", [-1000, 500], ("annotate_peaks",)),
    Key("annotation.proximal", 5000, ("annotate_peaks",)),
    Key("annotation.gene_types", ["protein_coding"], ("annotate_peaks", "score_contacts")),
    Key("annotation.prefer", ["lncRNA"], ("annotate_peaks",)),
    Key("regions.gene_sets", "data/sets.gmt", (*CHECKS, "test_regions")),
    Key("regions.sets", {"sites": "data/sites.bed"}, (*CHECKS, "test_regions")),
    Key(
        "regions.min_genes",
        2,
        (
            "check_inputs",
            "test_regions",
        ),
        "groups",
    ),
    Key(
        "regions.max_genes",
        100,
        (
            "check_inputs",
            "test_regions",
        ),
        "groups",
    ),
    Key("regions.min_genes", 2, ("check_inputs", "test_regions", "test_profile_regions"), "any"),
    Key("profiles.clusters", 3),
    Key("profiles.clusters", 3, ("cluster_profiles",), "any"),
    Key("motifs.source", "jaspar", (*CHECKS, "build_motif_library"), also={"motifs.file": None}),
    Key("motifs.release", "JASPAR2022", ("build_motif_library",), "called"),
    Key("motifs.collection", "UNVALIDATED", ("build_motif_library",), "called"),
    Key("motifs.tax_group", "fungi", ("build_motif_library",), "called"),
    Key("motifs.species", "Caenorhabditis elegans", ("build_motif_library",), "called"),
    Key("motifs.file", "data/other_motifs", (*CHECKS, "build_motif_library")),
    Key("motifs.pvalue", 1.0e-4, ("build_motif_library",)),
    Key("motifs.short_motifs", "exclude", ("build_motif_library",)),
    Key("motifs.engine", "index", ("scan_motifs",)),
    Key("motifs.engine", "index", ("scan_motifs", "scan_genome_background"), "called"),
    Key("motifs.window", 150, ("extract_sequences",)),
    Key("motifs.background", [0.3, 0.2, 0.2, 0.3], ("build_motif_library",)),
    Key("enrichment.background", "genome", ("sample_genome_background",)),
    Key("enrichment.foreground", "all", ("test_all_peaks",), "called"),
    Key("enrichment.n_genome", 150),
    Key("enrichment.n_genome", 150, ("sample_genome_background",), "called"),
    Key("footprints.motifs", ["FAC1"], ("check_inputs", "profile_footprints")),
    Key("footprints.flank", 200, ("score_footprints", "estimate_bias")),
    Key("footprints.bias", "none", ("score_footprints", "estimate_bias")),
    Key("footprints.sites", "up", ("check_inputs", "select_sites", "estimate_bias")),
    Key("footprints.sites", "data/sites.bed", (*CHECKS, "select_sites", "estimate_bias")),
    Key("chromvar.iterations", 20, ("compute_deviations",)),
    Key("factors.min_expression", 5, ("rank_factors", "test_roles")),
    Key(
        "linkage.expression",
        "data/other_expression.tsv",
        (*CHECKS, "link_peaks", "rank_factors", "test_roles", "plot_linkage"),
    ),
    Key("linkage.distance", 100_000, ("link_peaks",)),
    Key("linkage.adjust", "none", ("link_peaks",)),
    Key("loci.genes", ["chrA:1,000-5,000"], ("check_inputs", "plot_loci")),
    Key("loci.top", 2, ("plot_loci",)),
    Key("loci.upstream", 400, ("plot_loci",)),
    Key("loci.downstream", 400, ("plot_loci",)),
    Key("loci.max_fragment", None, ("plot_loci",)),
    Key(
        "seed",
        7,
        (*DRAWS, "profile_footprints"),
    ),
    Key(
        "seed",
        7,
        (
            "check_samples",
            "sample_genome_background",
            "calibrate_differential",
            "calibrate_factors",
            "compute_deviations",
            "link_peaks",
        ),
        "called",
    ),
]


def sheet_with(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    """An edit of the sample sheet."""
    return lambda folder: study.write_sheet(folder, change(study.read_sheet(folder)))


def swapped(sheet: pd.DataFrame, column: str) -> pd.DataFrame:
    """The first control's value of a column against the first treated sample's."""
    a, b = "control_1", "treated_1"
    values = sheet[column].copy()
    values[a], values[b] = values[b], values[a]
    return sheet.assign(**{column: values})


def replaced(name: str, by: str, old: bool = True) -> Callable[[Path], None]:
    """An edit that puts what another file holds into one, under a date before all others."""

    def change(folder: Path) -> None:
        (folder / "data" / name).write_bytes((folder / "data" / by).read_bytes())
        if old:
            study.make_old(folder / "data" / name)

    return change


def edited(name: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit of a text file that keeps its size."""

    def change(folder: Path) -> None:
        path = folder / "data" / name
        text = path.read_text()
        assert old in text
        assert len(old) == len(new)
        path.write_text(text.replace(old, new, 1))

    return change


GROUPS = ("check_inputs", "summarise_reads", "record_run")
EDITS = [
    Edit("nothing", lambda folder: None),
    Edit("new dates", study.touch_all),
    Edit("sheet: groups swapped", sheet_with(lambda sheet: swapped(sheet, "group")), (*GROUPS, *TESTS)),
    Edit(
        "sheet: a covariate",
        sheet_with(lambda sheet: swapped(sheet, "age")),
        (
            *TESTS,
            "record_run",
            "plot_samples",
            "compare_samples",
            "fit_dispersions",
            "link_peaks",
            "test_roles",
        ),
    ),
    Edit(
        "sheet: BAM files swapped",
        sheet_with(lambda sheet: swapped(sheet, "bam")),
        (*CHECKS, "import_fragments control_1", "import_fragments treated_1"),
    ),
    Edit(
        "sheet: a sample removed",
        sheet_with(lambda sheet: sheet.drop(index="control_3")),
        (*CHECKS, "count_cuts", "summarise_reads", "record_run", "estimate_bias", "find_artefacts"),
    ),
    Edit(
        "sheet: a sample added",
        sheet_with(
            lambda sheet: pd.concat(
                [sheet, sheet.loc[["control_3"]].assign(bam="data/new.bam").rename({"control_3": "new"})]
            )
        ),
        (*CHECKS, "import_fragments new", "count_cuts", "summarise_reads", "record_run", "estimate_bias"),
    ),
    Edit(
        "sheet: a sample renamed",
        sheet_with(lambda sheet: sheet.rename(index={"control_3": "new"})),
        (
            *CHECKS,
            "import_fragments new",
            "count_cuts",
            "summarise_reads",
            "record_run",
            "estimate_bias",
        ),
    ),
    Edit(
        "sheet: samples reordered",
        sheet_with(lambda sheet: sheet.iloc[::-1]),
        (*CHECKS, "count_cuts", "summarise_reads", "record_run", "estimate_bias"),
    ),
    Edit(
        "sheet: columns reordered",  # as they are in the exports
        sheet_with(lambda sheet: sheet[sorted(sheet)]),
        (
            *TESTS,
            "record_run",
            "plot_samples",
            "compare_samples",
            "fit_dispersions",
            "link_peaks",
            "test_roles",
        ),
    ),
    Edit(
        "a BAM replaced",
        replaced("control_1.bam", "control_2.bam"),
        (*CHECKS, "import_fragments control_1"),
    ),
    Edit("an index replaced", replaced("control_1.bam.bai", "control_2.bam.bai", old=False)),
    Edit("a FASTA edited", edited("genome.fa", "ACGTA", "ACGTC"), (*CHECKS, "index_genome")),
    Edit("a GTF edited", edited("genes.gtf", "\t+\t", "\t-\t"), (*CHECKS, "read_genes")),
    Edit("peaks edited", edited("peaks.narrowPeak", "\t1", "\t2"), (*CHECKS, "build_consensus")),
    Edit("a blacklist edited", edited("blacklist.bed", "2000", "1000"), (*CHECKS, "build_consensus")),
    Edit(
        "a motif file edited",
        edited("motifs/FAC1.jaspar", "90", "80"),
        (*CHECKS, "build_motif_library"),
    ),
    Edit(
        "a motif file added to the folder",
        lambda folder: (folder / "data/motifs/FAC4.jaspar").write_text(study.matrix("FAC4", "TATAAACC")),
        (*CHECKS, "build_motif_library"),
    ),
    Edit(
        "expression edited",
        lambda folder: study.drop_last_line(folder / "data/expression.tsv"),
        (*CHECKS, "link_peaks", "rank_factors", "test_roles", "plot_linkage"),
    ),
    Edit(
        "counts edited",
        lambda folder: study.drop_last_line(folder / "data/counts.tsv"),
        (*CHECKS, "import_counts"),
        "counts",
    ),
    Edit(
        "peak files of two groups swapped",
        lambda folder: study.set_keys(
            folder / "my.yaml",
            {"peaks.files": {"control": "data/other.narrowPeak", "treated": "data/peaks.narrowPeak"}},
        ),
        (*CHECKS, "build_consensus", "record_run"),
        "groups",
    ),
    Edit(
        "values of two keys swapped",
        lambda folder: study.set_keys(
            folder / "my.yaml", {"alpha": 0.25, "differential.min_abs_log2fc": 0.125}
        ),
        (*TESTS, "link_peaks", "test_roles", "record_run", "estimate_power"),
        "groups",
    ),
]
