"""What the simulator says it planted can be measured in what it made."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import simulate

GROUPS = simulate.SAMPLES["group"]


@pytest.fixture(scope="module")
def demo():
    return simulate.demo(3, depth=90_000)


@pytest.fixture(scope="module")
def unique(demo):
    """Read pairs of each sample that filters would keep."""
    return {
        sample: pairs[
            (pairs["duplicate"] == 0)
            & (pairs["qc_fail"] == 0)
            & (pairs[["mapq_left", "mapq_right"]].min(axis=1) >= 30)
        ]
        for sample, pairs in demo.pairs.items()
    }


@pytest.fixture(scope="module")
def cuts(unique):
    return {s: np.sort(np.concatenate([p["left"], p["right"]])) for s, p in unique.items()}


@pytest.fixture(scope="module")
def nuclear(demo):
    return demo.genome.offsets[-2]


def laid_out(demo, table, column):
    origin = dict(zip(demo.genome.names, demo.genome.offsets, strict=False))
    return table[column].to_numpy() + table["chrom"].map(origin).to_numpy()


def within(cuts, start, end):
    return np.searchsorted(cuts, end) - np.searchsorted(cuts, start)


@pytest.fixture(scope="module")
def counts(demo, cuts):
    start, end = laid_out(demo, demo.peaks, "start"), laid_out(demo, demo.peaks, "end")
    return pd.DataFrame({s: within(c, start, end) for s, c in cuts.items()}, index=demo.peaks.index)


def test_quality_is_that_of_a_good_experiment(demo, unique, cuts, counts, nuclear):
    for sample, pairs in demo.pairs.items():
        planned = demo.samples.loc[sample]
        assert 0.08 < pairs["duplicate"].mean() < 0.15
        assert (pairs["left"] >= nuclear).mean() == pytest.approx(planned["mitochondrial"], rel=0.1)
        assert 0.02 < (pairs["left"] >= nuclear).mean() < 0.051
        assert 0.3 < counts[sample].sum() / np.searchsorted(cuts[sample], nuclear) < 0.5
        length = unique[sample]["right"] - unique[sample]["left"] + 9
        assert 0.3 < (length < 100).mean() < 0.5
        assert 0.2 < length.between(150, 300).mean() < 0.45
        assert length.between(120, 145).mean() < 0.5 * length.between(180, 205).mean()


def test_insertions_are_rich_at_gene_starts(demo, cuts):
    rows = demo.features[(demo.features["feature"] == "transcript") & (demo.features["chrom"] != "chrM")]
    plus = (rows["strand"] == "+").to_numpy()
    tss = np.unique(np.where(plus, laid_out(demo, rows, "start"), laid_out(demo, rows, "end") - 1))
    for sample_cuts in cuts.values():
        centre = within(sample_cuts, tss - 5, tss + 6).sum() / 11
        flanks = (
            within(sample_cuts, tss - 2000, tss - 1900).sum()
            + within(sample_cuts, tss + 1901, tss + 2001).sum()
        )
        assert centre / (flanks / 200) > 5


def test_planted_fold_changes_show_in_counts(demo, counts):
    scaled = counts / counts[demo.peaks["change"].eq("none").to_numpy()].sum()
    groups = scaled.T.groupby(GROUPS).mean().T
    seen = np.log2(groups["treated"] / groups["control"])
    true = demo.peaks["log2_fold_change_counts"]
    changed = demo.peaks["change"] != "none"
    slope, intercept = np.polyfit(true[changed], seen[changed], 1)
    assert slope == pytest.approx(1, abs=0.08)
    assert intercept == pytest.approx(0, abs=0.12)
    assert np.corrcoef(true[changed], seen[changed])[0, 1] > 0.95
    assert seen[~changed].median() == pytest.approx(0, abs=0.05)


def test_batch_moves_the_peaks_it_should(demo, counts):
    scaled = counts / counts.sum()
    log2 = (
        sum(
            np.log2(scaled[f"{group}_3"]) - np.log2(scaled[[f"{group}_1", f"{group}_2"]].mean(axis=1))
            for group in ("control", "treated")
        )
        / 2
    )
    moved = demo.peaks["log2_batch"] != 0
    assert 0.4 < moved.mean() < 0.6
    assert np.corrcoef(log2[moved], demo.peaks["log2_batch"][moved])[0, 1] > 0.7
    assert log2[~moved].std() < 0.7 * log2[moved].std()


def test_tn5_preference_is_recovered_and_palindromic(demo, unique, nuclear):
    codes = demo.genome.codes
    background = pd.concat([p[(p["origin"] < 0) & (p["left"] < nuclear)] for p in unique.values()])
    for side in ("left", "right"):
        at = background[side].to_numpy()
        seen = np.array([np.bincount(codes[at + d], minlength=4)[:4] for d in range(-5, 6)]) / len(at)
        genome = np.bincount(codes[:nuclear], minlength=5)[:4] / (codes[:nuclear] < 4).sum()
        score = np.log2(seen / genome)
        planted = demo.tn5_bias[list("ACGT")].to_numpy()
        # neighbours depend on each other in the genome, so a column shows a little of the next ones
        assert np.corrcoef((score - score.mean(1, keepdims=True)).ravel(), planted.ravel())[0, 1] > 0.95
        assert np.abs(score - score[::-1, ::-1]).max() < 0.06
        assert score[1, 2] > 0.5  # G four bases left of the cut, at either end of a fragment


def test_footprints_are_where_and_only_where_a_factor_sits(demo, cuts):
    def openness(sites, group):
        """Cuts per base in the protected stretch over those in 20 bp to either side."""
        start, end = laid_out(demo, sites, "start") - 2, laid_out(demo, sites, "end") + 2
        chosen = [cuts[s] for s in GROUPS.index[GROUPS.eq(group)]]
        inside = sum(within(c, start, end).sum() for c in chosen) / (end - start).sum()
        flank = sum((within(c, start - 20, start) + within(c, end, end + 20)).sum() for c in chosen)
        return inside / (flank / (40 * len(sites)))

    seen = {
        (motif.role, bound, group): openness(sites, group)
        for motif in demo.motifs.itertuples()
        for bound, sites in demo.sites[demo.sites["motif_id"] == motif.motif_id].groupby("bound")
        for group in ("control", "treated")
    }
    protected = {key for key, value in seen.items() if value < 0.5}
    assert protected == {
        ("driver_up", "treated", "treated"),
        ("driver_down", "control", "control"),
        ("footprint_only", "both", "control"),
        ("footprint_only", "both", "treated"),
    }
    assert min(value for key, value in seen.items() if key not in protected) > 0.7


def test_drivers_sit_in_the_peaks_they_move(demo):
    change = demo.peaks["change"]
    table = demo.motifs.set_index("role")
    for role, own in (("driver_up", "up"), ("driver_down", "down")):
        peaks = set(demo.sites.loc[demo.sites["motif_id"] == table.loc[role, "motif_id"], "peak"])
        has = demo.peaks.index.isin(peaks)
        assert has[change == own].mean() == pytest.approx(0.65, abs=0.12)
        assert has[change != own].mean() == pytest.approx(0.06, abs=0.03)
    decoys = demo.sites[demo.sites["motif_id"].isin(table.loc["decoy", "motif_id"])]
    has = demo.peaks.index.isin(set(decoys["peak"]))
    assert has[change != "none"].mean() == pytest.approx(has[change == "none"].mean(), abs=0.1)


def test_gc_slope_tilts_background(demo, unique, nuclear):
    codes = demo.genome.codes
    strong = np.concatenate([[0], np.cumsum((codes == 1) | (codes == 2))])
    gc = {}
    for sample, pairs in unique.items():
        own = pairs[(pairs["origin"] < 0) & (pairs["left"] < nuclear)]
        gc[sample] = (
            (strong[own["right"] + 1] - strong[own["left"]]) / (own["right"] - own["left"] + 1)
        ).mean()
    assert np.corrcoef(pd.Series(gc), demo.samples["gc_slope"])[0, 1] > 0.9


def test_replicates_of_a_count_matrix_scatter_as_its_truth_says():
    samples = pd.DataFrame({"group": ["control"] * 60}, index=[f"s{i}" for i in range(60)])
    counts, truth = simulate.counts(2_000, samples, 11, depths=np.ones(60), up=0, down=0)
    mean, variance = counts.mean(axis=1), counts.var(axis=1)
    assert (mean / truth["mean"]).median() == pytest.approx(1, abs=0.02)
    assert np.log2(mean / truth["mean"]).abs().max() < 1
    expected = truth["mean"] + truth["dispersion"] * truth["mean"] ** 2
    assert (variance / expected).mean() == pytest.approx(1, abs=0.03)
    assert truth["dispersion"].median() == pytest.approx(0.03 + 0.5 / 80, rel=0.15)


def test_planted_changes_of_a_count_matrix():
    samples = pd.DataFrame({"group": ["control", "treated"] * 10}, index=[f"s{i}" for i in range(20)])
    counts, truth = simulate.counts(2_000, samples, 12, depths=np.ones(20))
    groups = counts.T.groupby(samples["group"]).mean().T
    seen = np.log2(groups["treated"] / groups["control"])
    assert (seen - truth["log2_fold_change"]).abs().median() < 0.1
    assert (seen - truth["log2_fold_change"]).mean() == pytest.approx(0, abs=0.02)
