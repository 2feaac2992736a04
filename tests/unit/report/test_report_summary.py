"""The report's first sentences: five at most, whatever a run has, and none beyond its tables."""

import fake_results as fake
import numpy as np
import pandas as pd
import pytest

from workflow_lib.report import plain, render, summary
from workflow_lib.report.content import Content, Finding

GROUPS = {"variable": "group", "experiment": "treated", "control": "control"}
OTHER = {"variable": "group", "experiment": "late", "control": "control"}


def peaks(up: int, down: int, none: int = 10) -> pd.DataFrame:
    direction = ["up"] * up + ["down"] * down + ["none"] * none
    p = np.where(np.array(direction) == "none", 0.5, 1e-4)
    return pd.DataFrame({"pvalue": p, "padj": p, "direction": direction})


def factors(*called: tuple[str, str, float], conflicts=None) -> pd.DataFrame:
    """Rows (name, direction, own expression), and one that is not called."""
    rows = [*called, ("REST", "none", 0.0)]
    table = pd.DataFrame(rows, columns=["name", "direction", "expression_log2FC"])
    return table.assign(
        representative=table["name"],
        padj=np.where(table["direction"] == "none", 0.9, 1e-3),
        expression_gene=table["name"],
        expression_padj=np.where(table["expression_log2FC"].abs() > 1, 1e-3, np.nan),
        conflicts=conflicts,
    )


def methods(lowest: float) -> pd.DataFrame:
    return pd.DataFrame({"method": ["ratio", "library"], "chosen": ["yes", "no"], "jaccard": [1.0, lowest]})


def nulls(called: int) -> pd.DataFrame:
    runs = pd.DataFrame({"kind": ["observed", "permuted", "permuted"], "run": [1, 1, 2]})
    runs = runs.assign(n_significant=[40, 0, called], n_tested=100, possible=3, residual_df=3)
    return runs.assign(**{"share_below_0.05": 0.05, "ks_distance": 0.1, "note": np.nan})


def said(*found, quality=None, **options):
    return summary.sentences(found, 0.05, quality=quality, **options)


def test_a_library_of_which_nothing_occurs_is_told():
    found = summary.Found(GROUPS, peaks(3, 1), (3, 3), factors())
    none = said(found, motifs=pd.DataFrame({"n_peaks": [0, 0]}))
    assert any(text.startswith("None of the 2 motifs of the library occurs in any region") for text in none)
    some = said(found, motifs=pd.DataFrame({"n_peaks": [0, 1]}))
    assert not any("of the library" in text for text in some)


def test_a_whole_run_is_told_in_five_sentences():
    found = summary.Found(
        GROUPS,
        peaks(12, 1),
        (3, 3),
        factors(("TCF7", "up", 1.4), ("Spi1", "down", -1.6), ("GABPA", "down", 0.0)),
        methods(0.96),
        nulls(1),
    )
    quality = pd.DataFrame({"sample": list("abc"), "verdict": ["ideal", "ideal", "concerning"]})
    families = {"Spi1": "ETS", "GABPA": "ETS"}
    told = said(found, quality=quality, families=families)
    assert len(told) == 5
    for number in ("13 of 23", "12 opened", "1 closed", "false discovery rate 5 %"):
        assert number in told[0]
    assert "opened carry the binding motif of TCF7." in told[1]
    assert "closed carry the binding motif of Spi1 (ETS)." in told[1]
    assert "3 of 4 clusters" in told[1]
    assert "TCF7 and Spi1" in told[2]
    assert "2 of 3 samples" in told[3]
    assert "c is concerning" in told[3]
    assert "96 %" in told[4]
    assert "at most 1" in told[4]
    assert told[4].startswith("The result is robust")


def test_nothing_found_is_not_told_as_nothing_there():
    told = said(summary.Found(GROUPS, peaks(0, 0), (3, 3), factors()))
    assert "none of 10 regions tested changed" in told[0]
    assert "does not prove" in told[0]
    assert told[1].startswith("None of 1 clusters")


@pytest.mark.parametrize(
    ("replicates", "words"), [((1, 3), "without replicates in both groups"), ((2, 2), "")]
)
def test_what_could_not_be_tested(replicates, words):
    table = peaks(0, 0).assign(pvalue=np.nan, padj=np.nan, direction="untested")
    told = said(summary.Found(GROUPS, table, replicates, factors().assign(padj=np.nan)))
    assert "no region could be tested" in told[0]
    assert words in told[0]
    assert "false discovery rate" not in told[0]
    assert "No motif could be tested" in told[1]
    assert "no region to test" in said(summary.Found(GROUPS, table.head(0), (3, 3)))[0]


def test_doubts_come_with_the_claim():
    table = factors(("TCF7", "up", -1.4), conflicts="enriched in up peaks, chromVAR falls")
    told = said(summary.Found(GROUPS, peaks(2, 2), (3, 3), table, methods(0.31), nulls(7)))
    assert "1 of them on evidence that contradicts itself" in told[1]
    assert "None of the genes of these factors" in told[2]
    assert "31 %" in told[3]
    assert "depends on that choice" in told[3]
    assert "depends on that choice. Shuffled sample labels give at most 7 changed regions." in told[3]
    assert "robust" not in told[3]


def test_many_calls_under_shuffled_labels_are_not_called_robust():
    told = said(summary.Found(GROUPS, peaks(20, 20), (3, 3), None, methods(0.99), nulls(30)))
    assert "at most 30" in told[1]
    assert "robust" not in told[1]


def test_without_expression_nothing_is_said_of_the_factors_genes():
    told = said(summary.Found(GROUPS, peaks(2, 2), (3, 3), factors(("TCF7", "up", 0.0))))
    assert "genes" not in told[2]


