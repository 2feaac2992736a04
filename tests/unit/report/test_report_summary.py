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
    assert said(found, quality=quality, families=families) == (
        "treated against control: of 23 tested peaks, 12 are more open and 1 less open (adjusted p-value "
        "below 0.05).",
        "In treated, by their motifs, TCF7 is more active and Spi1 is less active, or relatives of theirs (3 "
        "of 4 groups of like motifs changed).",
        "Motifs of one family look alike, so that the sequence does not tell which member binds; of their "
        "own genes TCF7 and Spi1 change along with their motifs.",
        "By the worst measure of their reads, of 3 samples 2 are ideal and 1 concerning; look at c before "
        "you trust the rest.",
        "The calls hardly depend on the choice of size factors (overlap 0.96 or more), and with labels "
        "permuted at most 1 peak is called.",
    )


def test_nothing_found_is_not_told_as_nothing_there():
    told = said(summary.Found(GROUPS, peaks(0, 0), (3, 3), factors()))
    assert told == (
        "treated against control: none of 10 tested peaks differs, which is no proof that all are equal "
        "(adjusted p-value below 0.05).",
        "None of 1 groups of like motifs shows a change of activity, all evidence taken together.",
    )


@pytest.mark.parametrize(
    ("replicates", "words"), [((1, 3), "tested without replicates in both groups."), ((2, 2), "tested.")]
)
def test_what_could_not_be_tested(replicates, words):
    table = peaks(0, 0).assign(pvalue=np.nan, padj=np.nan, direction="untested")
    told = said(summary.Found(GROUPS, table, replicates, factors().assign(padj=np.nan)))
    assert told == (
        f"treated against control: no peak could be {words}",
        "No motif could be tested for a change of factors.",
    )
    assert said(summary.Found(GROUPS, table.head(0), (3, 3))) == (
        "treated against control: there is no peak to test.",
    )


def test_doubts_come_with_the_claim():
    table = factors(("TCF7", "up", -1.4), conflicts="enriched in up peaks, chromVAR falls")
    told = said(summary.Found(GROUPS, peaks(2, 2), (3, 3), table, methods(0.31), nulls(7)))
    assert "(1 of 2 groups of like motifs changed, 1 on evidence that contradicts itself)" in told[1]
    assert told[2].endswith("none of their own genes changes its expression along with its motif.")
    assert told[3] == (
        "The calls depend on the choice of size factors (overlap down to 0.31), and with labels permuted at "
        "most 7 peaks are called."
    )


def test_without_expression_nothing_is_said_of_the_factors_genes():
    told = said(summary.Found(GROUPS, peaks(2, 2), (3, 3), factors(("TCF7", "up", 0.0))))
    assert told[2] == (
        "Motifs of one family look alike, so that the sequence does not tell which member binds."
    )


def test_several_contrasts_share_the_sentences():
    one = summary.Found(GROUPS, peaks(2, 3), (3, 3), factors(("TCF7", "up", 0.0)))
    two = summary.Found(OTHER, peaks(0, 0), (3, 3), factors())
    told = said(one, two)
    assert told[0] == (
        "treated against control: of 15 tested peaks, 2 are more open and 3 less open; late against control: "
        "none of 10 tested peaks differs, which is no proof that all are equal (adjusted p-value below 0.05)."
    )
    assert told[1] == (
        "Factors by their motifs, or relatives of theirs: treated against control, TCF7 is more active; "
        "late against control, none."
    )
    told = said(*[one] * 7)
    assert told[0].count("treated against control") == 4
    assert "; and 3 more contrasts" in told[0]


@pytest.mark.parametrize(
    "options", [{}, {"motifs": False, "reads": False}, {"null": True}, {"tested": False}]
)
def test_the_page_begins_with_it_and_links_the_details(tmp_path, options):
    results = fake.write(tmp_path, demo=False, drawn=False, n=300, **options)
    content = fake.collected(results, tmp_path / "report.html")
    assert 1 <= len(content.summary) <= 5
    for sentence in content.summary:
        assert sentence.endswith(".")
        assert ". " not in sentence
    assert plain.answer(content).splitlines() == list(content.summary)
    page = render(content)
    anchors = {section.anchor for chapter in content.sections for section in (chapter, *chapter.sections)}
    for finding in content.answer:
        assert len(finding.links) == len(finding.details)
        for link in (finding.link, *finding.links):
            assert link.anchor in anchors
            assert f'<a href="#{link.anchor}">{link.title}</a>' in page
    assert page.index("<p>treated against control") < page.index("In detail")


def test_a_page_without_a_summary_has_findings_alone():
    page = render(Content("Peak", (Finding("It opens.", ("So it does.",)),)))
    assert "In detail" not in page
    assert 'class="summary"' not in page
    assert '<ul class="answer">' in page
