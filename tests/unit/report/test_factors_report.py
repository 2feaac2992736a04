"""What the report and the figure say of factors."""

import fake_results as fake
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from workflow_lib.factors import evidence
from workflow_lib.io import tables
from workflow_lib.plots import factors as plots
from workflow_lib.plots import style
from workflow_lib.report import answer, format
from workflow_lib.report import factors as report
from workflow_lib.report.content import Figure

GROUPS = {"variable": "group", "experiment": "treated", "control": "control"}
FAMILIES = {"M0": "TCF", "M2": "ETS", "M3": "ETS"}
N = 12


def ranked(tested: bool = True, footprints: bool = False) -> pd.DataFrame:
    """Twelve motifs in eleven clusters; M0 with M1 up, M2 and its relative M3 down."""
    ids = [f"M{i}" for i in range(N)]
    clusters = ["M0", "M0", *ids[2:]]
    names = {"motif_id": ids, "name": [f"F{i}" for i in range(N)], "tf_names": [f"F{i}" for i in range(N)]}
    library = pd.DataFrame(names).assign(cluster=clusters, reaches_pvalue=[False, *[True] * (N - 1)])

    def enriched(smallest: dict[int, float]) -> pd.DataFrame:
        log10p = np.array([smallest.get(i, -0.1) if tested else np.nan for i in range(N)])
        effects = {"odds_ratio": 2.5, "log2_enrichment": 1.0}
        return pd.DataFrame({"motif_id": ids, "log10_pvalue": log10p, "padj": 12 * 10**log10p, **effects})

    p = np.where([i in (2, 3) for i in range(N)], 1e-5, 0.6) if tested else np.nan
    moved = pd.DataFrame({"motif_id": ids, "delta": -0.2, "pvalue": p, "padj": p})
    sites = pd.DataFrame(
        {"motif_id": ids, "delta_depth": 0.1, "pvalue": 0.4, "padj": 0.4, "delta_flank": 0.2}
    )
    return evidence.rank(
        library,
        enriched({0: -9, 1: -8}),
        enriched({2: -12, 3: -6}),
        moved,
        footprints=sites.assign(flank_pvalue=0.001, flank_padj=0.01) if footprints else None,
    )


def test_the_answer_names_one_of_each_family_and_warns_of_relatives():
    sentence = answer.factors_sentence(ranked(), FAMILIES, GROUPS, 0.05)
    assert sentence == (
        "Factors, treated against control: 3 of 11 clusters of similar motifs changed. More active: F0 or 1 "
        "similar (M0, TCF; adjusted p 4.0e-08). Less active: F2 (M2, ETS; adjusted p 4.4e-11). Each name "
        "stands for its family, whose members bind the same sequence."
    )
    against = ranked()
    against.loc[0, "conflicts"] = "enriched in down peaks, chromVAR rises"
    sentence = answer.factors_sentence(against, FAMILIES, GROUPS, 0.05)
    assert "changed (lines of evidence contradict each other on 1). More active" in sentence


def test_a_dimer_does_not_stand_beside_the_family_of_its_half():
    table = pd.DataFrame({"motif_id": ["A", "B", "C", "D"]})
    families = {"A": "ETS", "B": "FOX; ETS", "C": "FOX", "D": "ETS"}
    assert answer.one_a_family(table, families, 3)["motif_id"].tolist() == ["A", "C"]
    assert answer.one_a_family(table, {}, 3)["motif_id"].tolist() == ["A", "B", "C"]
    assert answer.one_a_family(table.head(0), families, 3)["motif_id"].tolist() == []


def test_the_answer_where_nothing_changed_or_was_tested():
    calm = ranked().assign(padj=0.7)
    assert "none of 11 clusters of similar motifs shows a change" in answer.factors_sentence(
        calm, FAMILIES, GROUPS, 0.05
    )
    assert "no motif could be tested" in answer.factors_sentence(ranked(False), FAMILIES, GROUPS, 0.05)


def section(table):
    figure = Figure("data:,", "alt", "caption")
    return report.section("a.b", table, FAMILIES, {"M0": "data:,x"}, figure, GROUPS, 0.05, "f.tsv")


