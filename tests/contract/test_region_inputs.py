"""Gene sets and sets of regions: faults of their files are told before any job, and none is no fault."""

import pytest

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.preflight import regions
from workflow_lib.preflight.inventory import Input

BASE = {"regions": {"gene_sets": None, "sets": None}, "genome": {"annotation": "genes.gtf"}}


def config(annotation="genes.gtf", **given):
    return {"regions": BASE["regions"] | given, "genome": {"annotation": annotation}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (config(), "neither regions.gene_sets nor regions.sets is set"),
        (config(gene_sets="a.gmt"), None),
        (config(gene_sets=["a.gmt", "b.gmt"]), None),
        (config(sets={"mine": "a.bed"}), None),
        (config(None, sets={"mine": "a.bed"}), None),
        (config(None, gene_sets="a.gmt"), "genome.annotation is not set"),
    ],
)
def test_the_stage_runs_where_it_has_sets_and_says_why_not(given, said):
    reason = preflight.no_regions(given)
    assert reason is None if said is None else reason.startswith(said)


def test_every_file_is_an_input_with_its_key():
    given = config(gene_sets=["a.gmt", "b.gmt"], sets={"mine": "c.bed"})
    assert [(item.kind, item.path, item.place) for item in regions.inputs(given, "my.yaml")] == [
        ("gene_sets", "a.gmt", "my.yaml, key regions.gene_sets"),
        ("gene_sets", "b.gmt", "my.yaml, key regions.gene_sets"),
        ("regions", "c.bed", "my.yaml, key regions.sets.mine"),
    ]


def test_a_file_of_another_form_is_refused_with_its_line(tmp_path):
    path = tmp_path / "sets.gmt"
    path.write_text("A\tna\tX\nB\tna\n")
    with pytest.raises(InputError, match=r"sets\.gmt, line 2: has 2 fields"):
        regions.look(Input("gene_sets", "gene_sets", str(path), "here"))
