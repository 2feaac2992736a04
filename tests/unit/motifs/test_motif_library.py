"""Motif files, matrices, thresholds."""

import gzip
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib.errors import InputError
from workflow_lib.io import motifs as files
from workflow_lib.motifs import library, pwm

EVEN = [0.25] * 4
JASPAR = """>MA0001.1 FOO::Bar
A [ 8 0 2 ]
C [ 0 0 2 ]
G [ 0 8 2 ]
T [ 0 0 2 ]
>MA0002.1\tJUN(var.2)
A  [1 2]
C  [1 2]
G  [1 2]
T  [1 2.5]
"""
MEME = """MEME version 4

ALPHABET= ACGT

strands: + -

Background letter frequencies
A 0.25 C 0.25 G 0.25 T 0.25

MOTIF MA0001.1 MA0001.1.FOO::Bar
letter-probability matrix: alength= 4 w= 3 nsites= 8 E= 0
 1.0 0.0 0.0 0.0
 0.0 0.0 1.0 0.0
 0.25 0.25 0.25 0.25

URL http://example.org/MA0001.1

MOTIF nameless
letter-probability matrix: alength= 4 w= 1
0.5 0.5 0 0
"""
TRANSFAC = """VV  An example
XX
//
AC  M00001
XX
ID  V$FOO_01
XX
NA  Foo
XX
P0      A      C      G      T
01      8      0      0      0      A
02      0      0      8      0      G
XX
CC tf_family:Jun-related
CC tf_class:Basic leucine zipper factors (bZIP)
XX
//
"""

HOMER = """>TGA\tTGA(bZIP)/mine/Homer\t6.5\t-100.0\t0\tT:9(5%),B:3(1%)
0.001\t0.001\t0.001\t0.997
0.001\t0.001\t0.997\t0.001
0.05\t0.05\t0.85\t0.05

>CA\tCA\t8.1\t-12
0.1\t0.7\t0.1\t0.1
1\t0\t0\t0
"""


def write(folder, text, name="motifs.txt"):
    path = folder / name
    path.write_text(text)
    return path


def word_scores(matrix, background):
    """Scores and probabilities of all words: the oracle."""
    scores, chances = np.zeros(1), np.ones(1)
    for column in matrix.T:
        scores = (scores[:, None] + column).ravel()
        chances = (chances[:, None] * background).ravel()
    return scores, chances


def test_jaspar(tmp_path):
    found = library.read(write(tmp_path, JASPAR))
    assert found.ids == ["MA0001.1", "MA0002.1"]
    first, second = found
    assert (first.name, first.tf_names, first.length) == ("FOO::Bar", ("FOO", "Bar"), 3)
    assert first.counts.tolist() == [[8, 0, 2], [0, 0, 2], [0, 8, 2], [0, 0, 2]]
    assert second.tf_names == ("JUN",)
    assert second.counts[3].tolist() == [1, 2.5]


@pytest.mark.parametrize(
    "rows", ["8 0\n0 0\n0 8\n0 0\n", "A: 8 0\nC: 0 0\nG: 0 8\nT: 0 0\n", "G|0 8\nA|8 0\nT|0 0\nC|0 0"]
)
def test_four_bare_rows_take_the_name_of_the_file(tmp_path, rows):
    (motif,) = library.read(write(tmp_path, rows, "my.factor.pfm"))
    assert (motif.id, motif.counts.tolist()) == ("my", [[8, 0], [0, 0], [0, 8], [0, 0]])


def test_meme_scales_probabilities_to_sites(tmp_path):
    first, second = library.read(write(tmp_path, MEME))
    assert (first.id, first.name) == ("MA0001.1", "FOO::Bar")
    assert first.counts.tolist() == [[8, 0, 2], [0, 0, 2], [0, 8, 2], [0, 0, 2]]
    assert (second.name, second.counts[:, 0].tolist()) == ("nameless", [10, 10, 0, 0])


def test_transfac(tmp_path):
    (motif,) = library.read(write(tmp_path, TRANSFAC))
    assert (motif.id, motif.name, motif.family) == ("M00001", "Foo", "Jun-related")
    assert motif.motif_class == "Basic leucine zipper factors (bZIP)"
    assert motif.counts.tolist() == [[8, 0], [0, 0], [0, 8], [0, 0]]


