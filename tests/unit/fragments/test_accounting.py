"""Reads that are lost: counted, said, refused, and mended by the command that the message gives."""

import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

from workflow_lib import fragments
from workflow_lib.errors import InputError
from workflow_lib.fragments import accounting, measures, quality, quality_tables
from workflow_lib.fragments import store as stores
from workflow_lib.report import quality as section
from workflow_lib.report import summary

CONTIG = {"chr1": 100_000}


def write(path, reads):
    """A sorted, indexed BAM of (name, flag, start, mate start, template length, mapq), 20 bases each."""
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": 100_000}]}
    with pysam.AlignmentFile(path, "wb", header=header) as out:
        for name, flag, start, mate, template, mapq in sorted(reads, key=lambda read: read[2]):
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.flag, read.mapping_quality = name, flag, mapq
            read.reference_id, read.reference_start = 0, start
            read.cigartuples, read.query_sequence = [(0, 20)], "A" * 20
            if flag & 1:
                read.next_reference_id, read.next_reference_start = 0, mate
                read.template_length = template
            out.write(read)
    pysam.index(str(path))
    return path


def pair(i, *, length=100, extra=(0, 0), mapq=(42, 42)):
    start, right = 50 * i, 50 * i + length - 20
    return [
        (f"p{i}", 99 | extra[0], start, right, length, mapq[0]),
        (f"p{i}", 147 | extra[1], right, start, -length, mapq[1]),
    ]


def single(i):
    return [(f"s{i}", 16 * (i % 2), 50 * i + 7, -1, 0, 42)]


def listed(make, n):
    return [read for i in range(n) for read in make(i)]


def run_fix(message: str) -> str:
    """Run the samtools commands of a message; the file that it says to name."""
    commands = re.search(r"samtools .*?(?=, and name that)", message)[0].split(" && ")
    for command in commands:
        _, tool, *arguments = shlex.split(command)
        getattr(pysam, tool)(*arguments, catch_stdout=False)
    return shlex.split(commands[-1])[-1]


def test_first_mates_only_are_refused_and_can_be_read_as_single_end(tmp_path):
    reads = [read for read in listed(pair, 40) if read[1] & 64]
    with pytest.raises(
        InputError, match=r"of 40 paired reads .* 40 have no usable mate.* only the first read"
    ) as told:
        fragments.from_bam(write(tmp_path / "r 1.bam", reads))
    store = fragments.from_bam(run_fix(str(told.value)))
    assert (store.paired, store.n_fragments(), store.accounting["kept"]) == (False, 40, 40)


def test_a_filter_that_judged_single_reads_is_named(tmp_path):
    reads = [read for i, read in enumerate(listed(pair, 40)) if i % 4 in (0, 3)]  # one read of each pair
    with pytest.raises(InputError, match=r"not in the file, as after a filter") as told:
        fragments.from_bam(write(tmp_path / "a.bam", reads))
    assert fragments.from_bam(run_fix(str(told.value))).n_fragments() == 40


def test_duplicates_marked_on_one_mate_are_marked_again(tmp_path):
    reads = listed(lambda i: pair(i, extra=(0, 0x400) if i % 5 else (0, 0)), 30)
    with pytest.raises(InputError, match=r"24 have no usable mate: their mates alone are marked") as told:
        fragments.from_bam(write(tmp_path / "a.bam", reads))
    store = fragments.from_bam(run_fix(str(told.value)))
    assert (store.n_fragments(), store.accounting["duplicate"]) == (30, 0)


def test_mates_of_low_mapping_quality_are_named(tmp_path):
    path = write(tmp_path / "a.bam", listed(lambda i: pair(i, mapq=(42, 12 if i % 5 else 42)), 30))
    with pytest.raises(InputError, match=r"mapping quality: .*lower reads.min_mapq") as told:
        fragments.from_bam(path)
    assert fragments.from_bam(path, min_mapq=12).n_fragments() == 30
    assert fragments.from_bam(run_fix(str(told.value))).n_fragments() == 36


def test_mixed_lanes_are_counted_as_what_they_are(tmp_path):
    path = write(tmp_path / "a.bam", listed(pair, 10) + listed(single, 40))
    store = fragments.from_bam(path, tn5_shift=(0, 0))
    assert (store.n_fragments(), store.n_cuts(["chr1"])) == (10, 60)
    plus = [50 * i for i in range(10)] + [50 * i + 7 for i in range(0, 40, 2)]
    minus = [50 * i + 99 for i in range(10)] + [50 * i + 26 for i in range(1, 40, 2)]
    assert store.cuts("chr1").tolist() == sorted(plus + minus)
    assert [sorted(end.tolist()) for end in store.ends("chr1")] == [sorted(plus), sorted(minus)]
    assert [(found.caution, found.share) for found in store.cautions] == [
        ("single-end reads beside pairs", 2 / 3)
    ]
    store.write(tmp_path / "a.h5")
    again = stores.FragmentStore.read(tmp_path / "a.h5")
    assert again.cuts("chr1").tolist() == store.cuts("chr1").tolist()
    assert (again.cautions, again.accounting, again.read_length) == (store.cautions, store.accounting, 20)
    part = stores.FragmentStore.read(tmp_path / "a.h5", window=(500, 700))
    within = lambda cuts: cuts[(cuts >= 500) & (cuts < 700)].tolist()  # noqa: E731
    assert within(part.cuts("chr1")) == within(store.cuts("chr1"))
    with pytest.raises(InputError, match=r"40 of 60 reads .* reads.count: insertions") as told:
        fragments.from_bam(path, count="fragments")
    alone = fragments.from_bam(run_fix(str(told.value)), count="fragments")
    assert (alone.n_fragments(), alone.cautions) == (10, ())


