"""The table of factors on simulated experiments: drivers lead, decoys do not, and chance gives no small p."""

import numpy as np
import pytest

from benchmarks import factors_truth
from workflow_lib.factors import evidence


@pytest.fixture(scope="module")
def motifs():
    """One motif in 30 of JASPAR, and the planted ones."""
    return factors_truth.motif_library(30)


@pytest.fixture(scope="module")
def made(motifs):
    return factors_truth.experiment(4, motifs)


def test_the_planted_drivers_lead_and_the_decoys_do_not(motifs, made):
    samples, shown = made.demo.samples, motifs.table()
    tables = factors_truth.evidence(
        made.counts, samples, made.sequences, made.matches, shown, design="~ batch + group"
    )
    ranked = evidence.rank(shown, **tables)
    found = factors_truth.planted_ranks(ranked, made.demo, shown).set_index("role")
    assert set(found.loc[["driver_up", "driver_down"], "rank"]) == {1, 2}
    assert found.loc["driver_down", "direction"] == "down"
    assert found.loc["driver_up", "direction"] == "up"
    assert (found.loc[["driver_up", "driver_down"], "padj"] < 1e-6).all()
    assert (found.loc[["driver_up", "driver_down"], "agreement"] == "2 of 2").all()
    others = found.loc[["footprint_only", "decoy"]]
    assert (others["direction"] == "none").all()
    assert (others["padj"] > 0.5).all()
    assert (others["rank"] > 2).all()


@pytest.mark.parametrize(
    ("changed", "top"), [(False, None), (False, 60), (True, None)], ids=["null", "forced", "other motifs"]
)
def test_where_no_factor_did_anything_p_values_are_not_small(motifs, made, changed, top):
    shown, pvalues, called = motifs.table(), [], 0
    for i in range(3):
        counts, samples = factors_truth.null_counts(
            made, np.random.default_rng([3, i]), per_group=3, changed=changed
        )
        tables = factors_truth.evidence(counts, samples, made.sequences, made.matches, shown, top=top)
        ranked = evidence.rank(shown, **tables)
        pvalues.append(ranked["pvalue"].dropna())
        called += int((ranked["padj"] < 0.05).any())
    p = np.concatenate(pvalues)
    assert called == 0
    for level in (0.01, 0.05, 0.2):
        assert (p <= level).mean() < level + 3 * np.sqrt(level * (1 - level) / len(p))