def test_homer(tmp_path):
    first, second = library.read(write(tmp_path, HOMER))
    assert (first.id, first.name, first.family) == ("TGA(bZIP)/mine/Homer", "TGA", "bZIP")
    assert first.counts[:, 2].tolist() == [1, 1, 17, 1]  # of 20 sites
    assert (second.id, second.name, second.family, second.length) == ("CA", "CA", "", 2)
    assert not first.sites_known


def test_whether_the_number_of_sites_is_known(tmp_path):
    assert [m.sites_known for m in library.read(write(tmp_path, MEME))] == [True, False]
    assert all(m.sites_known for m in library.read(write(tmp_path, JASPAR)))


def test_a_folder_is_one_library(tmp_path):
    for name, text in (("b.jaspar", JASPAR), ("a.homer", HOMER), (".hidden", "nothing")):
        write(tmp_path, text, name)
    assert library.read(tmp_path).ids == ["TGA(bZIP)/mine/Homer", "CA", "MA0001.1", "MA0002.1"]
    write(tmp_path, MEME, "c.meme")
    with pytest.raises(InputError, match=r"c\.meme: motif MA0001\.1 is in .*b\.jaspar too"):
        library.read(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no file"):
        library.read(tmp_path / "empty")


def test_gzip_is_read_whatever_its_name(tmp_path):
    path = tmp_path / "motifs.txt"
    path.write_bytes(gzip.compress(JASPAR.encode()))
    assert len(library.read(path)) == 2


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", 1, "empty"),
        ("chr1\t1\t2\n", 1, "JASPAR, MEME, TRANSFAC, HOMER, CIS-BP"),
        (JASPAR.replace("[ 0 8 2 ]", "[ 0 8 ]"), 4, "row G"),
        (JASPAR.replace("[ 0 8 2 ]", "[ 0 x 2 ]"), 4, "'x' is not a number"),
        (JASPAR.replace("[ 0 8 2 ]", "[ 0 nan 2 ]"), 4, "'nan' is not a number"),
        (JASPAR.replace("[ 0 8 2 ]", "[ 0 -8 2 ]"), 1, "negative"),
        (JASPAR.replace("T  [1 2.5]\n", ""), 6, "3 rows"),
        (JASPAR + "A [ 1 2 ]\n", 11, "row 'A'"),
        (JASPAR.replace("MA0002.1", "MA0001.1"), 6, "already, on line 1"),
        (JASPAR.replace(">MA0002.1\tJUN(var.2)", ">"), 6, "without an identifier"),
        (JASPAR.replace("A [ 8 0 2 ]", "A [ 0 0 2 ]"), 1, "column 1 of motif MA0001.1 is all zero"),
        (MEME.replace("w= 3", "w= 4"), 11, "w=4 but has 3 rows"),
        (MEME.replace(" 0.0 0.0 1.0 0.0", " 0.0 0.0 0.7 0.0"), 13, "sum to 0.7"),
        (MEME.replace(" 0.0 0.0 1.0 0.0", " 0.0 0.0 1.0"), 13, "3 numbers"),
        (MEME.replace("ALPHABET= ACGT", "ALPHABET= ACDEFGHIKLMNPQRSTVWY"), 3, "only DNA"),
        (MEME + "MOTIF last\n", 21, "has no matrix"),
        (TRANSFAC.replace("8      0      G", "8      G"), 12, "'G' is not a number"),
        (TRANSFAC.replace("8      0      G", "8"), 12, "four counts"),
        (TRANSFAC.replace("A      C      G      T", "A      C      G      U"), 10, "A C G T"),
        (HOMER.replace("0.05\t0.05\t0.85\t0.05", "0.05\t0.05\t0.85"), 4, "3 numbers"),
        (HOMER.replace("0.05\t0.05\t0.85\t0.05", "0.05\t0.05\t0.85\t0.5"), 4, "sum to 1.45"),
        (HOMER.replace("8.1\t-12", "high"), 6, "not a HOMER header"),
        (HOMER.replace(">CA\tCA", ">CA\tTGA(bZIP)/mine/Homer"), 6, "already, on line 1"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path, text, line, word):
    path = write(tmp_path, text)
    with pytest.raises(InputError) as error:
        library.read(path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert word in str(error.value)


def test_a_missing_or_binary_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such motif file"):
        library.read(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\x1f\x8b\x00\xff")
    with pytest.raises(InputError, match="binary: cannot be read to its end"):
        library.read(tmp_path / "binary")


def test_library_file_keeps_every_bit(tmp_path):
    rng = np.random.default_rng(0)
    made = library.MotifLibrary(
        tuple(
            files.Motif(
                f"m{i}", f"A{i}::b", rng.gamma(1, 5, (4, 6 + i)), "fam", "cls", "9606", ("syn", "Ö"), i > 2
            )
            for i in range(9)
        )
    ).calibrated(1e-3, [0.3, 0.2, 0.2, 0.3])
    made = replace(made, clusters=tuple(f"m{i // 2}" for i in range(9)))
    library.write(made, tmp_path / "library.json")
    read = library.read(tmp_path / "library.json")
    assert all((a.counts == b.counts).all() for a, b in zip(made, read, strict=True))
    assert [vars(m) | {"counts": 0} for m in made] == [vars(m) | {"counts": 0} for m in read]
    assert read.calibration.score.tolist() == made.calibration.score.tolist()
    assert read.clusters == made.clusters
    assert read.calibrated(1e-3, [0.3, 0.2, 0.2, 0.3]) is read
    assert read.thresholds(1e-2, EVEN) == made.thresholds(1e-2, EVEN)
    (tmp_path / "half.json").write_text((tmp_path / "library.json").read_text()[:500])
    with pytest.raises(InputError, match=r"half\.json:\d+: not a whole motif library"):
        library.read(tmp_path / "half.json")


def test_meme_for_people_reads_back(tmp_path):
    made = library.read(write(tmp_path, JASPAR))
    files.write_meme(tmp_path / "library.meme", made.motifs, EVEN)
    read = library.read(tmp_path / "library.meme")
    assert read.ids == made.ids
    np.testing.assert_allclose(read.motifs[0].counts, made.motifs[0].counts, atol=1e-4)


def test_tables(tmp_path):
    made = library.read(write(tmp_path, JASPAR)).calibrated(1e-3, EVEN)
    table = made.table()
    assert list(table) == [
        *("motif_id", "name", "tf_names", "family", "class", "species", "length"),
        *("information_content", "threshold", "pvalue_attained", "cluster", "reaches_pvalue"),
    ]
    assert table["tf_names"].tolist() == ["FOO;Bar", "JUN"]
    assert table["length"].tolist() == [3, 2]
    assert table["cluster"].isna().all()
    # Three columns of 8, 8 and 8 sites, pseudocount 0.8: two with p = 8.2 / 8.8, one without information.
    p = np.array([8.2, 0.2, 0.2, 0.2]) / 8.8
    assert table["information_content"][0] == pytest.approx(2 * (p * np.log2(p / 0.25)).sum())
    # Too short: the four words AG. are likelier than 0.001, and are the hits.
    assert table["pvalue_attained"][0] == pytest.approx(4 / 64)
    assert table["reaches_pvalue"].tolist() == [False, False]
    factors = made.factors()
    assert list(factors) == ["tf_name", "motif_id", "synonyms", "reaches_pvalue"]
    assert factors[["tf_name", "motif_id"]].to_numpy().tolist() == [
        ["Bar", "MA0001.1"],
        ["FOO", "MA0001.1"],
        ["JUN", "MA0002.1"],
    ]
    assert not factors["reaches_pvalue"].any()
    assert list(library.read(write(tmp_path, JASPAR)).factors()) == ["tf_name", "motif_id", "synonyms"]


def long_and_short():
    """A motif of ten columns, which reaches 1e-5, and one of five, whose best word has p = 4^-5."""
    counts = np.zeros((4, 10))
    counts[0] = 100
    motifs = (files.Motif("short", "s", counts[:, :5]), files.Motif("long", "l", counts))
    return library.MotifLibrary(motifs, clusters=("short", "long")).calibrated(1e-5, EVEN)


def test_short_motifs_are_kept_left_out_or_refused():
    made = long_and_short()
    assert made.calibration.reached.tolist() == [False, True]
    assert made.with_short_motifs("best_word") is made
    assert made.table()["pvalue_attained"].tolist() == pytest.approx([4**-5, 4**-10])
    kept = made.with_short_motifs("exclude")
    assert (kept.ids, kept.clusters) == (["long"], ("long",))
    assert kept.thresholds(1e-5, EVEN) == {"long": made.calibration.score[1]}
    assert made.without(kept)[["motif_id", "length"]].values.tolist() == [["short", 5]]
    assert made.without(made).empty
    assert kept.with_short_motifs("error") is kept
    with pytest.raises(InputError, match=r"1 of 2 motifs are too short to reach .* 1e-05: short; raise"):
        made.with_short_motifs("error")
    with pytest.raises(InputError, match="leaves none of 1 motifs"):
        library.MotifLibrary(made.motifs[:1]).calibrated(1e-5, EVEN).with_short_motifs("exclude")
    with pytest.raises(ValueError, match="best_word, exclude, error"):
        made.with_short_motifs("drop")


def test_a_p_value_that_is_just_reached_is_reached():
    counts = np.zeros((4, 10))
    counts[0] = 100
    made = library.MotifLibrary((files.Motif("m", "m", counts),)).calibrated(4.0**-10, EVEN)
    assert made.calibration.reached.tolist() == [True]


def test_factors_are_found_in_any_case(tmp_path):
    made = library.read(write(tmp_path, JASPAR))
    assert made.find_factor("bAR") == ["MA0001.1"]
    assert made.find_factor("foo::bar") == ["MA0001.1"]
    assert made.find_factor("Fo") == []


def test_repeated_identifiers_are_refused():
    motif = files.Motif("a", "a", np.ones((4, 3)))
    with pytest.raises(ValueError, match="unique"):
        library.MotifLibrary((motif, motif))


def test_weights():
    counts = np.array([[9.0, 0], [0, 0], [1, 5], [0, 5]])
    expected = np.log2((9 + 0.8 * 0.3) / 10.8 / 0.3)
    assert pwm.weights(counts, [0.3, 0.2, 0.2, 0.3])[0, 0] == pytest.approx(expected, abs=1e-15)
    assert pwm.weights(counts, EVEN)[0, 1] == pytest.approx(np.log2(0.2 / 10.8 / 0.25), abs=1e-15)


@pytest.mark.parametrize(
    "background", [[0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0], [0.5, 0.5], [0.7, 0.5, -0.1, -0.1]]
)
def test_a_background_that_is_none_is_refused(background):
    with pytest.raises(ValueError, match="background"):
        pwm.check_background(background)


def test_threshold_of_a_clear_case():
    # Score 1 for A, else 0, ten columns, even background: P(score >= 10) = 4^-10, P(>= 9) = 31 * 4^-10.
    matrix = np.zeros((4, 10))
    matrix[0] = 1
    assert pwm.threshold(matrix, EVEN, 31 * 4**-10) == pytest.approx((9, 31 * 4**-10))
    assert pwm.threshold(matrix, EVEN, 30.99 * 4**-10) == pytest.approx((10, 4**-10))
    assert pwm.threshold(matrix, EVEN, 1e-9) == pytest.approx((10, 4**-10))


def test_threshold_of_a_matrix_that_says_nothing():
    assert pwm.threshold(np.zeros((4, 12)), EVEN, 1e-5) == pytest.approx((0, 1), abs=1e-9)
    assert pwm.threshold(np.zeros((4, 40)), EVEN, 1e-5) == pytest.approx((0, 1), abs=1e-9)


def test_long_matrix_with_one_best_word_too_likely():
    matrix = np.zeros((4, 20))
    matrix[0, :5] = 1
    assert pwm.threshold(matrix, EVEN, 1e-5) == pytest.approx((5, 4**-5))


@st.composite
def cases(draw, longest=8):
    length = draw(st.integers(1, longest))
    # Few sites, so that many words tie; or many, so that few do.
    counts = draw(
        st.lists(
            st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 7, 150, 152.5]), min_size=4, max_size=4).filter(any),
            min_size=length,
            max_size=length,
        )
    )
    background = draw(st.sampled_from([EVEN, [0.3, 0.2, 0.2, 0.3], [0.1, 0.4, 0.35, 0.15]]))
    return (
        pwm.weights(np.array(counts, float).T, background),
        np.array(background),
        draw(st.sampled_from([1e-6, 1e-5, 1e-4, 1e-3, 4.0**-5, 0.01, 0.1, 0.4])),
    )


