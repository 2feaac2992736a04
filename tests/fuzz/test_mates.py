"""Fragments of generated BAMs against mates matched by name: thousands of small files."""

import random

import bams
import pytest

from workflow_lib.errors import InputError
from workflow_lib.fragments import accounting
from workflow_lib.fragments import store as fragments
from workflow_lib.io import bam as bam_files

N_FILES, N_PARTS = 5000, 10


def found_in(store) -> tuple[dict, dict]:
    """Fragments and single reads of a store, as the oracle gives them."""
    pairs, singles = {}, {}
    for name in store.contigs:
        plus, minus = (store.plus.get(name, []), store.minus.get(name, []))
        if store.paired and len(plus):
            pairs[name] = sorted(zip(map(int, plus), map(int, minus), strict=True))
        alone = (
            (store.single_plus.get(name, []), store.single_minus.get(name, []))
            if store.paired
            else (plus, minus)
        )
        both = [(int(place), reverse) for reverse, ends in enumerate(alone) for place in ends]
        if both:
            singles[name] = sorted(both)
    return pairs, singles


@pytest.mark.parametrize("part", range(N_PARTS))
def test_fragments_and_accounting_are_those_of_matching_by_name(part, tmp_path, monkeypatch):
    monkeypatch.setattr(accounting, "REFUSAL", 2)  # compare what would be refused too
    path = tmp_path / "a.bam"
    n_pairs = n_refused = 0
    for seed in range(part, N_FILES, N_PARTS):
        rng = random.Random(seed)
        # mates within one part of the file, and far apart
        monkeypatch.setattr(bam_files, "CHUNK_BYTES", rng.choice([400, 2000, 1 << 16]))
        monkeypatch.setattr("workflow_lib.fragments.pairing.POOL", rng.choice([1, 10, 1 << 20]))
        bams.write_bam(path, *bams.draw(rng))
        pairs, singles, counts = bams.by_name(path)
        total = counts.pop("total", 0)
        assert sum(counts.values()) == total, seed
        try:
            store = fragments.from_bam(path, tn5_shift=(0, 0))
        except InputError:
            assert not counts["kept"] + counts["single_end"], seed
            n_refused += 1
            continue
        assert found_in(store) == (pairs, singles), seed
        assert store.accounting == dict.fromkeys(accounting.COLUMNS, 0) | counts, seed
        n_pairs += sum(map(len, pairs.values()))
    assert n_pairs > 1000
    assert n_refused < N_FILES / N_PARTS / 2