def test_what_is_below_the_recommendation_is_named_once():
    reasons = ["none", "frip 0.28 < 0.3; nrf 0.8 < 0.9", "nrf 0.85 < 0.9; pbc1 0.88 < 0.9"]
    quality = pd.DataFrame({"sample": list("abc"), "verdict": ["ideal", *["acceptable"] * 2]})
    (told,) = said(quality=quality.assign(verdict_reasons=reasons))
    assert "b and c are acceptable (cuts in peaks, library complexity)." in told


def test_a_family_of_which_several_are_called_is_told():
    table = factors(("TCF7", "up", 0.0), ("LEF1", "up", 0.0))
    family = {"TCF7": "TCF", "LEF1": "TCF"}
    told = said(summary.Found(GROUPS, peaks(2, 2), (3, 3), table), families=family)[1]
    assert "2 of 3 clusters of similar motifs changed. Of each family the first is named." in told
    told = said(summary.Found(GROUPS, peaks(2, 2), (3, 3), table))[1]
    assert "is named" not in told


def test_of_several_contrasts_the_agreement_is_a_range():
    one, two = (summary.Found(GROUPS, peaks(2, 2), (3, 3), None, methods(low)) for low in (0.25, 0.63))
    told = said(one, two)[-1]
    assert "shares 25 to 63 % of the changed regions with the one used, depending on the contrast" in told
    assert "shares 63 % of the changed regions" in said(two, two)[-1]


def test_a_contrast_without_directions_has_factors_that_change():
    groups = {"variable": "group", "kind": "any", "words": "any difference between the levels of group"}
    called = factors(("TCF7", "changed", 2.0))
    told = said(summary.Found(groups, peaks(2, 2), (3, 3), called))
    assert any(
        "Regions that changed carry the binding motif of TCF7. 1 of 2 clusters" in text for text in told
    )
    assert not any("stands out" in text or "along with" in text or "same direction" in text for text in told)


def test_a_difference_of_effects_opens_nothing():
    groups = {"kind": "interaction", "words": "the effect in a, less that in b"}
    called = factors(("TCF7", "up", 0.0), ("SPI1", "down", 0.0))
    told = " ".join(said(summary.Found(groups, peaks(2, 2), (3, 3), called)))
    assert "Regions whose difference is positive carry the binding motif of TCF7." in told
    assert "Regions whose difference is negative carry the binding motif of SPI1." in told
    assert "opened carry" not in told


def test_what_is_not_judged_or_only_drawn_is_said():
    basis = "ENCODE ATAC-seq standards; TSS enrichment not judged, since ENCODE has no bounds for this genome"
    quality = pd.DataFrame({"sample": list("ab"), "verdict": "ideal", "verdict_basis": basis})
    (told,) = said(quality=quality)
    assert "all 2 samples meet every ENCODE recommendation (but TSS enrichment" in told
    drawn = summary.Found(GROUPS, peaks(60, 60, 880), (3, 3), None, None, nulls(2))
    assert "at most 2 changed regions among 100 drawn" in " ".join(said(drawn))
    whole = summary.Found(GROUPS, peaks(20, 20, 60), (3, 3), None, None, nulls(2))
    assert "drawn" not in " ".join(said(whole))


def test_samples_that_need_a_look_are_named():
    quality = pd.DataFrame({"sample": list("abcd"), "verdict": ["ideal", *["concerning"] * 3]})
    (told,) = said(quality=quality)
    assert "needs a look" in told
    assert "b, c and d are concerning" in told
    (told,) = said(quality=quality.assign(verdict="ideal"))
    assert "all 4 samples" in told


def test_of_several_contrasts_each_has_a_line_and_the_level_is_said_once():
    one = summary.Found(GROUPS, peaks(2, 3), (3, 3), factors(("TCF7", "up", 0.0)))
    two = summary.Found(OTHER, peaks(0, 0), (3, 3), factors())
    told = said(one, two)
    assert told[:4] == (
        "treated against control: 5 of 15 regions tested changed, 2 opened and 3 closed "
        "(false discovery rate 5 %).",
        "late against control: none of 10 regions tested changed, which does not prove that all are equal.",
        "treated against control: regions that opened carry the binding motif of TCF7.",
        "late against control: no factor stands out.",
    )
    untested = summary.Found(OTHER, peaks(0, 0), (1, 1), factors().assign(padj=np.nan))
    assert "late against control: no motif could be tested." in said(one, untested)
    told = said(*[one] * 7, two)
    assert "7 of 8 contrasts" in told[0]
    assert "7 of 8 contrasts" in told[1]


@pytest.mark.parametrize(
    "options", [{}, {"motifs": False, "reads": False}, {"null": True}, {"tested": False}]
)
def test_the_page_begins_with_it_and_links_the_details(tmp_path, options):
    results = fake.write(tmp_path, demo=False, drawn=False, n=300, **options)
    content = fake.collected(results, tmp_path / "report.html")
    assert 1 <= len(content.summary) <= 5
    for sentence in content.summary:
        assert sentence.endswith(".")
        assert ";" not in sentence
    assert plain.answer(content).splitlines() == list(content.summary)
    page = render(content)
    anchors = {section.anchor for chapter in content.sections for section in (chapter, *chapter.sections)}
    for finding in content.answer:
        assert len(finding.links) == len(finding.details)
        for link in (finding.link, *finding.links):
            assert link.anchor in anchors
            assert f'<a href="#{link.anchor}">{link.title}</a>' in page
    assert page.index("<p>treated against control") < page.index("The answer in detail")


def test_a_page_without_a_summary_has_findings_alone():
    page = render(Content("Peak", (Finding("It opens.", ("So it does.",)),)))
    assert "In detail" not in page
    assert 'class="summary"' not in page
    assert '<ul class="answer">' in page
