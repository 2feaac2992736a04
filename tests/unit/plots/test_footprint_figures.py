"""Figures of footprints: what they show, and what they say where there is nothing to show."""

import fake_footprints as fake
import numpy as np
import pandas as pd
import pytest

from workflow_lib.footprints import by_site, profiles
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.io import tables
from workflow_lib.plots import footprints, style, tn5_bias

GROUPS = list(fake.GROUPS)
COLOURS = style.group_colours(GROUPS)
FLANK = fake.FLANK


def empty(table):
    """The same profile without any cut."""
    return table.assign(**dict.fromkeys(table.columns.drop("position"), np.nan))


def texts(figure):
    """All words of a figure."""
    found = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    return "\n".join(found)


def is_message(figure):
    return len(figure.axes) == 1 and not figure.axes[0].axison


def test_profile_marks_motif_and_near_flanks_and_says_the_test():
    test = fake.changes().iloc[0]
    figure = footprints.profile(fake.profile(), test, 12, GROUPS, COLOURS)
    above, below = figure.axes
    spans = sorted((round(p.get_x(), 1), round(p.get_x() + p.get_width(), 1)) for p in below.patches)
    # the motif's 12 bases are -6 to 5; flanks 5 to 35 bp from its edges
    assert spans == [(-41.5, -11.5), (-6.5, 5.5), (10.5, 40.5)]
    assert len(above.lines) == 4
    assert len(below.collections) == 2  # bands
    said = texts(figure)
    assert "TF0 (M0), 50 sites" in said
    assert "change in depth +0.40 (+0.30 to +0.50), adjusted p 4e-05" in said
    assert "relative to near flanks" in below.get_ylabel()
    assert below.lines[-1].get_color() == COLOURS["treated"]
    assert below.lines[-1].get_ydata()[FLANK] == pytest.approx(-0.5 - 6 / 5 / 400)  # mean of |x| <= 2


def test_profile_says_that_there_is_no_footprint_and_no_test():
    test = fake.changes(note="no footprint").iloc[1]
    assert "no footprint" in texts(footprints.profile(fake.profile(0), test, 8, GROUPS, COLOURS))
    untested = fake.changes(
        padj=np.nan, pvalue=np.nan, delta_depth_ci_low=np.nan, delta_depth_ci_high=np.nan
    ).iloc[0]
    assert footprints.verdict(untested) == "change in depth +0.40, without a test"
    assert footprints.verdict(fake.changes(delta_depth=np.nan, note="too few sites").iloc[0]) == (
        "change in depth: not tested; too few sites"
    )


def test_profile_without_cuts_is_a_message():
    test = fake.changes(n_sites=1).iloc[0]
    figure = footprints.profile(empty(fake.profile()), test, 12, GROUPS, COLOURS)
    assert is_message(figure)
    assert "TF0 (M0), 1 site: there are no cuts" in texts(figure)


def test_leading_motifs_come_by_p_and_untested_last():
    tests = fake.changes(6)
    tests.loc[5, ["pvalue", "padj", "delta_depth"]] = np.nan
    tests.loc[2, "note"] = "no footprint; wide interval: low power"
    shown = {f"M{i}": fake.profile() for i in (5, 2, 4, 0)} | {"M1": empty(fake.profile())}
    figure = footprints.profiles(shown, tests, dict.fromkeys(shown, 9), GROUPS, COLOURS)
    drawn = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title(loc="left") for axes in drawn] == [f"TF{i}, 50 sites" for i in (0, 4, 2, 5)]
    assert "no footprint; low power" in drawn[2].texts[0].get_text()
    assert "not tested" in drawn[3].texts[0].get_text()
    assert drawn[0].get_ylim() == drawn[3].get_ylim()


@pytest.mark.parametrize("shown", [{}, {"M0": empty(fake.profile())}])
def test_no_profile_is_a_message(shown):
    assert is_message(footprints.profiles(shown, fake.changes(), {"M0": 9}, GROUPS, COLOURS))


def test_one_motif_takes_one_panel():
    figure = footprints.profiles({"M0": fake.profile()}, fake.changes(1), {"M0": 9}, GROUPS, COLOURS)
    assert len(figure.axes) == 1


