"""The head of the report: what each contrast came to, in one row."""

import fake_results
import numpy as np
import pandas as pd
import pytest

from workflow_lib.report import factors, head, normalisation, quality
from workflow_lib.report.content import Badge, Section
from workflow_lib.report.summary import Found
from workflow_lib.stats import forms

GROUPS = {"variable": "group", "experiment": "treated", "control": "control"}


def test_a_contrast_of_any_difference_counts_its_peaks_apart():
    sided = fake_results.differential(400)
    any_difference = sided.assign(
        direction=np.where(sided["direction"].isin(["up", "down"]), "changed", sided["direction"])
    )
    found = {name: Found(GROUPS, table, (3, 3)) for name, table in (("a", sided), ("b", any_difference))}
    table = head.overview(found, 0.05, {})
    assert [column.heading for column in table.columns][-3:] == ["opened", "closed", "changed"]
    rows = [[cell.text for cell in row][-3:] for row in table.rows]
    n = sided["direction"].value_counts()
    assert rows == [[str(n["up"]), str(n["down"]), ""], ["", "", str(n["up"] + n["down"])]]
    only = head.overview({"a": found["a"]}, 0.05, {})
    assert [column.heading for column in only.columns][-1] == "closed"


def test_a_contrast_of_any_difference_without_calls_has_none_changed():
    quiet = fake_results.differential(400).replace({"direction": ["up", "down"]}, "none")
    groups = forms.named({"variable": "group", "test": "any"})
    table = head.overview({"a": Found(groups, quiet, (3, 3))}, 0.05, {})
    assert [column.heading for column in table.columns][-3:] == ["opened", "closed", "changed"]
    assert [cell.text for cell in table.rows[0]][-3:] == ["", "", "0"]


def test_of_a_difference_of_differences_nothing_opens():
    """Regions of an interaction respond more or less: whether they open, the contrast does not ask."""
    table = fake_results.differential(400)
    groups = GROUPS | {"kind": "interaction", "words": "the effect of group in a, less that in b"}
    (row,) = head.overview({"a": Found(groups, table, (3, 3))}, 0.05, {}).rows
    n = table["direction"].value_counts()
    assert [cell.text for cell in row][-2:] == [f"{n['up']} higher", f"{n['down']} lower"]


def test_factors_of_any_difference_stand_under_their_own_heading():
    called = pd.DataFrame(
        {
            "representative": ["M1", "M2"],
            "name": ["GATA1", "TCF7"],
            "padj": [0.001, 0.9],
            "cluster": ["M1", "M2"],
        }
    )
    sides = called.assign(direction=["up", "none"])
    changed = called.assign(direction=["changed", "none"])
    peaks = fake_results.differential(400)
    quiet = peaks.assign(direction="none")
    of_any = forms.named({"variable": "group", "test": "any"})
    found = {
        "a": Found(GROUPS, peaks, (3, 3), sides),
        "b": Found(of_any, quiet, (3, 3), changed),
    }
    families = {"M1": "GATA", "M2": "TCF"}
    table = head.overview(found, 0.05, families)
    headings = [column.heading for column in table.columns][-3:]
    assert headings == ["factors gained", "factors lost", "factors changed"]
    assert [[cell.text for cell in row][-3:] for row in table.rows] == [
        ["GATA1", "none", ""],
        ["", "", "GATA1"],
    ]
    alone = head.overview({"b": found["b"]}, 0.05, families)
    assert [column.heading for column in alone.columns if "factors" in column.heading] == ["factors changed"]
    assert alone.rows[0][-1].text == "GATA1"


@pytest.mark.parametrize(
    ("verdicts", "words", "tone"),
    [
        (["ideal"] * 3, "all ideal", "good"),
        (["concerning"] * 2, "all concerning", "bad"),
        (["acceptable", "ideal", "ideal"], "2 ideal, 1 acceptable", "fair"),
        (["ideal", None, "not judged"], "1 ideal, 2 not judged", "good"),
    ],
)
def test_the_badge_of_reads_counts_every_sample(verdicts, words, tone):
    assert quality.badge(pd.DataFrame({"verdict": verdicts})) == Badge(words, tone, "Reads")


