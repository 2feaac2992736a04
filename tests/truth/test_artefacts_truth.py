"""Places with extreme cuts: planted ones are found, and the strongest peaks are not taken for them.

Two generators that share nothing: cuts drawn place by place with samples that differ (`satellites`), and
counts of peaks from heavy-tailed laws (`heavy_tails`). Real data: ribosomal DNA of yeast, a piece of
mitochondrial DNA in a mouse chromosome.
"""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.genome import reference
from workflow_lib.peaks import artefacts

LENGTHS = pd.Series({"chr1": 9_000_000, "chr2": 3_000_400, "small": 30_000})


class Cuts:
    """Cuts by contig, as a store gives them."""

    def __init__(self, cuts):
        self.by_contig = cuts

    def n_cuts(self, contigs):
        return sum(len(self.by_contig.get(name, ())) for name in contigs)

    def ends(self, contig):
        cuts = self.by_contig.get(contig, np.zeros(0, np.int64))
        return cuts[::2], cuts[1::2]


def satellites(seed, *, n_samples=4, spread=1.0, depth=400_000, planted=True):
    """Stores of samples that differ in depth, background and peaks, and the planted places.

    Peaks of log-normal height; a domain of four peaks in 6 kb; a region in eight copies; a satellite that is
    found in the second half of the samples only, which is not to be called.
    """
    rng = np.random.default_rng(seed)
    n_peaks = 1_500
    peaks = np.sort(rng.choice(11_900, n_peaks, replace=False)) * 1000
    height = rng.lognormal(0, spread, n_peaks)
    domain = 2_000_000 + np.arange(4) * 1_500
    places = {
        "chr1": [(4_000_000, 24_000, 60), (6_000_000, 6_000, 30), (8_998_000, 2_000, 400)],
        "chr2": [(500_000, 12_000, 100), (900_000, 1_000, 3_000)],
        "small": [(0, 30_000, 40)],
    }
    stores = []
    for i in range(n_samples):
        n = int(depth * rng.lognormal(0, 0.4))
        in_peaks = rng.uniform(0.3, 0.6)
        background = rng.integers(0, 12_000_000, int(n * (1 - in_peaks)))
        rate = len(background) / 12_000  # a kb
        h = height * rng.lognormal(0, 0.3, n_peaks)  # replicates differ
        at = rng.choice(peaks, int(n * in_peaks), p=h / h.sum())
        parts = [background, at + np.rint(rng.normal(500, 120, len(at)))]
        strong = np.repeat(domain, rng.poisson(60 * rate, 4))
        parts += [strong + rng.normal(0, 100, len(strong))]
        parts += [rng.uniform(10_000_000, 11_000_000, rng.poisson(7 * 1000 * rate))]
        if i >= n_samples / 2:
            parts += [rng.uniform(7_000_000, 7_010_000, rng.poisson(10 * 100 * rate))]
        cuts = np.concatenate(parts).astype(np.int64)
        by_contig = {"chr1": cuts[cuts < 9_000_000], "chr2": cuts[cuts >= 9_000_000] - 9_000_000}
        by_contig["chr2"] = by_contig["chr2"][by_contig["chr2"] < LENGTHS["chr2"]]
        by_contig["small"] = rng.integers(0, 30_000, rng.poisson(30 * rate))
        if planted:
            for contig, where in places.items():
                for start, size, fold in where:
                    drawn = rng.poisson(fold * rng.lognormal(0, 0.3) * size / 1000 * rate)
                    by_contig[contig] = np.append(by_contig[contig], rng.integers(start, start + size, drawn))
        stores.append(Cuts(by_contig))
    truth = [(c, s, s + size) for c, where in places.items() for s, size, _ in where] if planted else []
    return stores, pd.DataFrame(truth, columns=["chrom", "start", "end"])


def overlapping(a, b):
    """Of each row of a, whether it shares a base with one of b."""
    return reference.count_overlaps(a, b) > 0 if len(b) else np.zeros(len(a), bool)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("spread", [0.7, 1.3])
def test_planted_places_are_found_and_nothing_else(seed, spread):
    stores, truth = satellites(seed, spread=spread)
    found = artefacts.find(stores, LENGTHS)
    found_wide = overlapping(truth, found)[[0, 1, 3, 5]]
    assert found_wide.all()  # of the two narrow ones half are: 400 and 3,000 times the surroundings
    assert overlapping(found, truth).all()
    assert set(found["n_samples"]) == {4}
    wide = found[found["end"] - found["start"] > 8_000]
    assert set(wide["reason"]) == {artefacts.WIDE}
    assert (found["lowest_fold"] <= found["fold"]).all()


