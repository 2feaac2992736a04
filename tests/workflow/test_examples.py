"""The two examples on real data: yeast BAMs, and a count matrix without BAMs or genome."""

import pytest


@pytest.fixture(scope="module")
def yeast(new_project, shared):
    project = new_project()
    project.snakemake(
        "--cores", 2, "--configfile", "config/examples/yeast.yaml", ATACDIFF_TEST_DATA=str(shared)
    )
    return project


@pytest.fixture(scope="module")
def mouse(new_project, shared):
    project = new_project()
    project.snakemake(
        "--cores", 2, "--configfile", "config/examples/counts_only.yaml", ATACDIFF_TEST_DATA=str(shared)
    )
    return project


def test_yeast_reads_are_those_that_samtools_counts(yeast):
    table = yeast.table("qc/samples.tsv", index_col="sample")
    # samtools view -c -q 30 -f 3 -F 1804, halved, less what lies on chrM
    mitochondrial = {"T0_rep1": 6947, "T0_rep2": 5714, "T15_rep1": 7314, "T15_rep2": 7309}
    for sample, pairs in mitochondrial.items():
        assert 0 <= pairs - table.loc[sample, "n_fragments"] < 0.3 * pairs
    assert (table["tn5_shift"] == "+4/-4").all()
    assert table["pct_dup"].between(0.1, 5).all()


def test_yeast_counts_agree_with_bedtools(yeast, shared):
    theirs = yeast.table(shared / "data/yeast/peaks/consensus_fragment_counts.tsv")
    theirs.index = [f"{row.chrom}:{row.start}-{row.end}" for row in theirs.itertuples()]
    ours = yeast.table("counts/counts.tsv.gz", index_col="peak")
    assert ours.index.tolist() == theirs.index.tolist()
    for sample in ours.columns:
        # insertions: about two for each fragment that overlaps
        assert ours[sample].corr(theirs[sample]) > 0.97


def test_yeast_has_every_stage(yeast):
    assert len(yeast.table("peaks/peaks.tsv")) == 120
    assert len(yeast.table("differential/T15_vs_T0.tsv.gz")) == 120
    library = yeast.table("motifs/library.tsv")
    assert len(library) == 178
    assert len(yeast.table("motifs/enrichment/T15_vs_T0.up.tsv")) == 178
    assert len(yeast.table("chromvar/deviations.tsv.gz")) == 178
    assert yeast.table("annotation/peaks.tsv.gz")["gene_id"].notna().all()
    assert "yeast" not in (yeast.folder / "results/report.html").read_text().lower()[:200]


def test_a_count_matrix_alone_leads_to_a_report_that_says_what_is_absent(mouse):
    table = mouse.table("differential/Kidney_vs_HindBrain.tsv.gz")
    assert len(table) == 36_320
    assert 1500 < (table["padj"] < 0.05).sum() < 6000
    report = (mouse.folder / "results/report.html").read_text()
    for reason in ("starts from a count matrix", "genome.fasta", "genome.annotation"):
        assert reason in report
    for absent in ("motifs", "chromvar", "annotation", "qc/samples.tsv"):
        assert not (mouse.folder / "results" / absent).exists()
    assert (mouse.folder / "results/experiment.h5mu").stat().st_size > 100_000


def test_the_matrix_counts_arrive_unchanged(mouse, shared):
    given = mouse.table(shared / "data/counts_mouse_tissues/mouse_tissues_atac_counts.tsv.gz")
    ours = mouse.table("counts/counts.tsv.gz")
    assert ours["peak"].tolist() == given["peak_id"].tolist()
    assert (ours.drop(columns="peak") == given[ours.columns[1:]]).all(axis=None)


def example(new_project, shared, name):
    """A finished run of an example."""
    project = new_project()
    project.snakemake(
        "--cores", 2, "--configfile", f"config/examples/{name}.yaml", ATACDIFF_TEST_DATA=str(shared)
    )
    return project


def test_t_cells_differ_in_what_stimulation_does(new_project, shared):
    project = example(new_project, shared, "tcells")
    names = ("in_naive", "in_memory", "naive_less_memory", "in_any_cell")
    found = {name: project.table(f"differential/{name}.tsv.gz", index_col="peak") for name in names}
    called = {name: table["padj"] < 0.05 for name, table in found.items()}
    assert called["in_naive"].sum() > 100
    assert called["in_any_cell"].sum() > called["naive_less_memory"].sum() > 0
    change = {name: table["log2FoldChange"] for name, table in found.items()}
    difference = change["in_naive"] - change["in_memory"] - change["naive_less_memory"]
    assert difference.abs().max() < 0.001
    assert set(found["in_any_cell"]["direction"]) == {"changed", "none", "untested"}
    report = (project.folder / "results/report.html").read_text()
    assert "in TCD8naive, less that in TCD8EM" in report
    assert "hether the effect of group differs with cell" in report


def test_a_time_course(new_project, shared):
    project = example(new_project, shared, "timecourse")
    over_time = project.table("differential/over_time.tsv.gz")
    assert (over_time["direction"] == "changed").sum() == 2564
    assert "ny difference between the levels of group" in (project.folder / "results/report.html").read_text()
    late = project.table("differential/late.tsv.gz")
    assert {"up", "down"} <= set(late["direction"])