def test_the_section_shows_evidence_conflicts_and_cautions():
    found = section(ranked())
    text, _, table = found.parts
    assert found.anchor == "factors-a.b"
    headings = [column.heading for column in table.columns]
    assert "flanks" not in headings
    rows = {row[headings.index("name")].text: [cell.text for cell in row] for row in table.rows}
    assert rows["F0 †"][headings.index("in up peaks")].startswith("2.50 (")
    assert rows["F0 †"][headings.index("alike")] == "and 1 similar: F1"
    assert rows["F0 †"][headings.index("in up peaks")].endswith("; 2 of 2)")
    assert rows["F0 †"][headings.index("conflicts")] == ""
    doubt = "chromVAR not significant (adjusted p 0.6)"
    assert rows["F0 †"][headings.index("not confirmed")] == doubt
    assert rows["F2"][headings.index("not confirmed")] == ""
    assert rows["F2"][headings.index("chromVAR")].count(";") == 0  # alone in its group
    assert rows["F2"][headings.index("agree")] == "2 of 2"
    assert rows["F2"][headings.index("direction")] == "down"
    said = " ".join(text.paragraphs)
    assert "whose members bind the same sequence" in said
    how = " ".join(found.guide)
    assert "cannot say which member acts" in how
    assert "Footprints were not tested in this run" in how
    assert len(table.rows) == 5


def test_the_section_with_footprints_and_the_one_without_anything():
    found = section(ranked(footprints=True))
    assert "flanks" in [column.heading for column in found.parts[2].columns]
    assert "depth of footprints" in found.guide[0]
    assert len(section(ranked(False)).parts) == 1


def test_one_heading_says_in_each_table_what_its_cells_hold():
    for of, address, words in (
        ("factors", "results/factors/a.tsv", "odds ratio of enrichment in more open peaks"),
        ("enrichment", "motifs/enrichment/a.up.tsv", "share of the more open peaks with a hit"),
        ("no table", "", ""),
    ):
        said = format.hint("in up peaks", "in up peaks", address)
        assert said.startswith(words), of
        assert bool(said) == bool(words), of


def test_the_caption_and_the_guide_say_whose_effects_are_shown_and_what_both_directions_are():
    table = ranked().assign(verdict="none")
    found = section(table)
    assert "effects are those of the motif that names the row" in found.parts[2].caption
    assert "is called to neither side" in found.guide[0]