@settings(max_examples=300, deadline=None)
@given(cases())
def test_thresholds_are_exact(case):
    matrix, background, pvalue = case
    threshold, attained = pwm.threshold(matrix, background, pvalue)
    scores, chances = word_scores(matrix, background)
    hit = scores >= threshold
    assert chances[hit].sum() == pytest.approx(attained, rel=1e-9)
    assert scores[hit].min() - threshold < pwm.SAME
    if attained > pvalue * (1 + 1e-6):
        assert scores[hit].min() == pytest.approx(scores.max(), abs=1e-9)  # too short: its best word
    elif not hit.all():
        runner_up = scores[~hit].max()
        assert chances[scores > runner_up - 1e-9].sum() > pvalue


@settings(max_examples=100, deadline=None)
@given(cases(10))
def test_the_grid_is_safe_and_close(case):
    matrix, background, pvalue = case
    exact, _ = pwm.threshold(matrix, background, pvalue)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pwm, "EXACT_WORDS", 0)
        threshold, bound = pwm.threshold(matrix, background, pvalue)
    scores, chances = word_scores(matrix, background)
    attained = chances[scores >= threshold].sum()
    best = chances[scores > scores.max() - 1e-9].sum()
    assert attained <= max(pvalue, best) * (1 + 1e-9)
    assert attained <= bound * (1 + 1e-9)
    # No word more than FINE bits above the exact threshold is lost.
    assert (scores[scores >= exact + pwm.FINE] >= threshold).all()


