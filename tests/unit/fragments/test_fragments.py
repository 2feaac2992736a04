"""Cut sites from BAM files: geometry, filters, storage."""

import gzip

import numpy as np
import pysam
import pytest

from workflow_lib.errors import InputError
from workflow_lib.fragments import store as fragments
from workflow_lib.fragments.pairing import Locations
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.io import bam as bam_files

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
    with pytest.raises(InputError, match=r"short\.bam: is cut short"):
        fragments.from_bam(tmp_path / "short.bam")


def test_what_is_no_bam_is_an_error(tmp_path):
    (tmp_path / "text.bam").write_text("not a BAM\n")
    with pytest.raises(InputError, match=r"text\.bam: is not a BAM"):
        fragments.from_bam(tmp_path / "text.bam")


def test_a_damaged_store_is_an_error(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"\x89HDF nonsense")
    with pytest.raises(InputError, match="not a whole HDF5 file"):
        FragmentStore.read(tmp_path / "a.h5")


def test_every_field_is_that_of_pysam_whatever_the_records_look_like(tmp_path, monkeypatch):
    rng = np.random.default_rng(5)
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": n, "LN": 10**6} for n in ("a", "b")]}
    cigars = ["40M", "5S30M5S", "10M2D30M", "3H20M1000N10M", "15M5I20M", "38M2S", "10=1X29="]
    path = tmp_path / "mixed.bam"
    with pysam.AlignmentFile(path, "wb", header=header) as out:
        for i in range(6000):
            read = pysam.AlignedSegment(out.header)
            read.query_name = "r" * int(rng.integers(1, 200)) + str(i)
            read.flag = int(rng.choice([0, 16, 99, 147, 83, 163, 4, 256, 2064, 1171]))
            read.reference_id, read.reference_start = i // 4000, i
            read.mapping_quality = int(rng.integers(0, 61))
            if not read.flag & 4:
                read.cigarstring = str(rng.choice(cigars))
            read.query_sequence = (
                "ACGTN" * int(rng.integers(1, 60))
                if read.flag & 4
                else "A" * sum(n for op, n in read.cigartuples if op in (0, 1, 4, 7, 8))
            )
            if read.flag & 1:
                read.next_reference_id = read.reference_id
                read.next_reference_start = int(rng.integers(0, 9000))
                read.template_length = int(rng.integers(-500, 500))
            read.set_tag("XX", "x" * int(rng.integers(0, 300)))
            out.write(read)
    expected, names, n_reads = [], [], 0
    with pysam.AlignmentFile(path) as whole:
        for read in whole.fetch(until_eof=True):
            n_reads += not (read.is_secondary or read.is_supplementary)
            if read.is_secondary or read.is_supplementary or read.is_unmapped:
                continue
            first, last = read.cigartuples[0], read.cigartuples[-1]
            clip = last if read.is_reverse else first
            expected.append(
                (
                    read.reference_id,
                    read.flag,
                    read.mapping_quality,
                    read.reference_start,
                    read.next_reference_id,
                    read.next_reference_start,
                    read.reference_end - 1 if read.is_reverse else read.reference_start,
                    clip[1] if clip[0] in (4, 5) else 0,
                    read.query_length,
                )
            )
            names.append(read.query_name)
    columns = (
        *("contig", "flag", "mapq", "position", "mate_contig", "mate_position", "five_prime", "clipped"),
        "length",
    )
    for chunk, lane, threads in ((1 << 24, 1 << 14, 1), (1 << 16, 1 << 12, 2), (5000, 1 << 20, 1)):
        monkeypatch.setattr(bam_files, "CHUNK_BYTES", chunk)
        monkeypatch.setattr(bam_files, "LANE_BYTES", lane)
        parts = list(bam_files.read_alignments(path, threads))
        found = np.column_stack([np.concatenate([getattr(part, name) for part in parts]) for name in columns])
        np.testing.assert_array_equal(found, np.array(expected))
        assert sum(part.n_reads for part in parts) == n_reads
        assert sum(part.n_records for part in parts) == 6000
        hashes = zip(
            *(np.concatenate([part.name[i] for part in parts]).tolist() for i in (0, 1)), strict=True
        )
        of_name = {}
        for name, found_hashes in zip(names, hashes, strict=True):
            assert of_name.setdefault(name, found_hashes) == found_hashes
        assert len(set(of_name.values())) == len(of_name)


