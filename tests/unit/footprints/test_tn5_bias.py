"""What Tn5 prefers: counted around cuts, the same on both strands, turned into weights."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.footprints import tn5_bias
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference as genome
from workflow_lib.simulate import tn5

LENGTH = 300_000
NO_PEAKS = pd.DataFrame({"chrom": [], "start": [], "end": []})


def store_of(plus, minus, *, shift=(4, -4), paired=False, lengths=None):
    """A store of given cuts of single-end reads."""
    return FragmentStore(
        contigs=lengths or {"chr1": LENGTH}, paired=paired, tn5_shift=shift, tn5_evidence="", n_reads=0,
        n_mapped=0, n_duplicates=0, mapped_per_contig={}, plus=plus, minus=minus,
    )  # fmt: skip


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("genome")
    rng = np.random.default_rng(1)
    text = "".join(np.array(list("ACGT"))[rng.choice(4, LENGTH, p=[0.3, 0.2, 0.2, 0.3])])
    text = text[:150_000] + "N" * 500 + text[150_500:]
    (folder / "genome.fa").write_text(f">chr1\n{text}\n>short\nACGTACGTACGT\n")
    return genome.write_index(folder / "genome.fa", folder / "g.fai", folder / "g.gzi")


@pytest.fixture(scope="module")
def store(reference):
    """Cuts drawn by the simulator's preference, plus and minus reads apart."""
    weight = tn5.weights(tn5_bias.encode(reference.sequence("chr1")))
    rng = np.random.default_rng(2)
    draw = [np.sort(rng.choice(LENGTH, 200_000, p=weight / weight.sum())).astype(np.int32) for _ in "+-"]
    return store_of({"chr1": draw[0]}, {"chr1": draw[1]})


@pytest.fixture(scope="module")
def estimated(store, reference):
    return tn5_bias.estimate(store, reference, NO_PEAKS, ["chr1", "short"])


def test_numbers_of_kmers_and_their_reverse_complements():
    codes = tn5_bias.encode("AAAAACNGGGGGG")
    number = tn5_bias.kmer_numbers(codes)
    assert number[0] == 1
    assert (number[1:7] == 4096).all()
    assert number[7] == int("222222", 4)
    assert (number[8:] == 4096).all()
    assert tn5_bias.KMERS[1] == "AAAAAC"
    assert tn5_bias.KMERS[tn5_bias.REVERSE_COMPLEMENT[1]] == "GTTTTT"


def test_the_strands_logos_mirror_each_other(estimated):
    logos = estimated[1].set_index(["strand", "position"])[list("ACGT")]
    plus, minus = logos.loc["+"].to_numpy(), logos.loc["-"].to_numpy()
    assert np.abs(plus).max() > 0.5
    assert np.abs(plus - minus[::-1, ::-1]).max() < 0.05


def test_a_wrong_shift_breaks_the_mirror(store, reference):
    off = store_of(store.plus, {"chr1": store.minus["chr1"] - 1})
    logos = tn5_bias.estimate(off, reference, NO_PEAKS, ["chr1"])[1].set_index(["strand", "position"])
    plus, minus = (logos.loc[strand, list("ACGT")].to_numpy() for strand in "+-")
    assert np.abs(plus - minus[::-1, ::-1]).max() > 0.5


def test_minus_cuts_after_4_5_are_given_their_base_back(store):
    moved = store_of(store.plus, {"chr1": store.minus["chr1"] - 1}, shift=(4, -5))
    np.testing.assert_array_equal(tn5_bias.centred_ends(moved, "chr1")[1], store.minus["chr1"])
    assert not len(tn5_bias.centred_ends(moved, "elsewhere")[1])


def test_the_logo_is_what_was_planted(estimated):
    logo = estimated[1].query("strand == '+'").set_index("position")[list("ACGT")]
    planted = tn5.bias_table().set_index("position")
    planted = planted.sub(planted.mean(axis=1), axis=0)
    found = logo.sub(logo.mean(axis=1), axis=0)
    assert np.abs(found.loc[-5:5] - planted).max().max() < 0.12
    assert np.abs(found.drop(range(-5, 6))).max().max() < 0.05


@pytest.mark.parametrize(("model", "least"), [("kmer", 0.96), ("pwm", 0.99)])
def test_weights_follow_those_that_drew_the_cuts(estimated, reference, model, least):
    codes = tn5_bias.encode(reference.sequence("chr1"))
    weight = tn5_bias.Preference(estimated[0], model).weights(codes)
    planted = tn5.weights(codes)
    known = weight > 0
    assert not known[149_990:150_510].any()
    assert known.sum() == LENGTH - 500 - 4 * tn5_bias.REACH
    assert np.corrcoef(np.log2(weight[known]), np.log2(planted[known]))[0, 1] > least