def test_reads_that_nobody_judged_have_no_badge():
    assert quality.badge(pd.DataFrame({"verdict": ["not judged", None]})) is None


def section(anchor, badge, *below, panel=False):
    return Section(anchor, anchor, sections=below, badge=badge, panel=panel)


def test_each_stage_has_its_worst_verdict_and_leads_to_where_that_stands():
    good, bad = (
        Badge("shuffled labels give none", "good", "Test"),
        Badge("shuffled labels give 90", "bad", "Test"),
    )
    chapters = [
        section(
            "quality", Badge("all ideal", "good", "Reads"), section("tn5", Badge("odd", "bad", "Footprints"))
        ),
        section("a", None, section("test-a", good), panel=True),
        section("b", None, section("test-b", bad), panel=True),
    ]
    found = head.badges(chapters, [Badge("enough reads", "good", "Regions", "quality"), None])
    assert [(one.stage, one.tone, one.anchor) for one in found] == [
        ("Reads", "good", "quality"),
        ("Regions", "good", "quality"),
        ("Test", "bad", "test-b"),
        ("Footprints", "bad", "tn5"),
    ]
    assert found[2].text == "shuffled labels give 90 (1 of 2 contrasts)"
    assert found[0].text == "all ideal"


def test_verdicts_of_regions_and_factors():
    half = pd.DataFrame({"found_by_half": [0.95, 0.92]})
    assert quality.regions_badge(half, 0).tone == "good"
    assert quality.regions_badge(half, 3).text == "3 in likely artefacts"
    assert quality.regions_badge(half - 0.1, 0).tone == "fair"
    assert quality.regions_badge(half.drop(columns="found_by_half"), 0) is None
    tones = [factors.badge(pd.DataFrame({"n_clusters": n})).tone for n in ([0, 0, 0], [0, 0, 9], [9, 8, 9])]
    assert tones == ["good", "fair", "bad"]
    assert factors.badge(None) is None


def test_the_verdict_of_the_test_is_what_shuffled_labels_and_normalisation_say():
    bias = pd.DataFrame({"verdict": ["alike"], "used": ["no"], "sentence": [None]})
    methods = pd.DataFrame({"jaccard": [np.nan, 0.95]})
    calm = {"verdict": "none", "sentence": "", "caution": np.nan}

    def runs(*called):
        kinds = ["observed", *["permuted"] * len(called)]
        return pd.DataFrame(
            {"kind": kinds, "run": 1.0, "n_significant": [200, *called], "note": None}
        ).assign(possible=9, residual_df=4, n_tested=1000, ks_distance=0.1, **{"share_below_0.05": 0.05})

    quiet = runs(0, 0, 1)

    def tone(shift=calm, methods=methods, nulls=quiet):
        return normalisation.badge(shift, methods, bias, nulls).tone

    assert tone() == "good"
    assert tone(nulls=runs(0, 0, 40)) == "fair"
    assert tone(nulls=runs(30, 20, 40)) == "bad"
    assert tone(nulls=None) == "fair"
    assert tone(methods=methods - 0.6) == "fair"
    assert tone(shift=calm | {"caution": "they rest on 3 peaks"}) == "bad"
    assert tone(shift=calm | {"verdict": "shifted"}) == "fair"


@pytest.mark.parametrize(
    ("design", "tested", "words"),
    [
        ("~ group", ["group"], "group (~ group)"),
        ("~ C(batch) + group", ["group"], "group, adjusted for batch (~ C(batch) + group)"),
        ("~ cell * group", ["group"], "group, whose effect may differ by cell (~ cell * group)"),
        ("~ cell * group", ["group", "cell"], "group and cell (~ cell * group)"),
        ("~ 1", ["group"], "~ 1"),
    ],
)
def test_the_design_is_said_in_words(design, tested, words):
    assert head.design_in_words(design, tested) == words