def test_hashes_of_names_are_as_different_as_the_names():
    rng = np.random.default_rng(2)
    lanes = rng.integers(0, 10**5, (300_000, 2))
    names = {f"A00123:45:HXY2DSX:1:1101:{x}:{y}".encode() for x, y in lanes}
    names |= {b"%d" % i for i in range(300_000)} | {b"x" * i for i in range(1, 255)}
    size = np.array([len(name) for name in names])
    letters = np.frombuffer(b"".join(name.ljust(256, b"?") for name in names), np.uint64).reshape(-1, 32)
    for i, hashes in enumerate(bam_files.name_hashes(letters, size)):
        assert len(np.unique(hashes)) == len(names), i
        # the upper bits alone are as good as random: so many meetings are expected, give or take
        n_met = len(names) - len(np.unique(hashes >> np.uint64(28)))
        expected = len(names) ** 2 / 2 ** (36 + 1)
        assert abs(n_met - expected) < 6 * expected**0.5 + 5, i


def test_wrong_guesses_of_where_records_begin_do_no_harm(tmp_path, monkeypatch):
    reads = [read for i in range(2000) for read in pair(f"r{i}", "chr1", i % 800, 120)]
    path = write_bam(tmp_path / "a.bam", reads)
    expected = fragments.from_bam(path, tn5_shift=(4, -4))
    wrong = lambda buffer, n_contigs: np.array([0, 1000, len(buffer) // 2])  # noqa: E731
    monkeypatch.setattr(bam_files, "_guesses", wrong)
    found = fragments.from_bam(path, tn5_shift=(4, -4))
    np.testing.assert_array_equal(found.cuts("chr1"), expected.cuts("chr1"))


@pytest.mark.parametrize("threads", [1, 2])
def test_a_corrupt_block_is_an_error(tmp_path, threads):
    rng = np.random.default_rng(0)
    reads = [read for i in range(3000) for read in pair(f"r{i}", "chr1", int(rng.integers(0, 800)), 120)]
    content = bytearray(write_bam(tmp_path / "bad.bam", reads).read_bytes())
    content[len(content) // 2 : len(content) // 2 + 50] = bytes(50)
    (tmp_path / "bad.bam").write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.bam: not a readable BAM"):
        fragments.from_bam(tmp_path / "bad.bam", threads=threads)


def test_locations_are_counted_before_duplicates_are_removed(tmp_path):
    reads = [
        *pair("once", "chr1", 10, 100),
        *pair("twice", "chr1", 20, 100),
        *pair("twin", "chr1", 20, 100, extra=0x400),
        *(read for i in range(3) for read in pair(f"thrice{i}", "chr1", 20, 150, extra=0x400 * (i > 0))),
        *pair("low", "chr1", 300, 100, mapq=(3, 3)),
    ]
    store = fragments.from_bam(write_bam(tmp_path / "a.bam", reads), tn5_shift=(4, -4))
    assert store.locations == {"chr1": Locations(total=6, distinct=3, once=1, twice=1)}
    assert store.n_fragments() == 3
    store.write(tmp_path / "a.h5")
    assert FragmentStore.read(tmp_path / "a.h5").locations == store.locations


def test_lengths_are_those_of_the_sequenced_templates(tmp_path):
    path = write_bam(tmp_path / "a.bam", pair("a", "chr1", 100, 109) + pair("b", "chr1", 100, 300))
    for shift in ((4, -4), (4, -5)):
        assert fragments.from_bam(path, tn5_shift=shift).lengths("chr1").tolist() == [109, 300]


TEN_X = "# comment\nchr1\t104\t204\tAAAC\t1\nchr1\t104\t204\tAAAG\t3\nchr2\t14\t100\tAAAC\t2\n"


def test_fragments_of_10x_bring_their_own_duplicates(tmp_path):
    path = tmp_path / "s.tsv.gz"
    path.write_bytes(gzip.compress(TEN_X.encode()))
    # +4/-5 was done: [104, 204) is an event centred at 104 and one whose centre 204 is one base on
    store = fragments.from_file(path, tn5_shift=(0, 0), contigs=CONTIGS)
    assert store.cuts("chr1").tolist() == [104, 104, 203, 203]
    assert (store.n_fragments(), store.n_reads, store.n_duplicates) == (3, 12, 6)
    assert store.locations["chr1"] == Locations(4, 2, 1, 0)
    assert store.contigs == CONTIGS


@pytest.mark.parametrize(
    "line", ["chr1\t100\t209\n", "chr1\t100\t150\tchr1\t160\t209\tname\t42\t+\t-\n", "chr1\t100\t209\tAAAC\n"]
)
def test_the_forms_of_bedpe_mean_the_same(tmp_path, line):
    path = tmp_path / "s.bedpe"
    path.write_text(line)
    store = fragments.from_file(path, tn5_shift=(4, -4), contigs=CONTIGS)
    assert store.cuts("chr1").tolist() == [104, 204]
    assert store.n_duplicates is None
    assert store.locations == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no fragment"),
        ("chr1\t5\n", "has 2 columns"),
        ("chr1\t5\tx\n", "column 3 of fragment 1 is 'x'"),
        ("chr1\t5\t5\n", "does not end after its start"),
        ("chr9\t5\t50\n", "contig chr9 is not in the genome"),
        ("chr2\t5\t501\n", "past the end of chr2"),
    ],
)
def test_bad_fragment_files_are_refused_in_a_sentence(tmp_path, text, words):
    (tmp_path / "s.bed").write_text(text)
    with pytest.raises(InputError, match=words):
        fragments.from_file(tmp_path / "s.bed", contigs=CONTIGS)


def test_a_fragment_file_that_is_cut_short_is_an_error(tmp_path):
    rng = np.random.default_rng(1)
    lines = "".join(f"chr1\t{i}\t{i + 90}\n" for i in rng.integers(0, 900, 5000))
    content = gzip.compress(lines.encode())
    (tmp_path / "s.tsv.gz").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="cannot be read to its end"):
        fragments.from_file(tmp_path / "s.tsv.gz")


@pytest.mark.parametrize("paired", [True, False])
def test_ends_of_a_window_are_those_of_the_contig(paired):
    rng = np.random.default_rng(4)
    plus = np.sort(rng.integers(0, 50_000, 2000)).astype(np.int32)
    minus = plus + rng.integers(20, 900, 2000).astype(np.int32)
    alone = {"chr1": np.sort(rng.integers(0, 50_000, 100)).astype(np.int32)} if paired else {}
    store = FragmentStore(
        contigs={"chr1": 60_000}, paired=paired, tn5_shift=(4, -4), tn5_evidence="", n_reads=0, n_mapped=0,
        n_duplicates=0, mapped_per_contig={}, plus={"chr1": plus}, single_minus=alone,
        minus={"chr1": minus if paired else np.sort(minus)},
    )  # fmt: skip
    for start, end in ((0, 60_000), (20_000, 30_000), (49_990, 50_000), (59_000, 60_000)):
        for whole, part in zip(store.ends("chr1"), store.ends("chr1", (start, end)), strict=True):
            inside = [np.sort(each[(each >= start) & (each < end)]) for each in (whole, part)]
            np.testing.assert_array_equal(*inside)
    assert [len(each) for each in store.ends("chr2", (0, 10))] == [0, 0]
