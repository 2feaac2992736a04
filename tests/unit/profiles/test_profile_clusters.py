"""Profiles: planted shapes are found, their number chosen, and edges."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import profiles
from workflow_lib.profiles.clusters import silhouette

SHAPES = np.array([[0, 3, 3, 0], [0, 1, 2, 3], [3, 1, 0, 0]], dtype=float)
CELLS = {f"{6 * i}h": np.repeat(np.arange(4), 2) == i for i in range(4)}


def planted(sizes, noise=0.25, seed=1):
    """log2 values of peaks of each shape over four times, two samples each; and the shape of each peak."""
    rng = np.random.default_rng(seed)
    shape = np.repeat(np.arange(len(sizes)), sizes)
    values = np.repeat(SHAPES[shape], 2, axis=1) * rng.uniform(0.5, 2, (len(shape), 1)) + rng.normal(
        5, 2, (len(shape), 1)
    )
    values = values + noise * rng.normal(size=values.shape)
    return pd.DataFrame(values, index=[f"p{i}" for i in range(len(shape))]), shape


@pytest.mark.parametrize("sizes", [(60, 60, 60), (200, 30, 15)])
def test_planted_shapes_are_found_and_counted(sizes):
    values, shape = planted(sizes)
    found = profiles.cluster(profiles.mean_profiles(values, CELLS))
    assert found["cluster"].nunique() == 3
    table = pd.crosstab(shape, found["cluster"])
    assert table.max(axis=1).sum() > 0.97 * len(shape)
    # by the level at which they are highest: falling, transient, rising
    assert table.idxmax(axis=1).tolist() == [2, 3, 1]
    assert found["membership"].between(0, 1).all()
    assert found["membership"].median() > 0.8


def test_the_order_of_peaks_and_the_seed_change_nothing_where_all_are_looked_at():
    values, _ = planted((50, 50, 50))
    scaled = profiles.mean_profiles(values, CELLS)
    once = profiles.cluster(scaled, seed=1)
    again = profiles.cluster(scaled.iloc[::-1], seed=2)
    pd.testing.assert_series_equal(once["cluster"], again["cluster"].loc[once.index])


def test_a_given_number_of_clusters():
    scaled = profiles.mean_profiles(planted((50, 50, 50))[0], CELLS)
    for n in (1, 2, 5):
        assert profiles.cluster(scaled, n)["cluster"].nunique() == n


def test_edges():
    scaled = profiles.mean_profiles(planted((5, 5, 0))[0], CELLS)
    assert profiles.cluster(scaled.iloc[:0]).empty
    assert profiles.cluster(scaled)["cluster"].tolist() == [1] * 10
    flat = profiles.mean_profiles(pd.DataFrame(np.full((30, 8), 2.0)), CELLS)
    assert (flat == 0).all(axis=None)
    assert profiles.cluster(flat, 3)["cluster"].tolist() == [1] * 30


def test_the_silhouette_is_that_of_its_definition():
    rng = np.random.default_rng(2)
    values, labels = rng.normal(size=(30, 3)), rng.integers(0, 3, 30)
    widths = []
    for i in range(30):
        distance = np.linalg.norm(values - values[i], axis=1)
        own = (labels == labels[i]) & (np.arange(30) != i)
        a = distance[own].mean()
        b = min(distance[labels == other].mean() for other in set(labels) - {labels[i]})
        widths.append((b - a) / max(a, b))
    assert silhouette(values, labels) == pytest.approx(np.mean(widths))
