"""Groups that differ in background or in GC slope: what size factors call wrongly, and offsets do not."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import offsets_worlds
from workflow_lib import differential
from workflow_lib.differential import bias, offsets, shift, size_factors

CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}
SHEET = pd.DataFrame({"group": ["a"] * 3 + ["b"] * 3}, index=["a1", "a2", "a3", "b1", "b2", "b3"])
IN_B = (SHEET["group"] == "b").to_numpy()


def libraries(seed, *, background=1.0, slope=0.0, opening=1.0, changed=0.12, n=5000):
    """Counts of peaks with signal and background, GC content, true change, and reads outside peaks.

    Replicates differ: in depth, in signal-to-noise, in the slope of GC, and by peak (gamma).
    """
    rng = np.random.default_rng(seed)
    gc = rng.beta(10, 11, n)
    signal, noise = rng.lognormal(3.3, 1.2, n), rng.gamma(30, 5 / 30, n)
    truth = np.zeros(n)
    hit = rng.random(n) < changed
    truth[hit] = rng.choice([-1, 1], hit.sum(), p=[0.4, 0.6]) * rng.uniform(0.7, 2.2, hit.sum())
    counts, outside = {}, {}
    for j, sample in enumerate(SHEET.index):
        more = background if IN_B[j] else 1.0
        tilt = rng.normal(0, 0.05) + (slope if IN_B[j] else 0.0)
        level = signal * 2.0 ** (truth * (IN_B[j] - 0.5)) * rng.lognormal(0, 0.05)
        mean = (level + noise * more) * (opening if IN_B[j] else 1.0)
        mean = mean * 2.0 ** (tilt * (gc - gc.mean()) / gc.std())
        depth = rng.lognormal(0, 0.3)
        shape = 1 / rng.uniform(0.03, 0.08, n)
        counts[sample] = rng.poisson(depth * mean * rng.gamma(shape, 1 / shape))
        outside[sample] = 40 * noise.sum() * more * depth
    table = pd.DataFrame(counts).set_axis([f"p{i}" for i in range(n)])
    return table, pd.Series(gc, table.index), truth, pd.Series(outside)


def discoveries(seeds, method, **kind):
    """False discoveries, all discoveries, and changes found, pooled over runs."""
    false = called = 0
    for seed in seeds:
        counts, gc, truth, _ = libraries(seed, **kind)
        factors = size_factors.ratio(counts)
        smooth = None if method == "none" else offsets.estimate(counts, factors, gc)[0][method]
        result = differential.test(
            counts, SHEET, "~ group", CONTRAST, size_factors=factors, offsets=smooth, shrink=False
        )
        call = (result["padj"] < 0.05).to_numpy()
        wrong = call & (np.sign(result["log2FoldChange"].to_numpy()) != np.sign(truth))
        false, called = false + wrong.sum(), called + call.sum()
    return false / called, called


@pytest.mark.parametrize(
    ("kind", "method"), [({"background": 3.0}, "trended"), ({"slope": 0.4}, "gc")], ids=["background", "gc"]
)
def test_offsets_bring_false_discoveries_to_their_level(kind, method):
    without, _ = discoveries((1, 2), "none", **kind)
    share, called = discoveries((1, 2), method, **kind)
    assert without > 0.15
    assert share < 0.08
    clean, expected = discoveries((1, 2), "none")
    assert clean < 0.07
    assert called > 0.7 * expected


@pytest.mark.parametrize("method", ["trended", "gc"])
def test_offsets_cost_nothing_where_nothing_is_wrong(method):
    share, called = discoveries((3,), method)
    _, expected = discoveries((3,), "none")
    assert share < 0.07
    assert called == pytest.approx(expected, rel=0.1)


def test_peaks_that_open_do_not_count_as_a_difference_between_groups():
    # a quarter of the peaks opens, which makes them the strong ones
    counts, gc, _, _ = libraries(5, changed=0.0)
    rng = np.random.default_rng(5)
    opens = rng.random(len(counts)) < 0.25
    counts.loc[opens, IN_B] = rng.poisson(counts.loc[opens, IN_B] * 4)
    factors = size_factors.ratio(counts)
    table = differential.test(counts, SHEET, "~ group", CONTRAST, size_factors=factors, shrink=False)
    called = pd.Series((table["padj"] < 0.05).to_numpy(), counts.index)
    along = offsets.covariates(counts, factors, gc)
    slopes = bias.slopes(offsets.quiet_curves(counts, factors, along, called))["trended"]
    assert abs(slopes[IN_B].mean() - slopes[~IN_B].mean()) < bias.LARGE


def diagnosed(seed, **kind):
    counts, gc, _, outside = libraries(seed, **kind)
    factors = size_factors.ratio(counts)
    _smooth, curves = offsets.estimate(counts, factors, gc)
    along = offsets.covariates(counts, factors, gc)
    stat = np.log2(counts.loc[:, IN_B].sum(axis=1) + 1) - np.log2(counts.loc[:, ~IN_B].sum(axis=1) + 1)
    found = bias.diagnose(curves, SHEET, CONTRAST, stat, along, "none")
    total = counts.sum() + outside
    table = pd.DataFrame({"ratio": factors, "library": size_factors.library(total)})
    slopes = bias.slopes(curves)["trended"]
    return found, shift.global_shift(table, SHEET, CONTRAST, counts.sum() / total, slopes)


def test_what_differs_between_groups_is_named():
    for seed in (1, 2):
        background, moved = diagnosed(seed, background=3.0)
        assert background["verdict"].to_dict() == {"trended": "differ", "gc": "alike"}
        assert background.loc["trended", "difference_log2"] < -0.3
        assert background.loc["trended", "spearman"] < -0.3
        said = bias.sentence(background, CONTRAST)
        assert "weak regions" in said
        assert "differential.offsets: trended" in said
        assert "GC" not in said
        assert moved["verdict"] == "background"
        assert moved["shift_log2"] < -1

        tilted, _ = diagnosed(seed, slope=0.4)
        assert tilted["verdict"].to_dict() == {"trended": "alike", "gc": "differ"}
        assert "GC-rich regions" in bias.sentence(tilted, CONTRAST)

        opened, moved = diagnosed(seed, opening=1.5)
        assert opened["verdict"].to_dict() == {"trended": "alike", "gc": "alike"}
        assert moved["verdict"] == "shifted"
        assert moved["shift_log2"] == pytest.approx(np.log2(1.5), abs=0.2)

        same, moved = diagnosed(seed)
        assert set(same["verdict"]) == {"alike"}
        assert moved["verdict"] in ("alike", "uncertain")


def test_offsets_hold_in_libraries_that_differ_by_other_mechanisms():
    for kind, method in (({"background": 3.0}, "trended"), ({"optimum": 0.15}, "gc"), ({}, "trended")):
        runs = [offsets_worlds.tally(seed, 5000, **kind) for seed in (10, 11)]
        called, wrong, right, _ = np.sum([run[method] for run in runs], axis=0)
        assert wrong < 0.09 * called
        without = np.sum([run["none"] for run in runs], axis=0)
        if kind:
            assert without[1] > 0.12 * without[0]
        assert right > 0.8 * without[2]
