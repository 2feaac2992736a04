"""Coverage around changed regions: counted base by base, and bounded whatever the study."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.plots import signal as plots
from workflow_lib.tracks import signal

CONTIGS = {"a": 30_000, "b": 9_000}


class Store:
    """Cuts of two contigs."""

    def __init__(self, seed: int, depth: int):
        rng = np.random.default_rng(seed)
        self.positions = {name: np.sort(rng.integers(0, n, depth)) for name, n in CONTIGS.items()}

    def cuts(self, contig: str) -> np.ndarray:
        return self.positions.get(contig, np.empty(0, int))


@pytest.fixture
def stores(monkeypatch):
    """Four samples of two groups, of depths that differ, in place of files."""
    made = {name: Store(seed, 500 * seed) for seed, name in enumerate(("s1", "s2", "t1", "t2"), start=1)}
    monkeypatch.setattr(signal.FragmentStore, "read", lambda path, contigs=None: made[path])
    return made


def test_bins_hold_the_cuts_around_the_middle_also_at_ends_of_contigs(stores):
    places = pd.DataFrame(
        {"chrom": ["b", "a", "a"], "start": [0, 12_001, 29_700], "end": [101, 12_400, 29_999]}
    )
    found = signal.around(stores["t1"], places, 1.7)
    for (chrom, start, end), row in zip(places.itertuples(index=False), found, strict=True):
        middle = (start + end) // 2
        for position, value in zip(signal.POSITIONS, row, strict=True):
            low = middle + position - 25
            n = sum(low <= cut < low + 50 for cut in stores["t1"].cuts(chrom))
            assert value == pytest.approx(n / 50 / 1.7)


def test_groups_are_means_of_their_samples(stores):
    factors = pd.Series({"s1": 0.5, "s2": 1.0, "t1": 2.0, "t2": 1.5})
    groups = {"s1": "s", "s2": "s", "t1": "t", "t2": "t"}
    peaks = ["a:12001-12400", "b:3000-3501"]
    table = signal.by_group({name: name for name in stores}, factors, groups, peaks)
    assert table[["group", "peak"]].to_numpy().tolist() == [[g, p] for g in "st" for p in peaks]
    places = pd.DataFrame({"chrom": ["a", "b"], "start": [12_001, 3000], "end": [12_400, 3501]})
    one, other = (signal.around(stores[name], places, factors[name]) for name in ("t1", "t2"))
    np.testing.assert_allclose(table[table["group"] == "t"].iloc[:, 2:], (one + other) / 2)
    assert len(signal.by_group({"s1": "s1"}, factors, groups, [])) == 0


def test_rows_are_bounded_whatever_the_study():
    assert signal.each(1, 2) == 250
    for contrasts in (1, 3, 12, 40):
        for groups in (2, 6, 13):
            n = signal.each(contrasts, groups)
            assert (
                n in (signal.LEAST_EACH, signal.MOST_EACH) or 2 * n * contrasts * groups <= signal.MOST_ROWS
            )


def test_the_strongest_of_each_direction_are_chosen():
    table = pd.DataFrame(
        {
            "peak": list("abcdef"),
            "direction": ["up", "down", "none", "up", "up", "untested"],
            "pvalue": [0.01, 0.001, 0.0001, 0.002, 0.02, np.nan],
            "log2FoldChange": 1.0,
        }
    )
    chosen = signal.leading(table, 2)
    assert chosen.sort_values("direction", kind="stable")["peak"].tolist() == ["b", "d", "a"]


def test_a_row_a_region_and_a_column_a_group(stores):
    groups = {"s1": "s", "s2": "s", "t1": "t", "t2": "t"}
    peaks = [f"a:{start}-{start + 300}" for start in range(2000, 8000, 500)]
    table = signal.by_group({name: name for name in stores}, pd.Series(1.0, list(stores)), groups, peaks)
    chosen = pd.DataFrame({"peak": peaks, "direction": ["up"] * 7 + ["down"] * 5})
    figure = plots.changes(table, chosen, ["s", "t"])
    shapes = [axes.images[0].get_array().shape for axes in figure.axes if axes.images]
    assert shapes == [(7, 80), (7, 80), (5, 80), (5, 80)]
    means = figure.axes[0].lines[0].get_ydata()
    np.testing.assert_allclose(means, table[table["group"] == "s"].iloc[:7, 2:].mean())
    assert not plots.changes(table, chosen.head(0), ["s", "t"]).axes[0].images