@pytest.mark.parametrize("model", tn5_bias.MODELS)
def test_the_other_strand_has_the_same_weights(estimated, model):
    codes = np.random.default_rng(3).integers(0, 4, 500).astype(np.uint8)
    preference = tn5_bias.Preference(estimated[0], model)
    there = preference.weights(3 - codes[::-1])[::-1]
    np.testing.assert_allclose(preference.weights(codes), there, rtol=1e-4)


def test_an_absent_kmer_is_finite_and_near_its_position_weights():
    rng = np.random.default_rng(4)
    expected = np.full(4096, 30.0)
    observed = rng.poisson(expected).astype(float)
    observed[17] = 0
    kmer, pwm = (tn5_bias.log2_bias(observed, expected, model) for model in ("kmer", "pwm"))
    assert np.isfinite(kmer).all()
    assert kmer[17] == pytest.approx(np.log2(20 * 2 ** pwm[17] / 50))
    assert (tn5_bias.log2_bias(observed, expected, "none") == 0).all()
    with pytest.raises(ValueError, match="kmer, pwm, none"):
        tn5_bias.log2_bias(observed, expected, "hmm")


def test_peaks_are_left_out_while_enough_lies_outside(reference, monkeypatch):
    at = np.sort(np.r_[np.full(3, 20_000), np.arange(100_000, 110_000, 10)]).astype(np.int32)
    sample = store_of({"chr1": at}, {"chr1": np.empty(0, np.int32)})
    peaks = pd.DataFrame({"chrom": ["chr1"], "start": [100_000], "end": [110_000]})
    monkeypatch.setattr(tn5_bias, "LEAST", 2)
    assert tn5_bias.estimate(sample, reference, peaks, ["chr1"])[0]["n_observed"].sum() == 2 * 2 * 3
    monkeypatch.setattr(tn5_bias, "LEAST", 500)
    assert tn5_bias.estimate(sample, reference, peaks, ["chr1"])[0]["n_observed"].sum() > 2 * 2 * 900


def test_some_bases_of_a_large_genome_tell_what_all_do(store, reference, estimated, monkeypatch):
    monkeypatch.setattr(tn5_bias, "EVERY_BASE", LENGTH - 1)
    bias, logos = tn5_bias.estimate(store, reference, NO_PEAKS, ["chr1", "short"])
    assert bias["n_observed"].equals(estimated[0]["n_observed"])
    assert np.abs(logos[list("ACGT")] - estimated[1][list("ACGT")]).max().max() < 0.06
    assert not bias["n_expected"].equals(estimated[0]["n_expected"])


def test_a_large_genome_is_read_no_further_than_enough(store, reference, estimated, monkeypatch):
    monkeypatch.setattr(tn5_bias, "BLOCK", 10_000)
    monkeypatch.setattr(tn5_bias, "ENOUGH", 100_000)
    bias, logos = tn5_bias.estimate(store, reference, NO_PEAKS, ["chr1", "short"])
    n_cuts = bias["n_observed"].sum() / 4
    assert 100_000 <= n_cuts < 100_000 + 2 * len(store.plus["chr1"]) / 10
    assert np.abs(logos[list("ACGT")] - estimated[1][list("ACGT")]).max().max() < 0.1


def test_kmers_beside_unknown_bases_are_none():
    rng = np.random.default_rng(3)
    for length in (0, 1, 5, 6, 7, 300):
        codes = np.where(rng.random(length) < 0.1, 4, rng.integers(0, 4, length)).astype(np.uint8)
        text = ["".join(map(str, codes[i : i + 6])) for i in range(length)]
        expected = [int(each, 4) if len(each) == 6 and "4" not in each else 4096 for each in text]
        assert tn5_bias.kmer_numbers(codes).tolist() == expected


def test_without_a_cut_there_is_no_preference(reference):
    bias, logos = tn5_bias.estimate(store_of({}, {}), reference, NO_PEAKS, ["chr1", "short"])
    assert (bias["n_observed"] == 0).all()
    assert np.abs(bias["log2_bias"]).max() < 0.05
    codes = tn5_bias.encode(reference.sequence("chr1")[:1000])
    weight = tn5_bias.Preference(bias, "kmer").weights(codes)
    assert weight[10:-10] == pytest.approx(1, abs=0.2)
    assert len(logos) == 42


def test_weights_of_sequences_too_short_to_know(estimated):
    preference = tn5_bias.Preference(estimated[0], "kmer")
    assert preference.weights(np.zeros(20, np.uint8)).tolist() == [0.0] * 20
    assert preference.weights(np.zeros(0, np.uint8)).tolist() == []
    assert tn5_bias.Preference(None, "none").weights(tn5_bias.encode("ANC")).tolist() == [1, 0, 1]
