"""Sites and genes of the factors that changed."""

import gzip

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib.factors import targets
from workflow_lib.io import hits, tables

PEAKS = ["chr1:0-100", "chr1:200-300", "chr2:0-100"]
LIBRARY = pd.DataFrame(
    {"motif_id": ["M1", "M2", "M3"], "name": ["a", "b", "c"], "cluster": ["M1", "M1", None]}
)
HITS = pd.DataFrame(
    {
        "chrom": ["chr1", "chr1", "chr1", "chr2", "chr2"],
        "start": [10, 12, 210, 5, 50],
        "end": [20, 20, 220, 15, 60],
        "motif_id": ["M1", "M2", "M1", "M3", "M2"],
        "score": [9.0, 8.5, 12.0, 10.0, 7.25],
        "strand": ["+", "-", "+", "-", "+"],
        "peak": [PEAKS[0], PEAKS[0], PEAKS[1], PEAKS[2], PEAKS[2]],
    }
)
MATCHES = sparse.csr_array(np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1]]))
CHANGES = pd.DataFrame(
    {
        "log2FoldChange": [2.0, 0.1, -1.0],
        "padj": [0.001, np.nan, 0.01],
        "direction": ["up", "untested", "down"],
    },
    index=pd.Index(PEAKS, name="peak"),
)


def ranked(**directions: str) -> pd.DataFrame:
    """A table of factors: clusters by rank, with the direction of each."""
    return pd.DataFrame(
        {
            "rank": np.arange(1.0, len(directions) + 1),
            "cluster": list(directions),
            "name": [f"{cluster} factor" for cluster in directions],
            "direction": list(directions.values()),
        }
    )


def listed(factors, *extra, size: int = 5) -> pd.DataFrame:
    parts = (HITS.iloc[first : first + size] for first in range(0, len(HITS), size))
    found = list(targets.rows(parts, targets.chosen(factors), LIBRARY, CHANGES, *extra))
    return pd.concat(found[1:]) if len(found) > 1 else found[0]


def test_every_hit_of_a_called_cluster_stands_with_the_change_of_its_peak():
    found = listed(ranked(M1="up", M3="none"))
    assert found["start"].tolist() == [10, 12, 210, 50]
    assert found["motif_name"].tolist() == ["a", "b", "a", "b"]
    assert set(found["name"]) == {"M1 factor"}
    assert found["log2FoldChange"].tolist() == [2.0, 2.0, 0.1, -1.0]
    assert found["direction"].tolist() == ["up", "up", "untested", "down"]


def test_genes_and_links_of_the_peak():
    genes = pd.DataFrame(
        {"gene_id": list("xyz"), "gene_name": list("XYZ"), "feature": "intron", "tss_distance": [1, 2, 3]},
        index=PEAKS,
    )
    links = pd.DataFrame(
        {
            "peak": [PEAKS[0], PEAKS[0], PEAKS[2]],
            "gene_id": ["g1", "g2", "g3"],
            "gene_name": ["G1", None, "G3"],
            "pearson": [-0.9, 0.95, 0.5],
            "padj": [0.01, 0.001, 0.9],
        }
    )
    linked = targets.linked_genes(links, PEAKS, 0.05)
    found = listed(ranked(M1="up"), genes, linked)
    assert found["gene_name"].tolist() == ["X", "X", "Y", "Z"]
    assert found["linked_genes"].iloc[0] == "g2 +0.95;G1 -0.90"
    assert found["linked_genes"].iloc[2:].isna().all()
    assert found["link_padj"].iloc[0] == 0.001


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_file_does_not_depend_on_the_parts(tmp_path, size):
    factors = ranked(M3="down", M1="up")
    parts = (HITS.iloc[first : first + size] for first in range(0, len(HITS), size))
    path = tmp_path / "t.tsv.gz"
    n = tables.write_parts(targets.rows(parts, targets.chosen(factors), LIBRARY, CHANGES), path)
    whole = tmp_path / "whole.tsv.gz"
    tables.write_table(listed(factors), whole)
    assert n == 5
    assert gzip.decompress(path.read_bytes()) == gzip.decompress(whole.read_bytes())


def test_what_is_listed_is_bounded_and_all_else_is_counted(monkeypatch):
    monkeypatch.setattr(targets, "MOST_CLUSTERS", 1)
    factors = ranked(M1="up", M3="down")
    counted = targets.summarise(factors, LIBRARY, MATCHES, CHANGES["direction"], None).set_index("cluster")
    assert counted["listed"].tolist() == [True, False]
    assert counted["n_hits"].tolist() == [4, 1]
    assert counted["n_peaks"].tolist() == [3, 1]
    assert counted.loc["M1", ["n_up", "n_down"]].tolist() == [1, 1]
    assert len(listed(factors)) == 4
    any_way = CHANGES["direction"].replace({"up": "changed", "down": "changed"})
    counted = targets.summarise(factors, LIBRARY, MATCHES, any_way, None).set_index("cluster")
    assert counted.loc["M1", "n_changed"] == 2
    assert "n_up" not in counted


def test_without_a_call_the_first_five_that_were_tested_are_listed():
    factors = ranked(**{f"C{i}": "none" for i in range(7)})
    factors.loc[6, ["rank", "direction"]] = [np.nan, "untested"]
    assert targets.chosen(factors)["cluster"].tolist() == [f"C{i}" for i in range(5)]
    changed = factors.assign(direction=["changed", *["none"] * 5, "untested"])  # without directions
    assert targets.chosen(changed)["cluster"].tolist() == ["C0"]
    untested = factors.assign(rank=np.nan)
    assert listed(untested).empty
    assert listed(untested).columns.tolist() == list(targets.COLUMNS)


def test_a_file_of_hits_is_read_in_parts(tmp_path):
    path = tmp_path / "hits.bed.gz"
    with gzip.open(path, "wt") as out:
        HITS.to_csv(out, sep="\t", header=False, index=False)
    parts = list(hits.read_in_parts(path, 2))
    assert [len(part) for part in parts] == [2, 2, 1]
    pd.testing.assert_frame_equal(pd.concat(parts), HITS, check_dtype=False)
    with gzip.open(path, "wt"):
        pass
    assert sum(map(len, hits.read_in_parts(path))) == 0