@pytest.mark.parametrize("table", [ranked(), ranked(footprints=True), ranked(False), ranked().head(0)])
def test_the_figure_is_drawn_and_repeats(table, tmp_path):
    style.save(plots.evidence(table, 0.05), tmp_path / "a.svg")
    style.save(plots.evidence(table, 0.05), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_figure_marks_groups_of_which_only_single_motifs_pass():
    def dots(table):
        axes = plots.evidence(table, 0.05).axes[0]
        return [len(drawn.get_offsets()) for drawn in axes.collections if drawn.get_gid() == "alone"]

    table = ranked()
    assert sum(dots(table)) == 0
    lead = table["cluster"] == "M0"
    table.loc[lead, "chromvar_motifs"] = "1 of 2"
    assert sum(dots(table)) == 1
    table.loc[lead, "chromvar_padj"] = 0.01  # the group passes: nothing to add
    assert sum(dots(table)) == 0


def test_the_figure_shows_what_was_tested():
    def headings(table):
        return [text.get_text() for text in plots.evidence(table, 0.05).axes[0].get_xticklabels()]

    assert headings(ranked()) == [
        "all\nevidence",
        "opened\nregions",
        "closed\nregions",
        "chromVAR",
    ]
    assert headings(ranked(footprints=True))[-2:] == ["footprint\ndepth", "flanks†"]


def test_an_effect_has_its_own_side_whatever_its_p():
    table = ranked().dropna(subset="padj")
    table["up_odds_ratio"] = [0.72, 3.0, 1.5, *[1.0] * (len(table) - 3)]
    sides, sizes = plots.effects(table, "up_odds_ratio")
    assert list(sides[:3]) == ["rarer", "up", "up"]
    assert sizes[1] == 1
    assert sizes[0] == pytest.approx(np.log2(1 / 0.72) / np.log2(3))
    assert plots.effects(table, "down_odds_ratio")[0][0] == "down"
    drawn = plots.evidence(table.assign(up_padj=0.9), 0.05).axes[0]
    # the second column is grey whatever the effect
    grey = {to_hex(style.LIGHT_GREY), to_hex(style.GREY)}
    marks = [each for each in drawn.collections if len(each.get_offsets()) and each.get_gid() != "alone"]
    second = [each for each in marks if each.get_offsets()[0][0] == 1]
    assert {to_hex(each.get_facecolor()[0]) for each in second} <= grey


def test_the_report_answers_with_factors_first(tmp_path):
    results = fake.write(tmp_path, reads=False, demo=False, drawn=False, n=300)
    up, down, deviations = map(tables.read_table, (*results["enrichment"], *results["deviation_tests"]))
    table = evidence.rank(tables.read_table(results["library"]), up, down, deviations)
    tables.write_table(table, tmp_path / f"factors/{fake.CONTRAST}.tsv")
    style.save(plots.evidence(table, 0.05), tmp_path / f"factors/figures/{fake.CONTRAST}.svg")
    results["factors"] = [str(tmp_path / f"factors/{fake.CONTRAST}.tsv")]
    results["factors_figure"] = [str(tmp_path / f"factors/figures/{fake.CONTRAST}.svg")]
    content = fake.collected(results, tmp_path / "report.html")
    first = content.answer[0]
    assert first.sentence.startswith("Factors, treated against control: ")
    assert any("regions tested" in said for said in first.details)
    chapter = next(section for section in content.sections if section.anchor.startswith("contrast"))
    assert "Factors" in [section.title for section in chapter.sections]
    listed = next(section for section in content.sections if section.title == "Files").parts[0]
    assert f"factors/{fake.CONTRAST}.tsv" in [row[0].text for row in listed.rows]


def test_permuted_labels_are_told_in_a_sentence():
    table = pd.DataFrame({"direction": ["up", "down", "none", "none"]})
    permuted = pd.DataFrame({"n_clusters": [0, 0, 3], "possible": [9.0] * 3})
    said = report.by_permuted(permuted, table)
    assert "3 of 9 possible" in said
    assert "1 were called on average, 3 at most of 4 clusters" in said
    assert said.endswith("with the true labels 2.")
    changed = table.assign(direction="changed")  # of a contrast without directions
    assert f"with the true labels {len(table)}" in report.by_permuted(permuted, changed)
    assert "none was called" in report.by_permuted(permuted.assign(n_clusters=0), table)
    assert "could not be permuted" in report.by_permuted(permuted.head(0), table)


def test_sites_of_groups_that_are_not_listed_are_told():
    counted = pd.DataFrame(
        {
            "name": ["A", "B", "C"],
            "direction": ["up", "down", "none"],
            "n_hits": [30, 20, 10],
            "n_peaks": [25, 15, 5],
            "n_up": [5, 0, 0],
            "n_down": [0, 5, 0],
            "listed": [True, False, False],
        }
    )
    made = report.sites(counted, "factors/t.targets.tsv.gz")
    assert made.caption.startswith("Sites of 1 cluster. ")
    assert "the first of 2 clusters called" in made.caption
    assert made.href == "factors/t.targets.tsv.gz"
    assert [column.heading for column in made.columns][1:3] == ["sites", "peaks with a site"]
    assert "No cluster is called" in report.sites(counted.assign(direction="none"), "").caption
    assert "No cluster is called" not in report.sites(counted.assign(direction="changed"), "").caption


def test_sites_of_an_interaction_are_told_by_the_difference():
    counted = pd.DataFrame(
        {"name": ["A"], "direction": "up", "n_hits": 3, "n_peaks": 3, "n_up": 2, "n_down": 1, "listed": True}
    )
    address = "results/factors/t.targets.tsv.gz"
    columns = report.sites(counted, address, "interaction").columns
    assert [column.heading for column in columns][-2:] == [
        "of them with a positive difference",
        "of them with a negative difference",
    ]
    assert all(column.hint for column in columns[1:])


def test_what_both_directions_are_depends_on_the_contrast():
    def told(**groups):
        table = ranked().assign(verdict="none")
        return report.section("a", table, {}, {}, None, GROUPS | groups, 0.05).guide[0]

    assert "in peaks that opened and in peaks that closed" in told()
    assert "Both directions" not in told(kind="any", words="any difference between the levels of group")
    said = told(kind="interaction", words="the effect of group in a, less that in b")
    assert "in peaks whose difference is positive and in peaks whose difference is negative" in said


def test_names_that_match_nothing_are_told():
    table = pd.DataFrame({"tf_names": ["Spi1;SPIB", "TCF7", None]})
    assert report.unmatched(table, None) == []
    assert report.unmatched(table, ["PU.1", "Other"]) == []  # an alias matches
    (said,) = report.unmatched(table, ["YAL001C", "YAL002W"])
    assert "none of 3 factors" in said
    assert "YAL001C" in said
    empty = table.assign(expression_levels=None)
    (said,) = report.unmatched(empty, ["spi1"])
    assert "linkage.expression" in said
    assert report.unmatched(table.assign(expression_levels=["Spi1 3", None, None]), ["spi1"]) == []
    assert report.unmatched(table.assign(tf_names=None), []) == []
