"""How to read each chapter: what the manual says, folded below its heading."""

from dataclasses import replace

from workflow_lib.io import guides
from workflow_lib.report.content import Section

CHAPTERS = {
    "quality": "Quality of the reads",
    "truth": "Planted against found (demo only)",
    "samples": "Samples",
    "power": "More samples or more reads?",
    "contrast": "A contrast: changed regions",
    "normalisation": "Normalisation and calibration",
    "factors": "Factors",
    "motifs": "Motifs in changed regions",
    "chromvar": "Motif accessibility (chromVAR)",
    "variability": "Motif accessibility (chromVAR)",
    "footprints": "Footprints",
    "loci": "Loci",
    "linkage": "Links of peaks with genes",
    "regions": "Gene sets and other people's regions",
    "files": "Methods and files",
}
"""Heading in the manual by the kind of section, which begins its anchor."""


ELSEWHERE = {
    "chromvar": ("Variability", "z-scores", "Technical factors"),
    "variability": ("Between groups",),
}
"""How paragraphs of a chapter of the manual begin that belong to another section of the report."""


def added(section: Section) -> Section:
    """The section and those below it, each with what the manual says to it before what it says itself."""
    kind = section.anchor.partition("-")[0]
    said = guides.chapters().get(CHAPTERS.get(kind, ""), ())
    return replace(
        section,
        guide=(*(text for text in said if not text.startswith(ELSEWHERE.get(kind, ()))), *section.guide),
        sections=tuple(added(below) for below in section.sections),
    )
