"""Chapters of the manual as the report shows them."""

from workflow_lib.io import guides
from workflow_lib.report import guide
from workflow_lib.report.content import Section


def test_chapters_are_plain_paragraphs(tmp_path):
    manual = tmp_path / "manual.md"
    manual.write_text(
        "# T\n\n## One\n\n- **Bold** and [a link](x.md).\n- Second\n  line with `code`.\n\n## Two\nText.\n"
    )
    assert guides.chapters(manual) == {
        "One": ("Bold and a link.", "Second line with code."),
        "Two": ("Text.",),
    }
    assert guides.chapters(tmp_path / "absent.md") == {}


def test_every_chapter_named_is_in_the_manual_and_reaches_its_section():
    known = guides.chapters()
    assert set(guide.CHAPTERS.values()) <= set(known)
    below = Section("factors-a_vs_b", "Factors")
    made = guide.added(Section("contrast-a_vs_b", "a_vs_b", (), (below,)))
    assert made.guide == known["A contrast: changed regions"]
    assert made.sections[0].guide == known["Factors"]
    own = guide.added(Section("factors-a_vs_b", "Factors", guide=("Of this run.",)))
    assert own.guide == (*known["Factors"], "Of this run.")
    between, across = (guide.added(Section(kind, kind)).guide for kind in ("chromvar-a", "variability"))
    assert {*between, *across} == set(known["Motif accessibility (chromVAR)"])
    assert not any(text.startswith("Between groups") for text in across)
    assert not any(text.startswith(guide.ELSEWHERE["chromvar"]) for text in between)
    assert not any(sign in text for texts in known.values() for text in texts for sign in ("**", "](", "`"))