@pytest.mark.parametrize(("n_lost", "said"), [(2, False), (8, True)])
def test_more_than_a_twentieth_without_mate_is_a_caution(tmp_path, n_lost, said):
    reads = listed(pair, 40) + [read for i in range(100, 100 + n_lost) for read in pair(i)[:1]]
    store = fragments.from_bam(write(tmp_path / "a.bam", reads))
    assert store.accounting["mate_missing"] == n_lost
    assert [found.caution for found in store.cautions] == ["reads without a usable mate"] * said
    peaks = pd.DataFrame({"chrom": [], "start": [], "end": []})
    tables = quality_tables.build([("a", measures.measure(store, peaks, []))], peaks, {"a": "g"}).tables
    assert tables["reads"].iloc[0].to_dict() == {"sample": "a", "total": 80 + n_lost} | store.accounting
    assert tables["reads"].iloc[0, 2:].sum() == tables["reads"].loc[0, "total"]
    assert list(tables["cautions"]["sample"]) == ["a"] * said
    words = " ".join(
        (
            *section.caution_sentences(tables["cautions"]),
            *summary.sentences([], 0.05, cautions=tables["cautions"]),
        )
    )
    for part in ("reads without a usable mate", "a (9 %)", "samtools view"):
        assert (part in words) == said


def test_pairs_of_one_name_and_place_are_each_counted(tmp_path):
    lanes = [*pair(3), *pair(3), *pair(3, extra=(0x400, 0x400)), *pair(9)]  # as of lanes
    store = fragments.from_bam(write(tmp_path / "a.bam", lanes), tn5_shift=(0, 0))
    assert store.fragments("chr1")[0].tolist() == [150, 150, 450]
    assert (store.accounting["kept"], store.accounting["duplicate"]) == (6, 2)


def test_mates_that_face_each_other_and_are_not_called_proper_are_a_caution(tmp_path):
    improper = [(name, flag & ~2, *rest) for i in range(50, 60) for name, flag, *rest in pair(i)]
    far = [(name, flag & ~2, *rest) for i in range(60, 70) for name, flag, *rest in pair(i, length=5000)]
    store = fragments.from_bam(write(tmp_path / "a.bam", listed(pair, 40) + improper + far))
    assert (store.accounting["not_proper"], store.n_fragments()) == (40, 40)
    (found,) = store.cautions
    assert (found.share, "--dovetail" in found.fix) == (0.2, True)


def sizes_of(lengths):
    return np.bincount(np.asarray(lengths))


def test_short_fragments_that_are_missing_are_noticed():
    rng = np.random.default_rng(4)
    lengths = np.r_[rng.normal(80, 25, 6000), rng.normal(195, 25, 3000)].astype(int)
    lengths = lengths[lengths > 25]
    assert quality.missing_lengths(sizes_of(lengths), 76) is None
    assert quality.missing_lengths(sizes_of(lengths), 0) is None
    adapters = quality.missing_lengths(sizes_of(lengths[lengths >= 76]), 76)
    assert "adapters" in adapters.cause
    assert "of 76 to 95 bp" in adapters.cause
    assert "trim" in adapters.fix
    long = quality.missing_lengths(sizes_of(lengths[lengths >= 150]), 50)
    assert "150 bp" in long.cause
    assert quality.missing_lengths(sizes_of(lengths[lengths >= 150][:500]), 50) is None  # too few to tell
    assert quality.missing_lengths(np.zeros(0, int), 76) is None


def test_a_file_that_is_not_sorted_is_refused_with_the_command(tmp_path):
    header = {"HD": {"SO": "coordinate"}, "SQ": [{"SN": "b", "LN": 999}, {"SN": "a", "LN": 999}]}
    path = tmp_path / "a.bam"
    with pysam.AlignmentFile(path, "wb", header=header) as out:
        for contig in ("a", "b"):
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.flag, read.reference_name, read.reference_start = "r", 0, contig, 5
            read.cigartuples, read.query_sequence, read.mapping_quality = [(0, 20)], "A" * 20, 42
            out.write(read)
    with pytest.raises(InputError, match=r"not sorted by coordinate: samtools sort -o .*a.sorted.bam"):
        fragments.from_bam(path)


@pytest.mark.parametrize("case", ["soft-clips", "mixed-ends", "lone-strand"])
def test_pairs_of_real_aligners_are_those_of_matching_by_name(shared, case):
    sys.path.insert(0, str(Path(__file__).parents[2] / "fuzz"))
    import bams

    folder = shared / "cases" / case
    if not folder.is_dir():
        pytest.skip("the shared cases are not there")
    for path in sorted(folder.glob("*.bam")):
        if path.name == "r1.bam":
            continue  # first mates only
        pairs, singles, counts = bams.by_name(path)
        store = fragments.from_bam(path, tn5_shift=(0, 0))
        assert {n: v for n, v in store.accounting.items() if v} == {
            n: v for n, v in counts.items() if n != "total"
        }
        if store.paired:
            found = {
                n: sorted(zip(*(e.tolist() for e in store.fragments(n)), strict=True)) for n in store.plus
            }
            assert {name: ends for name, ends in found.items() if ends} == pairs
        else:
            assert store.n_cuts(store.contigs) == sum(map(len, singles.values()))


def test_every_record_is_counted_once():
    assert set(accounting.of_fragments(10, 14)) == set(accounting.COLUMNS)
    assert sum(accounting.of_fragments(10, 14).values()) == 14
