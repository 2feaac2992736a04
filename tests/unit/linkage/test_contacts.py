"""Peak to gene by distance and accessibility."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.genome.genes import GeneModels
from workflow_lib.linkage import contacts


def models(**tss: tuple[str, int, str]) -> GeneModels:
    """Genes of one transcript each: contig, start of transcription, strand."""
    rows = [(name, *place) for name, place in tss.items()]
    genes = pd.DataFrame(
        [
            (name, name.upper(), "protein_coding", chrom, at, at + 1, strand)
            for name, chrom, at, strand in rows
        ],
        columns=["gene_id", "gene_name", "gene_type", "chrom", "start", "end", "strand"],
    )
    transcripts = pd.DataFrame(
        [(i, chrom, strand, at) for i, (_, chrom, at, strand) in enumerate(rows)],
        columns=["gene", "chrom", "strand", "tss"],
    )
    return GeneModels(genes, transcripts, pd.DataFrame())


def peaks(*summits: tuple[str, int]) -> pd.DataFrame:
    table = pd.DataFrame(summits, columns=["chrom", "summit"])
    return table.assign(peak=[f"p{i}" for i in range(len(table))])


def test_contact_falls_as_the_source_says():
    """Its power law: exp(-0.87 log(max(d, 5000) + 1)), up to a factor that cancels in scores."""
    distance = np.array([0, 4999, 5000, 10_000, 250_000, 5_000_000])
    theirs = np.exp(-0.87 * np.log(np.clip(distance, 5000, np.inf) + 1))
    assert contacts.contact(distance) == pytest.approx(theirs / theirs[0], rel=1e-12)
    assert contacts.contact([10_000])[0] == pytest.approx((10_001 / 5001) ** -0.87)
    assert contacts.contact([-10_000]) == contacts.contact([10_000])


def test_scores_by_hand():
    genes = models(a=("chr1", 100_000, "+"), b=("chr1", 200_000, "-"), c=("chr2", 100, "+"))
    sites = peaks(("chr1", 101_000), ("chr1", 150_000), ("chr1", 90_000))
    table, left_out = contacts.score(genes, np.ones(3, bool), sites, np.array([100.0, 400.0, 50.0]), 0.0)
    of_a = table[table["gene_id"] == "a"].set_index("peak")
    weights = {"p0": 100.0, "p1": 400 * (50_001 / 5001) ** -0.87, "p2": 50 * (10_001 / 5001) ** -0.87}
    for peak, weight in weights.items():
        assert of_a.loc[peak, "score"] == pytest.approx(weight / sum(weights.values()))
    assert of_a["distance"].to_dict() == {"p2": -10_000, "p0": 1000, "p1": 50_000}
    assert table.loc[(table["gene_id"] == "b") & (table["peak"] == "p1"), "distance"].item() == 50_000
    assert set(table["gene_id"]) == {"a", "b"}
    assert left_out == 0
    assert table.groupby("gene_id")["score"].sum().tolist() == pytest.approx([1.0, 1.0])


def test_low_scores_are_counted_and_blocks_do_not_matter(monkeypatch):
    rng = np.random.default_rng(0)
    genes = models(**{f"g{i:02d}": ("chr1", 50_000 * i, "+-"[i % 2]) for i in range(30)})
    sites = peaks(*(("chr1", int(at)) for at in rng.integers(0, 8_000_000, 200)))
    activity = rng.gamma(2, 50, 200)
    whole, none = contacts.score(genes, np.ones(30, bool), sites, activity, 0.0)
    kept, left_out = contacts.score(genes, np.ones(30, bool), sites, activity)
    assert none == 0
    assert len(kept) + left_out == len(whole)
    assert kept["score"].min() >= contacts.LEAST
    assert whole["distance"].abs().max() <= contacts.WINDOW
    monkeypatch.setattr(contacts, "BLOCK", 7)
    pd.testing.assert_frame_equal(contacts.score(genes, np.ones(30, bool), sites, activity)[0], kept)


def test_edges():
    genes, sites = models(a=("chr1", 1000, "+")), peaks(("chr1", 900), ("chrX", 5))
    silent = contacts.score(genes, np.ones(1, bool), sites, np.zeros(2))[0]
    none = contacts.score(genes, np.zeros(1, bool), sites, np.ones(2))[0]
    no_peak = contacts.score(genes, np.ones(1, bool), sites.head(0), np.zeros(0))[0]
    for table in (silent, none, no_peak):
        assert table.empty
        assert table.columns.tolist() == list(contacts.COLUMNS)
    alone = contacts.score(genes, np.ones(1, bool), sites, np.ones(2))[0]
    assert alone["score"].tolist() == [1.0]