def test_the_whole_of_a_wide_place_is_listed():
    found = artefacts.find(satellites(1)[0], LENGTHS)
    row = found[(found["chrom"] == "chr1") & (found["start"].between(3_990_000, 4_010_000))].iloc[0]
    assert row["start"] <= 4_001_000
    assert row["end"] >= 4_023_000
    assert row["end"] - row["start"] <= 30_000
    assert dict(zip(found["start"], found["beside"], strict=True))[0] == "end of contig"


def test_without_artefacts_nothing_is_found_in_nearly_every_study():
    places = [len(artefacts.find(satellites(seed, planted=False)[0], LENGTHS)) for seed in range(100, 110)]
    assert sum(n > 0 for n in places) <= 1


def heavy_tails(rng, n_peaks, shape, n_samples=6):
    """Counts of peaks whose heights fall off as a power, with samples that differ by gamma noise."""
    height = 20 * (1 + rng.pareto(shape, n_peaks))
    rate = height[:, None] * rng.gamma(8, 1 / 8, (n_peaks, n_samples)) * rng.uniform(0.3, 2, n_samples)
    return rng.poisson(rate)


@pytest.mark.parametrize("shape", [1.5, 2.5])
def test_the_strongest_of_heavy_tailed_peaks_are_not_called(shape):
    rng = np.random.default_rng(5)
    runs = 60
    places = pd.DataFrame({"chrom": "chr1", "start": np.arange(8_000) * 1000})
    places["end"] = places["start"] + 500
    called = []
    for _ in range(runs):
        counts = pd.DataFrame(heavy_tails(rng, 8_000, shape))
        called.append(len(artefacts.among_counts(counts, places)))
    assert np.mean(np.array(called) > 0) <= 0.15  # 0.05 by the law, more for the quantiles' own error


def test_edges():
    none = Cuts({})
    assert artefacts.find([none], LENGTHS).empty
    assert artefacts.find([], LENGTHS).empty
    even = Cuts({"chr1": np.arange(0, 9_000_000, 100)})
    assert artefacts.find([even, none], LENGTHS).empty
    assert artefacts.find([even], LENGTHS, leave_out=["chr1", "chr2", "small"]).empty
    one = Cuts({"chr1": np.append(np.arange(0, 9_000_000, 500), np.repeat(4_000_100, 50_000))})
    assert artefacts.find([one], LENGTHS).empty  # one place of a kb, and no peaks to say how high they are
    tiny = pd.Series({"a": 300, "b": 1})
    assert artefacts.find([Cuts({"a": np.zeros(20_000, int), "b": np.zeros(9, int)})], tiny).empty
    counts = pd.DataFrame(np.zeros((3, 2), int))
    assert artefacts.among_counts(counts, None).empty
    assert artefacts.among_counts(counts + 9_999_999, None).empty


def test_ribosomal_dna_of_yeast(shared):
    path = shared / "data" / "yeast_wg_SRR1822137" / "yeast_500k_SRR1822137.bedpe.gz"
    from workflow_lib.io import fragment_files

    table = fragment_files.read(path).fragments
    cuts = {
        str(name): np.concatenate([rows["start"], rows["end"] - 1])
        for name, rows in table.groupby("chrom", observed=True)
    }
    lengths = pd.Series({name: int(at.max()) + 1 for name, at in cuts.items()})
    found = artefacts.find([Cuts(cuts)], lengths, leave_out=["chrM"])
    (row,) = found.itertuples()
    assert row.chrom == "chrXII"
    assert row.reason == artefacts.WIDE
    assert abs(row.start - 451_000) <= 2_000  # RDN1: two copies of 9.1 kb stand for some 150
    assert abs(row.end - 469_000) <= 2_000


def test_mitochondrial_dna_in_a_chromosome_of_the_mouse(shared):
    folder = shared / "data" / "counts_mouse_tissues"
    table = pd.read_csv(folder / "mouse_tissues_atac_counts.tsv.gz", sep="\t")
    found = artefacts.among_counts(table.iloc[:, 4:], table[["chrom", "start", "end"]])
    assert list(found["chrom"] + ":" + found["start"].astype(str)) == ["chr1:24613028"]


def test_no_peak_of_human_t_cells_is_called(shared):
    table = pd.read_csv(shared / "data" / "tcells" / "tcells_atac_counts.tsv.gz", sep="\t")
    assert artefacts.among_counts(table.iloc[:, 4:], table[["chrom", "start", "end"]]).empty
