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


def added(section: Section) -> Section:
    """The section and those below it, each with what the manual says to it."""
    heading = CHAPTERS.get(section.anchor.partition("-")[0], "")
    return replace(
        section,
        guide=guides.chapters().get(heading, ()),
        sections=tuple(added(below) for below in section.sections),
    )
