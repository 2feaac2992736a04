"""What becomes of duplicates: no cut of theirs counts, and complexity is counted with them."""

import pysam
import pytest

from workflow_lib import fragments
from workflow_lib.fragments import quality

CONTIGS = {"chr1": 100_000, "chr2": 50_000, "chrM": 10_000}
DUPLICATE = 0x400


def write_bam(path, reads):
    """A sorted BAM of (flag, contig, start, aligned length, start of the mate, length of the template)."""
    header = {"SQ": [{"SN": name, "LN": length} for name, length in CONTIGS.items()]}
    order = list(CONTIGS)
    with pysam.AlignmentFile(path, "wb", header=header) as out:
        for number, (flag, contig, start, span, mate, template) in enumerate(
            sorted(reads, key=lambda read: (order.index(read[1]), read[2]))
        ):
            read = pysam.AlignedSegment(out.header)
            read.query_name = f"r{number}" if not flag & 1 else f"{contig}:{min(start, mate)}:{abs(template)}"
            read.flag, read.mapping_quality = flag, 42
            read.reference_name, read.reference_start = contig, start
            read.cigartuples, read.query_sequence = [(0, span)], "A" * span
            if flag & 1:
                read.next_reference_name, read.next_reference_start = contig, mate
                read.template_length = template
            out.write(read)
    pysam.index(str(path))
    return path


def single(contig, five_prime, reverse=False, extra=0, span=30):
    start = five_prime - span + 1 if reverse else five_prime
    return [((16 if reverse else 0) | extra, contig, start, span, 0, 0)]


def pair(contig, start, length, extra=0, span=30):
    right = start + length - span
    return [
        (99 | extra, contig, start, span, right, length),
        (147 | extra, contig, right, span, start, -length),
    ]


@pytest.mark.parametrize("span", [30, 31, 32, 33])
def test_duplicates_of_single_reads_make_no_cuts(tmp_path, span):
    reads = [
        *single("chr1", 1000, span=span),
        *single("chr1", 1000, extra=DUPLICATE, span=span),
        *single("chr1", 1000, extra=DUPLICATE, span=span),
        *single("chr1", 2001, span=span),
        *single("chr1", 3000, extra=DUPLICATE, span=span),  # its original failed a filter, say
        *single("chr1", 1000, reverse=True, span=span),
        *single("chr1", 4001, reverse=True, extra=DUPLICATE, span=span),
        *single("chr2", 501, reverse=True, span=span),
        *single("chr2", 501, reverse=True, span=span),  # the same place, not marked
        *single("chr2", 601, span=span),
    ]
    store = fragments.from_bam(write_bam(tmp_path / "a.bam", reads), tn5_shift=(0, 0))
    assert store.plus["chr1"].tolist() == [1000, 2001]
    assert store.minus["chr1"].tolist() == [1000]
    assert store.minus["chr2"].tolist() == [501, 501]
    assert store.n_duplicates == 4


@pytest.mark.parametrize("length", [120, 121, 122, 123])
def test_duplicates_of_pairs_make_no_cuts(tmp_path, length):
    reads = [
        *pair("chr1", 1000, length),
        *pair("chr1", 1000, length, extra=DUPLICATE),
        *pair("chr1", 2000, length, extra=DUPLICATE),
        *pair("chr1", 3001, length),
    ]
    store = fragments.from_bam(write_bam(tmp_path / "a.bam", reads), tn5_shift=(0, 0))
    assert store.plus["chr1"].tolist() == [1000, 3001]
    assert store.minus["chr1"].tolist() == [1000 + length - 1, 3001 + length - 1]


@pytest.mark.parametrize("paired", [True, False])
def test_complexity_counts_locations_before_duplicates_are_removed(tmp_path, paired):
    # on chr1 and chr2 together: 4 places once, 3 twice, 2 three times, 1 four times
    times = {
        "chr1": {1000: 1, 1010: 2, 1020: 3, 1030: 4, 1040: 1},
        "chr2": {1000: 1, 1010: 2, 1020: 3, 1050: 2, 1060: 1},
        "chrM": {110: 7, 120: 2},
    }
    reads = []
    for contig, places in times.items():
        for place, n in places.items():
            for i in range(n):
                extra = DUPLICATE if i else 0
                reverse = place % 20 == 10
                reads += pair(contig, place, 100, extra) if paired else single(contig, place, reverse, extra)
    store = fragments.from_bam(write_bam(tmp_path / "a.bam", reads), tn5_shift=(0, 0))
    found = quality.complexity(store, ["chr1", "chr2"])
    assert found == pytest.approx({"nrf": 10 / 20, "pbc1": 4 / 10, "pbc2": 4 / 3})
    assert quality.complexity(store, ["chrM"])["nrf"] == pytest.approx(2 / 9)


def test_a_place_is_start_and_end_of_a_pair_and_end_and_strand_of_a_single_read(tmp_path):
    pairs = [*pair("chr1", 1000, 100), *pair("chr1", 1000, 101), *pair("chr1", 999, 101)]
    store = fragments.from_bam(write_bam(tmp_path / "p.bam", pairs), tn5_shift=(0, 0))
    assert quality.complexity(store, ["chr1"])["nrf"] == 1
    singles = [
        *single("chr1", 1000),
        *single("chr1", 1000, reverse=True),
        *single("chr1", 1001),
        *single("chr1", 1000, span=40),  # the same 5' base: length does not count
    ]
    store = fragments.from_bam(write_bam(tmp_path / "s.bam", singles), tn5_shift=(0, 0))
    assert quality.complexity(store, ["chr1"]) == pytest.approx({"nrf": 3 / 4, "pbc1": 2 / 3, "pbc2": 2})


def test_where_nothing_is_seen_twice_there_is_no_ratio_to_it(tmp_path):
    reads = [*pair("chr1", 1000, 100), *pair("chr1", 2000, 100)]
    store = fragments.from_bam(write_bam(tmp_path / "a.bam", reads), tn5_shift=(0, 0))
    found = quality.complexity(store, ["chr1"])
    assert (found["nrf"], found["pbc1"]) == (1, 1)
    assert found["pbc2"] != found["pbc2"]
