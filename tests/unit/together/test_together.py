"""Several contrasts: exact combinations, pairs, factors by contrast, and their figures."""

import fake_results as fake
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from workflow_lib import together
from workflow_lib.plots import together as drawing
from workflow_lib.report import together as reported

NAMES = ["a", "b", "c"]


def table(directions, folds=None):
    n = len(directions)
    folds = np.zeros(n) if folds is None else folds
    return pd.DataFrame(
        {
            "peak": [f"p{i}" for i in range(n)],
            "log2FoldChange": folds,
            "padj": np.where(np.isin(directions, ["none", "untested"]), 0.9, 0.01),
            "direction": directions,
        }
    )


def small():
    return together.side_by_side(
        {
            "a": table(["up", "up", "down", "none", "up", "untested"], [2, 2, -2, 0, 1, 0]),
            "b": table(["up", "down", "none", "none", "none", "untested"], [1, -1, -1, 0, 0, 0]),
            "c": table(["changed", "none", "none", "changed", "untested", "untested"]),
        }
    )


def test_each_changed_peak_counts_once_by_exactly_its_contrasts():
    wide = small()
    assert wide["peak"].tolist() == ["p0", "p1", "p2", "p3", "p4"]  # p5 was not tested
    assert wide["n_called"].tolist() == [3, 2, 1, 1, 1]
    found = together.overlaps(wide, NAMES).set_index("contrasts")
    assert found["n_peaks"].to_dict() == {"a": 2, "c": 1, "a,b": 1, "a,b,c": 1}
    assert found.loc["a", ["up", "down", "mixed"]].tolist() == [1, 1, 0]
    assert found.loc["a,b", ["up", "down", "mixed"]].tolist() == [0, 0, 1]
    assert found.loc["a,b,c", ["up", "down", "mixed"]].tolist() == [1, 0, 0]
    assert found.loc["c", ["up", "down", "mixed"]].tolist() == [0, 0, 1]
    assert found.index[0] == "a"
    said = reported.sentence(found.reset_index(), 3)
    assert "5 peaks change in one or more of 3 contrasts: 3 in one only, 1 in all" in said


def test_pairs_against_counting_by_hand():
    pairs = together.pairs(small(), NAMES).set_index(["contrast_a", "contrast_b"])
    row = pairs.loc[("a", "b")]
    assert row[["n_tested", "n_a", "n_b", "n_both", "n_same", "n_opposite"]].tolist() == [5, 4, 2, 2, 1, 1]
    assert row["expected"] == pytest.approx(4 * 2 / 5)
    assert row["jaccard"] == pytest.approx(2 / 4)
    assert row["correlation"] == pytest.approx(np.corrcoef([2, 2, -2, 0, 1], [1, -1, -1, 0, 0])[0, 1])
    assert pairs.loc[("a", "c"), "n_tested"] == 4
    assert np.isnan(pairs.loc[("b", "c"), "correlation"])  # c does not vary


@pytest.mark.parametrize("n", [0, 4])
def test_nothing_changed(n):
    wide = together.side_by_side({name: table(["none"] * n) for name in NAMES})
    found, pairs = together.overlaps(wide, NAMES), together.pairs(wide, NAMES)
    assert found.empty
    assert list(found.columns) == ["contrasts", "n_contrasts", "n_peaks", "up", "down", "mixed"]
    assert len(pairs) == 3
    assert (pairs["n_both"] == 0).all()
    assert "no peak changed" in words(drawing.overlap(found, NAMES))
    drawing.fold_changes(wide, pairs)
    assert "No peak changes" in reported.sentence(found, 3)


def words(figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_figures_count_what_they_leave_out():
    rng = np.random.default_rng(1)
    names = [f"contrast_{i}" for i in range(6)]
    wide = together.side_by_side({name: table(rng.choice(["up", "down", "none"], 400)) for name in names})
    found = together.overlaps(wide, names)
    assert len(found) > 24
    assert f"24 of {len(found)} combinations" in words(drawing.overlap(found, names))
    assert "9 of 15 pairs" in words(drawing.fold_changes(wide, together.pairs(wide, names)))


def factor_table(side, log10p, padj):
    return pd.DataFrame(
        {
            "cluster": ["m1", "m2"],
            "name": ["A", "B"],
            "tf_names": ["A", "B"],
            "direction": ["none", "none"],
            "side": side,
            "log10_pvalue": log10p,
            "padj": padj,
            "verdict": ["changed", "none"],
        }
    )


def test_evidence_for_factors_is_signed_and_ordered():
    tables = {
        "a": factor_table(["up", "down"], [-2.0, -9.0], [0.02, 1e-8]),
        "b": factor_table(["down", "changed"], [-4.0, -3.0], [0.001, 0.01]),
    }
    found = together.evidence(tables)
    assert found["cluster"].tolist() == ["m2", "m2", "m1", "m1"]
    assert found["contrast"].tolist() == ["a", "b", "a", "b"]
    assert found["signed"].tolist() == [-9.0, 3.0, 2.0, -4.0]
    said = words(drawing.factors(found, ["a", "b"], 0.05))
    assert "no direction" in said  # any difference has none
    assert {"A", "B"} <= set(said.splitlines())
    nothing = together.evidence({"a": factor_table([None, None], [np.nan, np.nan], [np.nan, np.nan])})
    assert "no motif could be tested" in words(drawing.factors(nothing, ["a"], 0.05))


def test_real_columns_are_read():
    wide = together.side_by_side({name: fake.differential(300, seed=i) for i, name in enumerate(NAMES)})
    assert len(together.pairs(wide, NAMES)) == 3
