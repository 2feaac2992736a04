"""A page of sections about a run: what they share."""

from collections.abc import Sequence

import workflow_lib
from workflow_lib.report import figures
from workflow_lib.report.content import Content, Figure, Finding, Section
from workflow_lib.results.run import Run

STAGES = (
    ("annotation", "genes of the peaks"),
    ("library", "motifs"),
    ("variability", "chromVAR"),
    ("footprint_scores", "footprints"),
    ("links", "links of peaks with genes"),
    ("loci", "pictures of places"),
)
"""A result of each stage that a run may leave out, and what the stage is of."""


def content(
    run: Run, title: str, sentences: Sequence[Finding], sections: Sequence[Section | None]
) -> Content:
    """A page of the sections that have something to say."""
    kept = tuple(section for section in sections if section is not None)
    return Content(
        title, tuple(sentences), skipped=missing(run), sections=kept, version=workflow_lib.__version__
    )


def missing(run: Run) -> tuple[tuple[str, str], ...]:
    """Stages without results, each with the reason as far as the run wrote it down."""
    told = "; ".join(f"{stage}: {reason}" for stage, reason in run.record.get("skipped", ()))
    why = f"left out, see the report ({told})" if told else "it did not make them"
    return tuple((stage, why) for key, stage in STAGES if not run.has(key))


def drawn(run: Run, key: str, contrast: str | None = None, **said: str) -> Figure | None:
    """A figure of the run, if it drew it."""
    return figures.figure(run, key, contrast, wide=None, **said) if run.has(key, contrast, **said) else None
