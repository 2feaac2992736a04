"""The config's loci keys: names that are no gene, no region of the genome, or cannot be looked up."""

from pathlib import Path

import pandas as pd
import pytest

from workflow_lib import preflight
from workflow_lib.io import sheets

SCHEMA = sheets.read_yaml(Path(__file__).resolve().parents[2] / "config/schemas/config.schema.yaml")
GTF = (
    'chr1\tx\tgene\t1\t50\t.\t+\t.\tgene_id "ENSG01.3"; gene_name "TCF7";\n'
    'chr1\tx\tgene\t60\t90\t.\t-\t.\tgene_id "ENSG02.1"; gene_name "TCF7L2";\n'
)
PLACE = "config, key loci.genes: "


@pytest.fixture
def told(tmp_path):
    """Problems with `loci.genes` of a run on a small genome."""
    (tmp_path / "genome.fa").write_text(">chr1\n" + "ACGT" * 250 + "\n")
    (tmp_path / "genes.gtf").write_text(GTF)
    (tmp_path / "peaks.bed").write_text("chr1\t100\t200\n")

    def of(*asked, annotation=True, deep=False):
        genome = {"fasta": str(tmp_path / "genome.fa")}
        genome |= {"annotation": str(tmp_path / "genes.gtf")} if annotation else {}
        given = {
            "genome": genome,
            "peaks": {"files": str(tmp_path / "peaks.bed")},
            "loci": {"genes": [*asked]},
        }
        config, found = preflight.configuration(given, SCHEMA)
        assert found == []
        samples = pd.DataFrame({"group": ["a"]}, index=["s"])
        for part in (config, preflight.about_files(config)):
            problems = [str(problem) for problem in preflight.survey(part, samples, deep=deep).problems]
            assert all(problem.startswith(PLACE) for problem in problems)
        return [problem.removeprefix(PLACE) for problem in problems]

    return of


def test_genes_by_name_or_id_peaks_and_regions_are_fine(told):
    assert told("TCF7", "tcf7l2", "ENSG01", "ensg02.1", "chr1:100-200", "chr1:1-1,000") == []


@pytest.mark.parametrize("deep", [False, True])
def test_an_unknown_gene_is_named_with_near_ones(told, deep):
    assert told("TCF", deep=deep) == [
        "TCF is no gene of the annotation and no region. Fix: write one of TCF7, TCF7L2."
    ]
    assert told("GATA1", deep=deep) == [
        "GATA1 is no gene of the annotation and no region. Fix: write a name or gene_id of the annotation."
    ]


def test_regions_outside_the_genome(told):
    assert told("1:5-10", "chr1:1,001-2,000", "chr1:1,000-2,000") == [
        "1:5-10 is on a contig that the genome does not have. Fix: write one of chr1.",
        "chr1:1,001-2,000 begins past the end of chr1 (1,000 bp). "
        "Fix: write a region of this genome assembly.",
    ]


def test_genes_without_an_annotation(told):
    assert told("TCF7", "chr1:1-9", annotation=False) == [
        "TCF7 is no region such as chr1:10,000-20,000, and there are no genes. "
        "Fix: set genome.annotation to a GTF, or write a region."
    ]


@pytest.mark.parametrize(
    ("loci", "key"),
    [
        ({"max_fragment": 20}, "loci.max_fragment"),
        ({"top": -1}, "loci.top"),
        ({"genes": "TCF7"}, "loci.genes"),
        ({"genes": ["TCF7", "TCF7"]}, "loci.genes"),
        ({"gene": ["TCF7"]}, "loci.gene"),
    ],
)
def test_values_out_of_bounds(loci, key):
    given = {"peaks": {"files": "peaks.bed"}, "loci": loci}
    (problem,) = preflight.configuration(given, SCHEMA)[1]
    assert problem.where == f"config, key {key}"


def test_all_fragments_may_be_drawn():
    config, found = preflight.configuration(
        {"peaks": {"files": "peaks.bed"}, "loci": {"max_fragment": None}}, SCHEMA
    )
    assert found == []
    assert config["loci"]["max_fragment"] is None


def test_places_of_a_run_from_counts_are_noted(tmp_path):
    counts = tmp_path / "counts.tsv"
    counts.write_text("peak\ts\nchr1:1-9\t5\n")
    given = {"counts": str(counts), "loci": {"genes": ["TCF7"]}}
    config, _ = preflight.configuration(given, SCHEMA)
    survey = preflight.survey(config, pd.DataFrame({"group": ["a"]}, index=["s"]))
    assert "loci.genes is not used, since counts bring no reads to draw" in survey.notes
    assert survey.problems == []
