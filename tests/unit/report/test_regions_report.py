"""What the report says of gene sets and regions of other studies."""

import pandas as pd

from workflow_lib.report import regions


def table(padj):
    return pd.DataFrame(
        {
            "kind": ["genes"] * (len(padj) - 1) + ["regions"],
            "set": [f"SET_{i}" for i in range(len(padj))],
            "padj": padj,
        }
    )


def test_the_sentence_counts_both_kinds_and_names_the_first():
    said = regions.sentence(table([0.001, 0.01, 0.02, 0.03, 0.5, 0.04]), "opened", 0.05)
    assert "4 of 5 gene sets (SET_0, SET_1, SET_2 and others)" in said
    assert "1 of 1 sets of regions (SET_5)" in said
    assert "opened" in said
    assert "0 of 1 gene sets" in regions.sentence(table([0.2, 0.3]), "closed", 0.05)
    assert "No region closed, or too few did" in regions.sentence(table([None, None]), "closed", 0.05)
    assert "No set" in regions.sentence(table([0.5]).iloc[:0], "closed", 0.05)


def test_sets_left_out_are_counted_by_reason():
    sets = pd.DataFrame(
        {
            "used": [True, False, False, False],
            "reason": [None, "no region", "fewer than 10 genes", "no region"],
        }
    )
    (said,) = regions.left_out(sets)
    assert "3 were not tested" in said
    assert "2 with no region" in said
    assert "1 with fewer than 10 genes" in said
    assert regions.left_out(sets.iloc[:1]) == []