def test_grid_and_exact_agree_on_a_long_motif():
    rng = np.random.default_rng(3)
    matrix = pwm.weights(rng.dirichlet([0.4] * 4, 14).T * 500, EVEN)
    exact, attained = pwm.threshold(matrix, EVEN, 1e-5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pwm, "EXACT_WORDS", 0)
        grid, bound = pwm.threshold(matrix, EVEN, 1e-5)
    assert exact - 1e-9 < grid < exact + pwm.FINE
    assert 0.99e-5 < attained <= 1e-5
    assert 0.99e-5 < bound <= 1e-5


def test_jaspar_release():
    found = library.from_jaspar("JASPAR2024", "CORE", "fungi")
    assert len(found) == 178
    assert found.ids == sorted(found.ids)
    motif = found["MA0265.3"]
    assert (motif.name, motif.family, motif.species) == ("ABF1", "Tal-related", "4932")
    assert motif.counts[:, 0].tolist() == [69, 72, 10, 276]
    both = library.from_jaspar("JASPAR2024", "CORE", ["Fungi", "nematodes"])
    assert set(found.ids) < set(both.ids)


@pytest.mark.parametrize("year", range(2014, 2027, 2))
def test_every_release_is_read_in_its_newest_versions(year):
    found = library.from_jaspar(f"JASPAR{year}", "CORE", "nematodes")
    assert len(found) >= 15
    bases = [motif_id.partition(".")[0] for motif_id in found.ids]
    assert len(set(bases)) == len(bases)
    assert "6239" in {motif.species for motif in found}


