"""Evidence for factors: the combination of p-values, the table, the factors' own genes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workflow_lib.factors import evidence as factors
from workflow_lib.factors import own_genes
from workflow_lib.stats import combination
from workflow_lib.stats.multiple_testing import bh

NA = np.nan
IDS = ["M1", "M2", "M3", "M4"]


# ---- Cauchy combination


def test_equal_p_values_combine_to_themselves():
    found = combination.cauchy(np.log10([[0.03, 1e-5, 1e-12], [0.03, 1e-5, 1e-12]]))
    np.testing.assert_allclose(10**found, [0.03, 1e-5, 1e-12], rtol=1e-9)


@given(st.lists(st.floats(1e-6, 0.89), min_size=2, max_size=6), st.data())
def test_the_combination_is_the_textbook_formula(pvalues, data):
    w = np.array(data.draw(st.lists(st.floats(0.1, 3), min_size=len(pvalues), max_size=len(pvalues))))
    statistic = (w / w.sum() * np.tan(np.pi * (0.5 - np.array(pvalues)))).sum()
    expected = stats.cauchy.sf(statistic)
    found = 10 ** combination.cauchy(np.log10(pvalues), w)
    assert found == pytest.approx(expected if expected < 0.9 else 1.0, rel=1e-6)


def test_tiny_p_values_neither_underflow_nor_lose_their_order():
    found = combination.cauchy(np.array([[-400.0, -401.0, -1e5], [0.0, -0.2, NA]]))
    np.testing.assert_allclose(found, [-400 + np.log10(2), -401 + np.log10(2), -1e5], atol=1e-6)


def test_a_p_value_of_one_does_not_undo_other_evidence():
    found = 10 ** combination.cauchy(np.log10([[1e-6, 0.01, 1.0, 1.0], [1.0, 1.0, 1.0, NA]]))
    assert found[0] == pytest.approx(2e-6, rel=1e-3)
    assert 0.01 < found[1] < 0.03
    assert (found[2:] == 1).all()


def test_untested_p_values_take_no_part():
    log10p = np.array([[-3.0, NA], [NA, NA]])
    found = combination.cauchy(log10p, [1, 5])
    assert found[0] == pytest.approx(-3, abs=1e-6)
    assert np.isnan(found[1])
    assert combination.cauchy(np.empty((0, 2))).shape == (2,)


def test_weights_may_differ_from_column_to_column():
    log10p = np.log10([[0.01, 0.01, NA], [0.4, 0.4, 0.3]])
    w = np.array([[1, 9, 5], [1, 1, 1]])
    found = combination.cauchy(log10p, w)
    apart = [combination.cauchy(log10p[:, i], w[:, i]) for i in range(3)]
    np.testing.assert_allclose(found, apart)
    np.testing.assert_allclose(combination.cauchy(log10p.T, w.T, axis=1), apart)
    assert found[1] < found[0]
    assert 10 ** found[2] == pytest.approx(0.3)


def test_p_values_above_one_are_refused():
    with pytest.raises(ValueError, match="log10"):
        combination.cauchy([0.1])


def test_one_sided_p_values_come_from_the_sign():
    rises, falls = combination.one_sided([0.02, 0.02, 0.0, 0.4, NA, 0.1], [1.0, -1.0, 1.0, 0.0, 1.0, NA])
    np.testing.assert_allclose(10 ** rises[:2], [0.01, 0.99])
    np.testing.assert_allclose(10 ** falls[:2], [0.99, 0.01])
    assert np.isfinite(rises[2])
    assert rises[3] == falls[3] == np.log10(0.5)
    assert np.isnan(rises[4:]).all()
    assert np.isnan(falls[4:]).all()


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.95])
def test_the_smaller_of_two_sides_doubled_keeps_its_level(correlation):
    rng = np.random.default_rng(1)
    shared = rng.normal(size=200_000)
    z = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * rng.normal(size=(3, 200_000))
    both = [combination.cauchy(np.log10(stats.norm.sf(side))) for side in (z, -z)]
    found = combination.either(*both)
    for level in (0.01, 0.05):
        assert 0.9 < (found <= np.log10(level)).mean() / level < 1.2


# ---- the table


def library(**columns):
    table = pd.DataFrame({"motif_id": IDS, "name": ["TCF7", "LEF1", "SPI1", "CTCF"]})
    table["tf_names"] = ["TCF7", "LEF1", "SPI1;RXRA", "CTCF"]
    return table.assign(cluster=["M1", "M1", "M3", "M4"], **columns)


def enriched(pvalues, log2=0.5):
    p = np.array(pvalues, dtype=float)
    effects = {"odds_ratio": 2.0, "log2_enrichment": log2}
    return pd.DataFrame({"motif_id": IDS, "log10_pvalue": np.log10(p), "padj": bh(p), **effects})


def moved(delta, pvalues):
    return pd.DataFrame({"motif_id": IDS, "delta": delta, "pvalue": pvalues, "padj": bh(pvalues)})


def ranked(up=(1, 1, 1, 1), down=(1, 1, 1, 1), delta=(0.1, 0.1, 0.1, 0.1), p=(1, 1, 1, 1), **options):
    table = factors.rank(library(), enriched(up), enriched(down), moved(delta, p), **options)
    return table.set_index("cluster")


def test_one_row_a_cluster_with_all_it_stands_for():
    table = ranked(up=(1, 1e-9, 1, 1))
    assert list(table.index) == ["M1", "M3", "M4"]
    row = table.loc["M1"]
    assert row["representative"] == "M2"
    assert row["name"] == "LEF1"
    assert row["members"] == "TCF7, LEF1"
    assert row["n_members"] == 2
    assert row["tf_names"] == "TCF7;LEF1"
    assert table.loc["M3", "tf_names"] == "SPI1;RXRA"


def test_p_values_by_hand():
    table = ranked(up=(1e-10, 1e-10, 1, 1), p=(1e-4, 1e-4, 1, 1))
    # both members alike; enrichment halved by the weight of two lines; chromVAR's one-sided p is 5e-5
    statistic = 0.5 / (np.pi * 1e-10) + 0.5 / np.tan(np.pi * 5e-5)
    assert table.loc["M1", "pvalue"] == pytest.approx(2 * stats.cauchy.sf(statistic), rel=1e-6)
    assert table.loc["M1", "padj"] == pytest.approx(3 * table.loc["M1", "pvalue"], rel=1e-6)
    assert table.loc["M1", "up_padj"] == pytest.approx(3e-10, rel=1e-6)
    assert table.loc["M1", "chromvar_padj"] == pytest.approx(3e-4, rel=1e-3)
    assert list(table["rank"]) == [1, 2, 2]
    assert table["direction"].tolist() == ["up", "none", "none"]
    assert table.loc["M1", "agreement"] == "2 of 2"
    assert table["conflicts"].isna().all()


def test_members_weigh_as_many_peaks_as_they_are_in():
    deviations = moved((1, 1, 1, 1), (1e-4, 0.5, 1, 1))
    rows = {}
    for n_peaks in ((1, 1, 1, 1), (150, 50, 9, 9), (50, 150, 9, 9), (NA, NA, 9, 9)):
        table = factors.rank(
            library(), enriched((1,) * 4), enriched((1,) * 4), deviations.assign(n_peaks=n_peaks)
        )
        rows[n_peaks] = table.set_index("cluster").loc["M1", "chromvar_padj"]
    flat, many, few, unknown = rows.values()
    # three groups; the smaller of two sides doubled, p / share of the weights
    assert flat == pytest.approx(3 * 1e-4 * 2, rel=1e-2)
    assert many == pytest.approx(3 * 1e-4 / 0.75, rel=1e-2)
    assert few == pytest.approx(3 * 1e-4 / 0.25, rel=1e-2)
    assert unknown == pytest.approx(flat)


def test_what_is_called_comes_before_what_a_leader_explains():
    # M3 has the smaller p, but adds nothing to M4
    z = np.array([0.0, 0.0, 7.0, 5.0])
    rise = stats.norm.logsf(z) / np.log(10)
    activity = pd.DataFrame({"motif_id": IDS, "slope_z": z, "activity": z, "rise_log10p": rise})
    activity = activity.assign(fall_log10p=stats.norm.logcdf(z) / np.log(10), df_residual=4)
    activity["given_pvalue"] = [NA, NA, 0.6, NA]
    activity["explained_by"] = [None, None, "M4", None]
    nothing = enriched((1,) * 4)
    table = factors.rank(library(), nothing, nothing, moved((0,) * 4, (1,) * 4), activity=activity)
    assert table["cluster"].tolist() == ["M4", "M3", "M1"]
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["direction"].tolist() == ["up", "none", "none"]
    assert table["pvalue"].iloc[1] < table["pvalue"].iloc[0]


def test_rows_without_evidence_are_in_the_order_of_what_is_not_excluded():
    # M4 was measured well and shows nothing; of M3, in few peaks, nothing is known
    limits = {"up": (9, 3, 60, 1.5), "down": (1, 1, 8, 2.0)}
    up, down = (enriched(p).assign(ci_high=limits[way]) for way, p in (("up", (1,) * 4), ("down", (1,) * 4)))
    deviations = moved((1, 1, 1, 1), (1, 1, 1, 0.9)).assign(n_peaks=(3, 90, 1, 200))
    table = factors.rank(library(), up, down, deviations)
    assert (table["padj"] == 1).all()
    assert table["cluster"].tolist() == ["M3", "M1", "M4"]
    assert table["rank"].tolist() == [1, 2, 3]
    # of M1 and M2, that in more peaks
    np.testing.assert_allclose(table["log2_limit"], np.log2([60, 3, 2]))
    called = factors.rank(library(), up.assign(log10_pvalue=[0, 0, 0, -9.0]), down, deviations)
    assert called["cluster"].tolist() == ["M4", "M3", "M1"]
    unknown = factors.rank(library(), up.drop(columns="ci_high"), down, deviations)
    assert unknown["log2_limit"].isna().all()
    assert unknown["rank"].tolist() == [1, 1, 1]


def test_the_smallest_p_values_still_rank():
    table = factors.rank(
        library(),
        enriched((1, 1, 1, 1)).assign(log10_pvalue=[-300.0, -300.0, -900.0, 0.0]),
        enriched((1, 1, 1, 1)),
        moved([1, 1, 1, 1], [1, 1, 1, 1]),
    )
    assert list(table["cluster"]) == ["M3", "M1", "M4"]
    assert (table[["pvalue", "padj"]] > 0).all(axis=None)
    assert table["log10_pvalue"][0] == pytest.approx(-900 + np.log10(4), abs=1e-3)


CALLED = (1e-9, 1e-9, 1, 1)
CHANGED = (1e-5, 1e-5, 1, 1)
FALLS, RISES = (-1, -1, 1, 1), (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("evidence", "direction", "conflict", "unconfirmed"),
    [
        ({"up": CALLED}, "up", None, "chromVAR not significant (adjusted p 1)"),
        ({"down": CALLED}, "down", None, "chromVAR not significant (adjusted p 1)"),
        ({"up": CALLED, "delta": RISES, "p": CHANGED}, "up", None, None),
        (
            {"up": CALLED, "delta": FALLS, "p": CHANGED},
            "up",
            "enriched in up peaks, chromVAR falls",
            None,
        ),
        (
            {"delta": FALLS, "p": CHANGED},
            "down",
            None,
            "not significantly enriched in down peaks (adjusted p 1)",
        ),
        (
            {"up": CALLED, "down": CHANGED},
            "up",
            "enriched in up and in down peaks",
            "chromVAR not significant (adjusted p 1)",
        ),
        (
            {"up": CALLED, "down": CHANGED, "delta": FALLS, "p": CHANGED},
            "up",
            "enriched in up and in down peaks, chromVAR falls",
            None,
        ),
        ({}, "none", None, None),
        ({"up": CALLED, "delta": [NA] * 4, "p": [NA] * 4}, "up", None, None),
    ],
)
def test_what_contradicts_is_told_from_what_is_not_confirmed(evidence, direction, conflict, unconfirmed):
    row = ranked(**evidence).loc["M1"]
    assert row["direction"] == direction
    assert row["conflicts"] == conflict
    assert row["unconfirmed"] == unconfirmed


@pytest.mark.parametrize(
    ("delta", "words"), [(RISES, "rises in 1 of 2 motifs"), ((-1, 1, 1, 1), "falls in 1 of 2 motifs")]
)
def test_one_motif_that_chromvar_calls_is_said_though_its_group_is_not_significant(delta, words):
    # significant among many motifs, as where relatives of a driver pass before it, and not among groups
    deviations = moved(delta, (0.02, 0.6, 1, 1)).assign(padj=(0.03, 0.7, 1, 1))
    for up, direction in ((CALLED, "up"), ((1, 1, 1, 1), "none")):
        table = factors.rank(library(), enriched(up), enriched((1, 1, 1, 1)), deviations)
        row = table.set_index("cluster").loc["M1"]
        assert row["direction"] == direction
        assert row["chromvar_padj"] == pytest.approx(0.12, abs=0.01)
        assert row["chromvar_motifs"] == "1 of 2"
        assert row["conflicts"] is None
        assert row["unconfirmed"] == (
            f"chromVAR {words}, not significant for the group (adjusted p {row['chromvar_padj']:.2g})"
        )


def test_motifs_that_pass_to_either_side_are_counted_apart():
    deviations = moved((1, -1, 1, 1), (0.02, 0.02, 1, NA)).assign(padj=(0.04, 0.04, 1, NA))
    table = factors.rank(library(), enriched((1, 1, 1, 1)), enriched((1, 1, 1, 1)), deviations)
    row = table.set_index("cluster").loc["M1"]
    assert row["chromvar_motifs"] == "2 of 2"
    assert row["unconfirmed"] == (
        "chromVAR rises in 1 of 2 motifs, not significant for the group (adjusted p 0.088); "
        "chromVAR falls in 1 of 2 motifs, not significant for the group (adjusted p 0.088)"
    )
    assert table.set_index("cluster").loc["M4", "chromvar_motifs"] is None


def test_enrichment_of_single_motifs_is_said_as_well():
    up = enriched((0.02, 1, 0.02, 1)).assign(padj=(0.03, 1, 0.03, 1))
    table = factors.rank(library(), up, enriched((1, 1, 1, 1)), moved((1,) * 4, (1,) * 4))
    rows = table.set_index("cluster")
    assert rows.loc["M1", "up_motifs"] == "1 of 2"
    assert rows.loc["M1", "down_motifs"] == "0 of 2"
    group = "not significant for the group (adjusted p 0.06)"
    assert rows.loc["M3", "unconfirmed"] == f"enriched in up peaks: 1 of 1 motif, {group}"
    assert rows.loc["M1", "unconfirmed"].startswith("enriched in up peaks: 1 of 2 motifs, ")


def test_words_fit_the_numbers_beside_them_and_never_claim_absence():
    rng = np.random.default_rng(5)
    for _ in range(60):
        p, sign = rng.choice([1e-6, 0.03, 0.6], (3, 4)), rng.choice([-1, 1], 4)
        alone = np.minimum(p[2] * rng.choice([1, 3]), 1)
        deviations = moved(sign * 0.2, p[2]).assign(padj=alone)
        table = factors.rank(library(), enriched(p[0]), enriched(p[1]), deviations)
        for row in table.itertuples():
            conflicts, unconfirmed = row.conflicts or "", row.unconfirmed or ""
            assert "unchanged" not in conflicts + unconfirmed
            own, against = row.up_padj < 0.05, row.down_padj < 0.05
            if row.chromvar_delta < 0:
                own, against = against, own
            if row.chromvar_padj < 0.05:
                assert "chromVAR" not in unconfirmed
                assert ("chromVAR" in conflicts) == against
                assert not (own and "not significantly enriched" in unconfirmed)
            else:
                assert "chromVAR" not in conflicts
                passing = not row.chromvar_motifs.startswith("0 ")
                assert ("chromVAR rises in" in unconfirmed or "chromVAR falls in" in unconfirmed) == passing


def test_lines_that_point_to_opposite_sides_do_not_add_up():
    both = ranked(up=(1e-4, 1e-4, 1, 1), delta=(1, 1, 1, 1), p=(2e-4, 2e-4, 1, 1)).loc["M1"]
    apart = ranked(up=(1e-4, 1e-4, 1, 1), delta=(-1, -1, 1, 1), p=(2e-4, 2e-4, 1, 1)).loc["M1"]
    assert both["pvalue"] == pytest.approx(2e-4, rel=1e-2)
    assert apart["pvalue"] == pytest.approx(4e-4, rel=1e-2)


def footprints(delta, p):
    table = pd.DataFrame({"motif_id": IDS, "delta_depth": delta, "pvalue": p, "padj": bh(p)})
    return table.assign(delta_flank=delta, flank_pvalue=1.0, flank_padj=1.0)


def test_footprints_count_if_there_are_any():
    without = ranked(up=(1e-6, 1e-6, 1, 1))
    assert without["delta_depth"].isna().all()
    assert without["depth_padj"].isna().all()
    sites = footprints([-0.5, -0.4, NA, 0.1], [1e-7, 1e-7, NA, 1])
    table = ranked(up=(1e-6, 1e-6, 1, 1), footprints=sites)
    assert table.loc["M1", "delta_depth"] == -0.5
    assert "footprint shallower, accessibility rises" in table.loc["M1", "conflicts"]
    assert table.loc["M3", "agreement"] == "0 of 2"
    assert table.loc["M4", "agreement"] == "0 of 3"
    flanks = ranked(footprints=sites.assign(pvalue=NA, flank_pvalue=1e-9))
    assert (flanks.loc[["M1", "M4"], "flank_padj"] < 1e-6).all()
    assert (flanks["direction"] == "none").all()  # shown, not counted
    alone = ranked(footprints=sites).loc["M1"]
    assert alone["direction"] == "down"
    assert alone["conflicts"] is None
    assert alone["unconfirmed"] == "footprint shallower, no significant change of accessibility"
    assert alone["depth_motifs"] == "2 of 2"
    assert table.loc["M3", "depth_motifs"] is None
    assert without["depth_motifs"].isna().all()


def test_footprints_of_single_motifs_are_said():
    sites = footprints([-0.5, 0.4, NA, 0.1], [0.02, 0.6, NA, 1]).assign(padj=[0.03, 0.6, NA, 1])
    row = ranked(footprints=sites).loc["M1"]
    assert row["unconfirmed"].startswith(
        "footprint shallower in 1 of 2 motifs, not significant for the group"
    )


def test_an_effect_goes_with_its_cluster_where_the_representative_does_not():
    # M1 leads by enrichment, but the cluster's chromVAR rests on M2
    table = ranked(up=(1e-20, 1, 1, 1), delta=(-0.01, 0.7, 1, 1), p=(0.9, 1e-5, 1, 1))
    assert table.loc["M1", "representative"] == "M1"
    assert table.loc["M1", "chromvar_delta"] == 0.7


def test_the_joint_p_value_is_taken_where_chromvar_gives_one():
    deviations = moved([1, 1, 1, 1], [1e-9] * 4).assign(
        joint_pvalue=[0.5, 0.5, NA, 0.5], joint_padj=[0.6, 0.6, NA, 0.6]
    )
    table = factors.rank(library(), enriched((1, 1, 1, 1)), enriched((1, 1, 1, 1)), deviations)
    table = table.set_index("cluster")
    assert (table["direction"] == "none").all()
    assert np.isnan(table.loc["M3", "chromvar_padj"])
    assert table["chromvar_motifs"].tolist() == ["0 of 2", None, "0 of 1"]


def test_nothing_tested_is_said():
    blank = [NA] * 4
    table = ranked(up=blank, down=blank, delta=blank, p=blank)
    assert (table["direction"] == "untested").all()
    assert table["rank"].isna().all()
    assert table["padj"].isna().all()
    assert (table["agreement"] == "0 of 0").all()


def test_no_peaks_of_one_direction_leave_the_other_side():
    table = ranked(up=(1e-8, 1e-8, 1, 1), down=[NA] * 4, p=(0.5, 0.5, 0.5, 0.5))
    assert table.loc["M1", "direction"] == "up"
    assert table["down_padj"].isna().all()


def test_a_library_without_clusters_or_motifs():
    plain = library().drop(columns="cluster")
    table = factors.rank(plain, enriched((1, 1, 1, 1)), enriched((1, 1, 1, 1)), moved([1] * 4, [1] * 4))
    assert len(table) == 4
    none = factors.rank(
        plain.head(0), enriched((1,) * 4).head(0), enriched((1,) * 4).head(0), moved([1] * 4, [1] * 4).head(0)
    )
    assert len(none) == 0
    assert list(none.columns) == list(table.columns)


def test_ids_that_look_like_numbers_stay_text(tmp_path):
    from workflow_lib.io import tables

    table = ranked().reset_index().assign(cluster="001", representative="010")
    tables.write_table(table, tmp_path / "a.tsv")
    found = factors.read(tmp_path / "a.tsv")
    assert found["cluster"].tolist() == ["001"] * 3
    assert found["representative"].tolist() == ["010"] * 3


# ---- the factors' own genes


def test_promoters_match_in_any_case_and_for_each_half_of_a_dimer():
    peaks = pd.DataFrame(
        {
            "gene_name": ["Tcf7", "tcf7", "RXRA", "Spi1", None],
            "feature": ["promoter", "promoter", "promoter", "distal", "promoter"],
            "log2FoldChange": [-1.2, 0.3, 0.8, 5.0, 1.0],
            "pvalue": [1e-8, 0.5, NA, 1e-9, 1e-9],
            "padj": [1e-6, 0.9, NA, 1e-7, 1e-7],
        }
    )
    table = ranked(up=(1e-9, 1e-9, 1, 1), promoters=own_genes.promoter_peaks(peaks))
    row = table.loc["M1"]
    assert row["promoter_gene"] == "Tcf7"
    assert row["promoter_log2FC"] == -1.2
    assert row["promoter_padj"] == pytest.approx(2e-8, rel=1e-3)  # two peaks, one cluster tested
    assert row["promoter_genes"] == "Tcf7 -1.20 (1e-06)"
    assert row["conflicts"].endswith("promoter of Tcf7 closes")
    assert table.loc["M3", "promoter_genes"] == "RXRA +0.80"
    assert table.loc["M4", "promoter_gene"] is None
    assert table["expression_genes"].isna().all()


def test_without_annotation_there_are_no_promoters():
    assert own_genes.promoter_peaks(pd.DataFrame({"gene_name": [None], "feature": [None]})) is None


def test_expression_is_tested_on_the_samples_that_have_it():
    rng = np.random.default_rng(0)
    samples = pd.DataFrame({"group": ["a"] * 4 + ["b"] * 4}, index=[f"s{i}" for i in range(8)])
    values = pd.DataFrame(rng.poisson(200, (300, 7)), columns=[f"s{i}" for i in range(7)])
    values.index = ["ENSG1.2", *(f"G{i}" for i in range(299))]
    values.loc["ENSG1.2", ["s4", "s5", "s6"]] *= 4
    genes = pd.DataFrame({"gene_id": ["ENSG1.7"], "gene_name": ["TCF7"]})
    contrast = {"variable": "group", "experiment": "b", "control": "a"}
    found = own_genes.expression_change(values, samples, "~ group", contrast, genes)
    assert found["gene_name"][0] == "TCF7"
    assert found["log2FC"][0] == pytest.approx(2, abs=0.2)
    assert found["padj"][0] < 1e-6
    assert (found["padj"][1:] > 0.01).mean() > 0.99
    table = ranked(expressed=found)
    assert table.loc["M1", "expression_gene"] == "TCF7"
    assert own_genes.expression_change(values[["s0", "s1"]], samples, "~ group", contrast) is None


# ---- samples beside peaks


def activities(rise, z=(8, 8, 0, 0), df=4, **given):
    """Evidence of samples and of the trend: log10 one-sided p of a rise."""
    columns = {"given_pvalue": [NA] * 4, "explained_by": [None] * 4} | given
    table = pd.DataFrame({"motif_id": IDS, "slope_z": z, "activity": 0.3, "df_residual": df, **columns})
    table["rise_log10p"] = rise
    table["fall_log10p"] = np.where(np.isnan(rise), NA, 0.0)
    return table


def test_peaks_alone_call_nothing():
    called = ranked(up=(1e-12, 1e-12, 1, 1), activity=activities((-9, -9, 0, 0))).loc["M1"]
    assert called["direction"] == "up"
    assert called["verdict"] == "changed"
    assert called["activity_padj"] < 1e-6
    quiet = ranked(up=(1e-12, 1e-12, 1, 1), activity=activities((-0.5, -0.5, 0, 0))).loc["M1"]
    assert quiet["direction"] == "none"
    assert quiet["up_padj"] < 1e-9  # still shown
    unknown = ranked(up=(1e-12, 1e-12, 1, 1), activity=activities((NA, NA, NA, NA))).loc["M1"]
    assert unknown["direction"] == "untested"


def test_the_larger_of_both_counts_and_samples_less_where_there_are_enough():
    few, enough = (
        ranked(up=(1e-12,) * 2 + (1, 1), activity=activities((-5.0, -5.0, 0, 0), df=df)).loc["M1"]
        for df in (2, 4)
    )
    assert few["pvalue"] == pytest.approx(2e-5, rel=1e-3)
    assert enough["pvalue"] == pytest.approx(1e-5, rel=1e-3)


def test_a_companion_is_not_called_and_its_leader_named():
    both = {"up": (1e-12, 1e-12, 1e-9, 1), "activity": None}
    told = {"given_pvalue": [NA, NA, 0.7, NA], "explained_by": [None, None, "M1", None]}
    both["activity"] = activities((-9, -9, -9, 0), z=(8, 8, 7, 0), **told)
    table = ranked(**both)
    assert table.loc["M3", "direction"] == "none"
    assert table.loc["M3", "explained_by"] == "TCF7"
    assert table.loc["M3", "verdict"] == "explained by TCF7"
    assert table.loc["M3", "padj"] == pytest.approx(0.7)
    assert table.loc["M3", "pvalue"] < 1e-6
    same = both | {
        "activity": activities(
            (-9, -9, -9, 0), z=(8, 8, 7, 0), given_pvalue=[NA] * 4, explained_by=[None, None, "M1", None]
        )
    }
    assert ranked(**same).loc["M3", "verdict"] == "changed, with the same sites as TCF7"


@pytest.mark.parametrize(("down_hits", "verdict"), [(60, "both directions"), (10, "changed")])
def test_a_motif_of_both_directions_is_not_called_for_one(down_hits, verdict):
    counted = {"foreground_size": 300, "background_hits": 40.0, "background_size": 3000}
    sides = {
        way: enriched((1e-12, 1e-12, 1, 1)).assign(foreground_hits=hits, **counted)
        for way, hits in (("up", 64), ("down", down_hits))
    }
    table = factors.rank(
        library(),
        sides["up"],
        sides["down"],
        moved((0.1,) * 4, (1,) * 4),
        activity=activities((-9, -9, 0, 0)),
    ).set_index("cluster")
    assert table.loc["M1", "verdict"] == verdict
