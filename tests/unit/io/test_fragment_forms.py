"""Fragment files of today: which column counts read pairs, and which is a score."""

import pytest

from workflow_lib.errors import InputError
from workflow_lib.io import fragment_files

COUNTS = [1, 2, 3, 1, 1, 5, 1, 1]


@pytest.fixture
def read(tmp_path):
    def of_rows(rows, name="x.tsv", head=""):
        path = tmp_path / name
        lines = (["chr1", str(100 + i), str(190 + 7 * i), *map(str, row)] for i, row in enumerate(rows))
        path.write_text(head + "".join("\t".join(line) + "\n" for line in lines))
        return fragment_files.read(path)

    return of_rows


@pytest.mark.parametrize(
    "row",
    [
        lambda n: ("AAACGAAAGACGTCAG-1", n),
        lambda n: ("AAACGAAAGACGTCAG-1", n, "+"),  # Cell Ranger ATAC 2.2 and later
        lambda n: ("S1#AAACGAAAGACGTCAG-1", n),  # ArchR
        lambda n: ("S1#AAACGAAAGACGTCAG-1" if n > 1 else "AAACGAAAGACGTCAG-1", n),
        lambda n: ("bulk", n),
        lambda n: ("patient_7", n, "."),
    ],
)
def test_counts_of_read_pairs_are_kept(read, row):
    found = read([row(n) for n in COUNTS], head="# id=x\n# description=y\n")
    assert found.has_counts
    assert found.fragments["count"].tolist() == COUNTS


def test_pairs_that_all_have_duplicates_are_counts_where_barcodes_say_so(read):
    assert read([("ACGTACGTACGT", 7)] * 5).fragments["count"].tolist() == [7] * 5


@pytest.mark.parametrize(
    "row", [("read{}", 42), ("N", 60, "+"), (".", 0, "-"), ("read{}", 255, "."), ("ACGTACGT", 0)]
)
def test_scores_of_a_bed_are_no_counts(read, row):
    found = read([(str(row[0]).format(i), *row[1:]) for i in range(8)], "x.bed")
    assert found.has_scores
    assert not found.has_counts
    assert found.fragments["count"].tolist() == [1] * 8
    assert found.fragments["start"].tolist() == list(range(100, 108))


def test_two_ends_of_a_pair_are_one_fragment(read):
    found = read([("chr1", 300, 350, "name", 60, "+", "-"), ("chr2", 300, 350, "name", 60, "+", "-")])
    assert found.fragments[["start", "end"]].to_numpy().tolist() == [[100, 350]]


@pytest.mark.parametrize(
    ("row", "said"), [(("r{}/2", 60, "-"), "names end in /1 and /2"), (("N", 1000, "+"), "is a tagAlign")]
)
def test_beds_of_reads_are_refused(read, row, said):
    with pytest.raises(InputError, match=said):
        read([(str(row[0]).format(i), *row[1:]) for i in range(8)], "x.bed")
