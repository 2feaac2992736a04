"""Figures of profiles draw what the tables hold, and say so where there is nothing."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from workflow_lib import profiles
from workflow_lib.plots import profiles as drawing
from workflow_lib.profiles import values
from workflow_lib.report import profiles as reported

CELLS = {f"{6 * i}h": np.arange(12) // 3 == i for i in range(4)}


def tables(n: int):
    rng = np.random.default_rng(1)
    shapes = np.array([[0, 3, 3, 0], [0, 1, 2, 3]])[np.arange(n) % 2]
    logged = pd.DataFrame(np.repeat(shapes, 3, axis=1) + 0.2 * rng.normal(size=(n, 12)))
    means = profiles.level_means(logged, CELLS)
    scaled = profiles.standardised(means)
    found = profiles.cluster(scaled)
    table = found.join(means.add_prefix("mean.")).rename_axis("peak").reset_index()
    return table.astype({"cluster": str}), values.summary(scaled, found["cluster"], CELLS)


def words(figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize("n", [60, 3000])
def test_a_heat_map_names_levels_and_counts_peaks(n):
    table, summary = tables(n)
    said = words(drawing.clusters(table, summary))
    assert f"{n:,} changed peaks" in said
    assert f"1: {n // 2:,} peaks" in said
    assert all(level in said for level in CELLS)


def test_nothing_changed():
    table, summary = tables(60)
    assert "no peak changed" in words(drawing.clusters(table[:0], summary[:0]))
    assert "No peak changed" in reported.sentence(summary[:0], "group", False)


def motif_table():
    return pd.DataFrame(
        {
            "profile": [1, 1, 2, 2],
            "motif_id": ["a", "b", "a", "b"],
            "name": ["A", "B", "A", "B"],
            "foreground_hits": [20, 3, 2, 9],
            "log2_enrichment": [2.0, 0.1, -1.0, np.inf],
            "pvalue": [1e-9, 0.5, 0.9, 1e-5],
            "log10_pvalue": [-9, -0.3, -0.05, -5],
            "padj": [2e-9, 0.5, 0.9, 2e-5],
        }
    )


def test_motifs_of_clusters():
    assert {"A (a)", "B (b)"} <= set(words(drawing.motifs(motif_table(), 0.05)).splitlines())
    assert "none is significant" in words(drawing.motifs(motif_table().assign(padj=0.5), 0.05))


def test_the_report_says_where_clusters_are_highest_and_what_is_common_there():
    _, summary = tables(60)
    rows = reported.table(summary, motif_table(), None, 0.05)
    assert rows["n_peaks"].tolist() == [30, 30]
    assert rows["motifs"].str.startswith(("A (2.0e-09)", "B (2.0e-05)")).all()
    assert rows["highest"].iloc[1] == "18h"
    assert "2 clusters by how they run over hours" in reported.sentence(summary, "hours", False)
