"""Sites, profiles, scores and tests of footprints, against naive oracles and at the edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib import footprints
from workflow_lib.errors import InputError
from workflow_lib.footprints import differential, profiles, scores, sites, windows
from workflow_lib.footprints.tn5_bias import Preference
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference as genome
from workflow_lib.io import tables
from workflow_lib.motifs import choice, library

LENGTH = 20_000
NONE = Preference(None, "none")
FLANK = 150


def store_of(plus, minus=None, *, paired=False, shift=(4, -4)):
    plus, minus = ({k: np.sort(np.asarray(v, np.int32)) for k, v in d.items()} for d in (plus, minus or {}))
    return FragmentStore(
        contigs={"chr1": LENGTH, "chr2": 500}, paired=paired, tn5_shift=shift, tn5_evidence="", n_reads=0,
        n_mapped=0, n_duplicates=0, mapped_per_contig={}, plus=plus, minus=minus,
    )  # fmt: skip


def site_table(start, length, minus=False, contig=0, motif=0, score=1.0):
    n = len(start)
    return pd.DataFrame(
        {
            "motif": np.full(n, motif, np.int32),
            "contig": np.full(n, contig, np.int32),
            "start": np.asarray(start, np.int64),
            "end": np.asarray(start, np.int64) + length,
            "minus": np.broadcast_to(np.asarray(minus, bool), n),
            "score": np.broadcast_to(np.asarray(score, float), n),
        }
    )


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("genome")
    rng = np.random.default_rng(1)
    chr1, chr2 = ("".join(rng.choice(list("ACGT"), n)) for n in (LENGTH, 500))
    chr1 = chr1[:9000] + "N" * 40 + chr1[9040:]
    (folder / "genome.fa").write_text(f">chr1\n{chr1}\n>chr2\n{chr2}\n")
    return genome.write_index(folder / "genome.fa", folder / "g.fai", folder / "g.gzi")


def naive_profile(cuts, table, flank):
    """Site by site, cut by cut."""
    total = np.zeros(2 * flank + 1, dtype=int)
    for start, end, strand in zip(table["start"], table["end"], table["strand"], strict=True):
        half = (end - start) // 2
        for cut in cuts:
            x = (end - 1 - half) - cut if strand == "-" else cut - (start + half)
            if abs(x) <= flank:
                total[x + flank] += 1
    return total


@settings(max_examples=60, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 300), max_size=60),
    starts=st.lists(st.tuples(st.integers(0, 280), st.integers(1, 20), st.sampled_from("+-")), max_size=8),
    flank=st.integers(1, 40),
)
def test_profile_is_what_counting_one_by_one_gives(cuts, starts, flank):
    table = pd.DataFrame(starts, columns=["start", "length", "strand"])
    table["end"] = table["start"] + table["length"]
    found = footprints.profile(np.sort(np.array(cuts, dtype=np.int32)), table, flank)
    np.testing.assert_array_equal(found, naive_profile(cuts, table, flank))


def test_profile_written_out_and_mirrored():
    plus = pd.DataFrame({"chrom": ["chr1"], "start": [100], "end": [105], "strand": ["+"]})
    cuts = np.array([99, 102, 102, 104, 105])
    assert footprints.profile(cuts, plus, 3).tolist() == [1, 0, 0, 2, 0, 1, 1]
    minus = plus.assign(strand="-")
    assert footprints.profile({"chr1": cuts}, minus, 3).tolist() == [1, 1, 0, 2, 0, 0, 1]
    store = store_of({"chr1": [99, 102, 104]}, {"chr1": [102, 105]})
    assert footprints.profile(store, plus, 3).tolist() == [1, 0, 0, 2, 0, 1, 1]
    assert footprints.profile({}, plus, 3).tolist() == [0] * 7
    assert footprints.profile(cuts, plus.iloc[:0], 1).tolist() == [0, 0, 0]


def test_profile_counts_cuts_of_fragments_that_start_far_away():
    store = store_of({"chr1": [1000]}, {"chr1": [1800]}, paired=True)
    table = pd.DataFrame({"chrom": ["chr1"], "start": [1795], "end": [1805], "strand": ["+"]})
    assert footprints.profile(store, table, 20).sum() == 1


def greedy(table):
    """Best first, the rest that overlap dropped."""
    kept = []
    for i in np.argsort(-table["score"].to_numpy(), kind="stable"):
        row = table.iloc[i]
        if all(
            row["motif"] != o["motif"] or row["contig"] != o["contig"]
            or row["start"] >= o["end"] or o["start"] >= row["end"]
            for o in (table.iloc[j] for j in kept)
        ):  # fmt: skip
            kept.append(i)
    return np.isin(np.arange(len(table)), kept)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 60), st.integers(0, 3)), max_size=25),
    length=st.integers(1, 12),
)
def test_overlaps_are_resolved_as_by_hand(rows, length):
    table = pd.DataFrame(sorted(rows), columns=["motif", "start", "score"])
    table = table.assign(contig=0, end=table["start"] + length)
    np.testing.assert_array_equal(sites.resolve_overlaps(table), greedy(table))


def test_a_long_motif_may_overlap_hundreds_of_its_sites():
    n = 260
    table = pd.DataFrame({"motif": 0, "contig": 0, "start": range(n), "score": np.zeros(n)})
    table.loc[n - 1, "score"] = 1.0
    kept = sites.resolve_overlaps(table.assign(end=table["start"] + n))
    assert np.flatnonzero(kept).tolist() == [n - 1]


def test_selected_sites_are_places_not_hits():
    hits = pd.DataFrame(
        [
            ("chr1", 10, 20, "m1", 5.0, "+", "p1"),
            ("chr1", 10, 20, "m1", 5.0, "+", "p2"),  # the same place, in the window of another peak
            ("chr1", 12, 22, "m1", 7.0, "-", "p1"),
            ("chr1", 12, 18, "m2", 1.0, "+", "p1"),
            ("chrX", 5, 15, "m1", 9.0, "+", "p3"),
            ("chr2", 40, 50, "m1", 6.0, "+", "p4"),
        ],
        columns=["chrom", "start", "end", "motif_id", "score", "strand", "peak"],
    )
    found = sites.select(hits, ["m1", "m2"], ["chr1", "chr2"])
    assert found[["motif", "contig", "start", "minus"]].values.tolist() == [
        [1, 0, 12, False], [0, 0, 12, True], [0, 1, 40, False],
    ]  # fmt: skip
    regions = pd.DataFrame({"chrom": ["chr2", "chr1", "chr1"], "start": [41, 0, 11], "end": [99, 30, 13]})
    found = sites.select(hits, ["m1", "m2"], ["chr1", "chr2"], regions=regions)
    assert found["contig"].tolist() == [0, 0]
    assert sites.select(hits, ["m1"], ["chr1"], regions=regions.iloc[:0]).empty
    assert sites.select(hits.iloc[:0], ["m1"], ["chr1"]).columns.tolist() == sites.COLUMNS


def test_sites_survive_a_file(tmp_path):
    table = site_table([5, 9], 4, minus=[True, False])
    for one in (table, table.assign(weight=[2.5, 1.0])):
        sites.write(one, tmp_path / "sites.h5")
        pd.testing.assert_frame_equal(sites.read(tmp_path / "sites.h5"), one)


def test_weights_of_sites_rise_with_their_peak_s_mean_and_level_off():
    hits = pd.DataFrame(
        {
            "chrom": "chr1", "start": [10, 50, 90, 130], "end": [18, 58, 98, 138], "motif_id": "m",
            "score": 1.0, "strand": "+", "peak": ["low", "mid", "high", "low"],
        }
    )  # fmt: skip
    mean = pd.Series({"low": 0.0, "mid": 50.0, "high": 1e6})
    found = sites.select(hits, ["m"], ["chr1"], mean_count=mean)
    assert found["weight"].tolist() == pytest.approx([1, 26, 51, 1], rel=1e-3)
    hits["peak"] = hits["peak"].astype("category")  # as files give them
    again = sites.select(hits, ["m"], ["chr1"], mean_count=mean)
    pd.testing.assert_frame_equal(again, found)
    with pytest.raises(InputError, match="mean counts: has no row of peak high"):
        sites.select(hits, ["m"], ["chr1"], mean_count=mean.drop("high"))


def oracle_score(cuts, table, known, flank):
    """Depth and flank, site by site; `weight` over 1 + cuts within 250 bp outside flanks and centre."""
    weights = table["weight"] if "weight" in table else np.ones(len(table))
    above = below = near_sum = near_bases = far_sum = far_bases = 0.0
    for start, end, minus, weight in zip(table["start"], table["end"], table["minus"], weights, strict=True):
        half = (end - start) // 2
        reach, middle = flank - half, end - 1 - half if minus else start + half

        def mean(*stretches):
            bases = [b for low, high in stretches for b in range(low, high) if 0 <= b < LENGTH and known[b]]
            return sum((cuts == b).sum() for b in bases), len(bases)

        near, n = mean((start - 35, start - 5), (end + 5, end + 35))
        centre, c = mean((start - 2, end + 2))
        far, f = mean((start - reach, start - reach + 50), (end + reach - 50, end + reach))
        every = (np.abs(cuts - middle) <= max(flank, 250)).sum() - near - centre
        trust = weight / (1 + every) if every else 1.5 * weight
        above += trust * (near / n - centre / c)
        below += trust * near / n
        near_sum, near_bases, far_sum, far_bases = (
            near_sum + near,
            near_bases + n,
            far_sum + far,
            far_bases + f,
        )
    return above / below, np.log2((near_sum + 0.5) / near_bases / ((far_sum + 0.5) / far_bases))


def test_a_site_with_few_cuts_about_it_counts_as_one_with_many():
    n = 4000
    middle, drawn = 600 * np.arange(n) + 300, np.random.default_rng(8)
    counted = []
    for expected in (2.0, 20.0):
        seen = windows.Windows(
            rows=np.arange(n), centre=middle, shift=np.zeros(n, int), cuts=np.zeros(600 * n),
            weight=np.ones(600 * n), nearby=drawn.poisson(expected, n),
        )  # fmt: skip
        _, _, weight, _ = scores.site_scale(seen, middle - 5, middle + 5, 100, np.ones(n))
        counted.append(expected * weight.mean())
    assert counted == pytest.approx([1.0, 1.0], abs=0.04)  # with 1 / (1 + cuts) the first is 0.86


def test_scores_are_those_of_a_slow_reckoning(reference):
    rng = np.random.default_rng(5)
    cuts = np.sort(rng.integers(0, LENGTH, 8000))
    # one at the contig's start, one at its end, two that overlap each other's windows, one beside N
    table = site_table([3, 5000, 5060, 8960, LENGTH - 12], 10, minus=[0, 1, 0, 1, 0])
    found = scores.score(store_of({"chr1": cuts}), table, ["m", "absent"], reference, NONE, FLANK)
    known = np.array([base != "N" for base in reference.sequence("chr1")])
    depth, flank = oracle_score(cuts, table, known, FLANK)
    assert found.loc[0, "n_sites"] == 5
    assert found.loc[0, "depth"] == pytest.approx(depth)
    assert found.loc[0, "flank"] == pytest.approx(flank)
    weighed = table.assign(weight=[5.0, 1, 2, 0.5, 3])
    again = scores.score(store_of({"chr1": cuts}), weighed, ["m"], reference, NONE, FLANK)
    depth, flank = oracle_score(cuts, weighed, known, FLANK)
    assert again.loc[0, ["depth", "flank"]].tolist() == pytest.approx([depth, flank])
    assert found.loc[1, "n_sites"] == 0
    assert found.loc[1, ["cuts_per_site", "depth", "flank", "depth_se", "flank_se"]].isna().all()


def test_strand_and_blocks_change_no_score(reference, monkeypatch):
    cuts = np.random.default_rng(6).integers(0, LENGTH, 5000)
    start = np.sort(np.random.default_rng(7).integers(200, LENGTH - 200, 60))
    table = site_table(start, 11, minus=np.arange(60) % 2 == 0)
    whole = scores.score(store_of({"chr1": cuts}), table, ["m"], reference, NONE, FLANK)
    turned = scores.score(
        store_of({"chr1": cuts}), table.assign(minus=~table["minus"]), ["m"], reference, NONE, FLANK
    )
    pd.testing.assert_frame_equal(whole, turned)
    monkeypatch.setattr(windows, "BASES", 700)
    parts = scores.score(store_of({"chr1": cuts}), table, ["m"], reference, NONE, FLANK)
    pd.testing.assert_frame_equal(whole, parts)


def test_single_ends_and_shifted_inputs_score_alike(reference):
    rng = np.random.default_rng(8)
    left = np.sort(rng.integers(100, LENGTH - 500, 4000))
    right = left + rng.integers(30, 300, 4000)
    table = site_table(np.arange(300, 8000, 200), 9)
    args = (table, ["m"], reference, NONE, FLANK)
    pairs = scores.score(store_of({"chr1": left}, {"chr1": right}, paired=True), *args)
    singles = scores.score(store_of({"chr1": left}, {"chr1": right}), *args)
    moved = scores.score(store_of({"chr1": left}, {"chr1": right - 1}, shift=(4, -5)), *args)
    pd.testing.assert_frame_equal(pairs, singles)
    pd.testing.assert_frame_equal(pairs, moved)


def test_one_site_no_site_and_no_cut(reference):
    one = site_table([1000], 9)
    cuts = {"chr1": [960, 970, 1003, 1030]}
    found = scores.score(store_of(cuts), one, ["m"], reference, NONE, FLANK).iloc[0]
    assert found["n_sites"] == 1
    assert found["cuts_per_site"] == 4
    assert found["depth"] == pytest.approx((2 / 60 - 1 / 13) / (2 / 60))
    assert np.isnan(found["depth_se"])
    empty = scores.score(store_of({}), one, ["m"], reference, NONE, FLANK).iloc[0]
    assert empty["cuts_per_site"] == 0
    assert empty[["depth", "flank"]].isna().all()
    none = scores.score(store_of(cuts), one.iloc[:0], ["m"], reference, NONE, FLANK).iloc[0]
    assert none["n_sites"] == 0


def profile_of(store, table, reference, preference=NONE, seed=1):
    times = profiles.resamples(len(table), seed, 30)
    cuts = profiles.sample_cuts(store, ["chr1", "chr2"])
    return profiles.corrected(cuts, table, reference, preference, FLANK, times)


def test_observed_is_the_raw_profile_over_the_mean_of_the_near_flanks(reference):
    cuts = np.random.default_rng(9).integers(0, LENGTH, 9000)
    table = site_table(np.arange(500, 8000, 97), 9, minus=np.arange(78) % 3 == 0)
    found = profile_of(store_of({"chr1": cuts}), table, reference)
    strand = table.assign(strand=np.where(table["minus"], "-", "+"))
    raw = footprints.profile(np.sort(cuts), strand, FLANK)
    # sites weigh by how many cuts they have elsewhere, so profile and pooled cuts differ by noise
    np.testing.assert_allclose(found.observed / found.observed.sum(), raw / raw.sum(), rtol=0.1)
    at = np.arange(-FLANK, FLANK + 1)
    near = ((at >= -39) & (at < -9)) | ((at >= 10) & (at < 40))
    assert found.observed[near].mean() == pytest.approx(1, abs=1e-5)
    assert found.expected[near].mean() == pytest.approx(1, abs=1e-5)
    score = scores.score(store_of({"chr1": cuts}), table, ["m"], reference, NONE, FLANK).loc[0, "depth"]
    assert -found.corrected[np.abs(at) <= 6].mean() == pytest.approx(score, abs=1e-5)
    low, high = np.quantile(found.resampled, [0.025, 0.975], axis=0)
    assert ((low <= found.corrected) & (found.corrected <= high)).mean() > 0.9


def test_positions_off_the_contig_are_missing_not_zero(reference):
    cuts = {"chr1": np.repeat(np.arange(400), 2)}
    found = profile_of(store_of(cuts), site_table([60], 9), reference)
    assert np.isnan(found.observed[: FLANK - 64]).all()
    np.testing.assert_allclose(found.observed[FLANK - 64 :], 1.0, rtol=1e-5)


def test_profile_tables_of_samples_and_groups(reference):
    table = site_table(np.arange(500, 8000, 97), 9)
    rng = np.random.default_rng(10)
    found = {
        s: profile_of(store_of({"chr1": rng.integers(0, LENGTH, 9000)}), table, reference) for s in "abc"
    }
    found["d"] = profile_of(store_of({}), table, reference)
    shown = profiles.table(found, {"a": "x", "b": "x", "c": "y", "d": "y"}, FLANK)
    assert shown["position"].tolist() == list(range(-FLANK, FLANK + 1))
    mean = (shown["a.corrected"] + shown["b.corrected"]) / 2
    np.testing.assert_allclose(shown["x.corrected"], mean)
    np.testing.assert_allclose(shown["a.corrected"], shown["a.observed"] - shown["a.expected"])
    assert (shown["x.corrected_low"] <= shown["x.corrected_high"]).all()
    assert shown["d.observed"].isna().all()
    np.testing.assert_allclose(shown["y.corrected"], shown["c.corrected"])
    nothing = {"a": profile_of(store_of({}), table.iloc[:0], reference)}
    assert profiles.table(nothing, {"a": "x"}, FLANK)["x.corrected_low"].isna().all()


def test_matrix_of_sites_adds_up_to_the_profile():
    cuts = np.sort(np.random.default_rng(11).integers(0, 2000, 3000))
    table = site_table([10, 500, 1990], 8, minus=[1, 0, 1])
    found = profiles.matrix({"chr1": cuts}, table, ["chr1", "chr2"], 40)
    strand = table.assign(strand=["-", "+", "-"])
    np.testing.assert_array_equal(found.sum(axis=0), footprints.profile(cuts, strand, 40))


SAMPLES = pd.DataFrame({"group": ["a"] * 3 + ["b"] * 3}, index=[f"s{i}" for i in range(6)])
CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}


def drawn_scores(n=60, seed=1, sd=0.05):
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        for sample in SAMPLES.index:
            rows.append((f"m{i}", sample, 100, 20.0, 0.2 + rng.normal(0, sd), rng.normal(0, sd), sd, sd))
    columns = ["motif_id", "sample", "n_sites", "cuts_per_site", "depth", "flank", "depth_se", "flank_se"]
    motifs = pd.DataFrame(
        {"name": "x", "cluster": [f"c{i // 2}" for i in range(n)]},
        index=pd.Index([f"m{i}" for i in range(n)], name="motif_id"),
    )
    return pd.DataFrame(rows, columns=columns), motifs


def test_a_changed_footprint_is_found_and_notes_tell_what_could_not_be():
    table, motifs = drawn_scores()
    experiment = table["sample"].isin(["s3", "s4", "s5"])
    table.loc[(table["motif_id"] == "m3") & experiment, "depth"] += 0.4
    table.loc[table["motif_id"] == "m5", "n_sites"] = 4
    table.loc[table["motif_id"] == "m6", ["n_sites", "cuts_per_site", "depth", "flank"]] = 0, *[np.nan] * 3
    table.loc[(table["motif_id"] == "m7") & (table["sample"] == "s0"), ["depth", "flank"]] = np.nan
    table.loc[table["motif_id"] == "m8", "depth"] -= 0.2
    table.loc[table["motif_id"] == "m9", "depth_se"] = 5.0
    found = differential.test(table, motifs, SAMPLES, "~ group", CONTRAST)
    assert found.columns.tolist() == differential.COLUMNS
    assert found["motif_id"].tolist() == motifs.index.tolist()
    found = found.set_index("motif_id")
    assert found.index[found["padj"] < 0.01].tolist() == ["m3"]
    row = found.loc["m3"]
    assert row["delta_depth"] == pytest.approx(row["depth_experiment"] - row["depth_control"])
    assert row["delta_depth_ci_low"] < 0.4 < row["delta_depth_ci_high"]
    assert row["representative"]
    assert not found.loc["m2", "representative"]
    notes = found["note"]
    assert notes["m5"] == "too few sites"
    assert notes["m6"] == "no sites"
    assert notes["m7"] == "a sample has no cuts in the sites"
    assert notes["m8"] == "no footprint"
    assert "wide interval: low power" in notes["m9"]
    assert found.loc[["m5", "m6"], ["stat", "pvalue", "padj"]].isna().all().all()
    assert notes.isna().sum() > 40


def test_scaled_scores_keep_effect_and_interval():
    table, _ = drawn_scores(20)
    wide = table.pivot(index="motif_id", columns="sample", values="depth")
    errors = wide * 0 + np.linspace(0.01, 0.2, 20)[:, None]
    found = differential.scaled_test(wide, errors, SAMPLES, "~ group", CONTRAST)
    plain = wide[["s3", "s4", "s5"]].mean(axis=1) - wide[["s0", "s1", "s2"]].mean(axis=1)
    np.testing.assert_allclose(found["coef"], plain)
    np.testing.assert_allclose((found["ci_low"] + found["ci_high"]) / 2, plain)
    # with one scale for all it is the moderated test of the scores themselves
    same = differential.scaled_test(wide, wide * 0 + 0.3, SAMPLES, "~ group", CONTRAST)
    bare = differential.moderated.test(wide, SAMPLES, "~ group", CONTRAST)
    np.testing.assert_allclose(same[["t", "pvalue", "ci_low"]], bare[["t", "pvalue", "ci_low"]], rtol=1e-6)


def test_without_replicates_there_are_scores_and_no_p_value():
    table, motifs = drawn_scores(5)
    two = table[table["sample"].isin(["s0", "s3"])]
    found = differential.test(two, motifs, SAMPLES.loc[["s0", "s3"]], "~ group", CONTRAST)
    assert found[["pvalue", "padj", "flank_pvalue"]].isna().all().all()
    assert found[["depth_control", "delta_depth"]].notna().all().all()


def test_motifs_to_profile_by_name_or_by_result(tmp_path):
    text = "".join(f">{i} {name}\nA [9 1 1]\nC [1 9 1]\nG [1 1 9]\nT [1 1 1]\n" for i, name in
                   (("M1", "REB1"), ("M2", "ABF1"), ("M3", "REB1")))  # fmt: skip
    (tmp_path / "m.jaspar").write_text(text)
    motifs = library.read(tmp_path / "m.jaspar")
    assert choice.named(motifs, ["M2", "reb1", "M2"]) == ["M2", "M1", "M3"]
    with pytest.raises(InputError, match="XYZ is neither a motif of the library nor a factor"):
        choice.named(motifs, ["XYZ"])
    table = pd.DataFrame(
        {
            "motif_id": ["M1", "M2", "M3", "M4"],
            "n_sites": [5, 5, 5, 0],
            "pvalue": [0.5, 0.01, 0.2, np.nan],
            "representative": [True, True, False, False],
        }
    )
    enriched = pd.DataFrame(
        {"motif_id": ["M3", "M1"], "log10_pvalue": [-9.0, -1], "padj": [1e-8, 0.2], "representative": True}
    )
    assert choice.automatic([table], [enriched], 0.05) == ["M3", "M2", "M1"]
    for asked, expected in (
        ("auto", ["M3", "M2", "M1"]),
        (["auto", "ABF1"], ["M3", "M2", "M1"]),
        (["ABF1", "auto"], ["M2", "M3", "M1"]),
        (["REB1"], ["M1", "M3"]),
    ):
        assert choice.chosen(asked, motifs, [table], [enriched], 0.05) == expected
    # a motif without a site is shown to who names it, and never chosen
    nothing = [table.assign(n_sites=0)]
    assert choice.chosen(["auto", "M2"], motifs, nothing, [enriched], 0.05) == ["M2"]


def test_profiles_are_written_one_a_motif(reference, tmp_path):
    table = pd.concat([site_table([900, 4000], 9), site_table([5000], 9, motif=1)], ignore_index=True)
    table = table.sort_values(["contig", "start"], ignore_index=True)
    store = store_of({"chr1": np.arange(0, LENGTH, 3)}, {"chr1": []})
    store.write(tmp_path / "s.h5")
    profiles.write(
        ["a/b", "none"], ["a/b", "m", "none"], table, {"s": tmp_path / "s.h5"}, {"s": "g"}, reference,
        pd.DataFrame({"sample": ["s"]}), "none", 120, 1, tmp_path / "out",
    )  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a%2Fb.tsv", "none.tsv"]
    shown = tables.read_table(tmp_path / "out" / "a%2Fb.tsv")
    assert len(shown) == 241
    assert shown["s.observed"].mean() == pytest.approx(1, abs=0.05)
