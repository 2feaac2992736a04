"""Size factors by every method, and how the choice of one changes the answer."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from workflow_lib import simulate
from workflow_lib.differential import bias, normalisation, size_factors
from workflow_lib.differential import shift as shifts
from workflow_lib.errors import InputError
from workflow_lib.genome import reference as genome
from workflow_lib.plots import normalisation as figures

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
SHEET = pd.DataFrame(
    {"group": ["control"] * 3 + ["treated"] * 3},
    index=pd.Index(["c1", "c2", "c3", "t1", "t2", "t3"], name="sample"),
)


def naive_tmm(counts: np.ndarray) -> np.ndarray:
    """TMM written out row by row, with sample 0 or whichever the upper quartile says as reference."""
    counts = counts[counts.sum(axis=1) > 0].astype(float)
    depth = counts.sum(axis=0)
    upper = np.array([np.percentile(counts[:, j], 75) / depth[j] for j in range(counts.shape[1])])
    reference = int(np.argmin(abs(upper - upper.mean())))
    logs = []
    for j in range(counts.shape[1]):
        m, a, w = [], [], []
        for y, r in zip(counts[:, j], counts[:, reference], strict=True):
            if y > 0 and r > 0:
                m.append(np.log2((y / depth[j]) / (r / depth[reference])))
                a.append((np.log2(y / depth[j]) + np.log2(r / depth[reference])) / 2)
                w.append(1 / ((depth[j] - y) / depth[j] / y + (depth[reference] - r) / depth[reference] / r))
        n = len(m)
        rank_m, rank_a = rankdata(m), rankdata(a)
        low_m, low_a = np.floor(n * 0.3) + 1, np.floor(n * 0.05) + 1
        kept = [
            i for i in range(n) if low_m <= rank_m[i] <= n + 1 - low_m and low_a <= rank_a[i] <= n + 1 - low_a
        ]
        logs.append(0.0 if j == reference else sum(m[i] * w[i] for i in kept) / sum(w[i] for i in kept))
    return 2.0 ** (np.array(logs) - np.mean(logs))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_tmm_is_the_formula_row_by_row(seed):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.lognormal(3, 1, (100, 1)) * rng.uniform(0.5, 2, 4))
    ours = size_factors.tmm(pd.DataFrame(counts))
    np.testing.assert_allclose(ours, naive_tmm(counts), rtol=1e-12)


def test_tmm_does_not_follow_rows_that_change_in_one_direction():
    rng = np.random.default_rng(0)
    mean = rng.lognormal(4, 0.5, 2000)
    changed = np.where(np.arange(2000) < 200, 8.0, 1.0)  # a tenth of the rows, all up
    counts = pd.DataFrame({"a": rng.poisson(mean), "b": rng.poisson(mean * changed)})
    effective = counts.sum() * size_factors.tmm(counts)
    assert effective["b"] / effective["a"] == pytest.approx(1, abs=0.03)
    assert counts["b"].sum() / counts["a"].sum() > 1.5


def test_background_bins_cover_each_contig_and_leave_out_the_named_ones():
    cuts = {"chr1": [0, 9_999, 10_000, 24_999], "chrM": [5] * 9, "chr2": []}
    bins = size_factors.background_bins(
        lambda name: np.array(cuts[name], dtype=np.int32),
        {"chr1": 25_000, "chrM": 16_000, "chr2": 10_001},
        ["chrM", "MT"],
    )
    assert bins.tolist() == [2, 1, 1, 0, 0]


def test_bins_of_samples_are_the_same_places_whatever_their_contigs():
    """BAM files may list contigs in any order and some have decoys; a fragment file ends with its last."""
    one, two = {"chr1": 20_000, "chr2": 9_000}, {"chr2": 12_000, "decoy": 30_000, "chr1": 20_000}
    contigs = genome.contigs_of_all([one, two])
    assert contigs.to_dict() == {"chr1": 20_000, "chr2": 12_000, "decoy": 30_000}
    of_one = {"chr1": [5, 15_000, 15_001], "chr2": [7], "decoy": []}
    of_two = {"chr1": [9_999], "chr2": [11_000], "decoy": [29_999]}
    bins = [
        size_factors.background_bins(
            lambda name, cuts=cuts: np.array(cuts[name], dtype=int), contigs
        ).tolist()
        for cuts in (of_one, of_two)
    ]
    assert bins == [[1, 2, 1, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 1]]


@pytest.mark.parametrize("depth", [0, np.nan])
def test_a_sample_of_no_known_depth_is_named(depth):
    with pytest.raises(InputError, match="sample b: no reads"):
        size_factors.library(pd.Series({"a": 10.0, "b": depth}))


def test_background_bins_keep_a_change_of_all_peaks_that_the_ratio_of_peaks_takes_for_depth():
    rng = np.random.default_rng(1)
    bins = pd.DataFrame(rng.poisson(200, (500, 6)), columns=SHEET.index)
    bins.iloc[:20, 3:] += rng.poisson(400, (20, 3))  # peaks open in the treated samples
    factors = size_factors.tmm_bins(bins)
    assert np.prod(factors) == pytest.approx(1)
    np.testing.assert_allclose(factors, 1, atol=0.02)


def test_too_few_bins_are_refused():
    with pytest.raises(
        InputError, match="needs 20 background bins with a cut in every sample, and there are 3"
    ):
        size_factors.tmm_bins(pd.DataFrame({"a": [1, 2, 3, 0], "b": [1, 1, 1, 5]}))


def table(method="ratio", **inputs):
    counts = pd.DataFrame({"a": [10, 20, 30], "b": [20, 40, 60]})
    return size_factors.table(counts, pd.Series({"a": 100.0, "b": 400.0}), method, **inputs)


def test_every_method_that_the_inputs_permit_is_there_and_the_chosen_one_is_used():
    bins = pd.DataFrame({"a": [10] * 30, "b": [30] * 30})
    result = table("spike_in", bins=bins, spike_in={"a": 1000, "b": 4000}, given={"a": 1, "b": 3})
    assert list(result) == ["ratio", "library", "tmm_bins", "spike_in", "column", "used"]
    np.testing.assert_allclose(result.loc["b"] / result.loc["a"], [2, 4, 3, 4, 3, 4])
    assert result.index.name == "sample"
    np.testing.assert_allclose(result["spike_in"], [0.5, 2.0])
    assert result["column"].tolist() == [1, 3]


def test_a_method_without_its_input_is_left_out_unless_it_is_the_chosen_one():
    bins = pd.DataFrame({"a": [1, 2], "b": [1, 2]})
    assert list(table(bins=bins, spike_in={"a": 5, "b": None})) == ["ratio", "library", "used"]
    with pytest.raises(InputError, match="needs 20 background bins"):
        table("tmm_bins", bins=bins)
    with pytest.raises(InputError, match="tmm_bins needs BAM files"):
        table("tmm_bins")
    with pytest.raises(InputError, match="spike_in needs a column spike_in"):
        table("spike_in")
    with pytest.raises(InputError, match="sample b has no positive spike_in"):
        table("spike_in", spike_in={"a": 5, "b": None})
    with pytest.raises(InputError, match="column needs a column size_factor"):
        table("column")


@pytest.fixture(scope="module")
def shifted():
    """A matrix in which `library` sees all peaks fall in the treated samples, and the comparison on it."""
    counts, _ = simulate.counts(1200, SHEET, 3, depths=np.ones(6))
    factors = size_factors.table(counts, counts.sum() * [1, 1.1, 0.9, 2, 2.1, 1.9], "ratio")
    return counts, factors, normalisation.compare(counts, SHEET, "~ group", CONTRAST, factors, min_count=10)


def test_comparison_has_each_method_s_test_and_how_many_call_a_peak(shifted):
    counts, factors, found = shifted
    assert normalisation.methods(found) == ["ratio", "library"]
    assert found["peak"].tolist() == counts.index.tolist()
    up = (found[["ratio.direction", "library.direction"]] == "up").sum(axis=1)
    assert found["n_up"].tolist() == up.tolist()
    assert (found["n_methods"] == found["n_up"] + found["n_down"]).all()
    difference = (found["library.log2FoldChange"] - found["ratio.log2FoldChange"]).median()
    shift = shifts.global_shift(factors, SHEET, CONTRAST)["shift_log2"]
    assert difference == pytest.approx(shift, abs=0.03)
    assert shift < -0.9  # depth doubled, and planted gains outweigh planted losses


def test_summary_of_the_methods():
    calls = pd.DataFrame(
        {
            "peak": list("abcd"),
            "n_up": [2, 1, 0, 1],
            "n_down": [0, 0, 2, 0],
            "n_methods": [2, 1, 2, 1],
            "ratio.baseMean": 10.0,
            "ratio.log2FoldChange": [2, 1, -2, 0.1],
            "ratio.stat": [4, 3, -4, 0.1],
            "ratio.direction": ["up", "up", "down", "none"],
            "library.baseMean": 10.0,
            "library.log2FoldChange": [2.5, 0.5, -1, 1],
            "library.stat": [5, 1, -3, 2],
            "library.direction": ["up", "none", "down", "up"],
        }
    )
    factors = pd.DataFrame({"ratio": [0.5, 2], "library": [0.8, 1.25], "used": [0.5, 2]})
    summary = normalisation.summarise(calls, factors, "ratio").set_index("method")
    assert summary["chosen"].to_dict() == {"ratio": "yes", "library": "no"}
    assert summary.loc["library", ["n_tested", "n_up", "n_down"]].tolist() == [4, 2, 1]
    assert summary["jaccard"].tolist() == [1, 2 / 4]
    assert summary.loc["library", "rank_correlation"] == pytest.approx(0.8)
    assert summary.loc["ratio", ["min_size_factor", "max_size_factor"]].tolist() == [0.5, 2]
    opposite = calls.assign(**{"library.direction": ["down", "none", "none", "none"]})
    assert normalisation.summarise(opposite, factors, "ratio")["jaccard"].tolist() == [1, 0]


def test_summary_of_a_test_without_directions_counts_what_changed(shifted):
    _, factors, found = shifted
    names = [f"{method}.direction" for method in ("ratio", "library")]
    changed = found.assign(**{name: found[name].replace(["up", "down"], "changed") for name in names})
    assert "n_changed" not in normalisation.summarise(found, factors, "ratio")
    summary = normalisation.summarise(changed, factors, "ratio", any_difference=True)
    n = [int((changed[name] == "changed").sum()) for name in names]
    assert summary["n_changed"].tolist() == n
    assert min(n) > 0
    differ = {"verdict": "differ", "used": "no", "difference_log2": 1.0, "spearman": 0.3, "covariate": "mean"}
    method = summary.assign(method=["ratio", "trended"])
    said = bias.sentence(pd.DataFrame([differ], index=["trended"]), CONTRAST, method)
    assert f"call {n[1]:,} regions instead of {n[0]:,}" in said


def test_without_any_call_there_is_no_jaccard(shifted):
    _, factors, found = shifted
    nothing = found.assign(**{f"{m}.direction": "untested" for m in ("ratio", "library")})
    nothing[["ratio.stat", "library.stat"]] = np.nan
    summary = normalisation.summarise(nothing, factors, "ratio")
    assert summary[["jaccard", "rank_correlation"]].isna().all(axis=None)
    assert summary["n_tested"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("library", "frip", "verdict", "words"),
    [
        ([1, 1, 1, 1.05, 1, 1], [0.4] * 6, "alike", "matters little"),
        ([1, 1.1, 1, 2, 2, 2.2], [0.4] * 3 + [0.2] * 3, "shifted", "all regions closed at once"),
        ([1, 3, 0.5, 2, 0.6, 4], [0.4] * 6, "uncertain", "differ as much among themselves"),
        ([1, 1.1, 1, 2, 2, 2.2], None, "unknown", "reads outside peaks are not known"),
    ],
)
def test_a_shift_of_all_peaks_is_told_in_words(shifted, library, frip, verdict, words):
    _, _, found = shifted
    factors = pd.DataFrame({"ratio": 1.0, "library": library}, index=SHEET.index)
    # the calls of ratio under both names: the sets agree, so that the shift alone speaks
    same = found.assign(**{f"library.{name}": found[f"ratio.{name}"] for name in normalisation.KEPT})
    same["n_up"], same["n_down"] = (2 * (same["ratio.direction"] == way) for way in ("up", "down"))
    same["n_methods"] = same["n_up"] + same["n_down"]
    summary = normalisation.summarise(same, factors, "ratio")
    shares = None if frip is None else pd.Series(frip, index=SHEET.index)
    shift = shifts.global_shift(factors, SHEET, CONTRAST, shares)
    said = shifts.sentence(shift, summary, same, CONTRAST)
    assert shift["verdict"] == verdict
    assert words in said
    if verdict == "shifted":
        assert "cuts in peaks 20.0 % against 40.0 %" in said
        # twice the reads, of which the share outside peaks is 0.8 instead of 0.6
        assert shift["shift_log2"] == pytest.approx(-np.log2(2 * 0.8 / 0.6), abs=0.05)
        assert f"{-shift['shift_log2']:.2f} log₂ lower in treated" in said
    called = (same["n_methods"] > 0).sum()
    assert f"Of {called} peaks that any of 2 methods calls, {called} are called alike by all." in said


def test_calls_of_a_test_without_directions_are_called_alike_too():
    table = pd.DataFrame({"n_up": 0, "n_down": [0, 2, 1, 0], "n_methods": [2, 2, 2, 0]})
    table.loc[2, "n_up"] = 1  # up by one method and down by the other
    rows = pd.DataFrame({"method": ["ratio", "library"], "chosen": ["yes", "no"], "jaccard": [1.0, 0.9]})
    said = shifts.sentence({"verdict": "unknown"}, rows, table, CONTRAST)
    assert "Of 3 peaks that any of 2 methods calls, 2 are called alike by all." in said


def test_two_samples_that_scatter_are_no_shift_however_many_others_agree():
    samples = pd.DataFrame({"group": ["treated"] * 2 + ["control"] * 8}, index=[f"s{i}" for i in range(10)])
    logs = [1.0, 1.8, *np.tile([-0.01, 0.01], 4)]  # the standard error, 0.4, is of the two alone
    factors = pd.DataFrame({"ratio": 2.0 ** np.array(logs), "library": 1.0}, index=samples.index)
    shift = shifts.global_shift(factors, samples, CONTRAST, pd.Series(0.3, index=samples.index))
    assert shift["shift_log2"] == pytest.approx(1.4)
    assert shift["shift_se"] == pytest.approx(0.4, abs=1e-3)
    assert shift["verdict"] == "uncertain"


def test_one_sample_a_group_is_never_called_shifted():
    factors = pd.DataFrame({"ratio": [1.0, 1], "library": [1.0, 3]}, index=["c1", "t1"])
    shift = shifts.global_shift(factors, SHEET.loc[["c1", "t1"]], CONTRAST, pd.Series({"c1": 0.3, "t1": 0.1}))
    assert shift["verdict"] == "uncertain"


def test_panels_name_the_used_method_and_the_numbers(shifted):
    _, _, found = shifted
    figure = figures.ma_panels(found, ["ratio", "library"], "ratio", "treated", "control")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0].startswith("ratio (used)")
    n_up = (found["library.direction"] == "up").sum()
    assert titles[1].startswith(f"library\n{n_up} up")


def test_size_factors_that_rest_on_few_peaks_use_the_zeros_and_say_so(caplog):
    rng = np.random.default_rng(4)
    depth = np.array([1, 1.2, 0.8, 1.5, 0.9, 1.1])
    mean = np.full(400, 1.2)
    counts = pd.DataFrame(rng.poisson(mean[:, None] * depth), columns=SHEET.index)
    counts = counts[(counts == 0).any(axis=1)]
    counts.loc["full"] = [10, 10, 10, 400, 400, 400]  # the only peak without a zero, and it changes
    with caplog.at_level("WARNING"):
        found = size_factors.ratio(counts)
    assert found.max() / found.min() < 3  # by the one peak 40
    assert "only 1 peak has a count in every sample" in caplog.text
    assert "only 1 peak has" in size_factors.caution(counts)
    small = pd.DataFrame(rng.poisson(50, (12, 6)), columns=SHEET.index)
    values = np.log(small)  # a dozen peaks without zeros are all there is
    plain = np.exp((values.sub(values.mean(axis=1), axis=0)).median())
    np.testing.assert_allclose(size_factors.ratio(small), plain)
    assert "rest on 12 peaks only" in size_factors.caution(small)
    assert size_factors.caution(pd.DataFrame(rng.poisson(50, (60, 6)))) == ""
