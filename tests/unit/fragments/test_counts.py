"""Counting against a plain loop."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from workflow_lib.fragments import counts, quality
from workflow_lib.fragments.store import FragmentStore


def store_of(pairs, contig="chr1", length=200):
    """A store of fragments given as (first cut, last cut)."""
    pairs = sorted(pairs)
    plus = {contig: np.array([first for first, _ in pairs], dtype=np.int32)}
    minus = {contig: np.array([last for _, last in pairs], dtype=np.int32)}
    return FragmentStore(
        contigs={contig: length, "chrM": 50},
        paired=True,
        tn5_shift=(4, -4),
        tn5_evidence="set",
        n_reads=2 * len(pairs),
        n_mapped=2 * len(pairs),
        n_duplicates=0,
        mapped_per_contig={contig: 2 * len(pairs), "chrM": 0},
        plus=plus,
        minus=minus,
    )


spans = st.tuples(st.integers(0, 199), st.integers(0, 199)).map(sorted).map(tuple)
peak_lists = st.lists(spans.map(lambda span: (span[0], span[1] + 1)), max_size=8)


@given(st.lists(spans, max_size=30), peak_lists)
def test_counts_equal_those_of_a_loop(pairs, intervals):
    peaks = pd.DataFrame(intervals, columns=["start", "end"]).assign(chrom="chr1")
    cuts = [cut for pair in pairs for cut in pair]
    store = store_of(pairs)
    assert counts.insertions(store, peaks).tolist() == [
        sum(start <= cut < end for cut in cuts) for start, end in intervals
    ]
    assert counts.fragments(store, peaks).tolist() == [
        sum(first < end and last >= start for first, last in pairs) for start, end in intervals
    ]


@given(st.lists(spans, max_size=30), peak_lists)
def test_the_share_in_peaks_counts_a_cut_once_however_peaks_overlap(pairs, intervals):
    peaks = pd.DataFrame(intervals, columns=["start", "end"]).assign(chrom="chr1")
    cuts = [cut for pair in pairs for cut in pair]
    inside = sum(any(start <= cut < end for start, end in intervals) for cut in cuts)
    frip = quality.summary(store_of(pairs), peaks, ["chrM"])["frip"]
    if cuts:
        assert frip == inside / len(cuts)
    else:
        assert np.isnan(frip)


def test_peaks_on_contigs_without_reads_count_nothing_and_keep_their_place():
    peaks = pd.DataFrame({"chrom": ["chr9", "chr1", "chr9"], "start": [0, 10, 5], "end": [100, 30, 9]})
    assert counts.insertions(store_of([(10, 29)]), peaks).tolist() == [0, 2, 0]


def test_no_peaks():
    peaks = pd.DataFrame({"chrom": [], "start": [], "end": []})
    assert counts.insertions(store_of([(10, 29)]), peaks).tolist() == []


def test_a_fragment_that_spans_a_peak_counts_for_it_though_it_cuts_outside():
    peaks = pd.DataFrame({"chrom": ["chr1"], "start": [50], "end": [60]})
    store = store_of([(10, 100)])
    assert counts.insertions(store, peaks).tolist() == [0]
    assert counts.fragments(store, peaks).tolist() == [1]
