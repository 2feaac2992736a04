"""A background that is like the foreground: k-mer content, weights and balance, windows of the genome."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib.errors import InputError
from workflow_lib.genome import reference as genome
from workflow_lib.motifs import comparison, genome_windows, matches, matching, scan
from workflow_lib.motifs.library import MotifLibrary

COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}


def flipped(word):
    return "".join(COMPLEMENT[base] for base in reversed(word))


def naive_share(sequence, word):
    """Share of a k-mer and its reverse complement among the k-mers without N, read one by one."""
    words = [sequence[i : i + len(word)] for i in range(len(sequence) - len(word) + 1)]
    words = [each for each in words if "N" not in each]
    return np.mean([each in (word, flipped(word)) for each in words]) if words else np.nan


def test_kmers_are_canonical():
    assert matching.kmers(1) == ["A", "C"]
    assert matching.kmers(2) == ["AA", "AC", "AG", "AT", "CA", "CC", "CG", "GA", "GC", "TA"]
    assert len(matching.kmers(3)) == 32


def test_composition_written_out():
    row = matching.composition(["AACGT"]).iloc[0]
    assert row["gc"] == pytest.approx(2 / 5)
    assert row["kmer_AA"] == pytest.approx(1 / 4)
    assert row["kmer_AC"] == pytest.approx(2 / 4)  # AC and GT
    assert row["kmer_CG"] == pytest.approx(1 / 4)
    assert row["kmer_ACG"] == pytest.approx(2 / 3)  # ACG and CGT
    assert row.filter(regex="^kmer_..$").sum() == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ACGTN", max_size=30), min_size=1, max_size=5))
def test_composition_is_that_of_counting_by_hand(sequences):
    table = matching.composition(sequences)
    for i, sequence in enumerate(sequences):
        for name in ("kmer_AC", "kmer_AT", "kmer_CGA"):
            np.testing.assert_allclose(table[name][i], naive_share(sequence, name[5:]))
        np.testing.assert_allclose(table["gc"][i], naive_share(sequence, "C"))


def test_composition_does_not_depend_on_the_strand_or_on_chunks(monkeypatch):
    rng = np.random.default_rng(1)
    sequences = ["".join(rng.choice(list("ACGTN"), 40)) for _ in range(25)]
    table = matching.composition(sequences)
    opposite = matching.composition([flipped(s.replace("N", "A")) for s in sequences])
    pd.testing.assert_frame_equal(matching.composition([s.replace("N", "A") for s in sequences]), opposite)
    monkeypatch.setattr(matching, "CHUNK", 7)
    pd.testing.assert_frame_equal(matching.composition(sequences), table)
    assert matching.composition([]).shape == (0, 43)


def drawn(seed=0, n=3000, n_foreground=200):
    """Peaks whose foreground has more GC and more reads."""
    rng = np.random.default_rng(seed)
    gc = np.clip(rng.normal(0.48, 0.08, n), 0.2, 0.8)
    is_gc = rng.random((n, 100)) < gc[:, None]
    first = rng.random((n, 100)) < 0.5
    letters = np.where(is_gc, np.where(first, "C", "G"), np.where(first, "A", "T"))
    depth = rng.gamma(2, 40, n) + 10
    chance = np.exp(8 * (gc - 0.48) + 0.7 * np.log(depth))
    foreground = np.zeros(n, dtype=bool)
    foreground[rng.choice(n, n_foreground, replace=False, p=chance / chance.sum())] = True
    values = matching.covariates(["".join(row) for row in letters], rng.integers(300, 700, n), depth)
    return values, foreground


def test_weights_balance_every_covariate():
    values, foreground = drawn()
    weights = matching.weights(values, foreground, ~foreground)
    table = matching.balance(values, foreground, ~foreground, weights)
    assert table.columns[:3].tolist() == ["feature", "smd_before", "smd_after"]
    assert table["feature"].tolist()[:5] == [
        *("gc", "gc_squared", "width", "log_mean_count", "log_mean_count_squared"),
    ]
    before, after = matching.worst(table)
    assert before > 0.5
    assert after <= 0.05
    assert (weights[foreground] == 0).all()
    assert weights[~foreground].mean() == pytest.approx(1)
    assert table["n_effective"][0] > 1000
    # what the table says is so
    gc, inside = values["gc"], weights[~foreground]
    expected = gc[foreground].mean() - np.average(gc[~foreground], weights=inside)
    spread = np.sqrt((gc[foreground].var(ddof=0) + gc[~foreground].var(ddof=0)) / 2)
    assert table["smd_after"][0] == pytest.approx(expected / spread)
    assert table["weighted_mean"][0] == pytest.approx(np.average(gc[~foreground], weights=inside))


def test_order_of_peaks_does_not_matter():
    values, foreground = drawn(n=600, n_foreground=80)
    order = np.random.default_rng(3).permutation(600)
    weights = matching.weights(values, foreground, ~foreground)
    other = matching.weights(values.iloc[order].reset_index(drop=True), foreground[order], ~foreground[order])
    np.testing.assert_allclose(other, weights[order], rtol=1e-6)


def test_where_balance_cannot_be_had_the_effective_number_is_kept():
    values, _ = drawn(n=400)
    foreground = (values["gc"] > values["gc"].quantile(0.8)).to_numpy()  # no overlap at all
    weights = matching.weights(values, foreground, ~foreground)
    table = matching.balance(values, foreground, ~foreground, weights)
    assert table["n_effective"][0] >= matching.least_effective(80, 320) == 100
    before, after = matching.worst(table)
    assert matching.BALANCED < after < before
    assert np.isfinite(weights).all()


@pytest.mark.parametrize("n_foreground", [1, 2, 3])
def test_a_handful_of_peaks_far_from_all_others_gives_finite_weights(n_foreground):
    values, _ = drawn(n=120, n_foreground=20)
    foreground = np.arange(120) < n_foreground
    values.loc[foreground, "gc"] = 0.95  # beyond every other peak
    weights = matching.weights(values, foreground, ~foreground)
    table = matching.balance(values, foreground, ~foreground, weights)
    assert np.isfinite(weights).all()
    assert (weights >= 0).all()
    assert table["n_effective"][0] >= 50  # chance differences of so few are not worth more
    assert table["smd_after"].abs().mean() < table["smd_before"].abs().mean()


def test_constant_covariates_and_sequences_without_bases():
    values, foreground = drawn(n=500, n_foreground=60)
    values["width"] = 501.0
    values.loc[[0, 1], "gc"] = np.nan
    foreground[[0, 1]] = [True, False]
    weights = matching.weights(values, foreground, ~foreground)
    table = matching.balance(values, foreground, ~foreground, weights).set_index("feature")
    assert weights[1] == 0
    assert table.loc["width", ["smd_before", "smd_after"]].tolist() == [0, 0]
    assert table["n_foreground"].iloc[0] == foreground.sum() - 1
    assert matching.worst(table.reset_index())[1] < 0.1


@pytest.mark.parametrize("empty", ["foreground", "background"])
def test_an_empty_set_gives_even_weights_and_no_balance(empty):
    values, foreground = drawn(n=100, n_foreground=20)
    sets = {"foreground": foreground, "background": ~foreground} | {empty: np.zeros(100, dtype=bool)}
    weights = matching.weights(values, **sets)
    assert set(weights[sets["background"]]) <= {1.0}
    table = matching.balance(values, **sets, weights=weights)
    assert table["smd_after"].isna().all()
    assert len(matching.balance(values.iloc[:0], *[np.zeros(0, bool)] * 2, np.zeros(0))) == 47


def test_sets_of_another_length_are_refused():
    values, foreground = drawn(n=100, n_foreground=20)
    with pytest.raises(ValueError, match="100 booleans"):
        matching.weights(values, foreground[1:], ~foreground[1:])


# ---- windows of the genome; the faults are those of the system that this replaces


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Contigs of 300, 100 and 40 kb, the first half of N, the second of even GC; and a mitochondrion."""
    rng = np.random.default_rng(5)
    sizes = {"chr1": 300_000, "chr2": 100_000, "chr3": 40_000, "chrN": 20_000, "chrM": 16_000}
    texts = {}
    for name, size in sizes.items():
        gc = np.repeat(rng.choice([0.35, 0.45, 0.55], size // 1000), 1000)
        strong, first = rng.random(size) < gc, rng.random(size) < 0.5
        texts[name] = np.where(strong, np.where(first, "C", "G"), np.where(first, "A", "T"))
    texts["chr1"][:150_000] = "N"
    texts["chrN"][:] = "N"
    folder = tmp_path_factory.mktemp("genome")
    fasta = folder / "genome.fa"
    with open(fasta, "w") as out:
        for name, letters in texts.items():
            lines = ["".join(letters[i : i + 60]) for i in range(0, len(letters), 60)]
            out.write(f">{name}\n" + "\n".join(lines).lower() + "\n")
    return genome.write_index(fasta, folder / "genome.fa.fai", folder / "genome.fa.gzi")


@pytest.fixture(scope="module")
def peaks(reference):
    """Two hundred peaks, and their sequences."""
    rng = np.random.default_rng(6)
    start = np.sort(rng.choice(np.arange(150_500, 299_000, 500), 200, replace=False))
    table = pd.DataFrame({"chrom": "chr1", "start": start, "end": start + 200})
    return table, reference.fetch(table)


@pytest.fixture(scope="module")
def windows(reference, peaks):
    return genome_windows.sample(reference, peaks[0], peaks[1], 350, 200, 42, ["chrM"])


def test_windows_are_whole_pieces_of_one_contig_without_n(reference, windows):
    sequences, table = windows
    assert 330 < len(table) <= 350
    assert ((table["end"] - table["start"]) == 200).all()
    assert reference.fetch(table) == sequences  # never spliced from two places
    assert not any("N" in sequence for sequence in sequences)  # never N taken as GC 0.5
    assert set(table["chrom"]) == {"chr1", "chr2", "chr3"}  # not chrM, nothing of chrN
    assert table["peak"][0] == f"{table['chrom'][0]}:{table['start'][0]}-{table['end'][0]}"


def test_windows_touch_neither_peaks_nor_each_other(peaks, windows):
    table = windows[1]
    assert (genome.count_overlaps(table, peaks[0]) == 0).all()
    assert (genome.count_overlaps(table, table) == 1).all()


def test_contigs_come_in_proportion_to_the_length_that_can_be_drawn(reference, peaks):
    no_peaks = pd.DataFrame({"chrom": ["chr2"], "start": [0], "end": [1]})
    _, table = genome_windows.sample(reference, no_peaks, peaks[1], 400, 100, 7, ["chrM"])
    share = table["chrom"].value_counts(normalize=True)
    expected = {"chr1": 150 / 290, "chr2": 100 / 290, "chr3": 40 / 290}
    for name, value in expected.items():
        assert abs(share[name] - value) < 4 * np.sqrt(value * (1 - value) / 400)


def test_windows_have_the_gc_content_of_the_peaks(peaks, windows):
    ours, theirs = (
        np.array([s.count("G") + s.count("C") for s in each]) / 200 for each in (windows[0], peaks[1])
    )
    assert abs(ours.mean() - theirs.mean()) < 0.01
    assert abs(np.quantile(ours, 0.9) - np.quantile(theirs, 0.9)) < 0.03


def test_the_seed_decides(reference, peaks, windows):
    again, other = (genome_windows.sample(reference, *peaks, 350, 200, seed, ["chrM"]) for seed in (42, 43))
    pd.testing.assert_frame_equal(again[1], windows[1])
    assert not other[1].equals(windows[1])


def test_fewer_windows_than_wanted_are_said(reference, peaks, caplog):
    _, table = genome_windows.sample(reference, *peaks, 5000, 200, 42, ["chrM"])
    assert 500 < len(table) < 2000
    assert f"only {len(table)} of 5000" in caplog.text
    everything = pd.DataFrame(
        {"chrom": reference.contigs.index, "start": 0, "end": reference.contigs.to_numpy()}
    )
    with pytest.raises(InputError, match="no window of 200 bp"):
        genome_windows.sample(reference, everything, peaks[1], 100, 200, 42)
    with pytest.raises(InputError, match="no window"):
        genome_windows.sample(reference, peaks[0], ["NNNN"], 100, 200, 42)


def test_peaks_like_the_genome_have_no_motif_more_often_than_its_windows(reference, peaks, windows):
    # A background scanned on one strand only makes every motif two-fold enriched where nothing is.
    rng = np.random.default_rng(8)
    from workflow_lib.io.motifs import Motif

    motifs = tuple(Motif(f"m{i}", f"m{i}", rng.dirichlet([0.4] * 4, 7).T * 100) for i in range(60))
    library = MotifLibrary(motifs).calibrated(1e-3, [0.25] * 4)
    found = {}
    for name, sequences in (("peaks", peaks[1]), ("windows", windows[0])):
        named = {f"{name}{i}": sequence for i, sequence in enumerate(sequences)}
        places = pd.DataFrame({"chrom": "c", "start": 0, "end": 200}, index=range(len(named)))
        hits = scan.scan_part(named, places, library, "1-of-1")
        found[name] = named, matches.matrix(hits, len(named), 60)
    result = comparison.with_windows(
        found["peaks"][1], np.ones(200, bool), found["peaks"][0], found["windows"][1], found["windows"][0],
        library.table(),
    )  # fmt: skip
    assert abs(result.table["log2_enrichment"].median()) < 0.15
    assert (result.table["padj"] > 0.01).all()
    assert not [name for name in result.table if name.startswith("logistic")]  # one test, one p
    assert result.weights["peak"].tolist() == list(found["windows"][0])
