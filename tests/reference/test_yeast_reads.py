"""Cut sites and fragment counts of real yeast data against other tools' numbers."""

import re

import numpy as np
import pandas as pd
import pysam
import pytest

from workflow_lib.fragments import counts
from workflow_lib.fragments import store as fragments
from workflow_lib.io import headers

SAMPLES = ("T0_rep1", "T0_rep2", "T15_rep1", "T15_rep2")


@pytest.fixture(scope="module")
def expected(shared):
    """Fragments in each peak as bedtools counts them, from the reads' own ends."""
    return pd.read_csv(shared / "data" / "yeast" / "peaks" / "consensus_fragment_counts.tsv", sep="\t")


@pytest.mark.parametrize("sample", SAMPLES)
def test_fragment_counts_are_those_of_bedtools_where_ends_are_not_shifted(shared, expected, sample):
    store = fragments.from_bam(shared / "data" / "yeast" / "bam" / f"{sample}.bam", tn5_shift=(0, 0))
    assert counts.fragments(store, expected).tolist() == expected[sample].tolist()


@pytest.mark.parametrize("sample", SAMPLES)
def test_shifted_fragments_lose_only_peaks_that_their_last_four_bases_touched(shared, expected, sample):
    bam = shared / "data" / "yeast" / "bam" / f"{sample}.bam"
    store = fragments.from_bam(bam)
    assert store.tn5_shift == (4, -4)
    lost = expected[sample].to_numpy() - counts.fragments(store, expected)
    assert lost.min() >= 0
    assert 0 < lost.sum() < 0.01 * expected[sample].sum()
    narrower = expected.assign(start=expected["start"] + 4, end=expected["end"] - 4)
    unshifted = fragments.from_bam(bam, tn5_shift=(0, 0))
    # what overlaps a peak by more than four bases still overlaps it
    assert (counts.fragments(store, expected) >= counts.fragments(unshifted, narrower)).all()


def test_a_bedpe_and_a_bam_of_the_same_fragments_give_the_same_cuts(shared):
    folder = shared / "data" / "yeast_wg_SRR1822137"
    bam = folder / "SRR1822137.from_fragments.bam"
    from_bam = fragments.from_bam(bam)
    contigs = headers.read_bam_header(bam).contigs
    from_bedpe = fragments.from_file(folder / "yeast_500k_SRR1822137.bedpe.gz", contigs=contigs)
    assert from_bam.tn5_shift == from_bedpe.tn5_shift == (4, -4)
    assert (from_bam.n_fragments(), from_bedpe.n_fragments()) == (467_845, 467_908)
    short = 0
    for contig in contigs:
        # the BAM has none of the fragments below 20 bp
        first, last = from_bedpe.fragments(contig)
        kept = from_bedpe.lengths(contig) >= 20
        short += int((~kept).sum())
        np.testing.assert_array_equal(first[kept], from_bam.fragments(contig)[0])
        np.testing.assert_array_equal(last[kept], from_bam.fragments(contig)[1])
    assert short == 63


def write_shifted(path, source, plus, minus):
    """A copy of a BAM of which plus reads are moved by `plus` and minus reads by `minus`, mates too."""
    with pysam.AlignmentFile(source) as reads:
        moved = []
        for read in reads.fetch(until_eof=True):
            if read.is_proper_pair and not read.is_unmapped:
                own, other = (minus, plus) if read.is_reverse else (plus, minus)
                read.reference_start = max(read.reference_start + own, 0)
                read.next_reference_start = max(read.next_reference_start + other, 0)
                read.template_length += np.sign(read.template_length) * (minus - plus)
            moved.append(read)
        header = reads.header
    moved.sort(key=lambda read: (read.reference_id % 2**32, read.reference_start))
    with pysam.AlignmentFile(path, "wb", header=header) as out:
        for read in moved:
            out.write(read)


@pytest.mark.parametrize(
    ("done", "needed", "words"),
    [((4, -4), (0, 0), r"already shifted by \+4/-4"), ((4, -5), (0, 1), r"already shifted by \+4/-5")],
)
def test_a_bam_that_is_shifted_already_is_not_shifted_again(shared, tmp_path, done, needed, words):
    source = shared / "data" / "yeast" / "bam" / "T15_rep1.bam"
    write_shifted(tmp_path / "shifted.bam", source, *done)
    shifted, unshifted = fragments.from_bam(tmp_path / "shifted.bam"), fragments.from_bam(source)
    assert (unshifted.tn5_shift, shifted.tn5_shift) == ((4, -4), needed)
    assert re.search(words, shifted.tn5_evidence)
    for contig in unshifted.contigs:
        np.testing.assert_array_equal(shifted.cuts(contig), unshifted.cuts(contig))


def test_fragments_that_10x_shifted_are_recognised(shared, tmp_path):
    source = shared / "data" / "yeast_wg_SRR1822137" / "yeast_500k_SRR1822137.bedpe.gz"
    given = pd.read_csv(source, sep="\t", header=None, nrows=100_000)
    given = given[given[2] - given[1] > 10]
    given[1], given[2], given[3], given[4] = given[1] + 4, given[2] - 5, "AAAC", 1
    given.to_csv(tmp_path / "fragments.tsv", sep="\t", header=False, index=False)
    assert fragments.from_file(tmp_path / "fragments.tsv").tn5_shift == (0, 1)
