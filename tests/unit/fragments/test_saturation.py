"""Saturation: what parts of the cuts would find, against cuts that are drawn."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from workflow_lib.fragments import saturation


class Store:
    def __init__(self, cuts, length):
        self._cuts, self.contigs = cuts, {"chr1": length, "chrM": 500}

    def cuts(self, contig):
        return self._cuts if contig == "chr1" else np.arange(400)


@pytest.fixture
def sample():
    """Peaks from barely to far above the background, and their cuts."""
    rng = np.random.default_rng(3)
    start = 2_000 * np.arange(300) + 500
    peaks = pd.DataFrame({"chrom": "chr1", "start": start, "end": start + 500})
    inside = [rng.integers(s, s + 500, n) for s, n in zip(start, rng.integers(0, 60, 300), strict=True)]
    cuts = np.sort(np.concatenate([*inside, rng.integers(0, 600_000, 6_000)]))
    return Store(cuts, 600_000), peaks


def called(cuts, peaks, rate):
    """By counting what is there."""
    count = np.array(
        [((cuts >= s) & (cuts < e)).sum() for s, e in zip(peaks["start"], peaks["end"], strict=True)]
    )
    return (stats.poisson.sf(count - 1, rate * 500) < saturation.PVALUE).sum()


def test_the_curve_is_that_of_cuts_that_are_drawn(sample):
    store, peaks = sample
    curve = saturation.curve(store, peaks, ["chr1"]).set_index("fraction")
    cuts = store.cuts("chr1")
    inside = sum(((cuts >= s) & (cuts < e)).sum() for s, e in zip(peaks["start"], peaks["end"], strict=True))
    rate = (len(cuts) - inside) / (600_000 - 500 * 300)
    assert curve["n_peaks"][1.0] == called(cuts, peaks, rate)
    rng = np.random.default_rng(1)
    for fraction in (0.3, 0.7):
        drawn = [called(cuts[rng.random(len(cuts)) < fraction], peaks, rate * fraction) for _ in range(12)]
        assert abs(curve["n_peaks"][fraction] - np.mean(drawn)) < 4 * np.std(drawn) / np.sqrt(12) + 0.5
    assert curve["n_cuts"][1.0] == len(cuts)
    assert curve["n_peaks"].is_monotonic_increasing


def test_deep_samples_are_saturated_and_shallow_ones_are_not():
    count = np.full(1000, 400)
    rise = [saturation.found_by(count, np.full(1000, 20.0), fraction) for fraction in (0.5, 1.0)]
    assert rise == pytest.approx([1000, 1000], abs=1e-3)
    few = [saturation.found_by(count // 40, np.full(1000, 0.5), fraction) for fraction in (0.5, 1.0)]
    assert few == pytest.approx([1000 * stats.binom.sf(4, 10, 0.5), 1000])  # five or more of ten stay


@pytest.mark.parametrize("cuts", [np.zeros(0, dtype=np.int64), np.arange(500, 1000)])
def test_without_cuts_or_background_no_peak_is_found(cuts):
    peaks = pd.DataFrame({"chrom": ["chr1"], "start": [500], "end": [1000]})
    assert saturation.curve(Store(cuts, 5_000), peaks, ["chr1"])["n_peaks"].tolist() == [0.0] * 10
    none = peaks.iloc[:0]
    assert saturation.curve(Store(cuts, 5_000), none, ["chr1"])["n_peaks"].tolist() == [0.0] * 10
    assert saturation.curve(Store(cuts, 5_000), peaks, [])["n_cuts"].tolist() == [0] * 10
