"""ENCODE's bounds of ATAC-seq quality, as its data standards give them, at and just below each."""

import pytest

from workflow_lib.fragments import quality

IDEAL = {"tss_enrichment": 99.0, "frip": 0.99, "nrf": 0.99, "pbc1": 0.99, "pbc2": 99.0, "n_fragments": 1e9}
BOUNDS = [  # measure, assembly, acceptable from, ideal from
    ("tss_enrichment", "hg19", 6, 10),
    ("tss_enrichment", "GRCh37", 6, 10),
    ("tss_enrichment", "hg38", 5, 7),
    ("tss_enrichment", "GRCh38", 5, 7),
    ("tss_enrichment", "mm9", 5, 7),
    ("tss_enrichment", "mm10", 10, 15),
    ("tss_enrichment", "GRCm38", 10, 15),
    ("frip", "hg38", 0.2, 0.3),
    ("nrf", "hg38", 0.7, 0.9),
    ("pbc1", "hg38", 0.7, 0.9),
    ("pbc2", "hg38", 1, 3),
    ("n_fragments", "hg38", 12_500_000, 25_000_000),
]


@pytest.mark.parametrize(("measure", "assembly", "acceptable", "ideal"), BOUNDS)
def test_a_measure_is_judged_at_its_bounds(measure, assembly, acceptable, ideal):
    for value, level in (
        (ideal, "ideal"),
        (ideal * 0.9999, "acceptable"),
        (acceptable, "acceptable"),
        (acceptable * 0.9999, "concerning"),
        (0.0, "concerning"),
    ):
        found, reasons = quality.verdict(IDEAL | {measure: value}, 3 * 10**9, assembly)
        assert (found, value) == (level, value)
        assert (measure in reasons) == (level != "ideal")


@pytest.mark.parametrize("assembly", [None, "sacCer3", "x"])
def test_tss_enrichment_is_not_judged_where_there_are_no_bounds(assembly):
    assert quality.verdict(IDEAL | {"tss_enrichment": 0.1}, 3 * 10**9, assembly) == ("ideal", "none")
    assert "not judged" in quality.basis(assembly)


@pytest.mark.parametrize(("size", "level"), [(999_999_999, "ideal"), (1_000_000_000, "concerning")])
def test_depth_is_asked_of_genomes_as_large_as_a_mammals(size, level):
    assert quality.verdict(IDEAL | {"n_fragments": 1000}, size)[0] == level
