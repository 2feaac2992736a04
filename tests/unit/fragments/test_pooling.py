"""Libraries pooled into one store: the same cuts as those of all reads in one file."""

from dataclasses import replace

import numpy as np
import pytest

from workflow_lib.errors import InputError
from workflow_lib.fragments import pooling
from workflow_lib.fragments.store import FragmentStore

CONTIGS = {"chr1": 1000, "chr2": 500}


def store(seed, *, paired=True, shift=(4, -4), contigs=CONTIGS, n=50):
    rng = np.random.default_rng(seed)
    plus = {c: np.sort(rng.integers(0, size - 120, n)).astype(np.int32) for c, size in contigs.items()}
    minus = {c: (cuts + rng.integers(20, 100, n)).astype(np.int32) for c, cuts in plus.items()}
    return FragmentStore(
        contigs=dict(contigs), paired=paired, tn5_shift=shift, tn5_evidence="", n_reads=200, n_mapped=100,
        n_duplicates=7, mapped_per_contig=dict.fromkeys(contigs, 50), plus=plus, minus=minus,
        accounting={"kept": 5},
    )  # fmt: skip


def test_pooled_fragments_are_those_of_all_libraries():
    stores = {"a": store(1), "b": store(2, n=30)}
    found = pooling.pool(stores)
    assert found.paired
    assert found.n_fragments() == sum(each.n_fragments() for each in stores.values())
    assert (found.n_reads, found.n_mapped, found.n_duplicates) == (400, 200, 14)
    assert found.accounting == {"kept": 10}
    for contig in CONTIGS:
        pairs = sorted(
            pair for each in stores.values() for pair in zip(*map(list, each.fragments(contig)), strict=True)
        )
        assert list(zip(*map(list, found.fragments(contig)), strict=True)) == pairs
        np.testing.assert_array_equal(
            found.cuts(contig), np.sort(np.concatenate([each.cuts(contig) for each in stores.values()]))
        )


def test_a_pooled_store_survives_a_file_and_the_order_of_libraries(tmp_path):
    one, other = (pooling.pool({n: store(i) for i, n in enumerate(names)}) for names in ("ab", "ab"))
    one.write(tmp_path / "one.h5")
    again = FragmentStore.read(tmp_path / "one.h5", window=None)
    for contig in CONTIGS:
        np.testing.assert_array_equal(again.cuts(contig), other.cuts(contig))


def test_a_pooled_store_names_the_files_of_all_libraries(tmp_path):
    stores = {name: replace(store(i), sources={f"bam:{name}": str(i)}) for i, name in enumerate("ab")}
    pooling.pool(stores).write(tmp_path / "pooled.h5")
    assert FragmentStore.read(tmp_path / "pooled.h5").sources == {"bam:a": "0", "bam:b": "1"}


def test_shifts_are_made_alike_or_refused():
    half = store(2, shift=(4, -5))
    found = pooling.pool({"a": store(1), "b": half})
    assert found.tn5_shift == (4, -4)
    expected = np.sort(np.concatenate([store(1).minus["chr1"], half.minus["chr1"] + 1]))
    np.testing.assert_array_equal(np.sort(found.minus["chr1"]), expected)
    with pytest.raises(InputError, match=r"shifts of \+0/\+0 and \+4/-4"):
        pooling.pool({"a": store(1), "b": store(2, shift=(0, 0))})


def test_single_end_libraries_give_insertions_beside_pairs():
    single = store(2, paired=False)
    found = pooling.pool({"a": store(1), "b": single})
    assert found.paired
    assert found.n_fragments() == store(1).n_fragments()
    assert found.n_cuts(CONTIGS) == store(1).n_cuts(CONTIGS) + single.n_cuts(CONTIGS)
    alone = pooling.pool({"a": single, "b": single})
    assert not alone.paired
    assert alone.n_cuts(CONTIGS) == 2 * single.n_cuts(CONTIGS)


def test_genomes_that_differ_are_refused():
    with pytest.raises(InputError, match="contig chr1 has 2,000 bp, and 1,000 in another library"):
        pooling.pool({"a": store(1), "b": store(2, contigs={"chr1": 2000})})
