"""Cut sites from BAM files: geometry, filters, storage."""

import numpy as np
import pysam
import pytest

from workflow_lib import fragments
from workflow_lib.errors import InputError
from workflow_lib.fragments import FragmentStore

CONTIGS = {"chr1": 1000, "chr2": 500, "chrM": 300}


def write_bam(path, reads):
    """A sorted BAM of (name, flag, contig, start, length of alignment, mate start, template length, mapq)."""
    header = {"SQ": [{"SN": name, "LN": length} for name, length in CONTIGS.items()]}
    with pysam.AlignmentFile(path, "wb", header=header) as out:
        for name, flag, contig, start, span, mate, template, mapq in sorted(
            reads, key=lambda read: (list(CONTIGS).index(read[2]), read[3])
        ):
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.flag, read.mapping_quality = name, flag, mapq
            read.reference_name, read.reference_start = contig, start
            read.cigartuples = [(0, span)]
            read.query_sequence = "A" * span
            if flag & 1:
                read.next_reference_name, read.next_reference_start = contig, mate
                read.template_length = template
            out.write(read)
    pysam.index(str(path))
    return path


def pair(name, contig, start, length, *, span=20, mapq=(42, 42), extra=0):
    """Both reads of a proper pair whose template covers [start, start + length)."""
    right = start + length - span
    return [
        (name, 99 | extra, contig, start, span, right, length, mapq[0]),
        (name, 147 | extra, contig, right, span, start, -length, mapq[1]),
    ]


def test_both_cuts_of_a_fragment_lie_at_the_centres_of_their_transposition_events(tmp_path):
    # Events copy [100, 109) and [200, 209): the plus read starts at 100, the minus read's 5' base is 208.
    bam = write_bam(tmp_path / "a.bam", pair("f", "chr1", 100, 109))
    store = fragments.from_bam(bam, tn5_shift=(4, -4))
    assert store.cuts("chr1").tolist() == [104, 204]
    assert [end.tolist() for end in store.fragments("chr1")] == [[104], [204]]


def test_the_encode_shift_moves_the_minus_strand_by_five(tmp_path):
    bam = write_bam(tmp_path / "a.bam", pair("f", "chr1", 100, 109))
    assert fragments.from_bam(bam, tn5_shift=(4, -5)).cuts("chr1").tolist() == [104, 203]
    assert fragments.from_bam(bam, tn5_shift=(0, 0)).cuts("chr1").tolist() == [100, 208]


def test_single_end_reads_cut_at_their_own_five_prime_ends(tmp_path):
    reads = [("a", 0, "chr1", 100, 30, 0, 0, 42), ("b", 16, "chr1", 179, 30, 0, 0, 42)]
    store = fragments.from_bam(write_bam(tmp_path / "a.bam", reads), tn5_shift=(4, -4))
    assert not store.paired
    assert store.cuts("chr1").tolist() == [104, 204]
    assert store.n_fragments() == 2
    with pytest.raises(ValueError, match="single-end"):
        store.fragments("chr1")


def test_filters_drop_reads_and_their_mates_but_not_from_the_totals(tmp_path):
    reads = [
        *pair("kept", "chr1", 100, 150),
        *pair("twin", "chr1", 100, 150),
        *pair("duplicate", "chr1", 300, 150, extra=0x400),
        *pair("one mate low", "chr1", 500, 150, mapq=(42, 10)),
        *pair("mitochondrial", "chrM", 50, 120),
        ("improper", 1 | 64, "chr2", 10, 20, 200, 0, 42),
        ("unmapped mate", 1 | 8 | 64, "chr2", 10, 20, 10, 0, 42),
        ("secondary", 256, "chr2", 10, 20, 0, 0, 42),
    ]
    store = fragments.from_bam(write_bam(tmp_path / "a.bam", reads), tn5_shift=(4, -4))
    assert store.cuts("chr1").tolist() == [104, 104, 245, 245]
    assert store.cuts("chrM").tolist() == [54, 165]
    assert store.cuts("chr2").tolist() == []
    assert store.n_fragments() == 3
    assert store.n_fragments(["chr1"]) == 2
    assert (store.n_reads, store.n_mapped, store.n_duplicates) == (12, 12, 2)
    assert store.mapped_per_contig == {"chr1": 8, "chr2": 2, "chrM": 2}


def test_cuts_never_leave_the_contig(tmp_path):
    bam = write_bam(tmp_path / "a.bam", pair("f", "chr2", 497, 3, span=3))
    assert fragments.from_bam(bam, tn5_shift=(4, -4)).cuts("chr2").tolist() == [495, 499]


def test_a_store_survives_its_file(tmp_path):
    bam = write_bam(tmp_path / "a.bam", pair("a", "chr1", 100, 150) + pair("b", "chrM", 7, 90))
    store = fragments.from_bam(bam, tn5_shift=(4, -4))
    store.write(tmp_path / "a.h5")
    again = FragmentStore.read(tmp_path / "a.h5")
    for contig in CONTIGS:
        np.testing.assert_array_equal(again.cuts(contig), store.cuts(contig))
    assert again.contigs == CONTIGS
    assert (again.n_reads, again.tn5_shift, again.paired) == (4, (4, -4), True)
    assert list(FragmentStore.read(tmp_path / "a.h5", contigs={"chrM"}).plus) == ["chrM"]


def test_the_same_bam_gives_the_same_bytes(tmp_path):
    bam = write_bam(tmp_path / "a.bam", pair("a", "chr1", 100, 150))
    for name in ("one.h5", "two.h5"):
        fragments.from_bam(bam, tn5_shift=(4, -4)).write(tmp_path / name)
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.h5").read_bytes()


def test_nothing_left_after_the_filters_is_an_error_that_names_the_file(tmp_path):
    bam = write_bam(tmp_path / "poor.bam", pair("a", "chr1", 100, 150, mapq=(3, 3)))
    with pytest.raises(InputError, match=r"poor\.bam: of 2 reads, no properly paired reads pass"):
        fragments.from_bam(bam)


def test_a_bam_that_is_cut_short_is_an_error(tmp_path):
    rng = np.random.default_rng(0)
    reads = [read for i in range(3000) for read in pair(f"r{i}", "chr1", int(rng.integers(0, 800)), 120)]
    whole = write_bam(tmp_path / "whole.bam", reads).read_bytes()
    (tmp_path / "short.bam").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"short\.bam: not a readable BAM"):
        fragments.from_bam(tmp_path / "short.bam")


def test_what_is_no_bam_is_an_error(tmp_path):
    (tmp_path / "text.bam").write_text("not a BAM\n")
    with pytest.raises(InputError, match=r"text\.bam: not a readable BAM"):
        fragments.from_bam(tmp_path / "text.bam")


def test_a_damaged_store_is_an_error(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"\x89HDF nonsense")
    with pytest.raises(InputError, match="not a whole HDF5 file"):
        FragmentStore.read(tmp_path / "a.h5")