def test_changes_are_counted_by_kind_and_significant_ones_named():
    figure = footprints.changes(fake.changes(40), 0.05, "treated", "control")
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["neither: 10", "flanks: 20", "depth: 10"]
    markers = figure.axes[0].collections
    assert len({tuple(map(tuple, points.get_paths()[0].vertices)) for points in markers}) == 3  # shapes
    assert len({tuple(points.get_facecolors()[0]) for points in markers}) == 3
    named = {text.get_text() for text in figure.axes[0].texts}
    assert "TF0" in named
    assert "TF2" not in named  # changed in neither
    assert "treated \N{MINUS SIGN} control" in figure.axes[0].get_xlabel()


def test_changes_without_tests_or_motifs():
    nothing = dict.fromkeys(("pvalue", "padj", "flank_padj"), np.nan)
    figure = footprints.changes(fake.changes(**nothing), 0.05, "treated", "control")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["without a test: 4"]
    assert not figure.axes[0].texts
    assert is_message(footprints.changes(fake.changes(delta_depth=np.nan), 0.05, "treated", "control"))
    assert is_message(footprints.changes(fake.changes().head(0), 0.05, "treated", "control"))


def test_heat_map_of_sites_and_without_any():
    rng = np.random.default_rng(0)
    panels = {group: rng.poisson(1.0, (50, 2 * FLANK + 1)).astype(float) for group in GROUPS}
    figure = footprints.by_site(panels, fake.changes().iloc[0], 12, GROUPS)
    images = [axes.images[0].get_array() for axes in figure.axes[:2]]
    assert [image.shape for image in images] == [(50, 59)] * 2  # 5 bp a column
    assert images[0][7, 29] == pytest.approx(panels["control"][7, FLANK - 2 : FLANK + 3].mean())
    assert figure.axes[0].images[0].get_clim() == figure.axes[1].images[0].get_clim()
    assert "50 sites by score, best on top" in texts(figure)
    many = footprints.by_site(panels, fake.changes(n_sites=500).iloc[0], 12, GROUPS)
    assert "500 sites by score, best on top;\n50 rows, means of neighbours" in texts(many)
    nothing = {group: np.zeros((0, 2 * FLANK + 1)) for group in GROUPS}
    assert is_message(footprints.by_site(nothing, fake.changes(n_sites=0).iloc[0], 12, GROUPS))
    assert is_message(
        footprints.by_site({"control": np.full((3, 301), np.nan)}, fake.changes().iloc[0], 12, GROUPS)
    )


def test_all_figures_are_written(tmp_path):
    tests = fake.changes(3).assign(motif_id=["M0", "A::B/1", "M2"])
    shown = {"A::B/1": fake.profile()}
    panels = {"A::B/1": {group: np.ones((5, 301)) for group in GROUPS}}
    footprints.draw_all(shown, panels, tests, {"A::B/1": 9}, GROUPS, COLOURS, tmp_path / "x")
    stem = "A%3A%3AB%2F1"
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == sorted(
        f"{stem}{kind}" for kind in (".svg", ".png", ".pdf", ".sites.svg", ".sites.png", ".sites.pdf")
    )
    footprints.draw_all({}, {}, tests, {}, GROUPS, COLOURS, tmp_path / "none")
    assert list((tmp_path / "none").iterdir()) == []


def test_cuts_of_sites_are_relative_to_the_near_flanks():
    cuts = np.zeros((2, 201), dtype=np.uint16)
    cuts[0, 100 + 15 : 100 + 20] = 6  # 10 to 15 bp from the right edge of a motif of 10 bp: -5 to 4
    found = by_site.relative(cuts, 10)
    # 30 cuts over 2 sites of 60 bases
    assert found[0, 116] == pytest.approx(6 / (30 / 120))
    assert np.isnan(by_site.relative(np.zeros((2, 201)), 10)).all()
    assert by_site.relative(np.zeros((0, 201)), 10).shape == (0, 201)


def test_sites_are_pooled_by_falling_score():
    values = np.arange(10.0)[:, None] * np.ones(3)
    scores = np.arange(10.0)
    assert by_site.pooled(values, scores, 20)[:, 0].tolist() == list(range(9, -1, -1))
    assert by_site.pooled(values, scores, 5)[:, 0].tolist() == [8.5, 6.5, 4.5, 2.5, 0.5]
    uneven = by_site.pooled(values, scores, 4)[:, 0]
    assert len(uneven) == 4
    assert uneven[0] == pytest.approx(8.5)


