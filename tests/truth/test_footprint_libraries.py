"""Footprints of libraries that differ: depth does not follow accessibility, true changes keep their size."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.footprints_libraries import Scene
from benchmarks.footprints_libraries import tested as libraries
from workflow_lib.footprints import tn5_bias


@pytest.fixture(scope="module")
def narrower():
    return libraries(1, Scene(width=0.8, cuts=100))


def test_bound_sites_that_open_fourfold_are_not_bound_more():
    tables = [
        libraries(seed, Scene(cuts=100), weighed) for seed, weighed in ((1, True), (2, True), (3, False))
    ]
    opens = pd.DataFrame([table.loc["opens"] for table in tables])
    assert abs(opens["delta_depth"].mean()) < 0.05  # three runs; pooled by cuts it is 0.2
    more = pd.DataFrame([table.loc["bound_more"] for table in tables])
    assert more["delta_depth"].mean() == pytest.approx(0.21, abs=0.04)
    assert (more["pvalue"] < 0.001).all()


def test_empty_motifs_keep_their_level_where_peaks_are_narrower(narrower):
    p = narrower["pvalue"].filter(like="empty")
    assert (p < 0.05).mean() < 0.12  # of 120; without the median motif 0.2 and more
    assert narrower.loc["bound_more", "pvalue"] < 0.001


def test_the_place_of_tn5_s_preference_is_decided_for_all_samples():
    quality = pd.DataFrame({"n_fragments": [200_000, 90_000], "frip": [0.2, 0.2], "nfr_ratio": [1.0, 1.0]})
    assert tn5_bias.outside_peaks(quality)
    assert not tn5_bias.outside_peaks(quality.assign(frip=[0.2, 0.6]))
    assert not tn5_bias.outside_peaks(quality.assign(nfr_ratio=np.nan))  # single reads end once
