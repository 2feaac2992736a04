"""Keys of footprints: bad values are refused with the fix, good ones pass."""

import pandas as pd
import pytest

from workflow_lib.preflight import files, footprints

MOTIFS = ">M1 REB1\nA [9 1 1]\nC [1 9 1]\nG [1 1 9]\nT [1 1 1]\n"


def config(tmp_path, **chosen):
    (tmp_path / "motifs.jaspar").write_text(MOTIFS)
    return {
        "samples": "s.tsv",
        "counts": None,
        "demo": None,
        "genome": {"fasta": "genome.fa", "annotation": None, "blacklist": None, "mitochondrial": []},
        "peaks": {"files": None},
        "loci": {"genes": []},
        "linkage": {"expression": None},
        "regions": {"gene_sets": None, "sets": None},
        "motifs": {"source": "file", "file": str(tmp_path / "motifs.jaspar")},
        "footprints": {"motifs": "auto", "sites": "in_peaks"} | chosen,
    }


def told(tmp_path, **chosen):
    return [str(p) for p in footprints.check(config(tmp_path, **chosen), "own.yaml", deep=False)]


def test_a_motif_that_is_not_in_the_library_is_named_with_its_like(tmp_path):
    (problem,) = told(tmp_path, motifs=["REB2", "M1", "reb1"])
    assert "own.yaml, key footprints.motifs" in problem
    assert "REB2 is neither a motif of the library nor a factor" in problem
    assert "REB1" in problem
    assert told(tmp_path, motifs="auto") == []
    assert told(tmp_path, motifs=["auto", "reb1"]) == []
    (problem,) = told(tmp_path, motifs=["Auto", "M1"])
    assert "Fix: write one of auto" in problem


@pytest.mark.parametrize(
    ("sites", "advice"),
    [("ups", "in_peaks, up, down or the path of a BED"), ("no/such.bed", "correct the path")],
)
def test_sites_that_are_no_file_are_refused(tmp_path, sites, advice):
    survey = files.survey(config(tmp_path, sites=sites), pd.DataFrame({"group": ["a"]}), source="own.yaml")
    (problem,) = [str(p) for p in survey.problems if "footprints.sites" in str(p)]
    assert f"there is no file {sites}" in problem
    assert advice in problem


def test_a_bed_of_sites_is_read_and_may_reach_beyond_peaks(tmp_path):
    good, bad = tmp_path / "good.bed", tmp_path / "bad.bed"
    good.write_text("chr1\t5\t90\n")
    bad.write_text("chr1\t9\t5\n")
    for path, faulty in ((good, False), (bad, True)):
        survey = files.survey(config(tmp_path, sites=str(path)), pd.DataFrame({"group": ["a"]}))
        assert any(str(path) in str(p) for p in survey.problems) == faulty


def test_only_what_is_asked_for_is_surveyed(tmp_path):
    own = config(tmp_path)
    for word in ("in_peaks", "up", "down"):
        own["footprints"]["sites"] = word
        assert footprints.sites_file(own) is None
    own["footprints"]["sites"] = "a.bed"
    assert footprints.sites_file(own) == "a.bed"
    assert footprints.sites_file(own | {"counts": "counts.tsv"}) is None
    assert footprints.about(own)["motifs"] == {"file": own["motifs"]["file"]}
    own["footprints"]["motifs"] = ["auto"]
    assert footprints.about(own)["motifs"] == {"file": own["motifs"]["file"]}