def test_sites_of_groups_from_stores(tmp_path):
    """Two samples of one group, one of another: cuts land in the rows of their sites, minus mirrored."""
    sites = pd.DataFrame(
        {
            "motif": np.array([1, 1, 0], dtype=np.int32),
            "contig": np.array([0, 0, 0], dtype=np.int32),
            "start": [1000, 3000, 5000],
            "end": [1010, 3010, 5010],
            "minus": [False, True, False],
            "score": [5.0, 9.0, 1.0],
        }
    )
    stores = {}
    for sample in ("s1", "s2", "s3"):
        at = {"chr1": np.array([1020, 3020], dtype=np.int32)}
        stores[sample] = write_store(tmp_path / f"{sample}.h5", at)
    found = by_site.collect(
        ["M1", "M2"], ["M0", "M1", "M2"], sites, stores, {"s1": "a", "s2": "a", "s3": "b"}, ["chr1"], 100
    )
    assert list(found) == ["M1", "M2"]
    one = found["M1"]["a"]
    assert one.shape == (2, 201)
    # best score first: the minus site, whose centre is 3010 - 1 - 5
    assert np.flatnonzero(one[0]).tolist() == [100 - (3020 - 3004)]
    assert np.flatnonzero(one[1]).tolist() == [100 + (1020 - 1005)]
    assert np.array_equal(found["M1"]["b"], one)
    assert found["M2"]["a"].shape == (0, 201)
    by_site.write({"A::B/1": found["M1"], "M2": found["M2"]}, tmp_path / "by_site.h5")
    again = by_site.read(tmp_path / "by_site.h5")
    assert list(again) == ["A::B/1", "M2"]
    for motif_id, kept in (("A::B/1", "M1"), ("M2", "M2")):
        assert list(again[motif_id]) == ["a", "b"]
        for group in ("a", "b"):
            assert np.array_equal(again[motif_id][group], found[kept][group])


def write_store(path, cuts):
    """A store of single-end reads, all of the plus strand."""
    FragmentStore(
        contigs={"chr1": 10_000}, paired=False, tn5_shift=(4, -4), tn5_evidence="", n_reads=2, n_mapped=2,
        n_duplicates=0, mapped_per_contig={"chr1": 2}, plus=cuts, minus={"chr1": np.empty(0, np.int32)},
    ).write(path)  # fmt: skip
    return path


def test_strands_that_mirror_each_other():
    assert tn5_bias.mirrored(fake.bias_logo()) == pytest.approx(1)
    assert abs(tn5_bias.mirrored(fake.bias_logo(noise=30))) < 0.4
    assert np.isnan(tn5_bias.mirrored(fake.bias_logo().assign(A=0.0, C=0.0, G=0.0, T=0.0)))


def test_samples_alike_in_their_preference():
    same = [fake.bias_logo(0, sample) for sample in ("s1", "s2", "s3")]
    table = tn5_bias.alike(pd.concat([*same, fake.bias_logo(5, "odd")]))
    assert table["sample"].tolist() == ["s1", "s2", "s3", "odd"]
    assert table["others"].argmin() == 3
    assert np.isnan(tn5_bias.alike(fake.bias_logo())["others"]).all()
    blank = fake.bias_logo(0, "blank").assign(**dict.fromkeys("ACGT", np.nan))
    for tables_of in ([*same, blank], [blank]):
        row = tn5_bias.alike(pd.concat(tables_of)).iloc[-1]
        assert row["sample"] == "blank"
        assert row[["strands", "others"]].isna().all()


def test_bias_logo_has_both_strands():
    figure = tn5_bias.draw(fake.bias_logo(), "s1")
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "Cuts of plus-strand reads",
        "Cuts of minus-strand reads",
    ]
    assert is_message(tn5_bias.draw(fake.bias_logo().assign(A=np.nan, C=np.nan, G=np.nan, T=np.nan), "s1"))
    assert is_message(tn5_bias.draw(fake.bias_logo().head(0), "s1"))


def test_profiles_are_read_back_in_order(tmp_path):
    for motif_id in ("M1", "A::B"):
        tables.write_table(fake.profile(), tmp_path / profiles.file_name(motif_id))
    assert list(profiles.read(tmp_path, ["A::B", "M9", "M1"])) == ["A::B", "M1"]
