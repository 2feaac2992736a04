"""Regulatory domains and loci, written out and against a loop."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.genome.genes import GeneModels
from workflow_lib.regions import loci


def models(rows):
    """Genes from (name, chrom, start, end, strand)."""
    table = pd.DataFrame(rows, columns=["gene_name", "chrom", "start", "end", "strand"])
    table["chrom"] = pd.Categorical(table["chrom"])
    return GeneModels(table.assign(gene_id=table["gene_name"], gene_type="protein_coding"), None, None)


def peaks(*places):
    table = pd.DataFrame(places, columns=["chrom", "summit"])
    return table.assign(start=table["summit"] - 250, end=table["summit"] + 251)


def genes_of(found):
    """Rows of the genes of each peak."""
    return [row.nonzero()[0].tolist() for row in found.genes.toarray()]


GENES = models(
    [
        ("A", "chr1", 100_000, 120_000, "+"),
        ("B", "chr1", 190_000, 200_001, "-"),  # starts at 200,000
        ("C", "chr1", 5_000_000, 5_010_000, "+"),
        ("D", "chr2", 2_000, 9_000, "+"),
    ]
)


def test_a_domain_is_basal_and_reaches_to_the_neighbours_basal_domain_or_a_megabase():
    found = loci.domains(GENES)
    assert found["tss"].tolist() == [100_000, 200_000, 5_000_000, 2_000]
    # A: 5 kb before; on to B's basal domain, which begins 1 kb behind B's start, at its left
    assert found.loc[0, ["start", "end"]].tolist() == [0, 199_000]
    # B: from the end of A's basal domain; to the right there is nobody within a megabase
    assert found.loc[1, ["start", "end"]].tolist() == [101_001, 1_200_001]
    assert found.loc[2, ["start", "end"]].tolist() == [4_000_000, 6_000_001]
    assert found.loc[3, ["start", "end"]].tolist() == [0, 1_002_001]


def test_basal_domains_that_overlap_both_hold_their_peaks_and_neither_goes_beyond_the_other():
    found = loci.domains(models([("A", "c", 10_000, 20_000, "+"), ("B", "c", 12_000, 20_000, "+")]))
    assert found.loc[0, ["start", "end"]].tolist() == [0, 11_001]
    assert found.loc[1, ["start", "end"]].tolist() == [7_000, 1_012_001]


def test_peaks_between_the_same_genes_are_one_locus():
    places = [("chr1", 150_000), ("chr1", 160_000), ("chr1", 199_500), ("chr1", 300_000), ("chr1", 3_000_000)]
    places += [("chr1", 3_050_000), ("chr1", 3_150_000), ("chr3", 3_000_000), ("chr2", 3_000)]
    found = loci.of_peaks(peaks(*places), GENES)
    assert genes_of(found) == [[0, 1], [0, 1], [1], [1], [], [], [], [], [3]]
    locus = found.locus.tolist()
    assert locus[0] == locus[1]
    assert locus[2] == locus[3]
    assert locus[4] == locus[5]  # of one window of 100 kb, as no gene is within reach
    assert len(set(locus)) == 6


def test_without_genes_a_locus_is_a_window():
    found = loci.of_peaks(peaks(("a", 10_000), ("a", 99_999), ("a", 100_000), ("b", 10_000)), None)
    assert found.genes.shape == (4, 0)
    assert found.locus[0] == found.locus[1]
    assert len(set(found.locus)) == 3


@pytest.mark.parametrize("seed", range(3))
def test_genes_of_a_peak_are_those_whose_domain_holds_its_summit(seed):
    rng = np.random.default_rng(seed)
    start = np.sort(rng.integers(0, 20_000_000, 60))
    table = models([(f"g{i}", f"c{i % 2}", s, s + 3000, "+-"[i % 3 == 0]) for i, s in enumerate(start)])
    table = GeneModels(table.genes.sort_values(["chrom", "start"], ignore_index=True), None, None)
    summits = peaks(*((f"c{i % 3}", s) for i, s in enumerate(rng.integers(0, 21_000_000, 200))))
    found, spans = loci.of_peaks(summits, table), loci.domains(table)
    for i, peak in summits.iterrows():
        holds = (spans["chrom"] == peak["chrom"]) & (spans["start"] <= peak["summit"])
        holds &= spans["end"] > peak["summit"]
        assert genes_of(found)[i] == np.flatnonzero(holds).tolist()


def test_no_peak_has_no_locus():
    found = loci.of_peaks(peaks(), GENES)
    assert found.genes.shape == (0, 4)
    assert len(found.locus) == 0