def test_species_by_name_or_number():
    yeast = library.from_jaspar("JASPAR2024", "CORE", "fungi", "saccharomyces cerevisiae")
    assert 100 < len(yeast) < 178
    assert {motif.species for motif in yeast} == {"4932"}
    assert library.from_jaspar("JASPAR2024", "CORE", None, [4932]).ids == yeast.ids
    with pytest.raises(InputError, match="no matrix of tax_group fungi and species 9606; set one"):
        library.from_jaspar("JASPAR2024", "CORE", "fungi", 9606)


def test_synonyms_are_those_of_any_version_of_a_matrix():
    found = library.from_jaspar("JASPAR2024", "CORE", "vertebrates", 9606)
    assert found["MA0106.3"].synonyms == ("p53", "LFS1")  # noted with the first version
    assert found.find_factor("P53") == ["MA0106.3"]
    factors = found.factors().set_index("motif_id")
    assert factors.loc["MA0106.3", "synonyms"] == "p53;LFS1"
    names = [name for motif in found for name in motif.synonyms]
    assert not any(name.isdigit() or name == "-" for name in names)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"species": "dodo"}, r"species: JASPAR has no 'dodo'; it has .*Homo sapiens \(9606\)"),
        ({"release": "JASPAR1999"}, "release: JASPAR has no 'JASPAR1999'; it has JASPAR2014"),
        ({"collection": "HOME"}, "collection: JASPAR has no 'HOME'; it has CORE, UNVALIDATED"),
        ({"tax_group": ["fungi", "bananas"]}, "tax_group: JASPAR has no 'bananas'; it has .*vertebrates"),
    ],
)
def test_unknown_jaspar_choices_name_the_known(wrong, words):
    with pytest.raises(InputError, match=words):
        library.from_jaspar(**({"release": "JASPAR2024"} | wrong))
