"""Motif files of other programs give the same counts, however written; Biopython reads them alike."""

import io

import numpy as np
import pytest
from Bio import motifs as biopython

from workflow_lib.errors import InputError
from workflow_lib.io import motifs as files
from workflow_lib.motifs import library, scan

GATA = np.array([[2, 96, 1, 94], [1, 1, 1, 2], [95, 1, 2, 2], [2, 2, 96, 2]])
"""A, C, G, T of four positions, each of a hundred sites or so."""
SHARES = [
    [0.065, 0.021, 0.324, 0.590],
    [0.011, 0.001, 0.966, 0.022],
    [1.000, 0.000, 0.000, 0.000],
    [0.000, 1.000, 0.000, 0.000],
    [0.352, 0.149, 0.120, 0.379],
]


@pytest.fixture
def read(tmp_path):
    def of_text(text, name="x.txt"):
        path = tmp_path / name
        path.write_text(text)
        return files.read_motifs(path)

    return of_text


def text_of(matrix, separator="\t", numbered=False, after=""):
    rows = ([f"{i:02d}"] * numbered + [f"{value:g}" for value in row] for i, row in enumerate(matrix, 1))
    return "".join(separator.join(row) + after + "\n" for row in rows)


def test_four_by_four_is_read_as_the_sums_say(read):
    for matrix in (GATA, GATA.T):
        (motif,) = read(">GATA\n" + text_of(matrix))
        np.testing.assert_array_equal(motif.counts, GATA)


def test_one_motif_that_is_not_square_decides_for_the_file(read):
    square = np.array([[10, 0, 0, 10], [0, 10, 10, 0], [10, 0, 10, 0], [0, 10, 0, 10]])
    positions = read(">A\n" + text_of(square) + ">B\n" + text_of(np.vstack([square, square])))
    np.testing.assert_array_equal(positions[0].counts, square.T)
    bases = read(">A\n" + text_of(square) + ">B\n" + text_of(np.hstack([square, square])))
    np.testing.assert_array_equal(bases[0].counts, square)


FORMS = {
    "pfm-four-columns": ">ONE\n" + text_of(SHARES),
    "clusterbuster": ">ONE\n# WEIGHT 2.7\n" + text_of(SHARES, " "),
    "pfm-four-rows": ">ONE\n" + text_of(np.transpose(SHARES)),
    "transfac": "ID  ONE\nP0      A      C      G      T\n" + text_of(SHARES, "  ", True, "  N") + "XX\n//\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_shares_count_as_twenty_sites_in_every_form_as_biopython_reads_them(read, form):
    (motif,) = read(FORMS[form])
    assert not motif.sites_known
    (theirs,) = biopython.parse(io.StringIO(FORMS[form]), form)
    np.testing.assert_allclose(motif.counts, [[20 * v for v in theirs.counts[base]] for base in "ACGT"])


OTHERS = {
    "CIS-BP": ("Pos\tA\tC\tG\tT\n" + text_of(SHARES, numbered=True), "M0001_2.00.txt", "M0001_2.00"),
    "STAMP": ("DE\tONE\n" + text_of(SHARES, numbered=True, after="\tN") + "XX\n", "x", "ONE"),
    "SwissRegulon": (
        "//\nNA ONE\nPO A C G T cons inf\n" + text_of(SHARES, " ", True, " N 1.5") + "//\n",
        "x",
        "ONE",
    ),
    "UniPROBE": (
        "Protein: ONE\tSeed k-mer: ACG\tEnrichment Score: 0.49\n"
        + "".join(f"{b}:\t{text_of([row])}" for b, row in zip("ACGT", np.transpose(SHARES), strict=True)),
        "x",
        "ONE",
    ),
    "HOCOMOCO": (">CTCF.H12CORE.0.P.B\n" + text_of(SHARES), "x.pfm", "CTCF.H12CORE.0.P.B"),
    "a bare table": (text_of(SHARES), "one.pfm", "one"),
}


@pytest.mark.parametrize("form", OTHERS)
def test_the_same_matrix_in_other_forms(read, form):
    text, name, identifier = OTHERS[form]
    (motif,) = read(text, name)
    assert motif.id == identifier
    assert not motif.sites_known
    np.testing.assert_allclose(motif.counts, 20 * np.transpose(SHARES))


def test_a_file_of_cisbp_names_factor_family_and_species(read):
    text = "TF\tT1\nTF Name\tHes1\nMotif\tM1_2.00\nFamily\tbHLH\nSpecies\tMus_musculus\nPos\tA\tC\tG\tT\n"
    one, two = read(
        text + text_of(SHARES, numbered=True) + "\n" + text.replace("M1", "M2") + "1\t1\t0\t0\t0\n"
    )
    assert (one.id, one.name, one.family, one.species) == ("M1_2.00", "Hes1", "bHLH", "Mus musculus")
    assert (two.id, two.length) == ("M2_2.00", 1)


def test_shares_give_the_same_hits_in_every_form(tmp_path):
    sequence = "".join(np.random.default_rng(1).choice(list("ACGT"), 20_000))
    background = [0.25] * 4
    found = []
    for text in (FORMS["transfac"], FORMS["pfm-four-columns"], FORMS["pfm-four-rows"]):
        path = tmp_path / "x.txt"
        path.write_text(text)
        motifs = library.read(path).calibrated(1e-2, background)
        hits = scan.scan({"s": sequence}, motifs, 1e-2, background)
        found.append(sorted(zip(hits["start"], hits["strand"].astype(str), strict=True)))
    assert len(found[0]) > 50
    assert found[0] == found[1] == found[2]


def test_without_any_way_to_tell_rows_from_columns_it_is_refused(read):
    with pytest.raises(InputError, match=r"rows may be bases or positions.*begin the row of each base"):
        read(">A\n" + text_of(np.full((4, 4), 25)))
