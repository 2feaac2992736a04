"""The scan, against a scorer that looks at every word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib.io.motifs import Motif
from workflow_lib.motifs import index, pwm, scan
from workflow_lib.motifs.library import MotifLibrary

EVEN = [0.25] * 4
CODE = {base: i for i, base in enumerate("ACGT")}


def by_hand(sequences, library, background, thresholds):
    """All hits by scoring every word of both strands, one base at a time."""
    found = []
    for name, sequence in sequences.items():
        for column, motif in enumerate(library):
            matrix = pwm.weights(motif.counts, background)
            for start in range(len(sequence) - motif.length + 1):
                word = [CODE.get(base) for base in sequence[start : start + motif.length].upper()]
                if None in word:
                    continue
                other = [3 - base for base in reversed(word)]
                for strand, bases in (("+", word), ("-", other)):
                    score = sum(matrix[base, i] for i, base in enumerate(bases))
                    if score >= thresholds[motif.id]:
                        found.append((name, start, start + motif.length, column, strand, score))
    order = {name: i for i, name in enumerate(sequences)}
    found.sort(key=lambda hit: (order[hit[0]], *hit[1:5]))
    return [(hit[0], library.ids[hit[3]], *hit[1:3], hit[4], hit[5]) for hit in found]


def rows(hits):
    return list(hits.astype({"name": str, "motif_id": str, "strand": str}).itertuples(index=False, name=None))


def same(hits, expected):
    assert list(hits) == ["name", "motif_id", "start", "end", "strand", "score"]
    got = rows(hits)
    assert [hit[:5] for hit in got] == [hit[:5] for hit in expected]
    np.testing.assert_allclose([hit[5] for hit in got], [hit[5] for hit in expected], rtol=0, atol=1e-9)


def consensus(*words, sites=100.0):
    """A library of motifs that each prefer one word (N: no preference)."""
    motifs = []
    for word in words:
        counts = np.zeros((4, len(word)))
        for i, base in enumerate(word):
            counts[:, i] = sites / 4 if base == "N" else sites * (np.arange(4) == CODE[base])
        motifs.append(Motif(word, word, counts))
    return MotifLibrary(tuple(motifs))


@pytest.fixture(params=scan.ENGINES)
def engine(request):
    return request.param


def test_both_strands_in_forward_coordinates(engine):
    sequences = {"a": "TTTTGACGTTTTT", "b": "AACGTCAAA"}
    hits = scan.scan(sequences, consensus("TGACG"), 1e-3, EVEN, engine=engine)
    score = 5 * np.log2(100.2 / 100.8 / 0.25)
    assert rows(hits) == [
        ("a", "TGACG", 3, 8, "+", pytest.approx(score)),
        ("b", "TGACG", 2, 7, "-", pytest.approx(score)),
    ]


def test_a_palindrome_is_a_hit_on_both_strands():
    hits = scan.scan({"a": "AACACGTGAA"}, consensus("CACGTG"), 1e-3, EVEN)
    assert [hit[2:5] for hit in rows(hits)] == [(2, 8, "+"), (2, 8, "-")]


def test_order_is_sequence_start_end_motif_strand():
    hits = scan.scan({"z": "GGCACGTGCC", "a": "CACGTG"}, consensus("CACGTG", "GCACGTGC", "ACGT"), 1e-2, EVEN)
    assert [(h[0], h[2], h[1], h[4]) for h in rows(hits)] == [
        *(("z", 1, "GCACGTGC", strand) for strand in "+-"),
        *(("z", 2, "CACGTG", strand) for strand in "+-"),
        *(("z", 3, "ACGT", strand) for strand in "+-"),
        *(("a", 0, "CACGTG", strand) for strand in "+-"),
        *(("a", 1, "ACGT", strand) for strand in "+-"),
    ]


@pytest.mark.parametrize("word", ["A", "AC", "ACG", "ACGG", "ACGGT", "ACGGTC", "ACGGTCA"])
def test_short_motifs_are_found_at_ends_and_before_unknown_bases(word, engine):
    library = consensus(word)
    sequence = "T" * 9 + word + "N" + word + "NN" + word
    hits = scan.scan({"s": sequence, "t": word}, library, 1e-5, EVEN, engine=engine)
    same(hits, by_hand({"s": sequence, "t": word}, library, EVEN, library.thresholds(1e-5, EVEN)))
    ends = hits.loc[(hits["strand"] == "+") & (hits["name"] == "s"), "end"]
    assert {9 + len(word), 10 + 2 * len(word), len(sequence)} <= set(ends)


def test_no_hit_spans_two_sequences(engine):
    sequences = {"a": "TTTTTGA", "b": "CGTTTT", "c": "", "d": "TGACG"}
    hits = scan.scan(sequences, consensus("TGACG"), 1e-3, EVEN, engine=engine)
    assert [hit[0] for hit in rows(hits)] == ["d"]


def test_lower_case_counts_and_other_letters_do_not(engine):
    sequences = {"low": "aatgacgaa", "odd": "TGARG TGACé TGA-CG", "u": "UGACG"}
    hits = scan.scan(sequences, consensus("TGACG"), 1e-3, EVEN, engine=engine)
    assert [hit[:4] for hit in rows(hits)] == [("low", "TGACG", 2, 7)]


@pytest.mark.parametrize(
    "sequences", [{}, {"a": ""}, {"a": "NNNNNNNNNNNN"}, {"a": "ACG"}, {"a": "", "b": "n"}]
)
def test_nothing_to_find(sequences, engine):
    hits = scan.scan(sequences, consensus("TGACG", "TGACGTCATT"), 1e-5, EVEN, engine=engine)
    assert len(hits) == 0
    assert hits["name"].cat.categories.tolist() == list(sequences)
    assert hits["start"].dtype == np.int64


def test_no_motif(engine):
    assert len(scan.scan({"a": "ACGT"}, MotifLibrary(()), 1e-5, EVEN, engine=engine)) == 0


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="one of moods, index"):
        scan.scan({"a": "ACGT"}, consensus("ACG"), 1e-2, EVEN, engine="grep")


def test_given_thresholds_decide():
    library = consensus("TGACG")
    one_off = {"TGACG": 4 * np.log2(100.2 / 100.8 * 4) + np.log2(0.2 / 100.8 * 4) - 1e-6}
    assert len(scan.scan({"a": "TTGATGAAA"}, library, 1e-3, EVEN)) == 0
    assert len(scan.scan({"a": "TTGATGAAA"}, library, 1e-3, EVEN, thresholds=one_off)) == 1


def test_chunks_do_not_show(engine):
    rng = np.random.default_rng(5)
    sequences = {str(i): "".join(rng.choice(list("ACGTN"), rng.integers(0, 40))) for i in range(200)}
    library = consensus("TGAC", "CANNTG", "TGANTCANC")
    whole = scan.scan(sequences, library, 1e-3, EVEN, engine=engine)
    assert len(whole) == 20
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "CHUNK", 50)
        patch.setattr(scan, "INDEX_CHUNK", 500)
        assert scan.scan(sequences, library, 1e-3, EVEN, engine=engine).equals(whole)


letters = st.sampled_from("ACGTACGTACGTACGTacgtNn-")
sequences_strategy = st.lists(st.text(letters, max_size=45), max_size=6).map(
    lambda texts: {f"s{i}": text for i, text in enumerate(texts)}
)


@st.composite
def libraries(draw):
    motifs = []
    for i in range(draw(st.integers(1, 4))):
        length = draw(st.sampled_from([*range(1, 13), 19]))
        column = st.lists(st.sampled_from([0, 0, 1, 3, 20]), min_size=4, max_size=4).filter(any)
        counts = draw(st.lists(column, min_size=length, max_size=length))
        motifs.append(Motif(f"m{i}", f"m{i}", np.array(counts, float).T))
    return MotifLibrary(tuple(motifs))


any_scan = given(
    sequences_strategy,
    libraries(),
    st.sampled_from([0.1, 0.02, 1e-3, 1e-5]),
    st.sampled_from([EVEN, [0.3, 0.2, 0.2, 0.3], [0.1, 0.2, 0.3, 0.4]]),
    st.sampled_from([None, 5, 7, 8]),
)


@settings(max_examples=120, deadline=None)
@any_scan
def test_every_hit_is_found_and_no_other(sequences, library, pvalue, background, window):
    library = library.calibrated(pvalue, background)
    hits = scan.scan(sequences, library, pvalue, background, window=window)
    same(hits, by_hand(sequences, library, background, library.thresholds(pvalue, background)))


@settings(max_examples=120, deadline=None)
@any_scan
def test_every_hit_is_found_by_the_index(sequences, library, pvalue, background, window):
    library = library.calibrated(pvalue, background)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "WORD", (window or 10) - 4)  # so that motifs reach beyond words on either side
        patch.setattr(index, "CHUNK", 3 if window else 8)
        hits = scan.scan(sequences, library, pvalue, background, engine="index")
    same(hits, by_hand(sequences, library, background, library.thresholds(pvalue, background)))


@pytest.mark.parametrize("pvalue", [1e-5, 1e-3])
def test_both_engines_find_the_same_in_many_random_sequences(pvalue):
    rng = np.random.default_rng(7)
    motifs = [
        Motif(f"m{i}", "m", rng.dirichlet([rng.choice([0.1, 0.5])] * 4, rng.integers(4, 32)).T * 100)
        for i in range(40)
    ]
    library = MotifLibrary(tuple(motifs)).calibrated(pvalue, EVEN)
    letters = list("ACGTN")
    sequences = {str(i): "".join(rng.choice(letters, 300, p=[0.2475] * 4 + [0.01])) for i in range(400)}
    first, second = (scan.scan(sequences, library, pvalue, EVEN, engine=name) for name in scan.ENGINES)
    assert len(first) > 100
    assert first.drop(columns="score").equals(second.drop(columns="score"))
    np.testing.assert_allclose(first["score"], second["score"], rtol=0, atol=1e-12)


def test_random_dna_is_hit_as_often_as_the_p_value_says():
    rng = np.random.default_rng(11)
    counts = rng.dirichlet([0.3] * 4, 12).T * 200
    library = MotifLibrary((Motif("m", "m", counts),)).calibrated(1e-3, EVEN)
    sequence = "".join(np.array(list("ACGT"))[rng.integers(0, 4, 500_000)])
    hits = scan.scan({"s": sequence}, library, 1e-3, EVEN)
    expected = library.calibration.attained[0] * 500_000
    assert 0.99e-3 < library.calibration.attained[0] <= 1e-3
    for strand in "+-":
        assert abs((hits["strand"] == strand).sum() - expected) < 5 * np.sqrt(expected)


@pytest.mark.parametrize(("n", "m"), [(10, 1), (10, 3), (2, 5), (0, 4), (7, 7)])
def test_parts_hold_each_peak_once(n, m):
    bounds = [scan.part_bounds(n, f"{i}-of-{m}") for i in range(1, m + 1)]
    assert [row for first, last in bounds for row in range(first, last)] == list(range(n))
