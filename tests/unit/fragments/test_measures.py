"""What is taken from a store in one pass is what each question asked alone would find."""

import json

import numpy as np
import pandas as pd
import pytest

from workflow_lib.differential import size_factors
from workflow_lib.fragments import counts, measures, quality, saturation
from workflow_lib.fragments.accounting import Caution
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference

LENGTHS = {"chrM": 16_000, "chr1": 95_000, "chr2": 41_000, "empty": 12_000}
PEAKS = pd.DataFrame(
    {"chrom": ["chr1", "chr1", "chr2"], "start": [1000, 1200, 30_000], "end": [1500, 2000, 31_000]}
)
TSS = pd.DataFrame({"chrom": ["chr1", "chr2"], "position": [9000, 30_500], "strand": ["+", "-"]})


def store_of(seed: int, *, lengths=LENGTHS, paired=True, n=3000) -> FragmentStore:
    rng, plus, minus = np.random.default_rng(seed), {}, {}
    for name, length in lengths.items():
        if name != "empty":
            plus[name] = np.sort(rng.integers(0, length - 1000, n)).astype(np.int32)
            minus[name] = plus[name] + rng.integers(20, 900, n).astype(np.int32)
            minus[name] = minus[name] if paired else np.sort(minus[name])
    return FragmentStore(
        contigs=dict(lengths), paired=paired, tn5_shift=(4, -5), tn5_evidence="drawn", n_reads=9, n_mapped=8,
        n_duplicates=None if seed else 1, mapped_per_contig={"chr1": 8}, plus=plus, minus=minus,
        sources={"reads": "abc"}, accounting={"kept": 8, "duplicate": 1}, read_length=50,
        cautions=(Caution("a", 0.5, "b", "c"),),
    )  # fmt: skip


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("tss", [TSS, None], ids=["genes", "no genes"])
def test_measures_are_those_of_each_question_also_from_disk(paired, tss, tmp_path):
    store, nuclear = store_of(1, paired=paired), ["chr1", "chr2", "empty"]
    measures.measure(store, PEAKS, ["chrM"], tss).write(tmp_path / "a.h5")
    found = measures.Measures.read(tmp_path / "a.h5")
    np.testing.assert_array_equal(found.counts, counts.insertions(store, PEAKS))
    profile = None if tss is None else quality.tss_profile(store, tss, nuclear)
    np.testing.assert_array_equal(found.profile, profile)
    alone = quality.measured(store, PEAKS, ["chrM"], profile)
    assert json.dumps(found.numbers) == json.dumps(alone)
    assert quality.judged(found.numbers, PEAKS).keys() == quality.summary(store, PEAKS, ["chrM"]).keys()
    np.testing.assert_array_equal(found.sizes, quality.fragment_sizes(store, nuclear))
    pd.testing.assert_frame_equal(found.curve, saturation.curve(store, PEAKS, nuclear))
    assert (found.cautions, found.accounting, found.sources) == (
        store.cautions,
        store.accounting,
        store.sources,
    )


def test_fragments_are_counted_where_asked():
    store = store_of(2)
    found = measures.measure(store, PEAKS, [], unit="fragments")
    np.testing.assert_array_equal(found.counts, counts.fragments(store, PEAKS))


def test_bins_are_common_to_samples_whose_contigs_differ():
    longer = {"chr2": 62_000, "chr1": 95_000, "other": 20_000}
    stores = {"a": store_of(3), "b": store_of(4, lengths=longer), "c": store_of(5)}
    contigs = reference.contigs_of_all([store.contigs for store in stores.values()])
    found = measures.common_bins(
        {name: measures.measure(store, PEAKS, ["chrM"]) for name, store in stores.items()}, contigs
    )
    expected = {
        name: size_factors.background_bins(store.cuts, contigs, ["chrM"]) for name, store in stores.items()
    }
    pd.testing.assert_frame_equal(found, pd.DataFrame(expected))
    assert len(found) == 10 + 7 + 2 + 2
